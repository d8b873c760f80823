//! A simulated agent that enrols and uploads like a real one, but seals a year of minutes in a second. What it
//! measured is a function of agent and minute, so that whatever arrives can be checked.
// SPDX-License-Identifier: Apache-2.0

use cairn_schemas::batch::{self, Batch, SIGNATURE_BYTES};
use cairn_schemas::digest::hex;
use cairn_schemas::enrolment::{Ack, EnrolReply, EnrolRequest, JoinString};
use cairn_schemas::identity::{AgentId, BatchKey, Id128};
use cairn_schemas::metric;
use cairn_schemas::slot::{Column, Power, SeriesKey, Slot, SlotTable};
use cairn_schemas::time::{MINUTE_S, Timestamp};
use cairn_schemas::value_code::Code;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use std::time::Duration;

/// What the collector said to an upload.
#[derive(Clone, Debug)]
pub enum Reply {
    /// 200.
    Acknowledged(Ack),
    /// Another status, with its body.
    Refused(u16, String),
    /// Nobody answered, or the answer broke off: whether it arrived is not known.
    Silent(String),
}

/// An agent with its key, its spool and its minutes.
pub struct SimulatedAgent {
    /// Host name, and so the server's name.
    pub hostname: String,
    /// Identity from enrolment.
    pub id: AgentId,
    /// Its spool.
    pub spool: Id128,
    key: Ed25519KeyPair,
    url: String,
    http: ureq::Agent,
    slots_per_batch: i64,
    begin: Timestamp,
}

impl SimulatedAgent {
    /// Enrols with a join string. Batch 1 begins at `begin` and holds `slots_per_batch` minutes.
    ///
    /// # Panics
    /// The collector refuses.
    #[must_use]
    pub fn enrol(join: &str, hostname: &str, begin: Timestamp, slots_per_batch: i64) -> Self {
        Self::try_enrol(join, hostname, begin, slots_per_batch)
            .unwrap_or_else(|why| panic!("enrol {hostname}: {why}"))
    }

    /// The same, where a refusal is expected.
    ///
    /// # Errors
    /// What the collector says.
    pub fn try_enrol(
        join: &str,
        hostname: &str,
        begin: Timestamp,
        slots_per_batch: i64,
    ) -> Result<Self, String> {
        let join = JoinString::parse(join)?;
        let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|why| why.to_string())?;
        let key = Ed25519KeyPair::from_pkcs8(made.as_ref()).map_err(|why| why.to_string())?;
        let request = EnrolRequest {
            token_id: join.token_id,
            secret: join.secret,
            public_key: hex(key.public_key().as_ref()),
            hostname: hostname.to_owned(),
            fingerprint: format!("simulated-{hostname}"),
            agent_version: "0.1.0".into(),
        };
        let http = client();
        let body = serde_json::to_vec(&request).map_err(|why| why.to_string())?;
        let (status, text) = post(&http, &format!("{}/v1/enroll", join.url), "application/json", &body)?;
        if status != 200 {
            return Err(format!("{status}: {text}"));
        }
        let reply: EnrolReply = serde_json::from_str(&text).map_err(|why| format!("{why}: {text}"))?;
        let mut spool = reply.agent_id.0;
        spool.reverse();
        let (hostname, spool) = (hostname.to_owned(), Id128(spool));
        Ok(Self { hostname, id: reply.agent_id, spool, key, url: join.url, http, slots_per_batch, begin })
    }

    /// First minute of a batch; that of the next one is its end.
    #[must_use]
    pub fn start_of(&self, seq: u64) -> Timestamp {
        Timestamp(self.begin.0 + (i64::try_from(seq).unwrap_or(1) - 1) * self.slots_per_batch * MINUTE_S)
    }

    /// The CPU code of a minute: different from minute to minute, below 100 %.
    #[must_use]
    pub fn cpu_code(&self, minute: Timestamp) -> Code {
        let mixed = (minute.0 / MINUTE_S).wrapping_mul(0x9e37_79b9) ^ i64::from(self.id.0[15]);
        Code::try_from(mixed.rem_euclid(9_973)).unwrap_or_default()
    }

    /// A batch, sealed and signed.
    ///
    /// # Panics
    /// It is larger than a batch may be.
    #[must_use]
    pub fn sealed(&self, seq: u64) -> Vec<u8> {
        self.sealed_at(seq, self.start_of(seq + 1))
    }

    /// Another batch of the same number, as the copy of a machine would seal it.
    #[must_use]
    pub fn sealed_again(&self, seq: u64) -> Vec<u8> {
        self.sealed_at(seq, Timestamp(self.start_of(seq + 1).0 + 1))
    }

    fn sealed_at(&self, seq: u64, sealed_at: Timestamp) -> Vec<u8> {
        let start = self.start_of(seq).0;
        let minutes = (0..self.slots_per_batch).map(|i| Timestamp(start + i * MINUTE_S));
        let slots: Vec<Slot> =
            minutes.map(|start| Slot { start, width_s: 60, samples: 60, power: Power::On }).collect();
        let cpu: Vec<Code> = slots.iter().map(|slot| self.cpu_code(slot.start)).collect();
        let memory = vec![20_000; slots.len()];
        let columns = vec![
            Column { key: SeriesKey::total(&metric::CPU_BUSY), max: Some(cpu.clone()), mean: cpu },
            Column { key: SeriesKey::total(&metric::MEMORY_USED), mean: memory, max: None },
        ];
        let batch = Batch {
            key: BatchKey { agent_id: self.id, spool_id: self.spool, seq },
            sealed_at,
            table: SlotTable { slots, columns },
            gaps: Vec::new(),
            inventory: None,
        };
        batch::seal(&batch, |bytes| self.sign(bytes)).unwrap_or_else(|why| panic!("seal batch {seq}: {why}"))
    }

    /// Sends bytes as a batch.
    #[must_use]
    pub fn send(&self, sealed: &[u8]) -> Reply {
        let url = format!("{}/v1/batches", self.url);
        match post(&self.http, &url, "application/x-cairn-batch", sealed) {
            Err(why) => Reply::Silent(why),
            Ok((200, text)) => serde_json::from_str(&text)
                .map_or_else(|why| Reply::Silent(why.to_string()), Reply::Acknowledged),
            Ok((status, text)) => Reply::Refused(status, text),
        }
    }

    fn sign(&self, bytes: &[u8]) -> [u8; SIGNATURE_BYTES] {
        let mut signature = [0; SIGNATURE_BYTES];
        signature.copy_from_slice(self.key.sign(bytes).as_ref());
        signature
    }
}

fn client() -> ureq::Agent {
    let deadline = Some(Duration::from_secs(30));
    ureq::Agent::config_builder().http_status_as_error(false).timeout_global(deadline).build().into()
}

fn post(http: &ureq::Agent, url: &str, kind: &str, body: &[u8]) -> Result<(u16, String), String> {
    let sent = http.post(url).header("content-type", kind).send(body);
    let mut response = sent.map_err(|error| error.to_string())?;
    let text = response.body_mut().read_to_string().map_err(|error| error.to_string())?;
    Ok((response.status().as_u16(), text))
}

/// Gets a page: status and body.
///
/// # Errors
/// Nobody answers.
pub fn get(url: &str) -> Result<(u16, String), String> {
    let mut response = client().get(url).call().map_err(|error| error.to_string())?;
    let text = response.body_mut().read_to_string().map_err(|error| error.to_string())?;
    Ok((response.status().as_u16(), text))
}
