//! Figures of the service catalogue and the showback.
// SPDX-License-Identifier: Apache-2.0

use super::{Figures, Input as _, figure};
use cairn_schemas::assessment::{
    Cents, Constant, Figure, MissingInput, ServiceCatalogue, ServiceEntry, Showback, ShowbackLine,
};

const RATE: &str = "storage_per_server / server_life / 12 + hosts / 12 * (pool_cpu_share * vcpu / sellable_vcpu + (1 - pool_cpu_share) * memory / sellable_memory); \
     the same of failover_hosts over the units of the tiers that are restarted on them";

pub(super) fn figures(catalogue: &ServiceCatalogue, showback: &Showback, figures: &mut Figures) {
    pool(catalogue, figures);
    for entry in &catalogue.entries {
        figures.insert(format!("service_rate:{}", entry.id), rate(catalogue, entry));
    }
    let over = [
        ("service_vcpu_over_ratio", catalogue.vcpu_over_ratio),
        ("service_memory_over_ratio", catalogue.memory_over_ratio),
    ];
    for (id, ratio) in over {
        let ratio = figure(ratio, "1", "sum of what sizes give / sum of what servers ask for - 1", "7.9");
        let count: usize = catalogue.sizes.iter().map(|size| size.count).sum();
        figures.insert(
            id.into(),
            ratio.input("sizes", catalogue.sizes.len() as f64, "sizes").samples(count as u64),
        );
    }
    shown(showback, &catalogue.constants, figures);
}

fn money(amount: Option<Cents>) -> Option<f64> {
    amount.map(|amount| amount.money().base)
}

fn pool(catalogue: &ServiceCatalogue, figures: &mut Figures) {
    let pool = &catalogue.pool;
    let unit = format!("{}/month", catalogue.currency);
    let mut cost = figure(money(pool.cash), &unit, "sum of its parts, base", "7.9");
    for part in &pool.parts {
        cost = cost.input(&part.id, money(part.amount), &unit);
    }
    let cost = cost.constants(&catalogue.constants).samples((pool.hosts + pool.failover_hosts) as u64);
    figures.insert("pool_cost_per_month".into(), cost);
}

fn rate(catalogue: &ServiceCatalogue, entry: &ServiceEntry) -> Figure {
    let pool = &catalogue.pool;
    let size = catalogue.sizes.iter().find(|size| size.size == entry.size);
    let unit = format!("{}/month", catalogue.currency);
    figure(money(entry.rate), &unit, RATE, "7.9")
        .input("pool_cost_per_month", money(pool.cash), &unit)
        .input("vcpu", size.map(|size| f64::from(size.vcpu)), "vcpu")
        .input("memory", size.map(|size| size.memory_bytes), "bytes")
        .input("sellable_vcpu", pool.sellable_vcpu, "vcpu")
        .input("sellable_memory", pool.sellable_memory_bytes, "bytes")
        .input("hosts", pool.hosts as f64, "hosts")
        .input("failover_hosts", pool.failover_hosts as f64, "hosts")
        .samples(entry.count as u64)
        .constants(&catalogue.constants)
}

/// Known only where nothing is missing.
fn shown(showback: &Showback, constants: &[Constant], figures: &mut Figures) {
    let total: &ShowbackLine = &showback.total;
    let unit = format!("{}/month", showback.currency);
    let known = |amount: Cents, is_known: bool| is_known.then(|| amount.money().base);
    let mut today = figure(
        known(total.today, total.today_missing.is_empty()),
        &unit,
        "sum over all assessed servers, each part in whole cents",
        "7.9",
    );
    for part in &total.parts {
        today = today.input(&part.id, part.amount.money().base, &unit);
    }
    let without =
        |missing: &[MissingInput]| missing.iter().map(|input| input.count).max().unwrap_or(0) as f64;
    let today = today.input("servers_without_an_input", without(&total.today_missing), "servers");
    figures.insert("showback_today_per_month".into(), today.constants(constants).samples(total.count as u64));
    let proposed = figure(
        known(total.proposed, total.proposed_missing.is_empty()),
        &unit,
        "sum of service_rate over servers that move + what servers that stay cost today",
        "7.9",
    )
    .input("moving", total.moving as f64, "servers")
    .input("stay", (total.count - total.moving) as f64, "servers")
    .input("unsold", money(showback.unsold), &unit)
    .input("servers_without_an_input", without(&total.proposed_missing), "servers");
    figures.insert("showback_proposed_per_month".into(), proposed.samples(total.count as u64));
}
