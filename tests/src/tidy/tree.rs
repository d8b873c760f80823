//! The tree as the laws see it: every text file by its path, and what cargo says of the crates. Held in
//! memory, so that a fault can be planted in it.
// SPDX-License-Identifier: Apache-2.0

use anyhow::{Context as _, Result, ensure};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Every text file of the repository, and its crates.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// Contents by path, `/` between its parts.
    pub files: BTreeMap<String, String>,
    /// The workspace's own crates by name.
    pub members: BTreeMap<String, Crate>,
}

/// What cargo says of a crate.
#[derive(Clone, Debug, Default)]
pub struct Crate {
    /// What its manifest names for the program itself.
    pub uses: BTreeSet<String>,
    /// What its manifest names for tests and build scripts.
    pub uses_to_build_or_test: BTreeSet<String>,
    /// Everything it links, directly and through others, built alone.
    pub links: BTreeSet<String>,
}

/// A line of code, with its number.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// 1 is the first.
    pub number: usize,
    /// Its text, the comment at its end cut off.
    pub text: &'a str,
}

impl Tree {
    /// Reads the repository at `root` and asks cargo about its crates.
    ///
    /// # Errors
    /// A file cannot be read, or cargo refuses (offline, and a dependency was never fetched).
    pub fn load(root: &Path) -> Result<Self> {
        let mut tree = Self::default();
        tree.read_folder(root, root)?;
        tree.ask_cargo(root)?;
        Ok(tree)
    }

    /// Rust sources.
    pub fn rust(&self) -> impl Iterator<Item = (&str, &str)> {
        self.ending(".rs")
    }

    /// Files with an ending.
    pub fn ending<'a>(&'a self, ending: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let all = self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        all.filter(move |(path, _)| path.ends_with(ending))
    }

    /// Rust sources below a folder that are linked into a program: tests aside.
    pub fn shipped<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.rust().filter(move |(path, _)| path.starts_with(folder) && !is_test(path))
    }

    /// Adds or replaces a file, as a fault to be found.
    pub fn plant(&mut self, path: &str, text: &str) {
        self.files.insert(path.to_owned(), text.to_owned());
    }

    fn read_folder(&mut self, root: &Path, folder: &Path) -> Result<()> {
        for entry in std::fs::read_dir(folder).with_context(|| format!("read {}", folder.display()))? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if is_ignored(&name) {
                continue;
            }
            if path.is_dir() {
                self.read_folder(root, &path)?;
            } else {
                let bytes = std::fs::read(&path).with_context(|| format!("read {}", path.display()))?;
                let inside = path.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
                self.files.insert(inside, String::from_utf8_lossy(&bytes).into_owned());
            }
        }
        Ok(())
    }

    fn ask_cargo(&mut self, root: &Path) -> Result<()> {
        let metadata = cargo(root, &["metadata", "--format-version", "1", "--no-deps"])?;
        let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
        let list = |value: &serde_json::Value| value.as_array().cloned().unwrap_or_default();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        for package in list(&metadata["packages"]) {
            let (name, mut member) = (text(&package["name"]), Crate::default());
            for dependency in list(&package["dependencies"]) {
                let for_program = dependency["kind"].is_null();
                let into = if for_program { &mut member.uses } else { &mut member.uses_to_build_or_test };
                into.insert(text(&dependency["name"]));
            }
            // `cargo metadata` mixes the features of all members; `cargo tree` looks at one.
            let edges = ["--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"];
            let linked = cargo(root, &[&["tree", "--package", &name], &edges[..]].concat())?;
            let names = linked.lines().filter_map(|line| line.split_whitespace().next());
            member.links = names.filter(|linked| *linked != name).map(str::to_owned).collect();
            self.members.insert(name, member);
        }
        Ok(())
    }
}

fn cargo(root: &Path, arguments: &[&str]) -> Result<String> {
    let program = std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
    let mut command = Command::new(program);
    let output = command.args(arguments).args(["--locked", "--offline"]).current_dir(root).output();
    let output = output.context("run cargo")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "cargo {}: {said}; `cargo fetch` may help", arguments.join(" "));
    Ok(String::from_utf8(output.stdout)?)
}

/// What is no part of the repository; `.gitignore` says the same.
fn is_ignored(name: &str) -> bool {
    let made = name == "target" || name.starts_with("target-") || name.starts_with("cairn-demo-");
    made || name == ".git" || name == "proptest-regressions" || name.ends_with(".tmp")
}

/// Whether a source is compiled for tests only, by its name.
#[must_use]
pub fn is_test(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let folder = path.contains("/tests/") || path.starts_with("tests/") || path.contains("/benches/");
    folder || name.ends_with("_tests.rs") || name == "testing.rs"
}

/// The code of a source: neither comments nor the tests at its foot.
pub fn code(text: &str) -> impl Iterator<Item = Line<'_>> {
    let lines: Vec<&str> = text.lines().collect();
    let is_foot = |i: usize| {
        lines[i] == "#[cfg(test)]" && lines[i + 1..].iter().take(2).any(|next| next.starts_with("mod tests"))
    };
    let end = (0..lines.len()).find(|i| is_foot(*i)).unwrap_or(lines.len());
    lines.into_iter().take(end).enumerate().filter_map(|(i, line)| {
        let text = line.split(" // ").next().unwrap_or(line);
        (!text.trim_start().starts_with("//")).then_some(Line { number: i + 1, text })
    })
}

/// Whether `word` stands in `text` with no letter, digit or `_` touching it where it has one itself.
#[must_use]
pub fn has_word(text: &str, word: &str) -> bool {
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(word).any(|(at, _)| {
        let before = joins(word.chars().next()) && joins(text[..at].chars().next_back());
        let after = joins(word.chars().next_back()) && joins(text[at + word.len()..].chars().next());
        !before && !after
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole_words() {
        assert!(has_word("use std::fs;", "std::fs"));
        assert!(!has_word("use std::fsync;", "std::fs"));
        assert!(!has_word("let operand = 1;", "rand"));
        assert!(has_word("println!()", "println!"));
    }

    #[test]
    fn code_has_neither_comments_nor_tests() {
        let source = "//! about\nfn a() {} // why\n/// doc\n#[cfg(test)]\nmod tests {\n}\n";
        let kept: Vec<_> = code(source).map(|line| (line.number, line.text)).collect();
        assert_eq!(kept, [(2, "fn a() {}")]);
    }
}
