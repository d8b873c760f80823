//! What every store must do, whatever its engine: `contract` is run against each implementation.
// SPDX-License-Identifier: Apache-2.0

use super::sqlite::SqliteStore;
use super::*;
use cairn_schemas::batch::{Batch, seal};
use cairn_schemas::digest::sha256;
use cairn_schemas::fact::FactValue;
use cairn_schemas::gap::GapReason;
use cairn_schemas::identity::{BatchKey, Id128};
use cairn_schemas::inventory::Inventory;
use cairn_schemas::metric::{CPU_BUSY, MEMORY_USED};
use cairn_schemas::slot::{Column, Power, SeriesKey, Slot};
use cairn_schemas::value_code::Code;

#[path = "care_tests.rs"]
mod care;
#[path = "durability_tests.rs"]
mod durability;
#[path = "keys_tests.rs"]
mod keys;
#[path = "observed_tests.rs"]
mod observed;
#[path = "timetable_tests.rs"]
mod timetable;
#[path = "waiting_tests.rs"]
mod waiting;

/// Monday 2026-11-02 00:00 UTC.
const MONDAY: i64 = 1_793_577_600;
const NOW: Timestamp = Timestamp(MONDAY + 30 * 86_400);
const EVER: Window = Window { from: Timestamp(0), to: Timestamp(4_000_000_000) };
const AGENT: AgentId = Id128([5; 16]);
const SPOOL: SpoolId = Id128([6; 16]);

/// A fresh store and the directory it lives in as long as it is held.
fn fresh() -> (tempfile::TempDir, SqliteStore) {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path(), &"default".parse().unwrap()).unwrap();
    (dir, store)
}

#[test]
fn sqlite_keeps_the_contract() {
    for case in CASES {
        let (_dir, store) = fresh();
        case(&store);
    }
}

/// Every case of the contract; each gets an empty store.
const CASES: &[fn(&dyn Store)] = &[
    sources_are_found_again,
    tokens_are_used_up,
    a_known_key_keeps_its_identity,
    an_agent_without_a_token_is_marked_until_it_enrols,
    machines_of_one_name_are_two_servers,
    a_ring_hears_its_own_directives,
    keys::a_rotation_is_asked_for_and_taken_once,
    keys::a_rotation_that_does_not_follow_changes_nothing,
    keys::a_retired_key_is_nobody_elses,
    keys::a_revoked_agent_takes_no_other_key,
    keys::a_retired_key_is_good_for_what_it_sealed,
    a_fork_is_told,
    two_spools_of_one_agent_at_one_time_are_a_fork,
    an_agent_of_many_bundles_comes_online,
    slots_of_a_batch_can_be_read,
    what_cannot_be_read_delays_nothing,
    gaps_end_where_slots_begin,
    facts_yield_to_later_ones_and_to_people,
    assessments_only_move_forward,
    messages_leave_once,
    timetable::a_schedule_has_its_name_alone,
    timetable::a_run_ends_once_with_all_that_belongs_to_it,
    timetable::drafts_beyond_those_a_schedule_keeps_go_and_others_stay,
    observed::inventories_become_facts,
    observed::an_upgrade_leaves_the_past_as_it_was,
    observed::a_person_has_the_last_word,
    nothing_of_a_stranger_is_kept,
];

fn table(slots: &[(i64, Code)]) -> SlotTable {
    let slot = |(at, _): &(i64, Code)| Slot {
        start: Timestamp(MONDAY + at),
        width_s: 60,
        samples: 60,
        power: Power::On,
    };
    let mean: Vec<Code> = slots.iter().map(|(_, code)| *code).collect();
    let memory = mean.iter().map(|code| code / 2).collect();
    let column = |metric, mean, max| Column { key: SeriesKey::total(metric), mean, max };
    SlotTable {
        slots: slots.iter().map(slot).collect(),
        columns: vec![column(&CPU_BUSY, mean.clone(), Some(mean)), column(&MEMORY_USED, memory, None)],
    }
}

fn batch(seq: u64, slots: &[(i64, Code)], gaps: Vec<Gap>, inventory: Option<Inventory>) -> Incoming {
    batch_of(SPOOL, seq, slots, gaps, inventory)
}

