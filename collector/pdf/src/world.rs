//! All the typesetter can see: one layout, one file of data, perhaps a logo, and fonts. There is no file system, no
//! package registry and no clock behind it.
// SPDX-License-Identifier: Apache-2.0

use serde_json::Value;
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt as _, World};

const LAYOUT: &str = include_str!("../layout/report.typ");

pub(crate) struct Paper {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    layout: Source,
    files: Vec<(FileId, Bytes)>,
}

impl Paper {
    /// A world with a layout, `report.json` and, where there is one, `logo`.
    pub(crate) fn new(fonts: Vec<Font>, data: &Value, logo: Option<&[u8]>) -> Self {
        let mut files = vec![(id("/report.json"), Bytes::from_string(data.to_string()))];
        files.extend(logo.map(|logo| (id("/logo"), Bytes::new(logo.to_vec()))));
        Self {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
            layout: Source::new(id("/report.typ"), LAYOUT.to_owned()),
            files,
        }
    }
}

fn id(path: &str) -> FileId {
    let path = VirtualPath::new(path).unwrap_or_else(|_| panic!("a fixed path is a path: {path}"));
    FileId::new(RootedPath::new(VirtualRoot::Project, path))
}

impl World for Paper {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        self.layout.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.layout.id() { Ok(self.layout.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let found = self.files.iter().find(|(of, _)| *of == id);
        found.map(|(_, bytes)| bytes.clone()).ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
