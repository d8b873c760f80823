//! What is written is computed again; whatever is changed is refused or shown, and nothing panics.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use cairn_assess::estate::Estate;
use cairn_assess::policy::Policy;
use cairn_assess::trial::Trial;
use cairn_schemas::assessment::Assessment;
use proptest::prelude::*;
use std::sync::LazyLock;

struct Made {
    estate: Estate,
    policy: Policy,
    assessment: Assessment,
    key: SigningKey,
    file: Vec<u8>,
}

static MADE: LazyLock<Made> = LazyLock::new(|| {
    let text = include_str!("../../assess/estates/small_office.toml");
    let estate = toml::from_str::<Trial>(text).unwrap().estate();
    let policy = Policy::default();
    let assessment = Assessment { id: 7, ..cairn_assess::assess(&estate, &policy, estate.window.to) };
    let dir = tempfile::tempdir().unwrap();
    let key = SigningKey::open(dir.path()).unwrap();
    assert_eq!(SigningKey::open(dir.path()).unwrap().public(), key.public(), "made once");
    let inputs = Inputs { estate: &estate, policy: &policy, assessment: &assessment };
    let file = write(inputs, &key).unwrap();
    Made { estate, policy, assessment, key, file }
});

#[test]
fn what_is_written_is_computed_again() {
    let opened = open(MADE.file.as_slice()).unwrap();
    assert_eq!(opened.estate, MADE.estate);
    assert_eq!(opened.policy, MADE.policy);
    assert_eq!(opened.public_key, MADE.key.public());
    assert_eq!(recompute(&opened, None).unwrap(), Outcome::Same);
}

#[test]
fn another_policy_is_shown_by_what_it_changes() {
    let mut opened = open(MADE.file.as_slice()).unwrap();
    let mut other = MADE.policy.clone();
    other.limits.memory_ratio = 0.5;
    let Outcome::Differs(found) = recompute(&opened, Some(&other)).unwrap() else { panic!("the same") };
    assert!(
        found.iter().any(|difference| difference.path == "figures.hosts.constants[1].value.base")
            || found.iter().any(|difference| difference.path.starts_with("consolidation")),
        "{found:?}"
    );
    opened.manifest.method_version = "0".into();
    assert!(matches!(recompute(&opened, Some(&other)).unwrap(), Outcome::OtherVersion(_)));
}

#[test]
fn an_assessment_that_was_touched_up_differs() {
    let mut assessment = MADE.assessment.clone();
    assessment.consolidation.as_mut().unwrap().hosts += 1;
    let inputs = Inputs { estate: &MADE.estate, policy: &MADE.policy, assessment: &assessment };
    let opened = open(write(inputs, &MADE.key).unwrap().as_slice()).unwrap();
    let Outcome::Differs(found) = recompute(&opened, None).unwrap() else { panic!("the same") };
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].path, "consolidation.hosts");
}

#[test]
fn only_the_inputs_of_the_assessment_are_bundled() {
    let mut estate = MADE.estate.clone();
    estate.servers.pop();
    let inputs = Inputs { estate: &estate, policy: &MADE.policy, assessment: &MADE.assessment };
    assert!(matches!(write(inputs, &MADE.key), Err(EvidenceError::OtherInputs { assessment: 7, .. })));
    let mut policy = MADE.policy.clone();
    policy.limits.cpu_ratio = 0.5;
    let inputs = Inputs { estate: &MADE.estate, policy: &policy, assessment: &MADE.assessment };
    assert!(matches!(write(inputs, &MADE.key), Err(EvidenceError::OtherPolicy { .. })));
    estate.servers = MADE.estate.servers.iter().rev().take(1).chain(&MADE.estate.servers).cloned().collect();
    let inputs = Inputs { estate: &estate, policy: &MADE.policy, assessment: &MADE.assessment };
    assert!(matches!(write(inputs, &MADE.key), Err(EvidenceError::Unsound(_))));
}

