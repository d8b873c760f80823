//! The result of a demonstration on one screen: what was found, how sure that is, and where to read on.
// SPDX-License-Identifier: Apache-2.0

use super::page::{Look, Page};
use super::{Added, Machine};
use crate::messages::Messages;
use crate::number::{self, terminal_safe};
use crate::simulate::Population;
use cairn_schemas::assessment::{Assessment, Consolidation, PaybackMonths, Resource, Trigger, Value};
use std::io::{self, Write};

/// Everything the screen shows.
#[derive(Debug)]
pub struct Summary<'a> {
    /// The assessment.
    pub assessment: &'a Assessment,
    /// The simulated estate, and what of it was kept.
    pub population: &'a Population,
    /// What was added.
    pub added: Added,
    /// This machine.
    pub machine: Option<&'a Machine>,
    /// Where to look: a place, and what is there.
    pub places: &'a [(String, String)],
}

impl Summary<'_> {
    /// Writes the screen.
    ///
    /// # Errors
    /// The writer fails.
    pub fn write(&self, look: Look, out: &mut impl Write) -> io::Result<()> {
        let mut page = Page { look, out };
        self.head(&mut page)?;
        match &self.assessment.consolidation {
            Some(plan) => self.plan(plan, &mut page)?,
            None => page.row("Plan", "none: no server could be planned")?,
        }
        page.row("Payback", &payback(&self.assessment.value))?;
        self.readiness(&mut page)?;
        self.journey(&mut page)?;
        self.machine(&mut page)?;
        page.blank()?;
        page.line(&page.bold("Where to look"))?;
        page.places(self.places)?;
        page.blank()
    }

    fn head(&self, page: &mut Page<'_, impl Write>) -> io::Result<()> {
        let a = self.assessment;
        let real = a.estate.servers - a.estate.simulated;
        page.blank()?;
        page.line(&format!(
            "{}  {} servers: {} SIMULATED, {} real",
            page.bold("Cairn demo"),
            number::count(a.estate.servers),
            number::count(a.estate.simulated),
            number::count(real)
        ))?;
        let values = number::one(self.added.values as f64 / 1e6);
        let days = number::days(self.population.window().seconds() as f64 / 86_400.0);
        page.dim(&format!(
            "{} to {}: {days} of 5-minute slots, {values} million values",
            number::date(a.window.from),
            number::date(a.window.to)
        ))?;
        page.blank()
    }

    fn plan(&self, plan: &Consolidation, page: &mut Page<'_, impl Write>) -> io::Result<()> {
        let ratio = plan.net_consolidation_ratio.map_or_else(|| "no ratio".into(), number::to_one);
        let (hosts, failover) = (number::count(plan.hosts), number::count(plan.failover_hosts));
        let population = plan.population;
        page.line(&format!(
            "{}  net: {} physical servers become {} machines",
            page.headline(&ratio),
            number::count(population.assessed),
            number::count(plan.hosts + plan.failover_hosts + population.stay)
        ))?;
        page.blank()?;
        page.row(
            "Hosts",
            &format!(
                "{hosts} + {failover} for failover, for {} servers; {} stay physical; {} machines fewer",
                number::count(population.placed),
                number::count(population.stay),
                number::int(plan.servers_removed as f64)
            ),
        )?;
        page.row("", &limiting(plan))?;
        let gap = plan.proven_gap_ratio.map_or_else(String::new, |gap| match number::percent(gap) {
            _ if gap == 0.0 => ": the plan meets it".to_owned(),
            gap => format!("; proven gap {gap}"),
        });
        page.row(
            "Lower bound",
            &format!("no plan can do with fewer than {} hosts{gap}", number::count(plan.lower_bound_hosts)),
        )?;
        page.row("Risk", &risk(plan))
    }

    fn readiness(&self, page: &mut Page<'_, impl Write>) -> io::Result<()> {
        let a = self.assessment;
        let counts = a.readiness.counts;
        let score =
            a.readiness.score.map_or_else(|| "not known".into(), |s| format!("{} of 100", number::int(s)));
        page.row(
            "Readiness",
            &format!(
                "{score}: {} ready, {} conditional, {} blocked, {} unknown",
                counts.ready, counts.conditional, counts.blocked, counts.unknown
            ),
        )?;
        let confidence = format!("{:?}", a.coverage.confidence).to_lowercase();
        let measured = a.coverage.ratio.map_or_else(|| "not known".into(), number::percent);
        page.row("Coverage", &format!("{measured} of the time; confidence {confidence}"))
    }

    fn journey(&self, page: &mut Page<'_, impl Write>) -> io::Result<()> {
        let journey = &self.assessment.journey;
        let name = |phase: u8| {
            Messages::english().render(&format!("report.phase.{phase}.name"), &Default::default(), "")
        };
        let Some(opened) = journey.opened.first() else {
            let open = |t: &&Trigger| t.phase == journey.phase + 1 && !t.holds();
            let missing = number::count(journey.triggers.iter().filter(open).count());
            let stands = format!("phase {}, {}", journey.phase, name(journey.phase));
            return page
                .row("Journey", &format!("{stands}; conditions of the next one still open: {missing}"));
        };
        page.row("Journey", &page.good(&format!("phase {}, {}, opens", opened.phase, name(opened.phase))))?;
        let wave = self.assessment.waves.first();
        let on = wave.map_or_else(String::new, |wave| format!(" on {} hosts", number::count(wave.hosts)));
        page.row(
            "",
            &format!(
                "the first wave moves {} servers{on}; the business trigger, a hardware refresh, is simulated too",
                number::count(opened.first_wave.len())
            ),
        )
    }

    fn machine(&self, page: &mut Page<'_, impl Write>) -> io::Result<()> {
        let Some(machine) = self.machine else {
            return page.row("This machine", "the agent delivered nothing");
        };
        let known =
            |value: Option<f64>, write: fn(f64) -> String| value.map_or_else(|| "unknown".into(), write);
        let name = terminal_safe(&machine.server);
        page.row(
            "This machine",
            &format!(
                "{name}, REAL: {} s measured; CPU {}, largest second {}; memory {}",
                machine.measured_s,
                known(machine.cpu_busy_ratio, number::percent),
                known(machine.cpu_busy_ratio_max, number::percent),
                known(machine.memory_used_bytes_max, number::bytes)
            ),
        )?;
        page.row(
            "",
            &format!(
                "the agent itself took {} of one core and {}; {}",
                known(machine.agent_cpu_ratio, number::percent),
                known(machine.agent_resident_bytes, number::bytes),
                self.standing(machine)
            ),
        )
    }

    /// What the assessment says of this machine.
    fn standing(&self, machine: &Machine) -> String {
        let a = self.assessment;
        if let Some(excluded) = a.estate.excluded.iter().find(|e| e.server == machine.server) {
            let evidence = terminal_safe(&excluded.evidence);
            return format!("it is outside the count ({evidence})");
        }
        let judged = a.readiness.servers.iter().find(|judged| judged.server == machine.server);
        judged.map_or_else(
            || "the assessment does not know it".to_owned(),
            |judged| {
                let coverage = judged.coverage_ratio.map_or_else(|| "unknown".into(), number::percent);
                let category = format!("{:?}", judged.category).to_lowercase();
                format!("it is {category}, with {coverage} of the window measured")
            },
        )
    }
}

