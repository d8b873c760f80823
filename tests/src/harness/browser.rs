//! A real browser without a window: takes a picture of a page, and tells what the page complained of and whom
//! it asked.
// SPDX-License-Identifier: Apache-2.0

use super::{fresh_dir, repository, run};
use std::path::PathBuf;
use std::process::Command;

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
    let browser = ["chromium", "chromium-browser", "google-chrome"].into_iter().find(|name| is_here(name))?;
    let folder = fresh_dir("browser");
    let (profile, log) = (folder.path().join("profile"), folder.path().join("net.json"));
    let folder_of_pictures = std::env::var_os("CAIRN_PICTURES").map(PathBuf::from);
    let pictures = folder_of_pictures.unwrap_or_else(|| repository().join("target/pictures"));
    std::fs::create_dir_all(&pictures).unwrap_or_else(|error| panic!("{}: {error}", pictures.display()));
    let picture = pictures.join(picture);

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
    let browser = ["chromium", "chromium-browser", "google-chrome"].into_iter().find(|name| is_here(name))?;
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

fn is_here(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(name).exists())
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
