//! `change-pack`: what a change board asks before it lets an agent onto its servers, on five printed pages: one
//! self-contained HTML file, filled from the same tables and files the agent itself runs by.
// SPDX-License-Identifier: Apache-2.0

use super::explain::{Field, fields};
use super::{Arguments, Exit, Terminal, arguments, uninstall};
use crate::clock::{Clock as _, SystemClock};
use crate::identity::Identity;
use crate::status::Status;
use anyhow::Context as _;
use std::fmt::Write as _;

const TEMPLATE: &str = include_str!("change_pack/template.html");
/// The unit that packages install: its limits and its fences are quoted from it.
const UNIT: &str = include_str!("../../../packaging/systemd/cairn-agent.service");
/// Settings of the unit that a board asks for, in its order.
const LIMITS: [&str; 8] = [
    "CPUQuota",
    "MemoryHigh",
    "MemoryMax",
    "TasksMax",
    "LimitNOFILE",
    "Nice",
    "IOSchedulingClass",
    "OOMScoreAdjust",
];

pub(super) fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> anyhow::Result<Exit> {
    let page = fill(arguments)?;
    match &arguments.out {
        None => terminal.out.write_all(page.as_bytes())?,
        Some(file) => {
            std::fs::write(file, page).with_context(|| format!("cannot write {}", file.display()))?;
            writeln!(terminal.out, "{}: five pages when printed", file.display())?;
        }
    }
    Ok(Exit::Done)
}

fn fill(arguments: &Arguments) -> anyhow::Result<String> {
    let data = arguments.data.display().to_string();
    let identity = Identity::load(&arguments.data).ok();
    let collector =
        identity.map_or_else(|| "the collector of your join string".to_owned(), |known| known.url);
    let status = Status::load(&arguments.data).ok().flatten();
    let values = [
        ("version", escaped(env!("CARGO_PKG_VERSION"))),
        ("date", SystemClock.now().timestamp().date()),
        ("data", escaped(&data)),
        ("collector", escaped(&collector)),
        ("files", files(&data)),
        ("limits", settings(|name| LIMITS.contains(&name))),
        ("fences", settings(is_fence)),
        ("measured", measured(status.as_ref())),
        ("fields", field_rows(&fields())),
        ("verbs", verbs()),
    ];
    let mut page = TEMPLATE.to_owned();
    for (name, value) in values {
        page = page.replace(&format!("{{{{{name}}}}}"), &value);
    }
    anyhow::ensure!(!page.contains("{{"), "the template of the change pack has a field nobody fills");
    Ok(page)
}

fn files(data: &str) -> String {
    let mut rows = String::new();
    row(&mut rows, &[&format!("{data}/"), "its directory, mode 0700; in it:", "the agent"]);
    for name in uninstall::OURS.iter().filter(|name| !name.ends_with(".tmp")) {
        let (what, who) = uninstall::purpose(name);
        row(&mut rows, &[name, what, who]);
    }
    rows
}

/// What the running agent has measured of itself here.
fn measured(status: Option<&Status>) -> String {
    let Some((status, cpu)) = status.and_then(|status| Some((status, status.cpu_ratio?))) else {
        return "<p>No agent has run in this data directory yet. Let it run for an hour on one server of each kind, \
                and make this pack there: then its own figures stand here.</p>"
            .to_owned();
    };
    let resident =
        status.resident_bytes.map_or_else(String::new, |bytes| format!(", {:.1} MB resident", bytes / 1e6));
    let hours = (status.updated_at.0 - status.started_at.0) as f64 / 3_600.0;
    format!(
        "<p>Measured by the agent itself on the server this pack was made on, from {} to {} ({hours:.1} hours): \
         <b>{:.3} % of one core</b>{resident}.</p>",
        status.started_at,
        status.updated_at,
        cpu * 100.0
    )
}

fn is_fence(name: &str) -> bool {
    const ELSEWHERE: [&str; 5] = ["Type", "User", "Group", "UMask", "StateDirectoryMode"];
    let of_service = UNIT.split("[Service]").nth(1).unwrap_or_default();
    let known = of_service.lines().any(|line| line.starts_with(name));
    let fence = [
        "Protect",
        "Private",
        "Restrict",
        "NoNew",
        "Capability",
        "Ambient",
        "SystemCall",
        "Lock",
        "Memory",
        "RemoveIPC",
    ];
    known
        && !LIMITS.contains(&name)
        && !ELSEWHERE.contains(&name)
        && fence.iter().any(|start| name.starts_with(start))
}

/// Settings of the unit, as they stand in it.
fn settings(wanted: impl Fn(&str) -> bool) -> String {
    let lines = UNIT.lines().filter(|line| line.split_once('=').is_some_and(|(name, _)| wanted(name)));
    lines.map(|line| format!("<code>{}</code> ", escaped(line))).collect()
}

fn field_rows(fields: &[Field]) -> String {
    let mut rows = String::new();
    for field in fields {
        let unit = if field.unit.is_empty() { String::new() } else { format!(" ({})", escaped(field.unit)) };
        let _ = writeln!(rows, "<p><code>{}</code>{unit} {}</p>", escaped(field.field), escaped(field.why));
    }
    rows
}

fn verbs() -> String {
    let mut rows = String::new();
    for (name, does) in arguments::verbs() {
        row(&mut rows, &[&format!("cairn-agent {name}"), does]);
    }
    rows
}

fn row(rows: &mut String, cells: &[&str]) {
    rows.push_str("<tr>");
    for cell in cells {
        let _ = write!(rows, "<td>{}</td>", escaped(cell));
    }
    rows.push_str("</tr>\n");
}

/// Paths and addresses are somebody else's text.
fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut html, c| {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            // A brace would be taken for a field of the template.
            '{' => html.push_str("&#123;"),
            _ => html.push(c),
        }
        html
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::called;
    use super::*;

    #[test]
    fn every_question_of_a_change_board_has_its_answer() {
        let home = tempfile::tempdir().unwrap();
        let data = home.path().join("<b>agent");
        let (exit, page, err) = called(&["change-pack", "--data", data.to_str().unwrap()]);
        assert_eq!(exit, Exit::Done, "{err}");
        for expected in [
            "Accounts",
            "Ports",
            "Network flows",
            "Load",
            "Every field",
            "Test evidence",
            "Support matrix",
            "Way back",
        ] {
            assert!(page.contains(expected), "{expected} is not answered");
        }
        for limit in ["CPUQuota=5%", "MemoryMax=64M", "CapabilityBoundingSet="] {
            assert!(page.contains(limit), "{limit}");
        }
        for field in fields() {
            assert!(page.contains(field.field), "{} is not listed", field.field);
        }
        assert!(page.contains("&lt;b>agent") || page.contains("&lt;b&gt;agent"), "paths are escaped");
        assert!(!page.contains("http://www") && !page.contains("src="), "nothing is fetched from anywhere");
    }

    #[test]
    fn it_can_be_written_to_a_file() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("pack.html");
        let data = home.path().to_str().unwrap();
        let (exit, out, _) = called(&["change-pack", "--data", data, "--out", file.to_str().unwrap()]);
        assert!(exit == Exit::Done && out.contains("five pages"), "{out}");
        assert!(std::fs::read_to_string(file).unwrap().starts_with("<!doctype html>"));
    }
}
