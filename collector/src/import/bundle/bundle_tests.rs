//! Bundles good and bad against a real store: each counts once, damage costs what it hit, and nobody is taken
//! for somebody else.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::engagements::{Engagements, SharedStore};
use crate::store::{Agent, KeyEpochs, RegisteredBy, Rotation, Token};
use cairn_schemas::batch::{Batch, seal};
use cairn_schemas::bundle::{Chain, END_MAGIC, End, Header, MAGIC, statement};
use cairn_schemas::digest::hex;
use cairn_schemas::gap::{Gap, GapReason};
use cairn_schemas::identity::{AgentId, BatchKey, Id128};
use cairn_schemas::metric::CPU_BUSY;
use cairn_schemas::slot::{Column, Power, SeriesKey, Slot, SlotTable};
use cairn_schemas::time::{Timestamp, Window};
use ring::signature::{Ed25519KeyPair, KeyPair as _};

const BEGIN: i64 = 1_793_577_600;
const NOW: Timestamp = Timestamp(BEGIN + 30 * 86_400);

/// A host without a network.
struct Host {
    id: AgentId,
    name: &'static str,
    engagement: Option<&'static str>,
    key: Ed25519KeyPair,
}

impl Host {
    fn new(number: u8, name: &'static str) -> Self {
        let key = Ed25519KeyPair::from_seed_unchecked(&[number; 32]).unwrap();
        Self { id: Id128([number; 16]), name, engagement: None, key }
    }

    fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.key.sign(bytes).as_ref().try_into().unwrap()
    }

    fn shown(&self) -> String {
        key_fingerprint(self.key.public_key().as_ref())
    }

    /// A batch of one minute; of a later kind with other values.
    fn sealed(&self, seq: u64, value: u16) -> Vec<u8> {
        let start = Timestamp(BEGIN + 60 * seq as i64);
        let column = Column { key: SeriesKey::total(&CPU_BUSY), mean: vec![value], max: None };
        let slot = Slot { start, width_s: 60, samples: 60, power: Power::On };
        let batch = Batch {
            key: BatchKey { agent_id: self.id, spool_id: Id128([2; 16]), seq },
            sealed_at: Timestamp(start.0 + 60),
            table: SlotTable { slots: vec![slot], columns: vec![column] },
            gaps: Vec::new(),
            inventory: None,
        };
        seal(&batch, |bytes| self.sign(bytes)).unwrap()
    }

    fn header(&self) -> Header {
        Header {
            agent_id: self.id,
            spool_id: Id128([2; 16]),
            public_key: hex(self.key.public_key().as_ref()),
            hostname: self.name.into(),
            fingerprint: format!("f {}", self.name),
            agent_version: "1".into(),
            engagement: self.engagement.map(str::to_owned),
            started_at: Timestamp(BEGIN),
        }
    }

    fn begun(&self) -> Vec<u8> {
        statement(MAGIC, &self.header(), |bytes| self.sign(bytes)).unwrap()
    }

    fn end(&self, chain: &Chain) -> Vec<u8> {
        let (header, batches, chain) = (self.header(), chain.batches(), chain.digits());
        let end = End { header, batches, chain, ending: Ending::Finished, ended_at: NOW };
        statement(END_MAGIC, &end, |bytes| self.sign(bytes)).unwrap()
    }

    fn bundle(&self, batches: &[Vec<u8>]) -> Vec<u8> {
        let begun = self.begun();
        let mut chain = Chain::new(&begun);
        batches.iter().for_each(|sealed| chain.push(sealed));
        [begun, batches.concat(), self.end(&chain)].concat()
    }

    fn whole(&self, seqs: std::ops::RangeInclusive<u64>) -> Vec<u8> {
        self.bundle(&seqs.map(|seq| self.sealed(seq, 1)).collect::<Vec<_>>())
    }
}

struct Site {
    dir: tempfile::TempDir,
    engagements: Engagements,
}