fn limiting(plan: &Consolidation) -> String {
    let clusters = number::count(plan.clusters.len());
    let peaks = plan.clusters.iter().filter_map(|cluster| cluster.limiting);
    let fullest = peaks.reduce(|best, peak| if peak.used > best.used { peak } else { best });
    fullest.map_or_else(
        || format!("{clusters} clusters"),
        |peak| {
            let resource = match peak.resource {
                Resource::Cpu => "CPU",
                other => other.name(),
            };
            let (used, cell) = (number::percent(peak.used), number::cell(peak.cell));
            format!("{clusters} clusters; {resource} fills up first: {used} of a cluster, {cell}")
        },
    )
}

fn risk(plan: &Consolidation) -> String {
    let Some(test) = &plan.backtest else {
        return "not tested yet: a back-test needs five whole weeks; `cairn demo --days 42` has them".into();
    };
    let weeks = if test.folds == 1 { "1 week".to_owned() } else { format!("{} weeks", test.folds) };
    let intervals = number::int(test.host_intervals as f64);
    match (test.violation_ratio, test.minutes_per_host_year) {
        (Some(0.0), _) => {
            format!("back-test over {weeks}: none of {intervals} host intervals above capacity")
        }
        (Some(ratio), Some(minutes)) => format!(
            "back-test over {weeks}: {} of {intervals} host intervals above capacity, {} minutes a host and year",
            number::percent(ratio),
            number::one(minutes)
        ),
        _ => format!("back-test over {weeks}: nothing observed, so nothing known"),
    }
}

/// When the cash is back, with the careful and the hopeful figures beside it.
fn payback(value: &Value) -> String {
    if value.by_year.is_empty() {
        return "not known".into();
    }
    let months = |months: Option<f64>| match months {
        None => format!("not within {} years", value.years),
        Some(months) => number::months(months),
    };
    let PaybackMonths { low, base, high } = value.payback_months;
    format!(
        "{} on cash alone ({} with careful figures, {} with hopeful ones); {} where the purchases avoided \
         were budgeted",
        months(base),
        months(low),
        months(high),
        months(value.payback_with_avoided_months.base)
    )
}

#[cfg(test)]
#[path = "summary_tests.rs"]
mod tests;
