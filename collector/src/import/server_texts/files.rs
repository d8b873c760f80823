//! Which files an import reads, and which server each is about.
// SPDX-License-Identifier: Apache-2.0

use crate::import::ImportError;
use crate::import::problem::{Fault, Kind, quoted};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Longest text read: the longest a large machine's dmidecode prints is a tenth of it.
const BYTES_MAX: u64 = 4 << 20;
/// Longest server name kept: the longest name DNS allows.
const NAME_BYTES_MAX: usize = 253;
/// Folders inside folders that are still looked into.
const DEPTH_MAX: usize = 16;
/// Endings that are no part of a server's name.
const ENDINGS: &[&str] = &["txt", "log", "out", "json", "lscpu", "dmidecode", "dmi"];

/// A file to be read.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Text {
    pub(super) path: PathBuf,
    /// Whether the command line names it; else it was found in a folder and may be of any kind.
    pub(super) is_named: bool,
}

/// Files as named; of a folder all that are in it, and in its folders, by name. Links to folders are not
/// followed, hidden files not read.
pub(super) fn of(paths: &[PathBuf]) -> Result<Vec<Text>, ImportError> {
    let mut texts = Vec::new();
    for path in paths {
        if !path.is_dir() {
            texts.push(Text { path: path.clone(), is_named: true });
            continue;
        }
        let mut inside = Vec::new();
        walk(path, DEPTH_MAX, &mut inside)?;
        if inside.is_empty() {
            return Err(ImportError::Nothing { path: path.display().to_string(), what: "file" });
        }
        inside.sort();
        texts.extend(inside.into_iter().map(|path| Text { path, is_named: false }));
    }
    Ok(texts)
}

fn walk(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), ImportError> {
    let failed = |source| ImportError::Read { path: folder.display().to_string(), source };
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let kind = entry.file_type().map_err(failed)?;
        let path = entry.path();
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        if kind.is_dir() {
            if depth > 0 {
                walk(&path, depth - 1, files)?;
            }
        } else if path.is_file() {
            files.push(path);
        }
    }
    Ok(())
}

/// The bytes of a file, if they are not too many.
pub(super) fn read(path: &Path) -> Result<Result<Vec<u8>, Fault>, std::io::Error> {
    let mut bytes = Vec::new();
    File::open(path)?.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > BYTES_MAX {
        let text = format!("is longer than {} MiB, which no such text is", BYTES_MAX >> 20);
        return Ok(Err(Fault::new(Kind::File, text)));
    }
    Ok(Ok(bytes))
}

/// The server a file is named after: its name without `.txt` and the like.
pub(super) fn server_of(path: &Path) -> Result<String, Fault> {
    let fault = |why: String| Fault::new(Kind::Text, format!("{why}; rename it, or give --server NAME"));
    let name = path.file_name().unwrap_or_default();
    let Some(mut name) = name.to_str() else {
        return Err(fault("the file's name is not UTF-8".to_owned()));
    };
    while let Some((stem, ending)) = name.rsplit_once('.')
        && !stem.is_empty()
        && ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(ending))
    {
        name = stem;
    }
    check_name(name).map_err(|why| fault(format!("the file's name {} {why}", quoted(name))))?;
    Ok(name.trim().to_owned())
}

/// Whether a server may be called so; else why not.
pub(super) fn check_name(name: &str) -> Result<(), &'static str> {
    if name.trim().is_empty() {
        return Err("names no server");
    }
    if name.len() > NAME_BYTES_MAX {
        return Err("is longer than 253 bytes");
    }
    if name.chars().any(char::is_control) {
        return Err("holds control characters");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_name_their_servers() {
        let check = |file: &str, expected: Result<&str, &str>| {
            let name = server_of(Path::new(file)).map_err(|fault| fault.text);
            match expected {
                Ok(expected) => assert_eq!(name.as_deref(), Ok(expected), "{file:?}"),
                Err(part) => assert!(name.as_ref().is_err_and(|text| text.contains(part)), "{name:?}"),
            }
        };
        check("a/web01.txt", Ok("web01"));
        check("web01.example.com", Ok("web01.example.com"));
        check("web01.example.com.lscpu.TXT", Ok("web01.example.com"));
        check("web01", Ok("web01"));
        check(".txt", Ok(".txt"));
        check("<script>.txt", Ok("<script>"));
        check("a\nb.txt", Err("holds control characters; rename it, or give --server NAME"));
        check("a/..", Err("names no server"));
        check(&"x".repeat(300), Err("longer than 253 bytes"));
    }
}
