//! The result of a demonstration on one screen: what was found, how sure that is, and where to read on.
// SPDX-License-Identifier: Apache-2.0

use super::Added;
use crate::messages::Messages;
use crate::number::{self, terminal_safe};
use crate::simulate::Population;
use crate::store::{Result, Source, SourceKind, Store};
use cairn_schemas::assessment::{Assessment, Consolidation, Resource};
use cairn_schemas::metric::{AGENT_CPU, AGENT_RESIDENT, CPU_BUSY, MEMORY_USED, Metric};
use cairn_schemas::slot::{SeriesKey, SlotTable};
use cairn_schemas::time::Window;
use console::Style;
use std::io::{self, Write};

/// Columns of the labels.
const LABEL: usize = 14;

/// What the real agent saw of this machine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Machine {
    /// Its name.
    pub server: String,
    /// Seconds measured.
    pub measured_s: i64,
    /// Share of CPU time busy: the mean, and the largest second.
    pub cpu_busy_ratio: Option<f64>,
    /// The largest second.
    pub cpu_busy_ratio_max: Option<f64>,
    /// Most memory used.
    pub memory_used_bytes_max: Option<f64>,
    /// What the agent itself took: share of one core, and resident memory.
    pub agent_cpu_ratio: Option<f64>,
    /// Resident memory of the agent.
    pub agent_resident_bytes: Option<f64>,
}

impl Machine {
    /// What agents delivered in a window; `None` when no agent did.
    ///
    /// # Errors
    /// The store fails.
    pub fn measured(store: &dyn Store, window: Window) -> Result<Option<Self>> {
        let is_agent = |source: &Source| source.kind == SourceKind::Agent;
        let Some(source) = store.sources()?.into_iter().find(is_agent) else { return Ok(None) };
        let tables = store.day_tables(source.id, window)?;
        let slots = || tables.iter().flat_map(|table| &table.slots);
        let cpu = values(&tables, &CPU_BUSY, false);
        Ok(Some(Self {
            measured_s: slots().map(|slot| i64::from(slot.samples)).sum(),
            cpu_busy_ratio: mean(&cpu),
            cpu_busy_ratio_max: largest(&values(&tables, &CPU_BUSY, true)),
            memory_used_bytes_max: largest(&values(&tables, &MEMORY_USED, true)),
            agent_cpu_ratio: mean(&values(&tables, &AGENT_CPU, false)),
            agent_resident_bytes: largest(&values(&tables, &AGENT_RESIDENT, false)),
            server: source.server,
        }))
    }
}

/// Means of the slots, or their largest seconds.
fn values(tables: &[SlotTable], metric: &Metric, largest: bool) -> Vec<f64> {
    let key = SeriesKey::total(metric);
    let codes = |table: &SlotTable| {
        let column = table.column(&key)?;
        Some(if largest { column.max.clone().unwrap_or_default() } else { column.mean.clone() })
    };
    let coding = metric.unit.coding();
    tables.iter().filter_map(codes).flatten().filter_map(|code| coding.decode(code)).collect()
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn largest(values: &[f64]) -> Option<f64> {
    values.iter().copied().reduce(f64::max)
}

/// How to write.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Columns of the terminal.
    pub columns: usize,
    /// Whether it shows colours.
    pub colour: bool,
}

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
        self.readiness(&mut page)?;
        self.journey(&mut page)?;
        self.machine(&mut page)?;
        page.blank()?;
        page.line(&page.bold("Where to look"))?;
        for (place, meaning) in self.places {
            page.place(place, meaning)?;
        }
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
        let values = number::int(self.added.values as f64);
        let days = number::days(self.population.window().seconds() as f64 / 86_400.0);
        page.dim(&format!(
            "{} to {}: {days} of 5-minute slots, {values} values",
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
            return page.row("Journey", &format!("phase {}, {}", journey.phase, name(journey.phase)));
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
            format!("{clusters} clusters; {resource} fills first: {used} on {cell}")
        },
    )
}

fn risk(plan: &Consolidation) -> String {
    let Some(test) = &plan.backtest else {
        return "not tested yet: a back-test needs five whole weeks; `cairn demo --days 42` has them".into();
    };
    let known = |value: Option<f64>, write: fn(f64) -> String| value.map_or_else(|| "unknown".into(), write);
    format!(
        "{} minutes a host and year above capacity, by back-test over {} weeks ({} of {} host intervals)",
        known(test.minutes_per_host_year, number::one),
        test.folds,
        known(test.violation_ratio, number::percent),
        number::int(test.host_intervals as f64)
    )
}

/// Lines of a screen, indented, labelled and broken where the terminal ends.
struct Page<'a, W> {
    look: Look,
    out: &'a mut W,
}

impl<W: Write> Page<'_, W> {
    fn paint(&self, style: Style, text: &str) -> String {
        style.force_styling(self.look.colour).apply_to(text).to_string()
    }

    fn bold(&self, text: &str) -> String {
        self.paint(Style::new().bold(), text)
    }

    fn headline(&self, text: &str) -> String {
        self.paint(Style::new().bold().cyan(), text)
    }

    fn good(&self, text: &str) -> String {
        self.paint(Style::new().bold().green(), text)
    }

    fn blank(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "  {text}")
    }

    fn dim(&mut self, text: &str) -> io::Result<()> {
        let text = self.paint(Style::new().dim(), text);
        self.line(&text)
    }

    fn row(&mut self, label: &str, text: &str) -> io::Result<()> {
        let width = self.look.columns.clamp(60, 110) - LABEL - 3;
        for (n, line) in wrapped(text, width).iter().enumerate() {
            let label = format!("{:LABEL$}", if n == 0 { label } else { "" });
            let label = self.paint(Style::new().dim(), &label);
            self.line(&format!("{label}{line}"))?;
        }
        Ok(())
    }

    /// A place on a line of its own where the meaning does not fit beside it.
    fn place(&mut self, place: &str, meaning: &str) -> io::Result<()> {
        let meaning_dim = self.paint(Style::new().dim(), meaning);
        if place.chars().count() + meaning.chars().count() + 6 <= self.look.columns.min(110) {
            return self.line(&format!("  {place}  {meaning_dim}"));
        }
        self.line(&format!("  {place}"))?;
        self.line(&format!("      {meaning_dim}"))
    }
}

/// Breaks text at spaces that may break, so that no line is longer than `width` unless a word is.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if !line.is_empty() && visible(line) + 1 + visible(word) > width {
            lines.push(word.to_owned());
        } else {
            line.push_str(if line.is_empty() { "" } else { " " });
            line.push_str(word);
        }
    }
    lines
}

fn visible(text: &str) -> usize {
    console::strip_ansi_codes(text).chars().count()
}
