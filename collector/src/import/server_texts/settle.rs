//! Who is believed when a server was described before: a person, then the agent, then what the running
//! system says of itself, then its firmware. The order of imports does not matter.
// SPDX-License-Identifier: Apache-2.0

use super::tally::Tally;
use cairn_schemas::fact::{Fact, Facts};

/// Sources by the beginning of their name, the most believed first; all others come after them.
const WITNESSES: &[&str] = &["agent", "import lscpu", "import dmidecode"];

/// The facts to be stored: those that are new, and those that replace what was said before.
pub(super) fn settle(
    facts: Vec<(String, Fact)>,
    stored: Option<&Facts>,
    server: &str,
    tally: &mut Tally,
) -> Vec<(String, Fact)> {
    let before = |name: &str| {
        let dated = stored?.get(name)?;
        dated.iter().find(|fact| fact.valid_from.is_none())
    };
    let mut kept = Vec::with_capacity(facts.len());
    for (name, fact) in facts {
        let Some(first) = before(&name) else {
            kept.push((name, fact));
            continue;
        };
        if first.value == fact.value {
            continue;
        }
        let stays = first.confirmed_by.is_some() || believed(&name, first, &fact);
        tally.differs(&name, witness(first), stays, server);
        if !stays {
            kept.push((name, fact));
        }
    }
    kept
}

/// Whether what was said first stays. One sign of a hypervisor outweighs that the other tool saw none.
fn believed(name: &str, first: &Fact, fact: &Fact) -> bool {
    let sees_none = |fact: &Fact| fact.value.as_text() == Some("none");
    let is_agent = first.source.starts_with(WITNESSES[0]);
    if name == "virtualization" && !is_agent && sees_none(first) != sees_none(fact) {
        return sees_none(fact);
    }
    rank(first) < rank(fact)
}

fn rank(fact: &Fact) -> usize {
    if fact.source.starts_with("person") {
        return 0;
    }
    let place = WITNESSES.iter().position(|witness| fact.source.starts_with(witness));
    1 + place.unwrap_or(WITNESSES.len())
}

/// Who said a fact, without file and line.
fn witness(fact: &Fact) -> String {
    if fact.confirmed_by.is_some() {
        return "a person".to_owned();
    }
    fact.source.split(' ').take(2).collect::<Vec<_>>().join(" ")
}
