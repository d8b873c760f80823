//! Figures of what was promised and what has arrived.
// SPDX-License-Identifier: Apache-2.0

use super::{Figures, Input as _, figure};
use cairn_schemas::assessment::{Assessment, NetCash, Range, Realised};

pub(super) fn figures(assessment: &Assessment, figures: &mut Figures) {
    let Some(found) = &assessment.realised else { return };
    let Realised { totals, estate, .. } = found;
    let unit = format!("{}/year", found.currency);
    let sums = [
        (
            "promised_annual_cash",
            totals.promised_annual_cash.base,
            "sum over promised servers of energy + space + contract",
        ),
        (
            "realised_annual_cash",
            totals.realised_annual_cash.base,
            "the same over servers that have made their last step and no agent contradicts",
        ),
        (
            "still_paid_annual_cash",
            totals.still_paid_annual_cash.base,
            "over servers moved and not arrived: energy until powered off, space until decommissioned, contract until the last step",
        ),
    ];
    for (id, value, formula) in sums {
        let sum = figure(Some(value), &unit, formula, "7.9")
            .input("promised", totals.promised as f64, "servers")
            .input("arrived", totals.arrived as f64, "servers")
            .input("late", totals.late as f64, "servers")
            .input("contradicted", totals.contradicted as f64, "servers")
            .constants(&found.constants)
            .samples(totals.promised as u64);
        figures.insert(id.into(), sum);
    }
    if let Some(net) = &found.net {
        net_figures(found, net, figures);
    }
    let share =
        figure(estate.virtualised_share_ratio, "1", "virtual workloads / all workloads, as seen", "7.8")
            .input("virtual", estate.virtual_workloads as f64, "workloads")
            .input("physical", estate.physical_workloads as f64, "workloads");
    figures.insert("seen_virtual_share_ratio".into(), share);
    let ratio = figure(estate.consolidation_ratio, "1", "virtual workloads / hypervisor hosts seen", "7.8")
        .input("virtual", estate.virtual_workloads as f64, "workloads")
        .input("hosts", estate.hosts as f64, "hosts");
    figures.insert("seen_consolidation_ratio".into(), ratio);
}

/// `None` of each while the hosts of a promised server are not known.
fn net_figures(found: &Realised, net: &NetCash, figures: &mut Figures) {
    let base = |range: Option<Range>| range.map(|range| range.base);
    let yearly = format!("{}/year", found.currency);
    let known = [
        (
            "gross_cash",
            Some(net.gross_cash.base),
            &found.currency,
            "sum over arrived servers of promised_annual_cash * years since the last step",
        ),
        (
            "hosts_cash",
            base(net.hosts_cash),
            &found.currency,
            "sum over promised servers of their share of the hosts' price + its cost a year * years since the promise",
        ),
        ("net_cash", base(net.net_cash), &found.currency, "gross_cash - hosts_cash"),
        (
            "hosts_annual_cash",
            base(net.hosts_annual_cash),
            &yearly,
            "sum over promised servers of their share of the hosts' energy + space + maintenance + subscription",
        ),
        ("net_annual_cash", base(net.net_annual_cash), &yearly, "realised_annual_cash - hosts_annual_cash"),
    ];
    for (id, value, unit, formula) in known {
        let sum = figure(value, unit, formula, "7.9")
            .input("promised", found.totals.promised as f64, "servers")
            .input("arrived", found.totals.arrived as f64, "servers")
            .input("hosts_unknown", net.hosts_unknown as f64, "servers")
            .constants(&found.constants)
            .samples(found.totals.promised as u64);
        figures.insert(id.into(), sum);
    }
}
