//! Sockets, cores, threads, model and clock from the processors of the table. Max Speed is a limit of the
//! board and Current Speed one of the moment: neither is the clock of a CPU.
// SPDX-License-Identifier: Apache-2.0

use super::memory;
use super::structures::{PROCESSOR, Structure, Table};
use crate::import::server_texts::words::{clock_in_name, meaningful};
use crate::import::server_texts::{Found, Sheet};

const FACTS: [&str; 5] = ["cpu_sockets", "cpu_cores", "cpu_threads", "cpu_model", "cpu_mhz"];
/// Shortest text that can be a model; `AMD` and `A3` are not.
const MODEL_LETTERS_MIN: usize = 4;
/// A maker's name is no model.
const MAKERS: &[&str] = &["intel", "intel(r)", "intel corporation", "advanced micro devices", "ampere(r)"];
/// No socket has more cores or threads.
const COUNT_MAX: u64 = 1 << 16;

pub(super) fn read(table: &Table<'_>, sheet: &mut Sheet) {
    let missing = |sheet: &mut Sheet, why| FACTS.iter().for_each(|name| sheet.number(name, Err(why)));
    // Other processors are for mathematics, video and the like; some firmware says none of these words.
    let other = ["Math Processor", "DSP Processor", "Video Processor"];
    let mut slots = table.of(PROCESSOR).filter(|cpu| !other.contains(&cpu.text("Type"))).peekable();
    if slots.peek().is_none() {
        return missing(sheet, "the text has no Processor Information");
    }
    let cpus: Vec<&Structure<'_>> = slots.filter(|cpu| cpu.text("Status").starts_with("Populated")).collect();
    if cpus.is_empty() {
        return missing(sheet, "no processor is said to be populated");
    }
    if table.broken.is_some() && !memory::is_complete(table) {
        return missing(sheet, "the table is broken: processors may be missing");
    }
    sheet.number("cpu_sockets", Ok((cpus.len() as f64, cpus[0].line)));
    model(&cpus, sheet);
    counts(&cpus, sheet);
}

fn model(cpus: &[&Structure<'_>], sheet: &mut Sheet) {
    let first = model_of(cpus[0]);
    for cpu in cpus {
        let (Ok((name, _)), Ok((other, line))) = (&first, model_of(cpu)) else { continue };
        if *name != other {
            let why = "two models of CPU in one server";
            let says = format!("this CPU is {other:?}, another is {name:?}; model and clock are left out");
            sheet.doubt("cpu_model", line, why, says);
            return sheet.number("cpu_mhz", Err(why));
        }
    }
    let mhz = first.as_ref().map_err(|why| *why).and_then(|(name, line)| {
        let why =
            "the model's name carries no clock, Max Speed is the board's limit, Current Speed of a moment";
        clock_in_name(name).map(|mhz| (mhz, *line)).ok_or(why)
    });
    sheet.number("cpu_mhz", mhz);
    sheet.text("cpu_model", first);
}

fn model_of(cpu: &Structure<'_>) -> Found<String> {
    let (text, line) = cpu.field("Version").ok_or("the processor has no Version")?;
    let model = meaningful(text).ok_or("the model is a placeholder")?;
    if model.chars().count() < MODEL_LETTERS_MIN || MAKERS.contains(&model.to_lowercase().as_str()) {
        return Err("the model is no more than a maker's name or a revision");
    }
    Ok((model, line))
}

/// Cores and threads of all sockets, if every socket says both and none contradicts itself.
fn counts(cpus: &[&Structure<'_>], sheet: &mut Sheet) {
    let cores = sum(cpus, "Core Count", "a processor has no Core Count");
    let threads = sum(cpus, "Thread Count", "a processor has no Thread Count");
    sheet.number("cpu_cores", cores.map(|(count, line)| (count as f64, line)));
    sheet.number("cpu_threads", threads.map(|(count, line)| (count as f64, line)));
    for cpu in cpus {
        let count = |name| cpu.field(name).and_then(|field| Some((number(field.0)?, field.1)));
        let (all, on) = (count("Core Count"), count("Core Enabled"));
        if let (Some((all, _)), Some((on, line))) = (all, on)
            && all != on
        {
            let says = format!("{on} of {all} cores are enabled; cores and threads are left out");
            let why = "Core Count and Core Enabled differ";
            sheet.doubt("cpu_cores", line, why, says);
            return sheet.number("cpu_threads", Err(why));
        }
        if cpu.text("Status").contains("Disabled") {
            let line = cpu.field("Status").map_or(cpu.line, |(_, line)| line);
            let says = "this processor is disabled; cores and threads are left out".to_owned();
            sheet.doubt("cpu_cores", line, "a processor is disabled", says);
            return sheet.number("cpu_threads", Err("a processor is disabled"));
        }
        if let (Some((all, _)), Some((threads, line))) = (all, count("Thread Count"))
            && threads < all
        {
            let says = format!("{threads} threads on {all} cores; cpu_threads is left out");
            sheet.doubt("cpu_threads", line, "fewer threads than cores", says);
        }
    }
}

fn sum(cpus: &[&Structure<'_>], name: &str, missing: &'static str) -> Found<u64> {
    let mut total = 0;
    for cpu in cpus {
        let (text, _) = cpu.field(name).ok_or(missing)?;
        total += number(text).ok_or(missing)?;
    }
    Ok((total, cpus[0].field(name).map_or(cpus[0].line, |(_, line)| line)))
}

fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|count| (1..=COUNT_MAX).contains(count))
}