fn batch_of(
    spool_id: SpoolId,
    seq: u64,
    slots: &[(i64, Code)],
    gaps: Vec<Gap>,
    inventory: Option<Inventory>,
) -> Incoming {
    let key = BatchKey { agent_id: AGENT, spool_id, seq };
    let batch = Batch { key, sealed_at: NOW, table: table(slots), gaps, inventory };
    let sealed = seal(&batch, |_| [0; 64]).unwrap();
    let holds = Contents::of(&batch);
    Incoming {
        key,
        sha256: sha256(&sealed),
        sealed,
        received_at: NOW,
        key_epoch: 0,
        carried: false,
        tombstone: slots.is_empty(),
        holds,
    }
}

fn agent(store: &dyn Store) -> Source {
    store.put_token(&token("t", 1)).unwrap();
    assert_eq!(store.enrol("t", &enrolled(AGENT, 1, "f"), NOW).unwrap(), Some(AGENT));
    store.sources().unwrap().remove(0)
}

fn token(id: &str, uses_left: u32) -> Token {
    let expires_at = Timestamp(NOW.0 + 1);
    Token {
        id: id.into(),
        secret_sha256: "x".into(),
        expires_at,
        uses_left,
        created_at: NOW,
        ring: "pilot".into(),
    }
}

fn enrolled(id: AgentId, key: u8, fingerprint: &str) -> Agent {
    Agent {
        id,
        source: 0,
        public_key: vec![key; 32],
        key_epochs: KeyEpochs::default(),
        hostname: "web1".into(),
        fingerprint: fingerprint.into(),
        version: "1".into(),
        registered_by: RegisteredBy::Token,
        enrolled_at: NOW,
        last_upload_at: None,
        revoked_at: None,
        ring: String::new(),
    }
}

fn slots_of(store: &dyn Store, source: SourceId) -> Vec<(i64, Code)> {
    let tables = store.day_tables(source, EVER).unwrap();
    let values = tables.iter().flat_map(|table| table.slots.iter().zip(&table.columns[0].mean));
    values.map(|(slot, code)| (slot.start.0 - MONDAY, *code)).collect()
}

fn sources_are_found_again(store: &dyn Store) {
    let a = store.source(SourceKind::Import, "a", "alpha").unwrap();
    assert_eq!(store.source(SourceKind::Import, "a", "other").unwrap(), a, "a known source keeps its server");
    assert_ne!(store.source(SourceKind::Simulated, "a", "alpha").unwrap().id, a.id);
    store.map_source(a.id, "beta", "A. Person", NOW).unwrap();
    assert_eq!(store.servers().unwrap(), ["alpha", "beta"]);
    assert!(store.map_source(99, "beta", "A. Person", NOW).is_err());
    assert_eq!(store.extent().unwrap(), None);
}

fn tokens_are_used_up(store: &dyn Store) {
    agent(store);
    let other = enrolled(Id128([8; 16]), 2, "g");
    assert_eq!(store.enrol("t", &other, NOW).unwrap(), None);
    assert_eq!(store.enrol("none", &other, NOW).unwrap(), None);
    store.put_token(&Token { expires_at: NOW, ..token("late", 5) }).unwrap();
    assert_eq!(store.enrol("late", &other, NOW).unwrap(), None);
    assert_eq!(store.token("t").unwrap().unwrap().uses_left, 0);
    assert_eq!(store.servers().unwrap(), ["web1"], "who is not admitted leaves no server behind");
}

fn a_known_key_keeps_its_identity(store: &dyn Store) {
    agent(store);
    let again = enrolled(Id128([9; 16]), 1, "f");
    assert_eq!(store.enrol("t", &again, NOW).unwrap(), Some(AGENT), "the answer may have been lost");
    assert!(store.revoke(AGENT, "A. Person", NOW).unwrap());
    assert_eq!(store.enrol("t", &again, NOW).unwrap(), None, "a revoked one needs a use");
    store.put_token(&token("t2", 1)).unwrap();
    assert_eq!(store.enrol("t2", &again, NOW).unwrap(), Some(AGENT));
    assert_eq!(store.agents().unwrap()[0].revoked_at, None);
    assert_eq!((store.agents().unwrap().len(), store.sources().unwrap().len()), (1, 1));
}

