//! What `cairn report` writes, where, and how it ends.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::report::fixtures::{one_server, rich};
use crate::report::shelf::Shelf;

fn args(id: Option<u64>, format: Format, out: &std::path::Path) -> ReportArgs {
    let place = Place { data: None, engagement: "default".into() };
    ReportArgs {
        id,
        format,
        out: out.to_owned(),
        style: Style::default(),
        owners: false,
        owner: vec![],
        since: None,
        place,
    }
}

#[test]
fn the_latest_assessment_goes_to_standard_output() {
    let store = Shelf::new(vec![one_server(), rich(20)]);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let exit = run(&args(None, Format::Csv, "-".as_ref()), &store, &mut out, &mut err).unwrap();
    assert_eq!(exit, Exit::Done);
    assert_eq!(String::from_utf8(out).unwrap().lines().count(), 15);
    assert!(err.is_empty());
}

#[test]
fn a_file_is_written_whole() {
    let store = Shelf::new(vec![one_server()]);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("report.html");
    let exit = run(&args(Some(1), Format::Html, &path), &store, &mut Vec::new(), &mut Vec::new()).unwrap();
    assert_eq!(exit, Exit::Done);
    assert!(std::fs::read_to_string(&path).unwrap().ends_with("</html>\n"));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn a_missing_assessment_and_an_unwritable_file_are_said() {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let empty = Shelf::new(vec![]);
    let exit = run(&args(None, Format::Json, "-".as_ref()), &empty, &mut out, &mut err).unwrap();
    assert_eq!(exit, Exit::NotFound);
    assert!(String::from_utf8(err).unwrap().contains("`cairn assess` makes one"));
    let store = Shelf::new(vec![one_server()]);
    let nowhere = args(None, Format::Json, "/nonexistent/directory/report.json".as_ref());
    let error = run(&nowhere, &store, &mut out, &mut Vec::new()).unwrap_err();
    assert!(error.to_string().contains("/nonexistent/directory/report.json"), "{error}");
}
