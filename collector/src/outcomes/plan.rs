//! From an issued assessment to promises: the servers of a wave, what each costs a year today, its share of the new hosts,
//! and what its workload is forecast to use. Kept as it was promised, whatever later assessments say.
// SPDX-License-Identifier: Apache-2.0

use cairn_assess::estate::Server;
use cairn_assess::policy::Policy;
use cairn_assess::realised::{forecast, hosts_share, running_cost};
use cairn_schemas::assessment::Assessment;
use cairn_schemas::fact::Facts;
use cairn_schemas::outcome::{HostsCost, Promise, Step, StepKind, Witness};
use cairn_schemas::time::Timestamp;
use std::collections::BTreeMap;

/// Who promises a wave of an assessment, and for when.
#[derive(Clone, Copy, Debug)]
pub struct Promised<'a> {
    /// The assessment, issued.
    pub assessment: &'a Assessment,
    /// Number of the wave.
    pub wave: u32,
    /// When the last step of each server is due.
    pub due: Timestamp,
    /// Who promises.
    pub by: &'a str,
    /// When.
    pub now: Timestamp,
}

/// The planned step of every server of a wave.
///
/// # Errors
/// Nobody has issued the assessment, it has no such wave, or the day it is due is past.
pub fn promised(
    of: Promised<'_>,
    facts: &BTreeMap<String, Facts>,
    policy: &Policy,
) -> Result<Vec<Step>, String> {
    let Promised { assessment, wave, due, now, .. } = of;
    let id = assessment.id;
    if assessment.review.as_ref().is_none_or(|review| review.issued.is_none()) {
        return Err(format!(
            "assessment {id} is not issued: nobody has signed what it promises; see `cairn assessments issue`"
        ));
    }
    if due.day() < now.day() {
        return Err(format!("--due {} is past: nobody can keep that", due.date()));
    }
    let Some(found) = assessment.waves.iter().find(|found| found.number == wave) else {
        return Err(format!("assessment {id} has no wave {wave}; it has {}", assessment.waves.len()));
    };
    let hosts = hosts_share(assessment, wave, policy);
    Ok(found.servers.iter().map(|name| planned(of, name, facts.get(name), hosts, policy)).collect())
}

fn planned(
    of: Promised<'_>,
    name: &str,
    facts: Option<&Facts>,
    hosts: Option<HostsCost>,
    policy: &Policy,
) -> Step {
    let Promised { assessment, wave, due, by, now } = of;
    let server = assessment.readiness.servers.iter().find(|server| server.server == name);
    let cpu = server.and_then(|server| server.utilisation.cpu_busy_ratio).map(|cpu| cpu.mean);
    let known = Server { facts: facts.cloned().unwrap_or_default(), ..Server::default() };
    let forecast = server.map(|server| {
        forecast(server.role.as_deref().unwrap_or_default(), &server.utilisation, &server.capacity)
    });
    let cost = Some(running_cost(&known, cpu, policy));
    Step {
        id: 0,
        server: name.to_owned(),
        step: StepKind::Planned,
        on: now,
        by: by.to_owned(),
        witness: Witness::Person,
        ticket: None,
        words: String::new(),
        source: format!("assessment {}, wave {wave}", assessment.id),
        promise: Some(Promise {
            due,
            assessment: Some(assessment.id),
            wave: Some(wave),
            cost,
            hosts,
            forecast,
        }),
    }
}
