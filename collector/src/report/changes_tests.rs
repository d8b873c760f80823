//! A difference in the report: its parts, in every language, names harmless and hidden where asked.
// SPDX-License-Identifier: Apache-2.0

use crate::messages::Messages;
use crate::report::fixtures::{SHADY, rich};
use crate::report::{render, report};
use cairn_schemas::assessment::{Assessment, Category, Resource};
use cairn_schemas::change::*;

/// Two hosts more, in two parts, and what became of servers.
fn changed(assessment: &Assessment) -> AssessmentChange {
    let reference = |id: u64| AssessmentRef {
        id,
        created: assessment.created,
        window: assessment.window,
        inputs_sha256: "0".repeat(64),
        tool_version: "0".into(),
        method_version: "0".into(),
        rules_sha256: "0".repeat(64),
        policy: assessment.policy.clone(),
    };
    let part = |cause, change| ChangePart { cause, change };
    let figure = |id: &str, unit: &str, decimals, ends: [i64; 2], parts| FigureChange {
        id: id.into(),
        unit: unit.into(),
        decimals,
        before: Some(ends[0]),
        after: Some(ends[1]),
        change: Some(ends[1] - ends[0]),
        parts,
    };
    let server = |name: &str, cause, load| ServerChange {
        server: name.into(),
        cause,
        category_before: None,
        category_after: Some(Category::Ready),
        score_before: None,
        score_after: Some(81.5),
        load,
    };
    let load = LoadChange { resource: Resource::Memory, before: 8e9, after: 12e9 };
    AssessmentChange {
        schema: cairn_schemas::change::SCHEMA.into(),
        engagement: assessment.engagement.clone(),
        before: reference(3),
        after: reference(4),
        basis: ChangeBasis::Recomputed,
        verdict: Verdict { level: VerdictLevel::Drift, reasons: Vec::new() },
        figures: vec![
            figure("all_hosts", "hosts", 0, [9, 11], vec![part(Cause::Grown, 3), part(Cause::Policy, -1)]),
            figure("annual_cash", "currency/year", 2, [150_000, 125_050], vec![part(Cause::Grown, -24_950)]),
        ],
        causes: vec![CauseCount { cause: Cause::Grown, servers: 2 }],
        servers: vec![server(SHADY[0], Cause::New, None), server("db-1", Cause::Grown, Some(load))],
    }
}

#[test]
fn what_changed_stands_in_parts_that_add_up_in_every_language() {
    let assessment = rich(60);
    let change = changed(&assessment);
    for (language, grown) in [("en", "servers that use more"), ("de", "Server, die mehr brauchen")] {
        let model = report(&assessment, Some(&change), Messages::built_in(language).unwrap());
        let page = render::html::html(&model).unwrap();
        let text = render::text::text(&model);
        let section =
            page.split("<section id=\"changes\"").nth(1).unwrap().split("</section>").next().unwrap();
        for expected in ["+2", "+3", "-1", "+3; ", grown] {
            assert!(section.replace('\u{2212}', "-").contains(expected), "{expected} in {section}");
        }
        assert!(!page.contains("<script>") && !text.contains('\u{1b}'), "names stay text");
        assert_eq!(
            page,
            render::html::html(&report(&assessment, Some(&change), Messages::built_in(language).unwrap()))
                .unwrap()
        );
    }
    let mut key = crate::pseudonyms::Pseudonyms::new(&[7; 32]);
    let hidden = key.replace_in(&change).unwrap();
    assert!(!serde_json::to_string(&hidden).unwrap().contains("db-1"));
}

#[test]
fn the_workbook_sums_the_parts() {
    let assessment = rich(20);
    let change = changed(&assessment);
    let cx = crate::report::Context::new(&assessment, Messages::english()).since(Some(&change));
    let bytes = render::xlsx::xlsx(&cx).unwrap();
    assert_eq!(bytes, render::xlsx::xlsx(&cx).unwrap(), "the same twice");
    let mut book: calamine::Xlsx<_> = calamine::Reader::new(std::io::Cursor::new(bytes)).unwrap();
    let cells = calamine::Reader::worksheet_range(&mut book, "Changes").unwrap();
    let row = |name: &str| cells.rows().position(|row| row[0] == *name).unwrap();
    let number = |row: usize, column: usize| {
        cells.rows().nth(row).unwrap()[column].to_string().parse::<f64>().unwrap()
    };
    let hosts = row("Hosts with failover hosts");
    assert_eq!([2, 3, 4].map(|column| number(hosts, column)), [9.0, 11.0, 2.0]);
    assert_eq!((number(hosts + 1, 4), number(hosts + 2, 4)), (3.0, -1.0));
    let formulas = calamine::Reader::worksheet_formula(&mut book, "Changes").unwrap();
    assert!(formulas.used_cells().any(|(_, _, formula)| formula.contains("SUM(E")), "it is calculated");
}
