//! The showback: what the servers of each owner, and of each application, cost a month today and at the rates.
//!
//! Everything is counted in whole cents of one server and only added, so that owners, applications and the total agree to
//! the cent. What an input is missing for is left out and named, never taken for nothing.
// SPDX-License-Identifier: Apache-2.0

use super::cost::Costs;
use super::pool::Pool;
use super::today::{self, Bill, PARTS};
use super::{NAMES, Subject};
use crate::policy::Policy;
use cairn_schemas::assessment::{Cents, MissingInput, ServiceEntry, Showback, ShowbackLine, ShowbackPart};
use std::collections::BTreeMap;

/// A server with what it costs.
struct Charged<'a> {
    subject: &'a Subject<'a>,
    today: Bill,
    /// Its entry, where it moves and has one.
    entry: Option<&'a ServiceEntry>,
}

pub(super) fn showback(
    subjects: &[Subject<'_>],
    entries: &[ServiceEntry],
    pool: Option<&Pool>,
    policy: &Policy,
    costs: &Costs,
) -> Showback {
    let charged: Vec<Charged<'_>> = subjects
        .iter()
        .map(|subject| Charged {
            subject,
            today: today::of(subject, policy, costs),
            entry: entries.iter().find(|entry| is_of(subject, entry)),
        })
        .collect();
    let text = |charged: &Charged<'_>, fact: &str| charged.subject.server.text(fact).map(str::to_owned);
    let (owners, applications) = (
        by(&charged, |charged| text(charged, "owner"), |owner, line| line.owner = owner),
        by(
            &charged,
            |charged| text(charged, "application"),
            |application, line| {
                line.application = application;
            },
        ),
    );
    let sold = charged.iter().filter_map(|charged| charged.entry?.rate).fold(Cents::default(), Cents::plus);
    Showback {
        currency: policy.value.currency.clone(),
        owners,
        applications,
        total: line(charged.iter()),
        unsold: pool.and_then(|pool| pool.printed.cash).map(|cash| cash.minus(sold)),
    }
}

fn is_of(subject: &Subject<'_>, entry: &ServiceEntry) -> bool {
    subject.size.is_some_and(|size| NAMES[size] == entry.size) && subject.tier == entry.tier
}

/// A line each, by name; those without one last.
fn by(
    charged: &[Charged<'_>],
    name: impl Fn(&Charged<'_>) -> Option<String>,
    put: impl Fn(Option<String>, &mut ShowbackLine),
) -> Vec<ShowbackLine> {
    let mut by_name: BTreeMap<(bool, Option<String>), Vec<&Charged<'_>>> = BTreeMap::new();
    for charged in charged {
        let name = name(charged);
        by_name.entry((name.is_none(), name)).or_default().push(charged);
    }
    let named = |((_, name), servers): ((bool, Option<String>), Vec<&Charged<'_>>)| {
        let mut line = line(servers.into_iter());
        put(name, &mut line);
        line
    };
    by_name.into_iter().map(named).collect()
}

fn line<'a>(servers: impl Iterator<Item = &'a Charged<'a>>) -> ShowbackLine {
    let mut line = ShowbackLine::default();
    let mut parts = [Cents::default(); PARTS.len()];
    let (mut today, mut proposed) = (BTreeMap::new(), BTreeMap::new());
    // What a server that stays lacks, it lacks on both sides.
    let mut is_known = true;
    for charged in servers {
        let bill = &charged.today;
        line.count += 1;
        for (sum, part) in parts.iter_mut().zip(&bill.parts) {
            *sum = sum.plus(part.unwrap_or_default());
        }
        line.today = line.today.plus(bill.cash());
        line.today_labour = line.today_labour.plus(bill.labour.unwrap_or_default());
        bill.missing().for_each(|input| *today.entry(input.to_owned()).or_insert(0) += 1);
        let mut without = |input: &str| *proposed.entry(input.to_owned()).or_insert(0) += 1;
        if !charged.subject.is_moving {
            line.proposed = line.proposed.plus(bill.cash());
            line.proposed_labour = line.proposed_labour.plus(bill.labour.unwrap_or_default());
            bill.missing().for_each(without);
            continue;
        }
        line.moving += 1;
        is_known &=
            bill.missing().next().is_none() && charged.entry.is_some_and(|entry| entry.missing.is_empty());
        match charged.entry {
            None => without("cpu_cores"),
            Some(entry) => {
                line.proposed = line.proposed.plus(entry.rate.unwrap_or_default());
                line.proposed_labour = line.proposed_labour.plus(entry.labour.unwrap_or_default());
                entry.missing.iter().for_each(|input| without(input));
            }
        }
    }
    line.parts = PARTS.iter().zip(parts).map(|(id, amount)| part(id, amount)).collect();
    line.change = is_known.then(|| line.proposed.minus(line.today));
    (line.today_missing, line.proposed_missing) = (inputs(today), inputs(proposed));
    line
}

fn part(id: &str, amount: Cents) -> ShowbackPart {
    ShowbackPart { id: id.to_owned(), amount }
}

fn inputs(missing: BTreeMap<String, usize>) -> Vec<MissingInput> {
    missing.into_iter().map(|(input, count)| MissingInput { input, count }).collect()
}
