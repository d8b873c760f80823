//! Figures of moving: ratio wave by wave, outage server by server.
// SPDX-License-Identifier: Apache-2.0

use super::{Figure, Figures, Input as _, figure};
use crate::policy::Policy;
use cairn_schemas::assessment::{Assessment, Disposition, Method, Wave};

pub(super) fn figures(assessment: &Assessment, policy: &Policy, figures: &mut Figures) {
    for wave in &assessment.waves {
        figures.insert(format!("wave_net_ratio:{}", wave.number), ratio(wave));
        figures.insert(format!("wave_cumulative_net_ratio:{}", wave.number), cumulative(wave));
    }
    for disposition in &assessment.dispositions {
        let (Some(method), Some(outage)) = (disposition.method, disposition.outage_hours) else { continue };
        let figure = outage_hours(disposition, method, outage.base);
        let figure = figure.constants(&policy.migration.published());
        figures.insert(format!("outage_hours:{}", disposition.server), figure);
    }
}

fn ratio(wave: &Wave) -> Figure {
    figure(wave.net_consolidation_ratio, "1", "servers / (hosts + failover hosts of this wave alone)", "7.8")
        .input("servers", wave.servers.len() as f64, "servers")
        .input("hosts", wave.hosts as f64, "hosts")
}

fn cumulative(wave: &Wave) -> Figure {
    let formula = "servers / (hosts + failover hosts), of this and all earlier waves";
    figure(wave.cumulative_net_consolidation_ratio, "1", formula, "7.8")
        .input("servers", wave.cumulative_servers as f64, "servers")
        .input("hosts", wave.cumulative_hosts.map(|hosts| hosts as f64), "hosts")
}

fn outage_hours(disposition: &Disposition, method: Method, base: f64) -> Figure {
    let formula = match method {
        Method::Cold | Method::Rebuild => "bytes / speed + cutover_hours",
        Method::Hot => "min(write_bytes_per_s * bytes / speed, bytes) / speed + cutover_hours",
        Method::Replication => {
            "min(write_bytes_per_s * replication_lag_s, bytes) / speed + cutover_hours; bytes / speed where \
             write_bytes_per_s >= speed"
        }
    };
    let formula = format!("{formula}; speed = min(link * link_utilisation, stream_bytes_per_s)");
    figure(Some(base), "h", &formula, "7.10")
        .input("bytes", disposition.bytes, "bytes")
        .input("write_bytes_per_s", disposition.write_bytes_per_s.map(|rate| rate.base), "bytes/s")
        .input("link", disposition.link_bytes_per_s, "bytes/s")
        .input("copy_hours", disposition.copy_hours.map(|hours| hours.base), "h")
}
