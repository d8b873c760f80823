//! Sockets and cores as the kernel's topology shows them: processors that share a core or a package name the
//! same siblings, on every architecture; the ids beside them repeat or are missing on some.
// SPDX-License-Identifier: Apache-2.0

use super::{SYS_CPU, list};
use crate::root::Root;
use std::collections::BTreeSet;

/// What was counted, and where.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Counts {
    /// Packages with a processor online.
    pub(super) sockets: Option<(f64, String)>,
    /// Cores with a processor online.
    pub(super) cores: Option<(f64, String)>,
    /// Processors online.
    pub(super) threads: Option<(f64, String)>,
}

impl Counts {
    /// Whether nothing is missing.
    pub(super) const fn is_complete(&self) -> bool {
        self.sockets.is_some() && self.cores.is_some() && self.threads.is_some()
    }

    /// These, and the other's where these are missing.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            sockets: self.sockets.or(other.sockets),
            cores: self.cores.or(other.cores),
            threads: self.threads.or(other.threads),
        }
    }
}

/// Files that name the processors of one core, new kernels first; then those of one package.
const CORE: [&str; 4] = ["core_cpus_list", "thread_siblings_list", "core_cpus", "thread_siblings"];
const PACKAGE: [&str; 4] = ["package_cpus_list", "core_siblings_list", "package_cpus", "core_siblings"];

pub(super) fn read(root: &Root) -> Result<Counts, String> {
    let online = online(root)?;
    let mut sets = [(BTreeSet::new(), true), (BTreeSet::new(), true)];
    for cpu in &online {
        let siblings = |files: [&str; 4]| {
            files.iter().find_map(|file| root.text(&format!("{SYS_CPU}/cpu{cpu}/topology/{file}")).ok())
        };
        for ((set, complete), files) in sets.iter_mut().zip([CORE, PACKAGE]) {
            match siblings(files).filter(|siblings| !siblings.is_empty()) {
                Some(siblings) => drop(set.insert(siblings)),
                // One processor without siblings would make the count a guess.
                None => *complete = false,
            }
        }
    }
    let source = || format!("siblings in /{SYS_CPU}/cpu*/topology");
    let [cores, sockets] =
        sets.map(|(set, complete)| (complete && !set.is_empty()).then(|| (set.len() as f64, source())));
    Ok(Counts { sockets, cores, threads: Some((online.len() as f64, format!("/{SYS_CPU}/online"))) })
}

/// Processors that are there and switched off: capacity that utilisation does not see.
pub(super) fn offline(root: &Root) -> Result<(f64, String), String> {
    let online: BTreeSet<u32> = online(root)?.into_iter().collect();
    let listed = root.text(&format!("{SYS_CPU}/present"));
    let (present, source) = match &listed {
        Ok(text) => {
            let numbers = list::numbers(text);
            let numbers = numbers.ok_or_else(|| format!("/{SYS_CPU}/present holds no list: {text:?}"))?;
            (numbers, format!("present is {text}"))
        }
        Err(_) => (numbered(root)?, "cpu*".to_owned()),
    };
    let off = present.into_iter().filter(|cpu| !online.contains(cpu)).count();
    Ok((off as f64, format!("/{SYS_CPU}/{source}, less those online")))
}

/// Processors the kernel shows a directory of.
fn numbered(root: &Root) -> Result<Vec<u32>, String> {
    let number = |name: &String| name.strip_prefix("cpu")?.parse::<u32>().ok();
    Ok(root.names(SYS_CPU)?.iter().filter_map(number).collect())
}

/// Kernels without the list show a topology for processors that are online only.
fn online(root: &Root) -> Result<Vec<u32>, String> {
    if let Some(listed) = root.text(&format!("{SYS_CPU}/online")).ok().and_then(|text| list::numbers(&text)) {
        return if listed.is_empty() { Err(format!("/{SYS_CPU}/online is empty")) } else { Ok(listed) };
    }
    let is_online = |cpu: &u32| {
        let here = format!("{SYS_CPU}/cpu{cpu}");
        root.exists(&format!("{here}/topology")) && root.number(&format!("{here}/online")) != Some(0)
    };
    let numbers: Vec<u32> = numbered(root)?.into_iter().filter(is_online).collect();
    if numbers.is_empty() { Err(format!("/{SYS_CPU} shows no processor's topology")) } else { Ok(numbers) }
}