/// Evidence with another estate in it, signed by somebody who means harm.
fn forged(estate_json: &[u8]) -> Vec<u8> {
    let opened = open(MADE.file.as_slice()).unwrap();
    let mut manifest = opened.manifest;
    let packed = zstd::bulk::compress(estate_json, 1).unwrap();
    let old = manifest.parts[0].packed_bytes as usize;
    manifest.parts[0] = Part {
        name: PARTS[0].0.into(),
        bytes: estate_json.len() as u64,
        sha256: sha256_hex(estate_json),
        packed_bytes: packed.len() as u64,
        packed_sha256: sha256_hex(&packed),
    };
    let after: u64 = manifest.parts[1..].iter().map(|part| part.packed_bytes).sum();
    let others = &MADE.file[MADE.file.len() - after as usize..];
    assert!(MADE.file.len() > old + others.len());
    let mut file = [MAGIC, &serde_json::to_vec(&manifest).unwrap(), b"\n"].concat();
    let signature = cairn_schemas::digest::hex(&MADE.key.sign(&file));
    file.extend_from_slice(signature.as_bytes());
    [&file, b"\n".as_slice(), &packed, others].concat()
}

/// The first week of the first server that has any.
fn measured(estate: &mut Estate) -> &mut cairn_assess::estate::Week {
    estate.servers.iter_mut().find_map(|server| server.weeks.first_mut()).unwrap()
}

#[test]
fn an_estate_no_store_could_hold_is_refused() {
    let check = |change: fn(&mut Estate), expected: &str| {
        let mut estate = MADE.estate.clone();
        change(&mut estate);
        let file = forged(&serde_json::to_vec(&estate).unwrap());
        let why = open(file.as_slice()).unwrap_err();
        assert!(why.contains(expected), "{why}");
    };
    check(|estate| estate.window.to.0 += 200 * 366 * 86_400, "longer than a century");
    check(|estate| estate.servers.swap(0, 1), "not in order");
    check(|estate| measured(estate).start.0 += 1, "does not begin with a Monday");
    check(|estate| measured(estate).covered_s[3] = u32::MAX, "more seconds");
    let first_load = |estate: &mut Estate| {
        let load = measured(estate).loads[0].as_mut().unwrap();
        load.five_minute.pop();
    };
    check(first_load, "has not the intervals of a week");
}

#[test]
fn what_would_unpack_to_more_than_is_signed_is_refused() {
    let bomb = vec![b' '; 64 << 20];
    let file = forged(&bomb);
    assert!(file.len() < MADE.file.len() + (1 << 20), "a bomb is small");
    assert!(open(file.as_slice()).unwrap_err().contains("cannot be read"));
    assert!(
        open([MAGIC, &[b' '; MANIFEST_BYTES_MAX + 1]].concat().as_slice()).unwrap_err().contains("no end")
    );
    let longer = [&MADE.file, b"x".as_slice()].concat();
    assert_eq!(open(longer.as_slice()).unwrap_err(), "1 bytes follow its last part");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_flipped_bit_or_a_lost_end_is_refused(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let mut flipped = MADE.file.clone();
        let index = at.index(flipped.len());
        flipped[index] ^= 1 << bit;
        prop_assert!(open(flipped.as_slice()).is_err(), "byte {index}");
        prop_assert!(open(&MADE.file[..index]).is_err(), "cut at {index}");
        // The beginning is denser.
        let index = at.index(2_000.min(MADE.file.len()));
        let mut flipped = MADE.file.clone();
        flipped[index] ^= 1 << bit;
        prop_assert!(open(flipped.as_slice()).is_err(), "byte {index}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Numbers changed anywhere, and signed: refused, or computed without a panic, and never taken for the same.
    #[test]
    fn a_hostile_estate_is_refused_or_differs(
        places in prop::collection::vec((any::<prop::sample::Index>(), b'0'..=b'9'), 1..4),
    ) {
        let mut json = serde_json::to_vec(&MADE.estate).unwrap();
        let digits: Vec<usize> = (0..json.len()).filter(|at| json[*at].is_ascii_digit()).collect();
        let before = json.clone();
        places.iter().for_each(|(at, digit)| json[digits[at.index(digits.len())]] = *digit);
        prop_assume!(json != before);
        if let Ok(opened) = open(forged(&json).as_slice()) {
            prop_assert_ne!(recompute(&opened, None).unwrap(), Outcome::Same);
        }
    }
}
