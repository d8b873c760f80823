//! Sockets, cores and threads: what is on-line counts, and the counts must agree.
// SPDX-License-Identifier: Apache-2.0

use super::fields::{Field, Fields, count_of};
use crate::import::server_texts::{Found, Sheet};

/// Sockets, cores and threads of one type of CPU.
#[derive(Clone, Copy, Debug)]
struct Kind {
    sockets: Option<u64>,
    cores: u64,
    threads: u64,
    line: u64,
}

pub(super) fn read(fields: &Fields, sheet: &mut Sheet) {
    let online = threads(fields, sheet);
    sheet.number("cpu_threads", online.map(|(count, line)| (count as f64, line)));
    let kinds: Option<Vec<Kind>> = fields.by_model().into_iter().map(kind).collect();
    let Some(kinds) = kinds.filter(|kinds| !kinds.is_empty()) else {
        sheet.number("cpu_sockets", Err("the text counts no sockets"));
        sheet.number("cpu_cores", Err("the text does not count cores per socket and sockets"));
        return;
    };
    sheet.number("cpu_sockets", sockets(fields, &kinds));
    let line = kinds[0].line;
    let sum = |count: fn(&Kind) -> u64| kinds.iter().map(count).fold(0, u64::saturating_add);
    let cores = sum(|kind| kind.cores);
    let due = sum(|kind| kind.threads);
    match online {
        Ok((threads, _)) if cores > threads => {
            let says = format!("{cores} cores cannot run {threads} on-line threads; cpu_cores is left out");
            sheet.doubt("cpu_cores", line, "more cores than threads on-line", says);
        }
        Ok((threads, _)) if due != threads => {
            let says = format!(
                "{threads} CPUs are on-line and not {due}, threads x cores x sockets; cpu_cores is left out"
            );
            sheet.doubt("cpu_cores", line, "threads x cores x sockets are not the CPUs on-line", says);
        }
        _ => sheet.number("cpu_cores", Ok((cores as f64, line))),
    }
    let sockets = sum(|kind| kind.sockets.unwrap_or(0));
    if let Ok((threads, _)) = online
        && sockets > threads
    {
        let says =
            format!("{sockets} sockets cannot hold {threads} on-line threads; cpu_sockets is left out");
        sheet.doubt("cpu_sockets", line, "more sockets than threads on-line", says);
    }
}

/// Logical CPUs the system can use now.
fn threads(fields: &Fields, sheet: &mut Sheet) -> Found<u64> {
    let field = fields.first("CPU(s)").ok_or("the text counts no CPUs")?;
    let all = count_of(field).ok_or("CPU(s) is 0 or no number: a container may hide its CPUs")?;
    let Some(list) = fields.first("On-line CPU(s) list") else { return Ok((all, field.line)) };
    let Some(online) = length(&list.value) else { return Ok((all, field.line)) };
    let offline = fields.first("Off-line CPU(s) list");
    let away = offline.and_then(|field| length(&field.value)).unwrap_or(0);
    if online.checked_add(away) != Some(all) {
        let says = format!("CPU(s) is {all}, and {online} are listed on-line, {away} off-line");
        let why = "CPU(s) and the list of CPUs disagree";
        sheet.doubt("cpu_threads", list.line, why, says);
        return Err(why);
    }
    if away > 0 {
        sheet.remark("CPUs that are off-line are not counted, nor are cores that have no other");
    }
    Ok((online, list.line))
}

/// How many a list like `0-3,8,10-20:2` names; `None` when it is no list.
fn length(list: &str) -> Option<u64> {
    let part = |part: &str| {
        let (range, step) = part.split_once(':').unwrap_or((part, "1"));
        let (from, to) = range.split_once('-').unwrap_or((range, range));
        let (from, to): (u64, u64) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
        let step: u64 = step.trim().parse().ok().filter(|step| *step > 0)?;
        (to.checked_sub(from)? / step).checked_add(1)
    };
    list.split(',').map(part).try_fold(0, |sum: u64, length| sum.checked_add(length?))
}

/// One type of CPU; on mainframes sockets are in books and books in drawers, on ARM cores may be in clusters.
fn kind(fields: &[Field]) -> Option<Kind> {
    let first = |name: &str| fields.iter().find(|field| field.name == name);
    let count = |name: &str| first(name).and_then(count_of);
    let boxes = |name: &str| count(name).unwrap_or(1);
    let sockets = count("Socket(s)").or_else(|| count("CPU socket(s)")).or_else(|| {
        let books = count("Book(s)")
            .or_else(|| Some(count("Book(s) per drawer")?.saturating_mul(boxes("Drawer(s)"))))?;
        count("Socket(s) per book")?.checked_mul(books)
    });
    let by_socket = first("Core(s) per socket").and_then(|field| Some((count_of(field)?, field.line)));
    let by_cluster = first("Core(s) per cluster").and_then(|field| Some((count_of(field)?, field.line)));
    let (cores, line) = match (by_socket.zip(sockets), by_cluster.zip(count("Cluster(s)"))) {
        (Some(((cores, line), boxes)), _) | (None, Some(((cores, line), boxes))) => {
            (cores.saturating_mul(boxes), line)
        }
        (None, None) => return None,
    };
    // Zero threads a core is a rounding of lscpu when most CPUs are off-line.
    let per_core = count("Thread(s) per core").unwrap_or(0);
    Some(Kind { sockets, cores, threads: per_core.saturating_mul(cores), line })
}

fn sockets(fields: &Fields, kinds: &[Kind]) -> Found<f64> {
    let [kind] = kinds else { return Err("CPUs of several models: lscpu counts the sockets of each") };
    let count = kind.sockets.ok_or("the text counts clusters, not sockets")?;
    let is_arm =
        fields.first("Architecture").is_some_and(|f| f.value.starts_with("arm") || f.value == "aarch64");
    let nodes = fields.first("NUMA node(s)").and_then(count_of).unwrap_or(1);
    if is_arm && count > nodes {
        return Err("on ARM the sockets of lscpu may be clusters of one chip");
    }
    Ok((count as f64, kind.line))
}