fn an_agent_without_a_token_is_marked_until_it_enrols(store: &dyn Store) {
    let carried = Agent { registered_by: RegisteredBy::Bundle, ..enrolled(Id128([8; 16]), 2, "g") };
    assert!(store.register(&carried, "import", "came with a bundle", NOW).unwrap());
    assert_eq!(store.agent(carried.id).unwrap().unwrap().registered_by, RegisteredBy::Bundle);
    assert!(store.audit_log().unwrap().contains(&(NOW, "import".into(), "came with a bundle".into())));
    for known in [enrolled(Id128([8; 16]), 3, "g"), enrolled(Id128([9; 16]), 2, "g")] {
        assert!(!store.register(&known, "import", "again", NOW).unwrap());
    }
    store.put_token(&token("t2", 1)).unwrap();
    assert_eq!(store.enrol("t2", &enrolled(Id128([9; 16]), 2, "g"), NOW).unwrap(), Some(carried.id));
    assert_eq!(store.agent(carried.id).unwrap().unwrap().registered_by, RegisteredBy::Token);
}

fn a_ring_hears_its_own_directives(store: &dyn Store) {
    agent(store);
    let asked = |every| Directives { batch_every_s: Some(every), ..Directives::default() };
    let heard = || store.directives_of(AGENT).unwrap().map(|d| (d.version, d.batch_every_s, d.paused));
    assert_eq!(heard(), None, "nobody ever gave any");
    assert_eq!(store.put_directives("", Some(&asked(600)), "A. Person", NOW).unwrap(), 1);
    assert_eq!(heard(), Some((1, Some(600), false)));
    store.put_directives("pilot", Some(&asked(60)), "A. Person", NOW).unwrap();
    assert_eq!(heard(), Some((2, Some(60), false)), "its token put it into the ring");
    store.put_directives("", Some(&Directives { paused: true, ..asked(600) }), "A. Person", NOW).unwrap();
    assert_eq!(heard(), Some((3, Some(60), true)), "a pause of everybody holds for every ring");
    store.put_directives("pilot", None, "A. Person", NOW).unwrap();
    assert_eq!(heard(), Some((4, Some(600), true)), "what was taken back is news as well");
    assert!(store.set_ring(AGENT, "rest", "A. Person", NOW).unwrap());
    assert_eq!(store.agents().unwrap()[0].ring, "rest");
    assert!(!store.set_ring(Id128([7; 16]), "rest", "A. Person", NOW).unwrap());
}

fn machines_of_one_name_are_two_servers(store: &dyn Store) {
    agent(store);
    store.put_token(&token("t2", 2)).unwrap();
    store.enrol("t2", &enrolled(Id128([9; 16]), 2, "another machine"), NOW).unwrap();
    assert_eq!(store.servers().unwrap(), ["web1", "web1~09090909"]);
    store.enrol("t2", &enrolled(Id128([10; 16]), 3, "another machine"), NOW).unwrap();
    assert_eq!(store.servers().unwrap().len(), 3, "a clone has the name of none");
}

fn a_fork_is_told(store: &dyn Store) {
    agent(store);
    store.append(&[batch(1, &[(0, 1)], vec![], None)]).unwrap();
    assert_eq!(store.append(&[batch(1, &[(0, 2)], vec![], None)]).unwrap(), [Appended::Forked]);
    assert!(store.audit_log().unwrap().iter().any(|(_, _, what)| what.starts_with("forked identity")));
    assert!(store.facts("web1").unwrap().contains_key("identity_conflict"), "the server itself says so");
}

fn nothing_of_a_stranger_is_kept(store: &dyn Store) {
    // Verified while its server was being erased.
    let late = batch(1, &[(0, 2)], vec![], None);
    assert_eq!(store.append(std::slice::from_ref(&late)).unwrap(), [Appended::Stranger]);
    // The same while it was being revoked.
    agent(store);
    store.revoke(AGENT, "A. Person", NOW).unwrap();
    assert_eq!(store.append(&[late]).unwrap(), [Appended::Revoked]);
    assert_eq!(store.compact(10, NOW).unwrap().batches, 0, "nor in quarantine");
    assert_eq!(store.ack_state(AGENT, SPOOL).unwrap().ack_through, 0);
}

