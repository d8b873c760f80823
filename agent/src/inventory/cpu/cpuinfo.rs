//! `/proc/cpuinfo`, which every architecture writes in its own way.
// SPDX-License-Identifier: Apache-2.0

use super::topology::Counts;
use std::collections::{BTreeMap, BTreeSet};

const SOURCE: &str = "/proc/cpuinfo";

/// The first value of each field, and what was counted over all processors.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct CpuInfo {
    fields: BTreeMap<String, String>,
    threads: usize,
    sockets: BTreeSet<u32>,
    cores: BTreeSet<(u32, u32)>,
}

impl CpuInfo {
    pub(super) fn parse(text: &str) -> Self {
        let mut cpu = Self::default();
        let (mut socket, mut core) = (None, None);
        for line in text.lines().chain([""]) {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            let (name, value) = (name.trim(), value.trim());
            match name {
                "physical id" => socket = value.parse::<u32>().ok(),
                "core id" => core = value.parse::<u32>().ok(),
                "" => {
                    cpu.sockets.extend(socket);
                    cpu.cores.extend(socket.zip(core));
                    (socket, core) = (None, None);
                }
                _ => {}
            }
            // `processor : 3` almost everywhere, `processor 3: version = ...` on s390.
            let numbered = name.strip_prefix("processor").map(str::trim_start);
            let is_processor = |n: &str| if n.is_empty() { value } else { n }.parse::<u32>().is_ok();
            cpu.threads += usize::from(numbered.is_some_and(is_processor));
            let name = if numbered.is_some_and(|n| !n.is_empty()) { "processor" } else { name };
            if !value.is_empty() && !cpu.fields.contains_key(name) {
                cpu.fields.insert(name.to_owned(), value.to_owned());
            }
        }
        cpu
    }

    /// The first value of a field.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    /// What its processors say of sockets and cores.
    pub(super) fn counts(&self) -> Counts {
        let some = |n: usize| (n > 0).then(|| (n as f64, SOURCE.to_owned()));
        Counts {
            sockets: some(self.sockets.len()),
            cores: some(self.cores.len()),
            threads: some(self.threads),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_are_counted_across_sockets() {
        let thread = |n: u32, socket: u32, core: u32| {
            format!("processor\t: {n}\nphysical id\t: {socket}\ncore id\t\t: {core}\n\n")
        };
        let text = [thread(0, 0, 0), thread(1, 0, 1), thread(2, 1, 0), thread(3, 0, 0)].concat();
        let cpu = CpuInfo::parse(&text);
        assert_eq!((cpu.threads, cpu.sockets.len(), cpu.cores.len()), (4, 2, 3));
    }

    #[test]
    fn processors_of_every_architecture_are_counted() {
        let check = |text: &str, threads| assert_eq!(CpuInfo::parse(text).threads, threads, "{text}");
        check("processor\t: 0\n\nprocessor\t: 1\n", 2);
        check("Processor\t: ARMv7 Processor rev 4 (v7l)\nprocessor\t: 0\n", 1);
        check("# processors    : 17\nprocessor 1: version = 00\nprocessor 12: version = 00\n", 2);
        check("", 0);
    }
}
