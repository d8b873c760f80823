//! Golden estates: small estates whose every figure a reader can follow, each beside what the method says of
//! it and why, so that a difference shows the reason. `UPDATE=1 cargo test -p cairn-assess` rewrites them.
// SPDX-License-Identifier: Apache-2.0

use crate::policy::Policy;
use crate::trial::Trial;
use cairn_schemas::assessment::{Assessment, Disposition, Method, Range, ServerReadiness};
use cairn_schemas::finding::Finding;
use std::fmt::Write;

fn check(name: &str, estate: &str, golden: &str) {
    let estate = toml::from_str::<Trial>(estate).unwrap().estate();
    let said = told(&crate::assess(&estate, &Policy::default(), estate.window.to)).unwrap();
    if std::env::var_os("UPDATE").is_some() {
        let path = format!("{}/estates/{name}.golden.txt", env!("CARGO_MANIFEST_DIR"));
        std::fs::write(path, &said).unwrap();
        return;
    }
    for (line, (have, want)) in said.lines().zip(golden.lines()).enumerate() {
        assert_eq!(have, want, "estates/{name}.golden.txt:{}", line + 1);
    }
    assert_eq!(said.lines().count(), golden.lines().count(), "lines of estates/{name}.golden.txt");
}

/// An assessment as short text: everything that is said, and why.
fn told(assessment: &Assessment) -> Result<String, std::fmt::Error> {
    let mut out = String::new();
    writeln!(out, "excluded")?;
    for excluded in &assessment.estate.excluded {
        writeln!(out, "  {} {:?}: {}", excluded.server, excluded.reason, excluded.evidence)?;
    }
    for server in &assessment.readiness.servers {
        tell_server(&mut out, server)?;
    }
    if let Some(plan) = &assessment.consolidation {
        writeln!(out, "\nplan")?;
        for host in &plan.placement {
            let peak =
                host.peak.map(|p| format!("{} {} in cell {}", p.resource.name(), number(p.used), p.cell));
            writeln!(out, "  {}: {} [{}]", host.host, host.servers.join(" "), peak.unwrap_or_default())?;
        }
        for stay in &plan.stay {
            writeln!(out, "  stays: {} ({})", stay.server, stay.reason)?;
        }
    }
    writeln!(out, "\nvalue, low base high")?;
    for line in &assessment.value.lines {
        let amount = line.amount;
        let amounts = [amount.low, amount.base, amount.high].map(number).join("  ");
        writeln!(out, "  {} {:?}: {amounts} = {}", line.id, line.kind, line.formula)?;
    }
    for wave in &assessment.waves {
        let servers = wave.servers.join(" ");
        writeln!(out, "\nwave {} {}: {servers} on {}", wave.number, wave.reason, wave.hosts)?;
    }
    writeln!(out, "\nwhat becomes of them, hours low base high")?;
    for disposition in &assessment.dispositions {
        tell_disposition(&mut out, disposition)?;
    }
    writeln!(out, "\njourney: {}", assessment.journey.phase_id)?;
    for trigger in &assessment.journey.triggers {
        let [have, need] = [trigger.have, trigger.need].map(|n| n.map_or("?".to_owned(), number));
        let (phase, condition) = (trigger.phase, &trigger.condition);
        writeln!(out, "  phase {phase} {condition} {:?}: {have} of {need}", trigger.state)?;
    }
    writeln!(out, "\nfigures")?;
    for (id, figure) in &assessment.figures {
        let inputs: Vec<String> = figure
            .inputs
            .iter()
            .map(|input| format!("{} {}", input.id, input.value.map_or("?".to_owned(), number)))
            .collect();
        let value = figure.value.map_or("?".to_owned(), number);
        writeln!(out, "  {id} = {value} {} = {} [{}]", figure.unit, figure.formula, inputs.join(", "))?;
    }
    Ok(out)
}

fn tell_server(out: &mut String, server: &ServerReadiness) -> std::fmt::Result {
    let score = server.score.map_or("no score".to_owned(), number);
    writeln!(out, "\n{} {:?} {score}, {:?} confidence", server.server, server.category, server.confidence)?;
    if let Some(size) = server.size {
        let (exact, memory) = (number(size.vcpu_exact), number(size.memory_bytes_exact));
        let (vcpu, basis) = (size.vcpu, size.memory_basis);
        writeln!(
            out,
            "  size {vcpu} vcpu ({exact}), {} bytes ({memory}), {basis:?}",
            number(size.memory_bytes)
        )?;
    }
    server.findings.iter().try_for_each(|finding| tell(out, finding))
}

fn tell_disposition(out: &mut String, disposition: &Disposition) -> std::fmt::Result {
    let method = disposition.method.map_or("", Method::name);
    let hours = |hours: Option<Range>| {
        hours.map_or("?".to_owned(), |r| [r.low, r.base, r.high].map(number).join(" "))
    };
    let (copy, outage) = (hours(disposition.copy_hours), hours(disposition.outage_hours));
    let (server, path) = (&disposition.server, disposition.path.name());
    writeln!(out, "  {server}: {path} {method}, copy {copy}, outage {outage}, fit {:?}", disposition.fit)?;
    disposition.why.iter().try_for_each(|finding| tell(out, finding))
}

fn tell(out: &mut String, finding: &Finding) -> std::fmt::Result {
    let points = finding.points.map(|p| format!(" {} of {}", number(p.given), number(p.of)));
    let args = serde_json::to_string(&finding.args).unwrap_or_default();
    writeln!(out, "  {}{} {args}", finding.message_id, points.unwrap_or_default())
}

/// Six significant digits, so that the last bits of a sum are no difference.
fn number(value: f64) -> String {
    let rounded: f64 = format!("{value:.5e}").parse().unwrap_or(value);
    format!("{rounded}")
}

#[test]
fn a_small_office() {
    let (estate, golden) =
        (include_str!("../estates/small_office.toml"), include_str!("../estates/small_office.golden.txt"));
    check("small_office", estate, golden);
}