fn two_spools_of_one_agent_at_one_time_are_a_fork(store: &dyn Store) {
    agent(store);
    let of = |spool: u8, seq: u64, at: i64| batch_of(Id128([spool; 16]), seq, &[(at, 1)], vec![], None);
    let append = |batch: Incoming| store.append(&[batch]).unwrap().remove(0);
    // A spool was lost, another one goes on: nothing is wrong, even if a bundle brings what the first one had left.
    assert_eq!([of(1, 1, 0), of(1, 2, 60), of(2, 1, 600), of(2, 2, 660)].map(append), [Appended::Stored; 4]);
    assert_eq!(append(of(1, 3, 120)), Appended::Stored);
    // The first batch of a spool alone says nothing yet.
    assert_eq!(append(of(3, 1, 660)), Appended::Stored);
    assert_eq!(append(of(1, 4, 720)), Appended::Forked, "the first one is still at work");
    assert_eq!(append(of(2, 3, 720)), Appended::Stored);
    assert!(store.audit_log().unwrap().iter().any(|(_, _, what)| what.starts_with("forked identity")));
}

fn an_agent_of_many_bundles_comes_online(store: &dyn Store) {
    agent(store);
    let online = |seq: u64| Incoming { tombstone: false, ..batch(seq, &[], vec![], None) };
    let carried = |seq: u64| Incoming { carried: true, ..online(seq) };
    let many = |from: u64| store.append(&(from..=from + HASHES_KEPT + 3).map(carried).collect::<Vec<_>>());
    many(1).unwrap();
    assert_eq!(store.append(&[online(1)]).unwrap(), [Appended::Duplicate], "it knows of no bundle");
    let through = HASHES_KEPT + 4;
    assert_eq!(store.ack_state(AGENT, SPOOL).unwrap().ack_through, through);
    // Now it has heard of them, and the line is cut again.
    many(through + 1).unwrap();
    assert_eq!(store.append(&[online(through + 1)]).unwrap(), [Appended::Duplicate], "where it left off");
    assert_eq!(store.append(&[online(1)]).unwrap(), [Appended::Forked], "it has heard of this one");
    let another = batch(1, &[(0, 1)], vec![], None);
    assert_eq!(store.append(&[another]).unwrap(), [Appended::Forked]);
}

fn slots_of_a_batch_can_be_read(store: &dyn Store) {
    let source = agent(store);
    let slots = [(86_340, 10), (86_400, 20), (86_460, 30)];
    let sent = batch(1, &slots, vec![], None);
    assert_eq!(store.append(&[sent.clone(), sent]).unwrap(), [Appended::Stored, Appended::Duplicate]);
    assert_eq!(slots_of(store, source.id), slots, "what is acknowledged can be read");
    let waiting = store.weeks(source.id, EVER).unwrap();
    let done = store.compact(10, NOW).unwrap();
    assert_eq!((done.batches, done.day_blocks, done.slots.kept), (1, 2, 3));
    assert_eq!(slots_of(store, source.id), slots);
    let weeks = store.weeks(source.id, EVER).unwrap();
    assert_eq!((weeks.len(), &weeks), (1, &waiting));
    assert_eq!(weeks[0].covered_s[..3], [60, 120, 0]);
    let part = Window { from: Timestamp(MONDAY + 86_400), to: Timestamp(MONDAY + 86_460) };
    assert_eq!(store.day_tables(source.id, part).unwrap()[0].slots.len(), 1);
    let extent = store.extent().unwrap().unwrap();
    assert_eq!((extent.from.0 - MONDAY, extent.to.0 - MONDAY), (86_340, 86_520));
}

fn what_cannot_be_read_delays_nothing(store: &dyn Store) {
    let source = agent(store);
    let mut poison = batch(1, &[(0, 1)], vec![], None);
    let end = poison.sealed.len() - 70;
    poison.sealed[80..end].fill(0xff);
    store.append(&[poison, batch(2, &[(60, 2)], vec![], None)]).unwrap();
    assert_eq!(store.compact(10, NOW).unwrap().batches, 2);
    assert_eq!(slots_of(store, source.id), [(60, 2)]);
    assert!(store.audit_log().unwrap().iter().any(|(_, _, what)| what.starts_with("quarantined")));
}

