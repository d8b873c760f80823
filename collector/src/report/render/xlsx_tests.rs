//! The workbook shows the figures of the assessment, keeps text text, and is the same twice.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::report::fixtures::{HOSTILE, bare, none_assessable, one_server, rich, shady, words};
use cairn_schemas::assessment::Assessment;
use calamine::{Data, Reader as _, Xlsx};
use std::io::Cursor;

fn book(assessment: &Assessment) -> Xlsx<Cursor<Vec<u8>>> {
    let messages = words();
    Xlsx::new(Cursor::new(xlsx(&Context::new(assessment, &messages)).unwrap())).unwrap()
}

/// What a sheet shows beside a name in its first column.
fn shown(book: &mut Xlsx<Cursor<Vec<u8>>>, sheet: &str, name: &str, column: usize) -> Data {
    let cells = book.worksheet_range(sheet).unwrap();
    let row = cells
        .rows()
        .find(|row| row[0] == Data::String(name.to_owned()))
        .unwrap_or_else(|| panic!("{sheet}: {name}"));
    row[column].clone()
}

#[test]
fn every_kind_of_assessment_has_its_sheets() {
    for assessment in [rich(60), one_server(), none_assessable(), bare()] {
        assert_eq!(
            book(&assessment).sheet_names(),
            [
                "Summary",
                "Hosts",
                "Value",
                "Cash by month",
                "Catalogue",
                "Showback",
                "Promised and arrived",
                "Changes",
                "Servers"
            ]
        );
    }
}

#[test]
fn figures_are_those_of_the_assessment_and_formulas_say_how() {
    let assessment = rich(60);
    let plan = assessment.consolidation.as_ref().unwrap();
    let mut book = book(&assessment);
    let mut check = |sheet: &str, name: &str, column: usize, expected: f64| {
        let Data::Float(value) = shown(&mut book, sheet, name, column) else {
            panic!("{sheet}: {name} is no number")
        };
        assert!(
            (value - expected).abs() < 1e-9 * expected.abs().max(1.0),
            "{sheet}: {name} {value} {expected}"
        );
    };
    check("Summary", "Net consolidation", 1, plan.net_consolidation_ratio.unwrap());
    check("Summary", "Servers removed", 1, plan.servers_removed as f64);
    check("Hosts", "Total", 2, plan.hosts as f64);
    check("Value", "Cash a year", 3, assessment.value.annual_cash.base);
    check("Value", "Cash once", 3, assessment.value.one_off_cash.base);
    check("Value", "Year 5", 2, assessment.value.by_year[4].cumulated_cash.low);
    check("Value", "Payback, months", 4, assessment.value.payback_months.high.unwrap());
    let register = assessment.realised.as_ref().unwrap();
    let (net, arrived) = (register.net.unwrap(), "Promised and arrived");
    check(arrived, "Total", 3, register.totals.promised_annual_cash.base);
    check(arrived, "Total", 4, register.totals.realised_annual_cash.base);
    check(arrived, "Paid for the new hosts until today", 1, -net.hosts_cash.unwrap().high);
    check(arrived, "Net until today", 1, net.net_cash.unwrap().low);
    check(arrived, "Net a year", 3, net.net_annual_cash.unwrap().high);
    check(arrived, &register.outcomes[0].outcome.outcome, 7, register.outcomes[0].variance.unwrap());
    let (catalogue, showback) =
        (assessment.service_catalogue.as_ref().unwrap(), assessment.showback.as_ref().unwrap());
    let entry = &catalogue.entries[0];
    check("Catalogue", &entry.id, 6, entry.rate.unwrap().money().base);
    check("Catalogue", "Pool", 2, catalogue.pool.cash.unwrap().money().base);
    check("Showback", "IT operations", 7, showback.owners[1].today.money().base);
    check("Showback", "All assessed servers", 8, showback.total.proposed.money().base);
    let formulas = book.worksheet_formula("Value").unwrap();
    let once = formulas
        .used_cells()
        .any(|(_, _, formula)| formula.starts_with("-SUMIF") || formula.starts_with("=-SUMIF"));
    assert!(once, "what is spent once is a positive amount, and a line of it a negative one");
    let formulas = book.worksheet_formula("Summary").unwrap();
    assert!(formulas.used_cells().any(|(_, _, formula)| formula.contains("/(B")), "ratios are formulas");
}

#[test]
fn hostile_names_are_strings_and_nothing_else() {
    book(&shady());
    let mut book = book(&rich(60));
    let servers = book.worksheet_range("Servers").unwrap();
    assert!(servers.rows().any(|row| row[0] == Data::String(HOSTILE.into())));
    let promised = book.worksheet_range("Promised and arrived").unwrap();
    assert!(promised.rows().any(|row| row[0] == Data::String(HOSTILE.into())));
    let formulas = book.worksheet_formula("Promised and arrived").unwrap();
    assert!(formulas.used_cells().all(|(_, _, formula)| !formula.contains("cmd")));
    let formulas = book.worksheet_formula("Servers").unwrap();
    assert!(formulas.used_cells().all(|(_, _, formula)| !formula.contains("cmd")));
}

#[test]
fn the_same_assessment_gives_the_same_workbook() {
    let (assessment, messages) = (rich(20), words());
    let cx = Context::new(&assessment, &messages);
    assert!(xlsx(&cx).unwrap() == xlsx(&cx).unwrap());
}
