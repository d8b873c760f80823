//! Figures of storage.
// SPDX-License-Identifier: Apache-2.0

use super::{Figures, Input as _, constant, figure};
use crate::policy::Policy;
use cairn_schemas::assessment::{Amount, Constant, EstatePeak, StorageSizing};

pub(super) fn figures(storage: &StorageSizing, policy: &Policy, figures: &mut Figures) {
    let servers = storage.servers as f64;
    let amounts: [(&str, &str, &Amount, &str); 4] = [
        (
            "storage_used_bytes",
            "bytes",
            &storage.used_bytes,
            "sum of the last filesystem_used_bytes, else disk_used_bytes",
        ),
        ("storage_allocated_bytes", "bytes", &storage.allocated_bytes, "sum of disk_bytes"),
        (
            "storage_basis_bytes",
            "bytes",
            &storage.basis_bytes,
            "sum of bytes in use, disk_bytes where use is unknown",
        ),
        (
            "storage_growth_bytes_per_year",
            "bytes/year",
            &storage.growth_bytes_per_year,
            "sum of (last - first filesystem_used_bytes) / days * 365",
        ),
    ];
    for (id, unit, amount, formula) in amounts {
        let sum = figure(amount.value, unit, formula, "7.3")
            .input("servers_known", amount.servers as f64, "servers")
            .input("servers", servers, "servers");
        figures.insert(id.into(), sum.samples(amount.servers as u64));
    }
    let peaks: [(&str, &str, &EstatePeak); 2] = [
        ("storage_bytes_per_s_peak", "bytes/s", &storage.bytes_per_s),
        ("storage_operations_per_s_peak", "1/s", &storage.operations_per_s),
    ];
    for (id, unit, peak) in peaks {
        let formula = "largest sum over all servers in one interval; of operations the largest five minutes of the hour";
        let aligned = figure(peak.aligned, unit, formula, "7.3")
            .input("sum_of_peaks", peak.sum_of_peaks, unit)
            .input("interval_s", peak.interval_s as f64, "s")
            .input("servers_known", peak.servers as f64, "servers")
            .input("servers", servers, "servers");
        figures.insert(id.into(), aligned.samples(peak.servers as u64));
    }
    let latency = figure(storage.latency_mean_s, "s", "time of all operations / operations", "7.3");
    let latency = latency.input("latency_max_s", storage.latency_max_s, "s");
    figures.insert("storage_latency_mean_s".into(), latency.samples(storage.latency_servers as u64));
    let required = storage.required;
    let raw = figure(
        required.map(|r| r.raw_bytes),
        "bytes",
        "storage_basis_bytes * (1 + growth_ratio) * (1 + slack_ratio) * protection_factor",
        "7.3",
    )
    .input("storage_basis_bytes", storage.basis_bytes.value, "bytes")
    .input("usable_bytes", required.map(|r| r.usable_bytes), "bytes")
    .input("servers_unknown", storage.unknown.len() as f64, "servers")
    .constants(&constants(policy));
    figures.insert("storage_raw_bytes".into(), raw);
}

fn constants(policy: &Policy) -> [Constant; 3] {
    let (storage, standard) = (&policy.storage, Policy::default().storage);
    let own = format!("policy {}", policy.name);
    let told = |id: &str, value: f64, usual: f64| {
        if value == usual {
            constant(id, value, "1", "Azure VMware Solution assessment, learn.microsoft.com", "2025")
        } else {
            constant(id, value, "1", &own, &policy.version)
        }
    };
    let growth = storage.growth_ratio.unwrap_or(policy.sizing.growth_ratio);
    [
        constant("storage.growth_ratio", growth, "1", &own, &policy.version),
        told("storage.slack_ratio", storage.slack_ratio, standard.slack_ratio),
        told("storage.protection_factor", storage.protection_factor, standard.protection_factor),
    ]
}
