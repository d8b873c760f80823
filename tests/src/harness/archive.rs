//! Unpacks recorded trees: what `tar` reads, and ttar, the text archives of Prometheus' fixtures.
// SPDX-License-Identifier: Apache-2.0

use anyhow::{Context as _, Result, bail, ensure};
use std::os::unix::fs::symlink;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

/// Whether the programs this needs are here.
#[must_use]
pub fn can_unpack() -> bool {
    let runs = |program: &str| {
        Command::new(program).arg("--version").stdin(Stdio::null()).output().is_ok_and(|o| o.status.success())
    };
    ["tar", "zstd", "gzip", "bzip2"].into_iter().all(runs)
}

/// Unpacks an archive into a directory that is made for it; text archives inside are unpacked where they lie.
///
/// # Errors
/// It is none of the known kinds, or a program refuses it.
pub fn unpack(archive: &Path, into: &Path) -> Result<()> {
    let name = archive.file_name().unwrap_or_default().to_string_lossy().into_owned();
    std::fs::create_dir_all(into)?;
    if name.ends_with(".ttar.zst") {
        let output = Command::new("zstd").arg("-dcq").arg(archive).output().context("run zstd")?;
        ensure!(output.status.success(), "zstd refuses {}", archive.display());
        unpack_text(&String::from_utf8_lossy(&output.stdout), into)?;
    } else if name.contains(".tar") || name.ends_with(".tgz") {
        // Devices and owners of the recorded host are not wanted here.
        let mut tar = Command::new("tar");
        tar.args(["-x", "--no-same-owner", "--no-same-permissions", "-f"]).arg(archive).arg("-C").arg(into);
        let output = tar.output().context("run tar")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "tar refuses {}: {said}", archive.display());
    } else {
        bail!("{} is no archive this reads", archive.display());
    }
    for inner in files(into).into_iter().filter(|path| path.extension().is_some_and(|e| e == "ttar")) {
        let text = std::fs::read(&inner).with_context(|| format!("read {}", inner.display()))?;
        unpack_text(&String::from_utf8_lossy(&text), inner.parent().unwrap_or(into))?;
    }
    Ok(())
}

/// The trees in a directory: folders with a `proc` or a `sys` in them, the topmost.
#[must_use]
pub fn trees(folder: &Path) -> Vec<PathBuf> {
    if folder.join("proc").is_dir() || folder.join("sys").is_dir() {
        return vec![folder.to_path_buf()];
    }
    folders(folder).iter().flat_map(|inner| trees(inner)).collect()
}

fn entries(folder: &Path) -> Vec<std::fs::DirEntry> {
    let mut entries: Vec<_> = std::fs::read_dir(folder).into_iter().flatten().flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    entries
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let is_folder = |entry: &std::fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir());
    entries(folder).into_iter().filter(is_folder).map(|entry| entry.path()).collect()
}

/// The files in a directory and below.
#[must_use]
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let is_file = |entry: &std::fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_file());
    let here = entries(folder).into_iter().filter(is_file).map(|entry| entry.path());
    here.chain(folders(folder).iter().flat_map(|inner| files(inner))).collect()
}

/// `Path:` with `Lines:` and the lines, `SymlinkTo:`, `Directory:`; a comment line between entries.
fn unpack_text(text: &str, into: &Path) -> Result<()> {
    let mut lines = text.lines();
    let mut path = PathBuf::new();
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("Directory: ") {
            std::fs::create_dir_all(inside(into, name)?)?;
        } else if let Some(name) = line.strip_prefix("Path: ") {
            path = inside(into, name)?;
            std::fs::create_dir_all(path.parent().unwrap_or(into))?;
        } else if let Some(target) = line.strip_prefix("SymlinkTo: ") {
            symlink(target, &path).with_context(|| format!("link {}", path.display()))?;
        } else if let Some(count) = line.strip_prefix("Lines: ") {
            let count: usize = count.trim().parse().with_context(|| format!("count of lines {count:?}"))?;
            let content: Vec<&str> = lines.by_ref().take(count).collect();
            std::fs::write(&path, plain(&content.join("\n")))
                .with_context(|| format!("write {}", path.display()))?;
        }
    }
    Ok(())
}

/// Zero bytes are spelt out, and a last line without its end is marked.
fn plain(content: &str) -> String {
    let content = content.replace("NULLBYTE", "\0");
    match content.strip_suffix("EOF") {
        Some(open) => open.to_owned(),
        None if content.is_empty() => content,
        None => content + "\n",
    }
}

/// A path of an archive, which must not lead out of the directory.
fn inside(into: &Path, name: &str) -> Result<PathBuf> {
    let relative = Path::new(name);
    let ordinary = relative.components().all(|part| matches!(part, Component::Normal(_)));
    ensure!(ordinary, "{name:?} leads out of the directory");
    Ok(into.join(relative))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::fresh_dir;

    #[test]
    fn text_archives() {
        let home = fresh_dir("ttar");
        let text = "# Archive created by ttar\nDirectory: f\nMode: 755\n# ttar - -\nPath: f/a\nLines: 2\none\ntwo\nMode: 644\n\
                    # ttar - -\nPath: f/b\nLines: 1\nxNULLBYTEyEOF\nMode: 644\n# ttar - -\nPath: f/l\nSymlinkTo: a\n\
                    # ttar - -\nPath: f/empty\nLines: 0\nMode: 644\n";
        unpack_text(text, home.path()).unwrap_or_else(|why| panic!("{why}"));
        let read = |name: &str| std::fs::read(home.path().join("f").join(name)).unwrap_or_default();
        assert_eq!(read("a"), b"one\ntwo\n");
        assert_eq!(read("b"), b"x\0y");
        assert_eq!(read("l"), b"one\ntwo\n");
        assert_eq!(read("empty"), b"");
        assert!(unpack_text("Path: ../x\nLines: 0\n", home.path()).is_err());
    }
}