impl Site {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let engagements = Engagements::new(dir.path());
        Self { dir, engagements }
    }

    fn store(&self, engagement: &str) -> SharedStore {
        self.engagements.store(&engagement.parse().unwrap()).unwrap()
    }

    fn import_expecting(&self, engagement: &str, files: &[&[u8]], expected: &[String]) -> ImportReport {
        let name = |i: usize| self.dir.path().join(format!("{i}.cairn"));
        files.iter().enumerate().for_each(|(i, bytes)| std::fs::write(name(i), bytes).unwrap());
        let mut context = Context {
            store: &*self.store(engagement),
            engagements: &self.engagements,
            expect_keys: expected,
            server: None,
            now: NOW,
            progress: &mut |_, _| {},
        };
        let report = import(&(0..files.len()).map(name).collect::<Vec<_>>(), &mut context).unwrap();
        assert!(report.rows.balanced(), "{report:?}");
        report
    }

    fn import(&self, files: &[&[u8]]) -> ImportReport {
        self.import_expecting("default", files, &[])
    }

    fn slots(&self, engagement: &str) -> usize {
        let store = self.store(engagement);
        while store.compact(1_000, NOW).unwrap().batches > 0 {}
        let ever = Window { from: Timestamp(0), to: Timestamp(NOW.0 * 2) };
        let tables = |source: crate::store::Source| store.day_tables(source.id, ever).unwrap();
        store.sources().unwrap().into_iter().flat_map(tables).map(|table| table.slots.len()).sum()
    }

    fn audited(&self, what: &str) -> bool {
        self.store("default").audit_log().unwrap().iter().any(|(_, _, line)| line.contains(what))
    }
}

/// Kept, repeated, rejected.
fn counts(report: &ImportReport) -> [u64; 3] {
    [report.rows.kept, report.rows.repeated, report.rows.rejected]
}

fn said(report: &ImportReport) -> String {
    let mut text = Vec::new();
    report.write(&mut text).unwrap();
    String::from_utf8(text).unwrap()
}

