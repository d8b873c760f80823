//! Reports of every kind of assessment: complete, honest about what is missing, safe and repeatable.
// SPDX-License-Identifier: Apache-2.0

use super::fixtures::{HOSTILE, bare, none_assessable, one_server, rich, words};
use super::*;
use cairn_schemas::assessment::Assessment;

fn html(assessment: &Assessment) -> String {
    render::html::html(&report(assessment, &words())).unwrap()
}

fn all() -> Vec<(&'static str, Assessment)> {
    vec![
        ("rich", rich(200)),
        ("one_server", one_server()),
        ("none_assessable", none_assessable()),
        ("bare", bare()),
    ]
}

#[test]
fn every_assessment_gives_every_section_in_words() {
    for (name, assessment) in all() {
        let text = html(&assessment);
        if let Some(dir) = std::env::var_os("CAIRN_REPORTS") {
            std::fs::write(std::path::Path::new(&dir).join(format!("{name}.html")), &text).unwrap();
        }
        for section in SECTIONS {
            assert!(text.contains(&format!("<section id=\"{}\"", section.id)), "{name}: {}", section.id);
        }
        assert!(
            !text.contains("[report.") && !text.contains("[fixture"),
            "{name}: a sentence has no wording"
        );
        assert!(!text.contains(": not given]"), "{name}: a placeholder was not filled");
        assert!(!text.contains("NaN") && !text.contains("not a number"), "{name}: a figure is no number");
    }
}

#[test]
fn what_is_missing_is_said_and_never_zero() {
    let text = html(&none_assessable());
    assert!(text.contains("Nothing could be planned"));
    assert!(text.contains("not known: nothing was measured"));
    assert!(!text.contains("0 of 0"));
    assert!(html(&one_server()).contains("not known: the back-test needs five whole weeks of data"));
}

#[test]
fn the_same_assessment_gives_the_same_bytes() {
    assert_eq!(html(&rich(60)), html(&rich(60)));
}

#[test]
fn a_report_needs_nothing_but_itself() {
    let text = html(&rich(60));
    for outside in ["<script", "<link", "<img", "url(", "@import", "<iframe", "src="] {
        assert!(!text.contains(outside), "{outside} in the report");
    }
    let links = text.matches("http").count();
    assert_eq!(
        links,
        text.matches("http://www.w3.org/2000/svg").count(),
        "only the name of SVG looks like a link"
    );
}

#[test]
fn hostile_names_stay_text() {
    let assessment = rich(60);
    assert!(assessment.readiness.servers.iter().any(|server| server.server == HOSTILE));
    let text = html(&assessment);
    assert!(!text.contains("<script>") && text.contains("&#60;script&#62;"));
    let rows = render::csv::csv(&Context::new(&assessment, &words())).unwrap();
    assert!(rows.contains("\"'=cmd()"), "a formula is not disarmed");
}

#[test]
fn simulated_servers_are_marked_wherever_they_appear() {
    let mut assessment = rich(60);
    let text = html(&assessment);
    assert!(
        text.contains("10 of 60 servers are simulated") || text.contains("11 of 60 servers are simulated")
    );
    let marks = text.matches("<span class=\"sim\">simulated</span>").count();
    assert!(marks > assessment.estate.simulated, "{marks} marks");
    assessment.estate.simulated = 0;
    assessment.readiness.servers.iter_mut().for_each(|server| server.simulated = false);
    let text = html(&assessment);
    assert!(!text.contains("class=\"sim\"") && !text.contains("class=\"banner\""));
}

#[test]
fn ten_thousand_servers_stay_readable() {
    let text = html(&rich(10_000));
    assert!(text.len() < 4_000_000, "{} bytes", text.len());
    assert!(text.contains("9,694 are in the CSV and JSON files"));
}

#[test]
fn a_table_row_has_a_cell_for_every_column() {
    for (name, assessment) in all() {
        for section in report(&assessment, &words()).sections {
            for block in section.blocks {
                let table = match block {
                    Block::Table(table) => table,
                    Block::Chart(chart) => chart.table,
                    _ => continue,
                };
                assert!(
                    table.rows.iter().all(|row| row.cells.len() == table.columns.len()),
                    "{name}: {}",
                    table.caption
                );
            }
        }
    }
}

#[test]
fn the_csv_has_a_row_for_every_server_and_the_json_reads_back() {
    let assessment = rich(60);
    let rows = render::csv::csv(&Context::new(&assessment, &words())).unwrap();
    let mut reader = ::csv::Reader::from_reader(rows.as_bytes());
    assert_eq!(reader.records().map(Result::unwrap).count(), assessment.readiness.servers.len());
    let back: Assessment = serde_json::from_str(&render::json::json(&assessment).unwrap()).unwrap();
    assert!(back == assessment, "the JSON does not read back as what was written");
}
