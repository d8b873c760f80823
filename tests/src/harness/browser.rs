//! A real browser without a window: takes a picture of a page, and tells what the page complained of and whom
//! it asked.
// SPDX-License-Identifier: Apache-2.0

use super::{fresh_dir, repository, run};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Programs that are the browser, the first that is here.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// What a browser saw.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Errors and warnings of the page's console.
    pub complaints: Vec<String>,
    /// Addresses the page asked besides its own.
    pub asked_elsewhere: Vec<String>,
    /// The picture.
    pub picture: PathBuf,
    /// The page as the browser understood it.
    pub dom: String,
}

/// Opens a page; `None` where there is no browser.
///
/// # Panics
/// The browser fails to show it.
#[must_use]
pub fn look_at(url: &str, picture: &str, (width, height): (u32, u32)) -> Option<Seen> {
    let browser = BROWSERS.into_iter().find(|name| is_here(name))?;
    let folder = fresh_dir("browser");
    let (profile, log) = (folder.path().join("profile"), folder.path().join("net.json"));
    let picture = pictures().join(picture);

    let mut command = Command::new(browser);
    command.args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"]);
    command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
    command.args(["--enable-logging=stderr", "--virtual-time-budget=4000"]);
    command.arg(format!("--user-data-dir={}", profile.display()));
    command.arg(format!("--log-net-log={}", log.display()));
    command.arg(format!("--window-size={width},{height}"));
    command.arg(format!("--screenshot={}", picture.display()));
    command.args(["--dump-dom", url]);
    let done = run(command);
    assert!(picture.exists(), "no picture of {url}: {}", done.stderr);
    Some(Seen {
        complaints: done.stderr.lines().filter(|line| line.contains(":CONSOLE")).map(str::to_owned).collect(),
        asked_elsewhere: asked_elsewhere(&std::fs::read_to_string(log).unwrap_or_default(), url),
        picture,
        dom: done.stdout,
    })
}

/// How many pages a file takes when printed; `None` where there is no browser.
///
/// # Panics
/// The browser prints nothing.
#[must_use]
pub fn printed_pages(url: &str) -> Option<usize> {
    let browser = BROWSERS.into_iter().find(|name| is_here(name))?;
    let folder = fresh_dir("print");
    let printed = folder.path().join("printed.pdf");
    let mut command = Command::new(browser);
    command.args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer"]);
    command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
    command.arg(format!("--user-data-dir={}", folder.path().join("profile").display()));
    command.arg(format!("--print-to-pdf={}", printed.display())).arg(url);
    let done = run(command);
    let pdf = std::fs::read(&printed).unwrap_or_else(|error| panic!("{error}: {}", done.stderr));
    // The catalogue of pages says `/Type /Pages`, a page `/Type /Page` and no more on its line.
    Some(String::from_utf8_lossy(&pdf).lines().filter(|line| line.ends_with("/Type /Page")).count())
}

/// What a script of `tests/browser` found.
#[derive(Clone, Debug, serde::Deserialize)]
pub struct Driven {
    /// What is wrong, a line each, with the page.
    pub faults: Vec<String>,
    /// What was measured on the way.
    pub measured: Vec<String>,
}

/// Runs a script of `tests/browser` on a task; what is missing here where that cannot be done.
///
/// # Errors
/// There is no browser, no node, or its packages are not installed.
///
/// # Panics
/// The script ends without a result.
pub fn drive(script: &str, mut task: serde_json::Value) -> Result<Driven, String> {
    let browser = BROWSERS.into_iter().find_map(place_of).ok_or("no chromium here")?;
    let node = place_of("node").ok_or("no node here")?;
    let packages = std::env::var_os("CAIRN_BROWSER_PACKAGES").map(PathBuf::from).or_else(usual_packages);
    let packages = packages.filter(|folder| folder.join("node_modules/playwright-core").is_dir());
    let packages = packages.ok_or("playwright-core is not installed; tests/run does it")?;
    task["browser"] = browser.to_string_lossy().into();
    let mut command = Command::new(node);
    command.arg(repository().join("tests/browser").join(script));
    command.env("CAIRN_BROWSER_PACKAGES", packages).env("CAIRN_PICTURES", pictures());
    command.env("CAIRN_TASK", task.to_string());
    let done = run(command);
    let last = done.stdout.lines().last().unwrap_or_default();
    Ok(serde_json::from_str(last)
        .unwrap_or_else(|error| panic!("{script}: {error}: {}{}", done.stdout, done.stderr)))
}

/// Where `tests/run` installs the packages.
fn usual_packages() -> Option<PathBuf> {
    let tools = std::env::var_os("CAIRN_TOOLS").map(PathBuf::from);
    let caches = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let caches = caches.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
    Some(tools.or_else(|| Some(caches?.join("cairn-tools")))?.join("browser"))
}

/// Where pictures go.
fn pictures() -> PathBuf {
    let asked = std::env::var_os("CAIRN_PICTURES").map(PathBuf::from);
    let folder = asked.unwrap_or_else(|| repository().join("target/pictures"));
    std::fs::create_dir_all(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    folder
}

fn is_here(name: &str) -> bool {
    place_of(name).is_some()
}

fn place_of(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder: PathBuf| folder.join(name))
        .find(|file: &PathBuf| Path::exists(file))
}

/// Requests that a page made, other than to where it came from. The browser's own have no origin.
fn asked_elsewhere(log: &str, page: &str) -> Vec<String> {
    let log: serde_json::Value = serde_json::from_str(log).unwrap_or_default();
    assert!(log["events"].is_array(), "the browser kept no log of its requests");
    let home: String = page.split('/').take(3).collect::<Vec<_>>().join("/");
    let events = log["events"].as_array().into_iter().flatten().map(|event| &event["params"]);
    let by_page =
        events.filter(|params| params["initiator"].as_str().is_some_and(|from| from != "not an origin"));
    let asked = by_page.filter_map(|params| params["url"].as_str()).filter(|url| !url.starts_with("data:"));
    asked.filter(|url| !url.starts_with(&home)).map(str::to_owned).collect()
}
