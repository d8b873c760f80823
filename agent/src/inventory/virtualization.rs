//! Whether this is a virtual machine or a container already, and whether it is a hypervisor itself. Every sign
//! is weighed, none is believed alone where it is known to lie, and signs that contradict each other leave the
//! question open.
// SPDX-License-Identifier: Apache-2.0

mod container;
mod hypervisor_role;
mod signs;

use super::{Record, text_fact};
use crate::root::Root;
use cairn_schemas::fact::FactValue;
use signs::{NONE, Sign, UNNAMED};

/// By how much one side must outweigh the other. Ours: one good sign, or two weak ones.
const LEAD_MIN: i32 = 2;

pub(super) fn read(root: &Root, record: &mut Record) {
    let role = hypervisor_role::proof(root);
    record.proven("virtualization", verdict(root));
    match role {
        Some(proof) => record.flag("hypervisor_role", true, &proof),
        None if root.exists("proc/modules") || root.exists("sys/module") => {
            record.flag("hypervisor_role", false, hypervisor_role::LOOKED_FOR);
        }
        None => record.unknown("hypervisor_role", "/proc/modules is not visible here"),
    }
}

fn verdict(root: &Root) -> Result<(FactValue, String), String> {
    let doubt = match container::verdict(root) {
        container::Verdict::Inside(kind, proof) => return Ok((text_fact(&kind), proof)),
        container::Verdict::Doubtful(why) => Some(why),
        container::Verdict::Outside => None,
    };
    let signs = signs::all(root);
    let said: Vec<String> = signs.iter().map(ToString::to_string).collect();
    let said = said.join("; ");
    if signs.is_empty() {
        return Err("neither DMI, CPU flags, device tree nor a hypervisor's devices can be read".to_owned());
    }
    match (weigh(&signs), doubt) {
        // A container or not, the machine is a virtual one.
        (Some(kind), Some(doubt)) if kind != NONE => Ok((text_fact(kind), format!("{said}; {doubt}"))),
        (_, Some(doubt)) => Err(doubt),
        (Some(kind), None) => Ok((text_fact(kind), said)),
        (None, None) => Err(format!("the signs contradict each other or are too few: {said}")),
    }
}

/// Physical against virtual by the sum of their weights; who the hypervisor is by its heaviest name.
fn weigh(signs: &[Sign]) -> Option<&'static str> {
    let weight =
        |of: &dyn Fn(&Sign) -> bool| -> i32 { signs.iter().filter(|s| of(s)).map(|s| s.weight).sum() };
    let physical = weight(&|sign| sign.kind == NONE);
    let virtual_ = weight(&|sign| sign.kind != NONE);
    if physical - virtual_ >= LEAD_MIN {
        return Some(NONE);
    }
    if virtual_ - physical < LEAD_MIN {
        return None;
    }
    let named = signs.iter().filter(|sign| sign.kind != NONE && sign.kind != UNNAMED);
    let heaviest = named.map(|sign| (weight(&|other| other.kind == sign.kind), sign.kind)).max();
    Some(heaviest.map_or(UNNAMED, |(_, kind)| kind))
}

#[cfg(test)]
#[path = "virtualization/virtualization_tests.rs"]
mod tests;
