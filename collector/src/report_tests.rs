//! Reports of every kind of assessment: complete, honest about what is missing, safe and repeatable.
// SPDX-License-Identifier: Apache-2.0

use super::fixtures::{HOSTILE, SHADY, bare, none_assessable, one_server, rich, shady, words};
use super::*;
use cairn_schemas::assessment::{Assessment, MissingInput, ShowbackLine};

fn html(assessment: &Assessment) -> String {
    render::html::html(&report(assessment, None, &words())).unwrap()
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
            !text.contains("[report.") && !text.contains("[fixture") && !text.contains("[service"),
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
        for section in report(&assessment, None, &words()).sections {
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

/// Every value a tile, a fact or a cell of the report shows, by its label: `section/label`, `section/row/column`.
fn shown(model: &ReportModel) -> std::collections::BTreeMap<String, String> {
    let mut all = std::collections::BTreeMap::new();
    for section in &model.sections {
        let mut put = |name: String, value: &str| {
            all.entry(format!("{}/{name}", section.id)).or_insert_with(|| value.replace('\u{a0}', " "));
        };
        for block in &section.blocks {
            match block {
                Block::Tiles(tiles) => tiles.iter().for_each(|tile| put(tile.label.clone(), &tile.value)),
                Block::Facts(facts) => facts.iter().for_each(|fact| put(fact.name.clone(), &fact.value)),
                Block::Table(table) => {
                    for row in &table.rows {
                        for (cell, column) in row.cells.iter().zip(&table.columns) {
                            put(format!("{}/{}", row.cells[0].text, column.title), &cell.text);
                        }
                    }
                }
                _ => {}
            }
        }
    }
    all
}

#[test]
fn the_figures_of_the_report_are_those_of_the_json() {
    for (name, assessment) in all() {
        // Through the file a customer has, not through what is in memory.
        let read: Assessment = serde_json::from_str(&render::json::json(&assessment).unwrap()).unwrap();
        let values = shown(&report(&read, None, &words()));
        let check = |place: &str, expected: Option<String>| {
            let Some(expected) = expected else { return };
            let value = values.get(place).unwrap_or_else(|| panic!("{name}: nothing at {place}"));
            assert_eq!(*value, expected.replace('\u{a0}', " "), "{name}: {place}");
        };
        let plan = assessment.consolidation.as_ref();
        let int = |value: usize| number::int(value as f64);
        let (value, counts) = (&assessment.value, assessment.readiness.counts);
        check("summary/Readiness score", assessment.readiness.score.map(number::int));
        check("readiness/ready/Servers", Some(int(counts.ready)).filter(|_| plan.is_some()));
        check("coverage/Coverage", assessment.coverage.ratio.map(number::percent));
        check("population/Known/Count", Some(int(assessment.estate.servers)));
        check("population/Assessed/Count", Some(format!("= {}", int(assessment.estate.assessed))));
        shown_costs(&assessment, &check);
        let Some(plan) = plan else { continue };
        check("summary/Servers removed", Some(number::int(plan.servers_removed as f64)));
        check("summary/Net consolidation ratio", plan.net_consolidation_ratio.map(number::to_one));
        check("population/Net consolidation/Value", plan.net_consolidation_ratio.map(number::to_one));
        check("population/Source to destination/Value", plan.source_to_destination_ratio.map(number::to_one));
        check("population/Virtual machine density/Value", plan.vm_density.map(number::to_one));
        check("proposal/New hosts/Tomorrow", Some(int(plan.hosts)));
        check("proposal/Failover hosts/Tomorrow", Some(int(plan.failover_hosts)));
        check("proposal/Virtual machines on them/Tomorrow", Some(int(plan.population.placed)));
        check("plan/Hosts", Some(int(plan.hosts)));
        check("plan/Proven lower bound", Some(int(plan.lower_bound_hosts)));
        check("reasons/Hosts no plan can do without", Some(int(plan.lower_bound_hosts)));
        let test = plan.backtest.as_ref();
        let minutes = test.and_then(|test| test.minutes_per_host_year).map(number::one);
        check("summary/Minutes at risk", minutes.clone());
        check("risk/Minutes at risk", minutes);
        check("risk/Time above capacity", test.and_then(|test| test.violation_ratio).map(number::percent));
        let valued = !value.by_year.is_empty();
        let money = |amount: f64| Some(number::money(amount, &value.currency)).filter(|_| valued);
        check("value/Cash a year", money(value.annual_cash.base));
        check("reasons/Cash a year", money(value.annual_cash.base));
        check("value/Soft savings a year", money(value.annual_soft.base));
        for year in &value.by_year {
            let cash = year.cumulated_cash;
            for (row, amount) in [("Low", cash.low), ("Base", cash.base), ("High", cash.high)] {
                check(&format!("summary/{row}/Year {}", year.year), Some(number::money(amount, "")));
            }
        }
    }
}

/// Catalogue and showback: every rate, every owner's and application's amounts, and their sums.
fn shown_costs(assessment: &Assessment, check: &dyn Fn(&str, Option<String>)) {
    let cents = |amount: i64| number::decimals(amount as f64 / 100.0, 2);
    let catalogue = assessment.service_catalogue.iter();
    for entry in catalogue.clone().flat_map(|catalogue| &catalogue.entries) {
        let tier = if entry.tier.name() == "unknown" { "no tier" } else { entry.tier.name() };
        let place = |column: &str| format!("catalogue/{}, {tier}/{column}", entry.size);
        let rate = entry.rate.unwrap();
        for (column, amount) in [("Low", rate.low), ("Rate", rate.base), ("High", rate.high)] {
            check(&place(column), Some(cents(amount)));
        }
        check(&place("Servers"), Some(number::count(entry.count)));
    }
    for catalogue in catalogue.filter(|catalogue| !catalogue.entries.is_empty()) {
        let pool = catalogue.pool.cash.unwrap();
        check("catalogue/Pool, a month", Some(number::money(pool.money().base, &catalogue.currency)));
        check("catalogue/Pool/High", Some(cents(pool.high)));
    }
    let Some(showback) = &assessment.showback else { return };
    let named = |line: &ShowbackLine, unknown: &str| {
        let name = line.owner.as_ref().or(line.application.as_ref());
        name.map_or_else(|| unknown.to_owned(), |name| number::terminal_safe(name).into_owned())
    };
    let owners = showback.owners.iter().map(|line| (named(line, "Owner unknown"), line));
    let applications = showback.applications.iter().map(|line| (named(line, "Application unknown"), line));
    let total = ("All assessed servers".to_owned(), &showback.total);
    for (name, line) in owners.chain(applications).chain([total]) {
        let known = |amount: i64, missing: &[MissingInput]| missing.is_empty().then(|| cents(amount));
        check(&format!("showback/{name}/Today"), known(line.today.base, &line.today_missing));
        check(&format!("showback/{name}/Proposed"), known(line.proposed.base, &line.proposed_missing));
        check(&format!("showback/{name}/Change"), line.change.map(|change| cents(change.base)));
        check(&format!("showback/{name}/Administration today"), Some(cents(line.today_labour.base)));
        check(&format!("showback/{name}/Servers"), Some(number::count(line.count)));
    }
    check("showback/Today/High", Some(cents(showback.total.today.high)));
}

#[test]
fn what_lacks_an_input_is_shown_as_the_least_it_is() {
    let all = shown(&report(&rich(200), None, &words()));
    let lacks = all.values().filter(|value| value.starts_with("at least ")).count();
    assert!(lacks >= 3, "the leased server's owner, its application, and the total: {lacks}");
    let leased = "the yearly cost of the lease of 1 server";
    assert!(all.values().any(|value| value.starts_with("at least ") && value.contains(leased)));
    let none = shown(&report(&none_assessable(), None, &words()));
    assert_eq!(none["showback/Today, a month"], "not known");
    assert!(
        none["showback/All assessed servers/Today"].contains("the mean load, and so the energy of 3 servers")
    );
}

#[test]
fn a_register_of_outcomes_is_shown_as_the_json_has_it() {
    for assessment in [rich(200), shady()] {
        let read: Assessment = serde_json::from_str(&render::json::json(&assessment).unwrap()).unwrap();
        let model = report(&read, None, &words());
        let values = shown(&model);
        let register = assessment.realised.as_ref().unwrap();
        let check = |place: &str, expected: String| {
            // A name that would steer a terminal is shown without what steers.
            let safe = |text: &str| number::terminal_safe(text).replace('\u{a0}', " ");
            let place = safe(place);
            let value = values.get(&place).unwrap_or_else(|| panic!("nothing at {place}"));
            assert_eq!(*value, safe(&expected), "{place}");
        };
        let money = |amount: f64| number::money(amount, "EUR");
        let (totals, net) = (&register.totals, register.net.unwrap());
        check("summary/Promised a year", money(totals.promised_annual_cash.base));
        check("summary/Arrived a year, hosts aside", money(totals.realised_annual_cash.base));
        check("summary/Arrived until today, net of the new hosts", money(net.net_cash.unwrap().base));
        check("summary/Still paid a year", money(totals.still_paid_annual_cash.base));
        let share = register.estate.virtualised_share_ratio.map(number::percent);
        check("summary/Seen running virtual", share.unwrap());
        let bare = |amount: f64| number::money(amount, "");
        let spent = net.hosts_cash.unwrap();
        check("realised/Arrived until today/Low", bare(net.gross_cash.low));
        check("realised/Paid for the new hosts until today/Low", bare(-spent.high));
        check("realised/Net until today/High", bare(net.net_cash.unwrap().high));
        check("realised/Net a year/Base", bare(net.net_annual_cash.unwrap().base));
        for server in &register.servers {
            let place = |column: &str| format!("realised/{}/{column}", server.server);
            let unknown = || "not known: nobody put a figure to it".to_owned();
            let promised = server.promised_annual_cash.map(|cash| money(cash.base));
            check(&place("Promised a year"), promised.unwrap_or_else(unknown));
            check(&place("Arrived a year"), money(server.realised_annual_cash.base));
            check(&place("Still paid a year"), money(server.still_paid_annual_cash.base));
            check(&place("Due"), number::date(server.due));
        }
        let outcome = &register.outcomes[0];
        let with_unit = |value: f64| format!("{} {}", number::plain(value), outcome.outcome.value_unit);
        check(
            &format!("realised/{}/Realised", outcome.outcome.outcome),
            with_unit(outcome.realised.unwrap()),
        );
        check(
            &format!("realised/{}/Variance", outcome.outcome.outcome),
            with_unit(outcome.variance.unwrap()),
        );
        let median = register.prediction[0].error_median_ratio.map(number::percent);
        let class = &register.prediction[0].class;
        check(&format!("realised/{class}/Actual of forecast, median"), median.unwrap());
        everything_is_in_the_page(&model);
    }
}

/// No cell of the register is lost on its way into the page.
fn everything_is_in_the_page(model: &ReportModel) {
    let page = render::html::html(model).unwrap();
    let section = model.sections.iter().find(|section| section.id == "realised").unwrap();
    let mut cells = 0;
    for block in &section.blocks {
        let Block::Table(table) = block else { continue };
        for cell in table.rows.iter().flat_map(|row| &row.cells) {
            let text = number::terminal_safe(&cell.text).into_owned();
            let codes = [('&', "&#38;"), ('<', "&#60;"), ('>', "&#62;"), ('"', "&#34;"), ('\'', "&#39;")];
            let escaped = codes.iter().fold(text, |text, (sign, code)| text.replace(*sign, code));
            assert!(page.contains(&escaped), "{escaped} is not in the page");
            cells += 1;
        }
    }
    assert!(cells > 60, "{cells} cells");
}

#[test]
fn names_that_mean_harm_stay_text_everywhere() {
    let assessment = shady();
    let page = html(&assessment);
    assert!(!page.contains("<script>alert") && !page.contains('\u{1b}') && !page.contains('\u{202e}'));
    let messages = words();
    let cx = Context::new(&assessment, &messages);
    let rows = render::csv::csv(&cx).unwrap();
    let mut reader = ::csv::Reader::from_reader(rows.as_bytes());
    for record in reader.records().map(Result::unwrap) {
        assert!(!record[0].starts_with(['=', '+', '-', '@']), "a spreadsheet would run {:?}", &record[0]);
    }
    let sheets = owner_sheets(&assessment, &messages, &[]);
    let text = render::text::text(&sheets);
    assert!(
        !text.contains('\u{1b}') && !text.contains('\u{202e}') && !text.contains('\u{7}'),
        "a terminal is steered"
    );
    let sheet = render::html::html(&sheets).unwrap();
    assert!(SHADY.iter().all(|name| !sheet.contains(*name) || !name.contains(['<', '\u{1b}', '\u{202e}'])));
}

#[test]
fn each_owner_has_a_sheet_and_those_nobody_owns_have_the_last() {
    let assessment = rich(60);
    let sheets = owner_sheets(&assessment, &words(), &[]);
    let owned: usize = sheets
        .sections
        .iter()
        .map(|section| match &section.blocks[1] {
            Block::Tiles(tiles) => tiles[0].value.parse::<usize>().unwrap(),
            _ => 0,
        })
        .sum();
    assert_eq!(owned, assessment.readiness.servers.len(), "every server is on one sheet");
    assert_eq!(sheets.sections.last().unwrap().title, "Servers without an owner");
    assert!(sheets.sections.iter().all(|section| matches!(section.blocks.last(), Some(Block::Signature(_)))));
    let one = owner_sheets(&assessment, &words(), &["IT operations".to_owned()]);
    assert_eq!(one.sections.len(), 1);
    let lines = &assessment.showback.as_ref().unwrap().owners;
    for (sheet, line) in sheets.sections.iter().zip(lines) {
        let costs = sheet.blocks.iter().find_map(|block| match block {
            Block::Facts(facts) => Some(facts),
            _ => None,
        });
        let costs = costs.unwrap_or_else(|| panic!("{}: no costs", sheet.title));
        for (fact, amount) in costs.iter().zip([line.today, line.proposed]) {
            let amount = number::decimals(amount.money().base, 2);
            assert!(fact.value.contains(&amount), "{}: {} {amount}", sheet.title, fact.value);
        }
    }
    assert!(owner_sheets(&assessment, &words(), &["Nobody".to_owned()]).sections.is_empty());
}
