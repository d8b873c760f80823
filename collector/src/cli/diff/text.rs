//! A difference as text: the verdict, each figure with its parts, the servers that made it.
// SPDX-License-Identifier: Apache-2.0

use crate::number::{self, terminal_safe};
use cairn_schemas::assessment::{Category, Resource, TriggerState};
use cairn_schemas::change::{
    AssessmentChange, Cause, ChangeBasis, FigureChange, ServerChange, VerdictLevel, VerdictReason,
};
use std::io::Write;

/// Most servers named in the text; all of them are in the JSON.
const SERVERS_MAX: usize = 20;

pub(super) fn write(told: &AssessmentChange, out: &mut impl Write) -> std::io::Result<()> {
    let (a, b) = (&told.before, &told.after);
    writeln!(
        out,
        "assessment {} ({}) to {} ({})",
        a.id,
        number::date(a.created),
        b.id,
        number::date(b.created)
    )?;
    let verdict = match told.verdict.level {
        VerdictLevel::Nothing => "nothing that matters",
        VerdictLevel::Drift => "DRIFT",
        VerdictLevel::TriggerChanged => "A TRIGGER CHANGED",
    };
    row(out, "verdict", verdict)?;
    told.verdict.reasons.iter().try_for_each(|why| row(out, "", &reason(why)))?;
    let basis = match told.basis {
        ChangeBasis::Recomputed => "computed again from the inputs of both, one cause at a time",
        ChangeBasis::RecomputedSince => {
            "computed again from what the store knows today; what was learnt since is in the remainder"
        }
        ChangeBasis::Compared => {
            "inputs are not kept: compared as they stand, and what that cannot tell is in the remainder"
        }
    };
    row(out, "basis", basis)?;
    writeln!(out)?;
    let changed = told.figures.iter().filter(|f| f.before != f.after || !f.parts.is_empty());
    let mut unchanged = true;
    for figure in changed {
        unchanged = false;
        write_figure(figure, out)?;
    }
    if unchanged {
        writeln!(out, "  no figure changed")?;
    }
    write_servers(told, out)
}

fn write_figure(figure: &FigureChange, out: &mut impl Write) -> std::io::Result<()> {
    let shown =
        |steps: Option<i64>| steps.map_or_else(|| "none".into(), |steps| fixed(steps, figure.decimals));
    let change = figure.change.map(|change| format!("{}  ", signed(change, figure.decimals)));
    let name = words(&figure.id);
    let unit = if figure.unit == "1" { "" } else { &figure.unit };
    let (before, after) = (shown(figure.before), shown(figure.after));
    let line = format!("  {name:<28} {before} -> {after} {unit}  {}", change.unwrap_or_default());
    writeln!(out, "{}", line.trim_end())?;
    for part in &figure.parts {
        writeln!(out, "    {:<26} {}", words(part.cause.name()), signed(part.change, figure.decimals))?;
    }
    Ok(())
}

fn write_servers(told: &AssessmentChange, out: &mut impl Write) -> std::io::Result<()> {
    if told.causes.is_empty() {
        return Ok(());
    }
    let counts = told.causes.iter().map(|c| format!("{} {}", c.servers, words(c.cause.name())));
    writeln!(out, "\n  servers: {}", counts.collect::<Vec<_>>().join(", "))?;
    for server in told.servers.iter().take(SERVERS_MAX) {
        writeln!(out, "    {:<26} {}", terminal_safe(&server.server), what(server))?;
    }
    match told.servers.len().saturating_sub(SERVERS_MAX) {
        0 => Ok(()),
        more => writeln!(out, "    and {more} more; see --json"),
    }
}

/// What became of a server, in words.
fn what(server: &ServerChange) -> String {
    let category = |category: Option<Category>| {
        category.map_or_else(|| "outside".into(), |category| format!("{category:?}").to_lowercase())
    };
    let score = |score: Option<f64>| score.map_or_else(|| "no score".into(), number::one);
    let mut text = words(server.cause.name());
    if let Some(load) = server.load {
        let amount = |value: f64| match load.resource {
            Resource::Cpu => number::ghz(value),
            Resource::Memory => number::bytes(value),
            Resource::Disk | Resource::Network => number::rate(value),
        };
        text += &format!(": {} {} -> {}", load.resource.name(), amount(load.before), amount(load.after));
    }
    let (before, after) = (category(server.category_before), category(server.category_after));
    let was_there = !matches!(server.cause, Cause::New | Cause::Gone);
    if was_there && before != after {
        text += &format!("; {before} -> {after}");
    }
    if server.score_before != server.score_after && was_there {
        text += &format!("; score {} -> {}", score(server.score_before), score(server.score_after));
    }
    text
}

fn reason(why: &VerdictReason) -> String {
    match why {
        VerdictReason::Trigger { phase, condition, before, after } => {
            let state = |state: &Option<TriggerState>| match state {
                None => "not asked",
                Some(TriggerState::Met) => "met",
                Some(TriggerState::Unmet) => "unmet",
                Some(TriggerState::Unknown) => "unknown",
                Some(TriggerState::NotRequired) => "not required",
            };
            format!("phase {phase}, {}: {} -> {}", terminal_safe(condition), state(before), state(after))
        }
        VerdictReason::Figure { figure, before, after, threshold } => {
            let shown = |value: &Option<f64>| value.map_or_else(|| "none".into(), |v| number::decimals(v, 2));
            let least = number::decimals(*threshold, 2);
            format!("{}: {} -> {}, matters from {least} on", words(figure), shown(before), shown(after))
        }
    }
}

fn words(id: &str) -> String {
    terminal_safe(&id.replace('_', " ")).into_owned()
}

/// Whole steps as a decimal number, exactly; zeros at the end of the fraction are left out.
fn fixed(steps: i64, decimals: u8) -> String {
    let sign = if steps < 0 { "-" } else { "" };
    let (scale, steps) = (10_u64.pow(decimals.min(18).into()), steps.unsigned_abs());
    let width = usize::from(decimals);
    let fraction = format!("{:0width$}", steps % scale);
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() || decimals == 0 { "" } else { "." };
    format!("{sign}{}{point}{}", steps / scale, if decimals == 0 { "" } else { fraction })
}

fn signed(steps: i64, decimals: u8) -> String {
    format!("{}{}", if steps > 0 { "+" } else { "" }, fixed(steps, decimals))
}

fn row(out: &mut impl Write, label: &str, text: &str) -> std::io::Result<()> {
    writeln!(out, "  {label:<10} {text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_written_exactly() {
        let check = |steps, decimals, expected: &str| assert_eq!(fixed(steps, decimals), expected);
        check(0, 0, "0");
        check(-12, 0, "-12");
        check(3_214_286, 6, "3.214286");
        check(3_200_000, 6, "3.2");
        check(-5, 2, "-0.05");
        check(100, 2, "1");
        check(i64::MIN, 0, "-9223372036854775808");
        assert_eq!((signed(5, 1), signed(0, 1), signed(-5, 1)), ("+0.5".into(), "0".into(), "-0.5".into()));
    }

    #[test]
    fn hostile_names_stay_text() {
        let server = ServerChange {
            server: "\u{1b}[31m<script>".into(),
            cause: Cause::Gone,
            category_before: Some(Category::Ready),
            category_after: None,
            score_before: Some(80.0),
            score_after: None,
            load: None,
        };
        assert_eq!(what(&server), "gone");
        assert!(!terminal_safe(&server.server).contains('\u{1b}'));
    }
}