#[test]
fn a_bundle_registers_its_agent_and_counts_once() {
    let (site, host) = (Site::new(), Host::new(1, "db1"));
    let bundle = host.whole(1..=5);
    let first = site.import(&[&bundle]);
    assert_eq!((counts(&first), first.servers, first.is_partial()), ([5, 0, 0], 1, false));
    let text = said(&first);
    for part in
        ["5 batches read = 5 kept", "server db1,", &host.shown(), "nobody vouches for it", "whole, signed"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    let agent = site.store("default").agent(host.id).unwrap().unwrap();
    assert_eq!((agent.registered_by, agent.hostname.as_str()), (RegisteredBy::Bundle, "db1"));
    assert!(site.audited(&format!("with key {}, for which nobody vouched", host.shown())));
    assert!(site.audited("5 kept, 0 repeated, 0 rejected; key"));
    assert_eq!(site.slots("default"), 5);

    let again = site.import(&[&bundle, &host.whole(1..=7)]);
    assert_eq!((counts(&again), again.servers), ([2, 10, 0], 1));
    assert_eq!(site.slots("default"), 7);
}

#[test]
fn more_batches_than_hashes_are_kept_count_once_as_well() {
    let (site, host) = (Site::new(), Host::new(1, "db1"));
    let last = HASHES_KEPT + 80;
    let bundle = host.whole(1..=last);
    assert_eq!(counts(&site.import(&[&bundle])), [last, 0, 0]);
    assert_eq!(counts(&site.import(&[&bundle])), [0, last, 0]);
    assert_eq!(site.slots("default") as u64, last);
}

#[test]
fn damage_is_named_and_costs_what_it_hit() {
    let (site, host, other) = (Site::new(), Host::new(1, "db1"), Host::new(2, "db2"));
    let mut flipped = host.whole(1..=5);
    let at = host.begun().len() + host.sealed(1, 1).len();
    flipped[at + 70] ^= 1;
    let (cut, unended) = (other.whole(1..=3), Host::new(3, "db3").whole(1..=2));
    let torn = &cut[..other.begun().len() + 2 * other.sealed(1, 1).len() + 9];
    let end = unended.windows(8).position(|window| window == END_MAGIC).unwrap();
    let report = site.import(&[&flipped, torn, &unended[..end], b"no bundle at all"]);
    assert_eq!((counts(&report), report.servers), ([4 + 2 + 2, 0, 1 + 1], 3));
    let text = said(&report);
    for part in [
        &format!("0.cairn:byte {at}: {} bytes are not taken: its signature", host.sealed(2, 1).len()),
        "0.cairn: not what its host signed: 5 batches",
        "batch 2 is missing",
        "1.cairn:byte",
        "bytes are not taken: cut short",
        "1.cairn: incomplete: no signed end",
        "2.cairn: incomplete: no signed end, it was cut off or is still being written; 2 whole batches were read",
        "3.cairn: not a bundle of version 1",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(report.is_partial() && !report.is_failure());
    let mut headless = host.whole(1..=5);
    headless[100] ^= 1;
    let headless = site.import(&[&headless]);
    assert_eq!(counts(&headless), [1, 4, 1]);
    assert!(said(&headless).contains("0.cairn:byte 0: "), "{}", said(&headless));
    assert_eq!(counts(&site.import(&[&host.whole(1..=5)])), [0, 5, 0], "a sound copy brings nothing new");
    assert_eq!(site.slots("default"), 9);
}

#[test]
fn an_enrolled_agent_that_uploads_as_well_counts_once() {
    let (site, host) = (Site::new(), Host::new(1, "db1"));
    enrol(&site, "default", &host);
    let verified = ingest::verify(&site.engagements, &host.sealed(2, 1), NOW).unwrap();
    ingest::commit(&[verified]).unwrap().remove(0).unwrap();
    let report = site.import(&[&host.whole(1..=3)]);
    assert_eq!(counts(&report), [2, 1, 0]);
    assert!(said(&report).contains("of an agent that is enrolled here"), "{}", said(&report));
    let forked = site.import(&[&host.bundle(&[host.sealed(3, 9), host.sealed(4, 1)])]);
    assert_eq!(counts(&forked), [1, 0, 1]);
    assert_eq!(forked.problems[0].kind, Kind::Conflict);
    assert!(site.audited("forked identity"));
    assert_eq!(site.slots("default"), 4);
}

#[test]
fn a_bundle_from_before_a_change_of_key_is_taken_up_to_there() {
    let (site, host) = (Site::new(), Host::new(1, "web1"));
    enrol(&site, "default", &host);
    let before = host.bundle(&[host.sealed(1, 1), host.sealed(2, 1), host.sealed(4, 1)]);
    let other = Host { key: Ed25519KeyPair::from_seed_unchecked(&[77; 32]).unwrap(), ..Host::new(1, "web1") };
    let of = |host: &Host| host.key.public_key().as_ref().to_vec();
    let rotation = Rotation { agent: host.id, epoch: 1, from: of(&host), to: of(&other) };
    site.store("default").rotate(&rotation, NOW).unwrap();
    assert_eq!(counts(&site.import(&[&other.bundle(&[other.sealed(3, 1)])])), [1, 0, 0]);
    let report = site.import(&[&before]);
    assert_eq!(counts(&report), [2, 0, 1]);
    assert_eq!(report.problems[0].kind, Kind::Conflict);
    assert_eq!(site.slots("default"), 3);
}

fn enrol(site: &Site, engagement: &str, host: &Host) {
    let store = site.store(engagement);
    let token = Token {
        id: "t".into(),
        secret_sha256: String::new(),
        expires_at: Timestamp(NOW.0 + 60),
        uses_left: 1,
        created_at: NOW,
        ring: String::new(),
    };
    store.put_token(&token).unwrap();
    let agent = Agent {
        id: host.id,
        source: 0,
        public_key: host.key.public_key().as_ref().to_vec(),
        key_epochs: KeyEpochs::default(),
        hostname: host.name.into(),
        fingerprint: String::new(),
        version: "1".into(),
        registered_by: RegisteredBy::Token,
        enrolled_at: NOW,
        last_upload_at: None,
        revoked_at: None,
        ring: String::new(),
    };
    assert_eq!(store.enrol("t", &agent, NOW).unwrap(), Some(host.id));
}

#[test]
fn nobody_is_taken_for_somebody_else() {
    let (site, host) = (Site::new(), Host::new(1, "db1"));
    enrol(&site, "acme", &host);
    let check = |what: &str, engagement: &str, host: &Host, expected: &[String], why: &str| {
        let report = site.import_expecting(engagement, &[&host.whole(1..=2)], expected);
        assert_eq!((counts(&report), report.is_failure()), ([0, 0, 0], true), "{what}");
        assert!(said(&report).contains(why), "{what}: {}", said(&report));
        let log = site.store(engagement).audit_log().unwrap();
        assert!(
            log.iter().any(|(_, _, line)| line.contains("refused bundle") && line.contains(why)),
            "{log:?}"
        );
    };
    check("another engagement's agent", "default", &host, &[], "import it with --engagement acme");
    let impostor = Host { key: Host::new(9, "").key, ..Host::new(1, "db1") };
    check("a known identity with another key", "acme", &impostor, &[], "somebody else signed it");
    let pinned = [expected_key(&host.shown()).unwrap()];
    check("an unexpected key", "default", &Host::new(3, "db3"), &pinned, "which was not expected");
    let elsewhere = Host { engagement: Some("acme"), ..Host::new(4, "db4") };
    check("collected for another", "default", &elsewhere, &[], "collected for engagement \"acme\"");
    assert_eq!(counts(&site.import_expecting("acme", &[&host.whole(1..=2)], &pinned)), [2, 0, 0]);
    let twin = Host { id: Id128([8; 16]), ..Host::new(1, "db1") };
    check("a known key with another identity", "acme", &twin, &[], "belongs to another agent");
    assert!(site.store("acme").revoke(host.id, "A. Person", NOW).unwrap());
    check("a revoked agent", "acme", &host, &[], "was revoked");
    assert_eq!((site.slots("default"), site.slots("acme")), (0, 2));
    let twin = Host { id: Id128([8; 16]), name: "db5", engagement: None, key: Host::new(5, "").key };
    assert!(!said(&site.import(&[&Host::new(6, "db5").whole(1..=1)])).contains("other sources"));
    assert!(said(&site.import(&[&twin.whole(1..=1)])).contains("the server has other sources"));
}

#[test]
fn an_expected_key_is_vouched_for_and_names_are_harmless() {
    let (site, host) = (Site::new(), Host::new(1, "db1\u{1b}[31m\n"));
    let pinned = [expected_key(&format!(" {} ", host.shown().to_uppercase())).unwrap()];
    let report = site.import_expecting("default", &[&host.whole(1..=1)], &pinned);
    assert!(said(&report).contains("as expected; its agent is registered"), "{}", said(&report));
    assert!(site.audited("expected by who imported it"));
    assert!(site.audited("as expected"));
    assert_eq!(site.store("default").agents().unwrap()[0].hostname, "db1 [31m");
    for wrong in ["", "182f-984f-1c40-5df2", "182f-984f-1c40-5df2-73zz", &"0".repeat(65)] {
        assert!(expected_key(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_tombstone_and_a_clock_ahead_are_told_as_in_an_upload() {
    let (site, host) = (Site::new(), Host::new(1, "db1"));
    let window = Window { from: Timestamp(BEGIN), to: Timestamp(BEGIN + 60) };
    let lost = Batch {
        key: BatchKey { agent_id: host.id, spool_id: Id128([2; 16]), seq: 1 },
        sealed_at: NOW,
        table: SlotTable::default(),
        gaps: vec![Gap { window, reason: GapReason::SpoolFull }],
        inventory: None,
    };
    let lost = seal(&lost, |bytes| host.sign(bytes)).unwrap();
    let ahead = host.sealed(60 * 24 * 40, 1);
    let report = site.import(&[&host.bundle(&[lost, ahead, host.sealed(2, 1)])]);
    assert_eq!(counts(&report), [2, 0, 1]);
    assert_eq!(report.problems[0].kind, Kind::Time);
    assert_eq!(site.slots("default"), 1);
}
