//! Policies, tariffs and scenarios: TOML, parted by a line of `====`.
// SPDX-License-Identifier: Apache-2.0

use super::{Decoder, cut};
use cairn_assess::policy::Policy;
use cairn_collector::policy_file::{PolicyError, apply_scenario, parse};

pub(super) const DECODER: Decoder = Decoder { name: "policy", seeds, run };

const SEED: &[u8] = b"name = \"ours\"\n[limits]\ncpu_ratio = 0.7\nmemory_ratio = 0.9\n\
[sizing]\ngrowth_ratio = 0.2\n[cluster]\nfailures = 2\n\
[value]\ncurrency = \"CHF\"\nyears = 5\n\
[value.constants.electricity_price]\nlow = 0.15\nbase = 0.2\nhigh = 0.3\nunit = \"CHF/kWh\"\nsource = \"contract\"\ndate = \"2026-01-01\"\n\
====\nname = \"denser\"\ncpu_ratio = 0.8\ngrowth_ratio = 0.0\nfailures = 1\n";

fn seeds() -> Vec<Vec<u8>> {
    // The standard policy names every field there is.
    let standard = toml::to_string(&Policy::default()).expect("a policy is TOML");
    vec![SEED.to_vec(), standard.into_bytes()]
}

fn run(data: &[u8]) {
    let texts: Vec<String> = cut(data, &["policy", "scenario"])
        .map(|(_, text)| String::from_utf8_lossy(text).into_owned())
        .collect();
    let read = kept(&texts[0], parse("policy.toml", &texts[0]));
    let mut policy = read.unwrap_or_default();
    let before = policy.clone();
    if kept(&texts[1], apply_scenario("scenario.toml", &texts[1], &mut policy).map(|()| policy.clone()))
        .is_none()
    {
        assert_eq!(policy, before, "a scenario that is refused changes nothing");
    }
}

/// What may be used is what it is written as; what may not says on which line.
fn kept(text: &str, read: Result<Policy, PolicyError>) -> Option<Policy> {
    match read {
        Ok(policy) => {
            let written = toml::to_string(&policy).expect("a policy is TOML");
            let again = parse("again.toml", &written);
            assert_eq!(again.as_ref(), Ok(&policy), "{written}");
            Some(policy)
        }
        Err(error) => {
            assert!((1..=text.lines().count() + 1).contains(&error.line), "{error}");
            None
        }
    }
}