fn gaps_end_where_slots_begin(store: &dyn Store) {
    let source = agent(store);
    let gap = |from: i64, to: i64, reason| Gap {
        window: Window { from: Timestamp(MONDAY + from), to: Timestamp(MONDAY + to) },
        reason,
    };
    store.append(&[batch(1, &[(0, 1)], vec![gap(60, 300, GapReason::AgentDown)], None)]).unwrap();
    store.compact(10, NOW).unwrap();
    store.append(&[batch(2, &[(120, 1)], vec![gap(0, 60, GapReason::HostDown)], None)]).unwrap();
    store.compact(10, NOW).unwrap();
    let expected = [gap(60, 120, GapReason::AgentDown), gap(180, 300, GapReason::AgentDown)];
    assert_eq!(store.gaps(source.id, EVER).unwrap(), expected, "what is measured is no gap");
    let part = Window { from: Timestamp(MONDAY + 200), to: Timestamp(MONDAY + 250) };
    assert_eq!(store.gaps(source.id, part).unwrap(), [gap(200, 250, GapReason::AgentDown)]);
}

fn facts_yield_to_later_ones_and_to_people(store: &dyn Store) {
    let fact = |text: &str, at: i64, by: Option<&str>| Fact {
        value: FactValue::Text(text.into()),
        unit: String::new(),
        source: "agent".into(),
        observed_at: Timestamp(at),
        valid_from: None,
        confirmed_by: by.map(str::to_owned),
    };
    let put = |f: Fact| store.put_facts("web1", &[("role".into(), f)]).unwrap();
    let role = || store.facts("web1").unwrap()["role"][0].value.as_text().unwrap().to_owned();
    put(fact("web", 5, None));
    put(fact("old", 4, None));
    assert_eq!(role(), "web");
    put(fact("database", 6, Some("A. Person")));
    put(fact("web", 7, None));
    assert_eq!(role(), "database", "a machine does not overrule a person");
    let many =
        ["web1", "web2"].map(|server| (server.to_owned(), vec![("role".to_owned(), fact("file", 8, None))]));
    store.put_all_facts(&many.into()).unwrap();
    assert_eq!(role(), "database", "nor one that speaks of many servers");
    assert_eq!(store.all_facts().unwrap().len(), 2);
}

fn assessments_only_move_forward(store: &dyn Store) {
    let assessment = cairn_assess::assess(
        &cairn_assess::estate::Estate::default(),
        &cairn_assess::policy::Policy::default(),
        NOW,
    );
    let id = store.put_assessment(&assessment).unwrap();
    assert_eq!(store.assessment(id).unwrap(), Some(Assessment { id, ..assessment.clone() }));
    assert_eq!(store.put_assessment(&assessment).unwrap(), id + 1);
    assert!(store.set_review_state(id, ReviewState::Issued, "A. Person", NOW).is_err());
    store.set_review_state(id, ReviewState::Reviewed, "A. Person", NOW).unwrap();
    store.set_review_state(id, ReviewState::Issued, "B. Person", NOW).unwrap();
    assert!(store.set_review_state(id, ReviewState::Reviewed, "A. Person", NOW).is_err());
    let row = &store.assessments().unwrap()[0];
    assert_eq!((row.state, row.signed_by.as_deref()), (ReviewState::Issued, Some("B. Person")));
    assert_eq!(store.assessment(99).unwrap(), None);
}

fn messages_leave_once(store: &dyn Store) {
    assert!(store.enqueue("m", "{}", NOW).unwrap());
    assert!(!store.enqueue("m", "{}", NOW).unwrap());
    let later = |s: i64| Timestamp(NOW.0 + s);
    assert_eq!(store.claim_due(NOW, later(60)).unwrap().len(), 1);
    assert_eq!(store.claim_due(later(1), later(61)).unwrap(), [], "somebody else is at it");
    assert_eq!(store.claim_due(later(60), later(120)).unwrap().len(), 1, "who claimed it is gone");
    store.delivery_failed("m", later(500)).unwrap();
    assert_eq!(store.claim_due(later(400), later(460)).unwrap(), []);
    assert_eq!(store.claim_due(later(500), later(560)).unwrap()[0].attempts, 1);
    store.delivered("m", later(501)).unwrap();
    assert_eq!(store.claim_due(later(9_999), later(9_999)).unwrap(), []);
    assert!(!store.enqueue("m", "{}", later(502)).unwrap(), "delivered once is delivered");
    assert_eq!(store.outbox().unwrap()[0].delivered_at, Some(later(501)));
}
