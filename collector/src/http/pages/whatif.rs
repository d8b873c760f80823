//! Other assumptions, packed again at once: how full a host may be, what host, how many may fail, how much growth. An
//! answer is that of the whole assessment with a shorter search; nothing is stored.
// SPDX-License-Identifier: Apache-2.0

use super::parts::nothing_yet;
use super::words::{columns, say, with};
use super::{Page, Refused, Role, Visit, internal};
use crate::number;
use crate::report::{Cell, Row, Table};
use askama::Template;
use cairn_assess::policy::{HostTemplate, Limits, Policy};
use cairn_assess::ratio::Counts;
use cairn_assess::whatif::Change;

pub(super) static PAGE: Page =
    Page { id: "whatif", least: Role::Viewer, in_navigation: false, live: true, build };

const GIB: f64 = 1_073_741_824.0;

/// What can be moved: its name in the address, bounds, step, and where the policy has it, in what people read.
struct Slider {
    name: &'static str,
    bounds: (f64, f64),
    step: f64,
    unit: &'static str,
    of: fn(&Policy) -> f64,
}

const SLIDERS: [Slider; 6] = [
    Slider { name: "cpu", bounds: (40.0, 100.0), step: 1.0, unit: "%", of: |p| p.limits.cpu_ratio * 100.0 },
    Slider {
        name: "memory",
        bounds: (40.0, 100.0),
        step: 1.0,
        unit: "%",
        of: |p| p.limits.memory_ratio * 100.0,
    },
    Slider {
        name: "growth",
        bounds: (0.0, 100.0),
        step: 1.0,
        unit: "%",
        of: |p| p.sizing.growth_ratio * 100.0,
    },
    Slider { name: "failures", bounds: (0.0, 4.0), step: 1.0, unit: "", of: |p| p.cluster.failures as f64 },
    Slider { name: "cores", bounds: (8.0, 256.0), step: 4.0, unit: "", of: |p| p.template.cpu_cores },
    Slider {
        name: "gib",
        bounds: (64.0, 4_096.0),
        step: 64.0,
        unit: "GiB",
        of: |p| p.template.memory_bytes / GIB,
    },
];

#[derive(Template)]
#[template(path = "whatif.html")]
struct Form {
    title: String,
    lead: String,
    go: String,
    action: String,
    sliders: Vec<Shown>,
    said: String,
    answer: String,
}

struct Shown {
    name: &'static str,
    label: String,
    low: f64,
    high: f64,
    step: f64,
    value: f64,
    unit: &'static str,
}

#[derive(Template)]
#[template(path = "answer.html")]
struct Answer {
    table: Option<Table>,
    note: Option<String>,
}

fn build(visit: &Visit) -> Result<Vec<String>, Refused> {
    if visit.assessment.is_none() {
        return Ok(vec![nothing_yet(visit)?]);
    }
    Ok(vec![form(visit)?])
}

/// The sliders as they were left, with their answer.
pub(super) fn form(visit: &Visit) -> Result<String, Refused> {
    let own = visit.policy()?;
    let policy = own.clone().unwrap_or_default();
    let value = |slider: &Slider| visit.number(slider.name, slider.bounds).unwrap_or((slider.of)(&policy));
    let shown = |slider: &Slider| Shown {
        name: slider.name,
        label: say(&format!("whatif.{}", slider.name)),
        low: slider.bounds.0,
        high: slider.bounds.1,
        step: slider.step,
        value: (value(slider) * 100.0).round() / 100.0,
        unit: slider.unit,
    };
    let (said, answer) = answer(visit, own.as_ref())?;
    let form = Form {
        title: say("whatif.title"),
        lead: say("whatif.lead"),
        go: say("whatif.go"),
        action: format!("/e/{}/whatif", visit.engagement()),
        sliders: SLIDERS.iter().map(shown).collect(),
        said,
        answer,
    };
    form.render().map_err(internal)
}

/// The answer in a sentence, and as a table. Where nothing is moved it is the plan's own, which is at hand; servers are
/// then made ready meanwhile, so that the first move is answered as fast as the next.
fn answer(visit: &Visit, policy: Option<&Policy>) -> Result<(String, String), Refused> {
    let none = || -> Result<(String, String), Refused> {
        let none = Answer { table: None, note: Some(say("whatif.none")) };
        Ok((String::new(), none.render().map_err(internal)?))
    };
    let (Some(policy), Some(usual)) = (policy, visit.planned()) else { return none() };
    let moved = change(visit, policy);
    let mut rows = vec![row(&say("whatif.policy"), usual)];
    let mut said = say("whatif.unmoved");
    if moved == Change::default() {
        visit.make_ready();
    } else {
        let Some(ready) = visit.ready()? else { return none() };
        let counts = ready.servers.answer(&moved, ready.assessed);
        rows.push(row(&say("whatif.moved"), counts));
        let all = |counts: Counts| (counts.hosts + counts.failover_hosts) as f64;
        said = with("whatif.said", [("now", all(counts)), ("usual", all(usual))]);
    }
    let names = ["what", "#hosts", "#failover", "#bound", "#placed", "#stay", "#ratio"];
    let table = Table {
        caption: say("whatif.table"),
        columns: columns("whatif", &names),
        rows,
        foot: Some(say("whatif.foot")),
    };
    Ok((said, Answer { table: Some(table), note: None }.render().map_err(internal)?))
}

fn row(name: &str, counts: Counts) -> Row {
    let ratio = counts.net_consolidation().map_or_else(|| say("unknown"), number::to_one);
    let figures =
        [counts.hosts, counts.failover_hosts, counts.lower_bound_hosts, counts.placed, counts.stay()];
    let cells = [Cell::new(name)].into_iter().chain(figures.map(|n| Cell::new(number::count(n))));
    Row::new(cells.chain([Cell::new(ratio)]).collect::<Vec<_>>())
}

/// What was moved away from the policy.
fn change(visit: &Visit, policy: &Policy) -> Change {
    let asked = |name: &str| {
        let slider = SLIDERS.iter().find(|slider| slider.name == name)?;
        let usual = (slider.of)(policy);
        visit.number(name, slider.bounds).filter(|value| (value - usual).abs() > 1e-6)
    };
    let (cpu, memory) = (asked("cpu").map(|v| v / 100.0), asked("memory").map(|v| v / 100.0));
    let own = policy.limits;
    let limits = Limits {
        cpu_ratio: cpu.unwrap_or(own.cpu_ratio),
        // Disk and network move with the CPU, as in the scenarios.
        disk_ratio: cpu.unwrap_or(own.disk_ratio),
        network_ratio: cpu.unwrap_or(own.network_ratio),
        memory_ratio: memory.unwrap_or(own.memory_ratio),
        ..own
    };
    let (cores, gib) = (asked("cores"), asked("gib"));
    let template = (cores.is_some() || gib.is_some()).then(|| host(&policy.template, cores, gib));
    Change {
        limits: (cpu.is_some() || memory.is_some()).then_some(limits),
        template,
        failures: asked("failures").map(|n| n as usize),
        growth_ratio: asked("growth").map(|v| v / 100.0),
    }
}

/// The policy's host with other cores or memory.
fn host(usual: &HostTemplate, cores: Option<f64>, gib: Option<f64>) -> HostTemplate {
    let cpu_cores = cores.unwrap_or(usual.cpu_cores);
    HostTemplate {
        cpu_cores,
        cpu_threads: usual.cpu_threads * cpu_cores / usual.cpu_cores,
        memory_bytes: gib.map_or(usual.memory_bytes, |gib| gib * GIB),
        ..usual.clone()
    }
}
