//! [`Register`] for the embedded store: each method beside the file that does it.
// SPDX-License-Identifier: Apache-2.0

use super::{Fact, SqliteStore, Timestamp, audit, decisions, facts, mappings, statements};
use crate::store::Result;
use crate::store::register::{KeptDecision, Register, Statement};
use cairn_schemas::decision::Decision;
use std::collections::BTreeMap;

impl Register for SqliteStore {
    fn decide(
        &self,
        decisions: &[Decision],
        facts: &BTreeMap<String, Vec<(String, Fact)>>,
        by: &str,
        now: Timestamp,
    ) -> Result<Vec<u64>> {
        self.write("keeping decisions", |db| {
            facts.iter().try_for_each(|(server, facts)| facts::put(db, server, facts))?;
            decisions.iter().map(|decision| decisions::put(db, decision, by, now)).collect()
        })
    }

    fn withdraw_decision(&self, id: u64, by: &str, now: Timestamp) -> Result<bool> {
        self.write("withdrawing a decision", |db| decisions::withdraw(db, id, by, now))
    }

    fn decisions(&self) -> Result<Vec<KeptDecision>> {
        self.read("reading decisions", decisions::all)
    }

    fn put_cmdb(
        &self,
        origin: &str,
        facts: &BTreeMap<String, Vec<(String, Fact)>>,
        by: &str,
        what: &str,
        now: Timestamp,
    ) -> Result<u64> {
        self.write("keeping what a CMDB says", |db| {
            let beside = statements::replace(db, origin, facts)?;
            audit::append(db, by, what, now)?;
            Ok(beside)
        })
    }

    fn statements(&self) -> Result<BTreeMap<String, Vec<Statement>>> {
        self.read("reading who said what", statements::all)
    }

    fn put_mapping(&self, name: &str, text: &str, by: &str, now: Timestamp) -> Result<()> {
        self.write("keeping a mapping", |db| mappings::put(db, name, text, by, now))
    }

    fn mappings(&self) -> Result<BTreeMap<String, String>> {
        self.read("reading mappings", mappings::all)
    }
}
