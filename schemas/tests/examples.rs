//! Golden messages, one a version and kind, still read as they did when they were written. They are added,
//! never changed and never deleted.
// SPDX-License-Identifier: Apache-2.0
#![cfg(feature = "wire")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_schemas::assessment::Assessment;
use cairn_schemas::batch::{self, Batch};
use cairn_schemas::bundle::{self, Chain, End, Ending, Header, Piece, Reader, Verdict, statement};
use cairn_schemas::change::AssessmentChange;
use cairn_schemas::enrolment::{Ack, EnrolReply, EnrolRequest, Problem};
use cairn_schemas::event::CloudEvent;
use cairn_schemas::gap::{Gap, GapReason};
use cairn_schemas::identity::{BatchKey, Id128};
use cairn_schemas::inventory::Inventory;
use cairn_schemas::metric;
use cairn_schemas::slot::{Column, Power, SeriesKey, Slot, SlotTable};
use cairn_schemas::time::{Timestamp, Window};
use serde::{Serialize, de::DeserializeOwned};
use std::path::{Path, PathBuf};

fn example(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(file)
}

/// Reads an example; what it says must survive being written again by the program of today.
fn check<T: Serialize + DeserializeOwned>(file: &str) {
    let text = std::fs::read_to_string(example(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let golden: serde_json::Value = serde_json::from_str(&text).unwrap();
    let message: T = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
    keeps(&golden, &serde_json::to_value(&message).unwrap(), file);
}

/// Every field of the golden message is still there with its value; fields may have been added.
fn keeps(golden: &serde_json::Value, now: &serde_json::Value, at: &str) {
    match (golden, now) {
        (serde_json::Value::Object(golden), serde_json::Value::Object(now)) => {
            for (name, value) in golden {
                let found = now.get(name).unwrap_or_else(|| panic!("{at}: {name} was lost"));
                keeps(value, found, &format!("{at}: {name}"));
            }
        }
        (serde_json::Value::Array(golden), serde_json::Value::Array(now)) => {
            assert_eq!(golden.len(), now.len(), "{at}");
            golden.iter().zip(now).for_each(|(golden, now)| keeps(golden, now, at));
        }
        (serde_json::Value::Number(golden), serde_json::Value::Number(now)) => {
            assert_eq!(golden.as_f64(), now.as_f64(), "{at}");
        }
        _ => assert_eq!(golden, now, "{at}"),
    }
}

#[test]
fn json_messages_of_version_1_still_read() {
    check::<EnrolRequest>("enrol-request-1.json");
    check::<EnrolReply>("enrol-reply-1.json");
    check::<Ack>("ack-1.json");
    check::<Problem>("problem-1.json");
    check::<Inventory>("inventory-1.json");
    check::<CloudEvent>("event-1.json");
    check::<Assessment>("assessment-1.json");
    check::<AssessmentChange>("change-1.json");
}

/// The batch `batch-1.bin` was sealed from.
fn batch_1() -> Batch {
    let start = 1_764_082_800;
    let slot =
        |i: i64, samples, power| Slot { start: Timestamp(start + 60 * i), width_s: 60, samples, power };
    let column = |metric: &metric::Metric, instance: &str, mean: [u16; 3], max: Option<[u16; 3]>| Column {
        key: SeriesKey { metric: metric.id, instance: instance.into() },
        mean: mean.to_vec(),
        max: max.map(|codes| codes.to_vec()),
    };
    let mut columns = vec![
        column(&metric::CPU_BUSY, "", [1_250, 65_535, 9_999], Some([3_300, 65_535, 10_000])),
        column(&metric::MEMORY_USED, "", [17_000, 65_535, 17_003], None),
        column(&metric::DISK_READ, "sda", [0, 1, 65_534], None),
    ];
    columns.sort_by(|a, b| a.key.cmp(&b.key));
    let down = Window { from: Timestamp(start - 600), to: Timestamp(start) };
    Batch {
        key: BatchKey { agent_id: Id128([0xa1; 16]), spool_id: Id128([0x5b; 16]), seq: 41 },
        sealed_at: Timestamp(start + 200),
        table: SlotTable {
            slots: vec![slot(0, 60, Power::On), slot(1, 60, Power::Off), slot(3, 41, Power::On)],
            columns,
        },
        gaps: vec![Gap { window: down, reason: GapReason::AgentDown }],
        inventory: Some(Inventory {
            hostname: "golden".into(),
            agent_version: "0.1.0".into(),
            ..Inventory::default()
        }),
    }
}

#[test]
fn a_batch_of_version_1_still_opens() {
    let path = example("batch-1.bin");
    if std::env::var_os("UPDATE").is_some() && !path.exists() {
        std::fs::write(&path, batch::seal(&batch_1(), |_| [0x51; 64]).unwrap()).unwrap();
    }
    let sealed = std::fs::read(&path).unwrap();
    let envelope = batch::open(&sealed).unwrap();
    assert_eq!(envelope.signature, [0x51; 64]);
    assert_eq!(envelope.decode().unwrap(), batch_1());
}

/// The header and end `bundle-1.bin` was written with, around one batch.
fn bundle_1() -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let header = Header {
        agent_id: Id128([0xa1; 16]),
        spool_id: Id128([0x5b; 16]),
        public_key: "ab".repeat(32),
        hostname: "golden".into(),
        fingerprint: "cd".repeat(32),
        agent_version: "0.1.0".into(),
        engagement: None,
        started_at: Timestamp(1_764_082_800),
    };
    let begun = statement(bundle::MAGIC, &header, |_| [0x51; 64]).unwrap();
    let batch = batch::seal(&batch_1(), |_| [0x51; 64]).unwrap();
    let mut chain = Chain::new(&begun);
    chain.push(&batch);
    let ended_at = Timestamp(1_764_083_100);
    let end = End { header, batches: 1, chain: chain.digits(), ending: Ending::Finished, ended_at };
    (begun, batch, statement(bundle::END_MAGIC, &end, |_| [0x51; 64]).unwrap())
}

#[test]
fn a_bundle_of_version_1_still_reads() {
    let path = example("bundle-1.bin");
    if std::env::var_os("UPDATE").is_some() && !path.exists() {
        let (begun, batch, end) = bundle_1();
        std::fs::write(&path, [begun, batch, end].concat()).unwrap();
    }
    let file = std::fs::File::open(&path).unwrap();
    let mut reader = Reader::open(file, |_, _, signature| signature == [0x51; 64]).unwrap();
    assert_eq!(reader.header().hostname, "golden");
    let Piece::Batch { key, sealed } = reader.next_entry().unwrap().unwrap().piece else { panic!("damaged") };
    assert_eq!(batch::open(&sealed).unwrap().decode().unwrap(), batch_1());
    assert_eq!(key.seq, 41);
    assert_eq!(reader.next_entry().unwrap(), None);
    assert!(matches!(reader.verdict(), Verdict::Whole(End { batches: 1, ending: Ending::Finished, .. })));
}
