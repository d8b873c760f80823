//! The text of `lscpu` or `lscpu -J`: what the running system counts. Clocks that are not the base clock,
//! counts that contradict each other, and fields in another language are not taken for facts.
// SPDX-License-Identifier: Apache-2.0

use super::server_texts::words::{clock_in_name, meaningful, megahertz};
use super::server_texts::{self, Found, NotOurs, Sheet, Tool};
use super::{Context, Format, ImportError, ImportReport};
use fields::Fields;
use std::path::PathBuf;

mod fields;
mod guest;
mod topology;

/// Texts of `lscpu`.
pub const FORMAT: Format = Format {
    name: "lscpu",
    reads: "texts of `LC_ALL=C lscpu` or `lscpu -J`, one file a server and named after it, or directories of them",
    import,
};

const TOOL: Tool = Tool { name: "lscpu", parse };

fn import(paths: &[PathBuf], context: &mut Context<'_>) -> Result<ImportReport, ImportError> {
    server_texts::import(&TOOL, paths, context)
}

/// Reads a text; pure.
pub(super) fn parse(text: &str) -> Result<Sheet, NotOurs> {
    let fields = Fields::read(text)?;
    let mut sheet = Sheet::default();
    sheet.text("architecture", fields.text("Architecture", "the text names no architecture"));
    sheet.text("cpu_model", model(&fields));
    sheet.number("cpu_mhz", base_mhz(&fields));
    sheet.number("numa_nodes", numa_nodes(&fields));
    topology::read(&fields, &mut sheet);
    guest::read(&fields, &mut sheet);
    Ok(sheet)
}

/// Whether the text is of an x86 system.
fn is_x86(fields: &Fields) -> bool {
    fields.first("Architecture").is_some_and(|f| f.value.contains("86"))
        || fields.first("Vendor ID").is_some_and(|f| ["GenuineIntel", "AuthenticAMD"].contains(&&*f.value))
}

fn model(fields: &Fields) -> Found<String> {
    let mut named = fields.all("Model name");
    let first = named.next().ok_or("the text names no model")?;
    if named.any(|other| other.value != first.value) {
        return Err("CPUs of several models: no one name stands for all");
    }
    let model = meaningful(&first.value).ok_or("the model is a placeholder")?;
    Ok((model, first.line))
}

/// The base clock: of the model's name, else the one the machine was sold with, else the highest one where the
/// time-stamp counter ticks at it: with turbo it is above.
fn base_mhz(fields: &Fields) -> Found<f64> {
    const SAME: f64 = 0.01;
    let (name, line) = model(fields)
        .or_else(|why| if why.starts_with("CPUs of several") { Err(why) } else { Ok((String::new(), 0)) })?;
    if let Some(mhz) = clock_in_name(&name) {
        return Ok((mhz, line));
    }
    let read = |name| fields.first(name).and_then(|field| Some((megahertz(&field.value)?, field.line)));
    if let Some(nominal) = read("CPU static MHz") {
        return Ok(nominal);
    }
    let ticks = read("BogoMIPS").map(|(bogo, _)| bogo / 2.0);
    let Some((highest, line)) = read("CPU max MHz") else {
        return Err("the model's name carries no clock, and CPU MHz is that of a moment");
    };
    match ticks.filter(|_| is_x86(fields)) {
        Some(ticks) if (highest - ticks).abs() <= SAME * ticks => Ok((highest, line)),
        _ => Err("the model's name carries no clock, and CPU max MHz may be turbo"),
    }
}

fn numa_nodes(fields: &Fields) -> Found<f64> {
    let (nodes, line) = fields.count("NUMA node(s)", "the text counts no NUMA nodes")?;
    Ok((nodes as f64, line))
}

#[cfg(test)]
#[path = "lscpu/lscpu_tests.rs"]
mod tests;
