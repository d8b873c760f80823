//! Small trees of `/proc` and `/sys`, written as one text: a line `@ path` begins a file, `@ path -> target` is
//! a link, and what follows is the file's content.
// SPDX-License-Identifier: Apache-2.0

pub(crate) mod smbios;

use crate::root::Root;
use std::path::Path;

/// A tree in a directory of its own, gone with it.
pub(crate) struct Tree(tempfile::TempDir);

impl Tree {
    pub(crate) fn root(&self) -> Root {
        Root::new(self.0.path())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

/// The tree a text describes.
pub(crate) fn tree(text: &str) -> Tree {
    let folder = tempfile::tempdir().unwrap();
    for file in format!("\n{text}").split("\n@ ").skip(1) {
        let (head, content) = file.split_once('\n').unwrap_or((file, ""));
        let (name, target) =
            head.split_once(" -> ").map_or((head, None), |(name, target)| (name, Some(target)));
        let path = folder.path().join(name.trim());
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        match target {
            Some(target) => std::os::unix::fs::symlink(target.trim(), path).unwrap(),
            None => std::fs::write(path, content).unwrap(),
        }
    }
    Tree(folder)
}
