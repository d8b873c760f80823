//! Owner sheets as they come back: a workbook as it is, or, since compression would hide it, its parts, each behind a
//! line of `====` and its name.
// SPDX-License-Identifier: Apache-2.0

use super::{Decoder, MONDAY};
use cairn_collector::sheets::answers::gather;
use cairn_collector::sheets::ask::{Known, kinds};
use cairn_collector::sheets::{OwnerSheet, Question, ServerLine, read, write};
use cairn_schemas::time::Timestamp;
use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

pub(super) const DECODER: Decoder = Decoder { name: "sheet", seeds, run };

const PART: &str = "\n==== ";

fn sheet() -> Vec<u8> {
    let facts = BTreeMap::new();
    let known = Known::new(&facts, &[]);
    let question = |kind: cairn_collector::sheets::ask::Kind| Question {
        server: "web1".into(),
        id: kind.id,
        asks: "May it move?".into(),
        todo: "Say yes or no".into(),
        answers: kind.answers,
        state: known.state("web1", kind),
    };
    let line = ServerLine {
        name: "web1".into(),
        words: ["Linux", "web", "ready", "80"].map(Into::into),
        findings: "one\ntwo".into(),
    };
    let sheet = OwnerSheet {
        owner: "Ada".into(),
        engagement: "default".into(),
        assessment: 1,
        exported: Timestamp(MONDAY),
        servers: vec![line],
        questions: kinds().into_iter().take(3).map(question).collect(),
    };
    write(&sheet).expect("a small workbook")
}

/// The parts of a workbook one after the other.
fn parts(workbook: Vec<u8>) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(workbook)).expect("an archive");
    let mut all = Vec::new();
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).expect("a part");
        let name = part.name().expect("a name").into_owned();
        all.extend(format!("{PART}{name}\n").bytes());
        part.read_to_end(&mut all).expect("its text");
    }
    all
}

/// The workbook of such parts, uncompressed.
fn workbook(parts: &str) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for part in parts.split(PART).skip(1) {
        let (name, text) = part.split_once('\n').unwrap_or((part, ""));
        // Two of one name, or one that is too long, make no archive.
        if archive.start_file(name, options).is_ok() {
            archive.write_all(text.as_bytes()).expect("memory");
        }
    }
    archive.finish().expect("memory").into_inner()
}

fn seeds() -> Vec<Vec<u8>> {
    let filled = String::from_utf8(parts(sheet())).expect("XML");
    // As a person fills it in: the first answer there is.
    let filled = filled.replacen("</sst>", "<si><t>yes</t></si></sst>", 1);
    // A row no worksheet has.
    let beyond = filled.replace("r=\"A1\"", "r=\"A99999999999\"");
    vec![parts(sheet()), filled.into_bytes(), sheet(), beyond.into_bytes()]
}

fn run(data: &[u8]) {
    let bytes = match std::str::from_utf8(data) {
        Ok(text) if text.starts_with(PART) => workbook(text),
        _ => data.to_vec(),
    };
    let Ok(returned) = read(bytes) else { return };
    let facts = BTreeMap::new();
    let (known, servers) = (Known::new(&facts, &[]), ["web1".to_owned()]);
    let files = [("sheet.xlsx".to_owned(), returned)];
    match gather(&files, "default", &servers, &known, Timestamp(MONDAY)) {
        Ok(answers) => assert!(answers.decisions.iter().all(|decision| decision.server == "web1")),
        Err(problems) => assert!(!problems.is_empty(), "what is refused is refused for a reason"),
    }
}
