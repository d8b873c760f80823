//! How the CPUs of an estate came on one scale, with the error of each way, and what the scale does to the plan.
// SPDX-License-Identifier: Apache-2.0

use crate::estate::Estate;
use crate::normalize::{self, error};
use crate::policy::{CpuScale, Policy};
use crate::sensitivity::CPU_SCALE;
use cairn_schemas::assessment::{
    Consolidation, CpuGrade, CpuNormalisation, GradeCount, SensitivityEnd, ServerReadiness, UnplacedCpu,
};
use std::collections::BTreeMap;

/// Models listed; the count of the grade says how many servers there are.
const MODELS: usize = 20;

pub(super) fn cpu_scale(
    estate: &Estate,
    policy: &Policy,
    judged: &[(usize, ServerReadiness)],
    plan: Option<&Consolidation>,
) -> CpuNormalisation {
    let mut by_grade: BTreeMap<CpuGrade, usize> = BTreeMap::new();
    let mut unplaced: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, server) in judged {
        *by_grade.entry(server.capacity.cpu_grade).or_default() += 1;
        if server.capacity.cpu_grade == CpuGrade::Fastest {
            *unplaced.entry(estate.servers[*index].text("cpu_model").unwrap_or_default()).or_default() += 1;
        }
    }
    let grade = |(grade, servers): (CpuGrade, usize)| {
        let error = error::of(grade);
        GradeCount {
            grade,
            servers,
            error_median_ratio: error.map(|error| error.median_ratio),
            error_p90_ratio: error.map(|error| error.p90_ratio),
            error_bias_ratio: error.map(|error| error.bias_ratio),
        }
    };
    let mut unplaced: Vec<UnplacedCpu> = unplaced
        .into_iter()
        .map(|(model, servers)| UnplacedCpu { cpu_model: model.to_owned(), servers })
        .collect();
    unplaced.sort_by_key(|cpu| std::cmp::Reverse(cpu.servers));
    unplaced.truncate(MODELS);
    // Both ends of it are trials of the same length.
    let row = plan.and_then(|plan| plan.outlook.sensitivity.iter().find(|row| row.assumption == CPU_SCALE));
    let hosts = |end: &SensitivityEnd| end.hosts + end.failover_hosts;
    CpuNormalisation {
        scale: match policy.normalisation.scale {
            CpuScale::Best => "best",
            CpuScale::CoresByClock => "cores_by_clock",
        }
        .to_owned(),
        host_grade: normalize::host_mhz(&policy.template, &policy.normalisation).1,
        grades: by_grade.into_iter().map(grade).collect(),
        unplaced,
        threads_factor: policy.normalisation.threads_factor,
        hosts: row.map(|row| hosts(&row.low)),
        hosts_by_clock: row.map(|row| hosts(&row.high)),
    }
}
