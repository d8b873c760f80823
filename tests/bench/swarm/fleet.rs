//! Agents of a fleet: they enrol, and send one batch after the other, each until it is acknowledged.
// SPDX-License-Identifier: Apache-2.0

use crate::connection::Connection;
use crate::shapes;
use anyhow::{bail, ensure};
use cairn_schemas::batch::{Batch, seal};
use cairn_schemas::digest::hex;
use cairn_schemas::enrolment::{EnrolReply, EnrolRequest, JoinString};
use cairn_schemas::identity::{BatchKey, Id128};
use cairn_schemas::slot::SlotTable;
use cairn_schemas::time::{MINUTE_S, Timestamp};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// How often a batch may fail without an answer.
const FAILURES_MAX: u64 = 100;

/// What the agents of a fleet send.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    /// When the first slot of each begins.
    pub(crate) start: Timestamp,
    /// Batches of each agent, where it is no trace.
    pub(crate) batches: u64,
    /// Slots of a batch, a minute each.
    pub(crate) slots: usize,
}

pub(crate) struct Agent {
    connection: Connection,
    key: Ed25519KeyPair,
    id: Id128,
    server: shapes::Server,
    /// What it sends, where it is a recorded trace.
    pub(crate) recorded: Option<Vec<SlotTable>>,
}

/// What came of batches.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) latencies_us: Vec<u64>,
    pub(crate) acknowledged: u64,
    pub(crate) put_off: u64,
    pub(crate) failed: u64,
    /// Both ways, with HTTP, TLS and its handshakes.
    pub(crate) wire_bytes: u64,
    pub(crate) values: u64,
    pub(crate) slots: u64,
    pub(crate) connections: u64,
}

impl Told {
    pub(crate) fn add(&mut self, other: Self) {
        self.latencies_us.extend(other.latencies_us);
        self.acknowledged += other.acknowledged;
        self.put_off += other.put_off;
        self.failed += other.failed;
        self.wire_bytes += other.wire_bytes;
        self.values += other.values;
        self.slots += other.slots;
        self.connections += other.connections;
    }

    /// Of the latencies, in milliseconds; they are sorted.
    pub(crate) fn latency_ms(&self, quantile: f64) -> f64 {
        let at = ((self.latencies_us.len() as f64 - 1.0) * quantile) as usize;
        self.latencies_us.get(at).copied().unwrap_or(0) as f64 / 1e3
    }
}

impl Agent {
    /// Enrols an agent, waiting as long as the collector asks it to.
    pub(crate) async fn enrol(
        number: usize,
        mut connection: Connection,
        join: JoinString,
        places: Arc<Semaphore>,
    ) -> anyhow::Result<Self> {
        let mut seed = [7; 32];
        seed[..8].copy_from_slice(&number.to_le_bytes());
        let key = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|why| anyhow::anyhow!("{why}"))?;
        let request = EnrolRequest {
            token_id: join.token_id,
            secret: join.secret,
            public_key: hex(key.public_key().as_ref()),
            hostname: format!("swarm-{number}"),
            fingerprint: format!("swarm-{number}"),
            agent_version: "0.1.0".into(),
        };
        let body = serde_json::to_vec(&request)?;
        loop {
            let place = places.acquire().await?;
            let (status, retry_after, text) =
                connection.post("/v1/enroll", "application/json", &body).await?;
            drop(place);
            match status {
                200 => {
                    let reply: EnrolReply = serde_json::from_slice(&text)?;
                    let server = shapes::Server::new(number as u64);
                    return Ok(Self { connection, key, id: reply.agent_id, server, recorded: None });
                }
                429 | 503 => tokio::time::sleep(Duration::from_secs(retry_after)).await,
                _ => bail!("enrolment: {status} {}", String::from_utf8_lossy(&text)),
            }
        }
    }

    /// Opens its connection anew.
    ///
    /// # Errors
    /// The collector cannot be reached.
    pub(crate) async fn reopen(&mut self) -> std::io::Result<()> {
        self.connection.close().await;
        self.connection.open().await
    }

    /// Sends all it has, and gives back the agent, whose connection stays open.
    pub(crate) async fn send_all(
        mut self,
        load: Load,
        places: Arc<Semaphore>,
    ) -> anyhow::Result<(Self, Told)> {
        let mut told = Told::default();
        let (made, carried) = (self.connection.made, self.connection.carried());
        let length_s = load.slots as i64 * MINUTE_S;
        let batches = self.recorded.as_ref().map_or(load.batches, |days| days.len() as u64);
        for seq in 1..=batches {
            let from = Timestamp(load.start.0 + (seq as i64 - 1) * length_s);
            let table = match &self.recorded {
                Some(days) => days[seq as usize - 1].clone(),
                None => self.server.minutes(from, load.slots),
            };
            told.values += table.values_known() as u64;
            told.slots += table.slots.len() as u64;
            let batch = Batch {
                key: BatchKey { agent_id: self.id, spool_id: Id128([3; 16]), seq },
                sealed_at: Timestamp(from.0 + length_s),
                table,
                gaps: vec![],
                inventory: None,
            };
            let sealed = seal(&batch, |bytes| {
                let mut signature = [0; 64];
                signature.copy_from_slice(self.key.sign(bytes).as_ref());
                signature
            })?;
            self.send(&sealed, &places, &mut told).await?;
        }
        told.connections = self.connection.made - made;
        told.wire_bytes = self.connection.carried() - carried;
        Ok((self, told))
    }

    async fn send(&mut self, sealed: &[u8], places: &Semaphore, told: &mut Told) -> anyhow::Result<()> {
        loop {
            let place = places.acquire().await?;
            let asked = Instant::now();
            let answer = self.connection.post("/v1/batches", "application/x-cairn-batch", sealed).await;
            drop(place);
            match answer {
                Ok((200, ..)) => {
                    told.latencies_us.push(u64::try_from(asked.elapsed().as_micros())?);
                    told.acknowledged += 1;
                    return Ok(());
                }
                Ok((429 | 503, retry_after, _)) => {
                    told.put_off += 1;
                    tokio::time::sleep(Duration::from_secs(retry_after)).await;
                }
                Ok((status, _, text)) => bail!("batch: {status} {}", String::from_utf8_lossy(&text)),
                Err(error) => {
                    told.failed += 1;
                    ensure!(told.failed < FAILURES_MAX, "batch: {error}");
                }
            }
        }
    }
}
