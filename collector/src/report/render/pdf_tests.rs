//! Reports on paper: every kind of assessment can be set, twice the same, with names that mean harm.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::report::fixtures::{bare, none_assessable, one_server, rich, words};
use crate::report::report;

fn set(name: &str, assessment: &cairn_schemas::assessment::Assessment) -> Vec<u8> {
    let model = report(assessment, &words());
    let bytes = pdf(&model).unwrap_or_else(|error| panic!("{name}: {error:#}"));
    if let Some(dir) = std::env::var_os("CAIRN_REPORTS") {
        let path = std::path::Path::new(&dir).join(name);
        std::fs::write(path.with_extension("pdf"), &bytes).unwrap();
        std::fs::write(path.with_extension("pdf.json"), data(&model).to_string()).unwrap();
    }
    bytes
}

#[test]
fn every_assessment_can_be_set() {
    for (name, assessment) in [
        ("rich", rich(60)),
        ("one_server", one_server()),
        ("none_assessable", none_assessable()),
        ("bare", bare()),
    ] {
        let bytes = set(name, &assessment);
        assert!(bytes.starts_with(b"%PDF-1.7"), "{name}");
        let text = String::from_utf8_lossy(&bytes);
        for part in ["/StructTreeRoot", "/MarkInfo", "/Lang"] {
            assert!(text.contains(part), "{name}: no {part}");
        }
    }
}

#[test]
fn the_same_assessment_gives_the_same_paper() {
    let assessment = rich(20);
    assert!(set("twice", &assessment) == set("twice", &assessment));
}
