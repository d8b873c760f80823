//! Reports on paper: every kind of assessment, in every language, can be set, twice the same, with names that mean
//! harm. With `CAIRN_REPORTS` the papers and what they were made of are left in that directory, to be looked at.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::config::Config;
use crate::datasheet::DataSheet;
use crate::messages::Messages;
use crate::report::fixtures::{bare, none_assessable, one_server, rich, shady, words};
use crate::report::{owner_sheets, report};

fn set(name: &str, model: &ReportModel) -> Vec<u8> {
    let bytes = pdf(model).unwrap_or_else(|error| panic!("{name}: {error:#}"));
    if let Some(dir) = std::env::var_os("CAIRN_REPORTS") {
        let path = std::path::Path::new(&dir).join(name);
        std::fs::write(path.with_extension("pdf"), &bytes).unwrap();
        std::fs::write(path.with_extension("pdf.json"), data(model).to_string()).unwrap();
    }
    bytes
}

fn check(name: &str, model: &ReportModel) {
    let bytes = set(name, model);
    assert!(bytes.starts_with(b"%PDF-1.7"), "{name}");
    let text = String::from_utf8_lossy(&bytes);
    for part in ["/StructTreeRoot", "/MarkInfo", "pdfuaid:part", "pdfaid:part"] {
        assert!(text.contains(part), "{name}: no {part}");
    }
    for part in ["/JavaScript", "/Launch", "/URI", "/EmbeddedFile"] {
        assert!(!text.contains(part), "{name}: a paper that does {part}");
    }
}

#[test]
fn every_assessment_can_be_set() {
    for (name, assessment) in
        [("rich", rich(30)), ("one_server", one_server()), ("none", none_assessable()), ("bare", bare())]
    {
        check(name, &report(&assessment, None, &words()));
    }
}

#[test]
fn german_sheets_and_data_sheets_can_be_set() {
    let assessment = rich(20);
    check("german", &report(&assessment, None, Messages::german()));
    check("owners", &owner_sheets(&assessment, Messages::german(), &[]));
    let sheet = DataSheet::new("default", &Config::default(), assessment.created);
    check("datasheet", &sheet.model(Messages::english()));
}

#[test]
fn names_that_mean_harm_harm_no_paper() {
    check("shady", &report(&shady(), None, &words()));
    check("shady_owners", &owner_sheets(&shady(), &words(), &[]));
}

#[test]
fn the_same_assessment_gives_the_same_paper() {
    let model = owner_sheets(&rich(6), &words(), &[]);
    assert!(set("twice", &model) == set("twice", &model));
}

#[test]
fn a_brand_dresses_the_paper() {
    let mut model = owner_sheets(&one_server(), &words(), &[]);
    let plain = set("plain", &model);
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 40 10\"><rect width=\"40\" height=\"10\" fill=\"#aa0000\"/></svg>";
    model.brand.name = "Acme & Söhne".into();
    model.brand.logo = Some(crate::report::Logo { bytes: svg.to_vec(), media_type: "image/svg+xml" });
    model.brand.colours.insert("accent".into(), "#aa0000".into());
    assert!(set("brand", &model) != plain);
    model.brand.logo = Some(crate::report::Logo { bytes: b"no picture".to_vec(), media_type: "image/png" });
    let said = pdf(&model).err().map(|error| error.to_string());
    assert!(said.is_some_and(|said| said.contains("cannot be set")));
}
