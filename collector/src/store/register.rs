//! What people decided about servers, what each origin said of them, and how files of people are read. Part of every
//! store.
// SPDX-License-Identifier: Apache-2.0

use super::Result;
use cairn_schemas::decision::Decision;
use cairn_schemas::fact::Fact;
use cairn_schemas::time::Timestamp;
use std::collections::BTreeMap;

/// A decision as kept, withdrawn or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptDecision {
    /// The decision.
    pub decision: Decision,
    /// Who withdrew it, and when.
    pub withdrawn: Option<(String, Timestamp)>,
}

/// What one origin last said of one fact of a server, whether it is believed or not.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// `agent`, `import`, `facts`, `person`, `cmdb NAME` and so on.
    pub origin: String,
    /// Name of the fact.
    pub name: String,
    /// What it said.
    pub fact: Fact,
}

/// The register of decisions, and where facts come from.
pub trait Register {
    /// Keeps decisions and facts in one transaction, with an audit line for each decision; the numbers the decisions
    /// got, in their order. `by` is who enters them, which need not be who decided.
    fn decide(
        &self,
        decisions: &[Decision],
        facts: &BTreeMap<String, Vec<(String, Fact)>>,
        by: &str,
        now: Timestamp,
    ) -> Result<Vec<u64>>;
    /// Withdraws a decision: it stays, and no longer counts. `false` when there is none of the number that counts.
    fn withdraw_decision(&self, id: u64, by: &str, now: Timestamp) -> Result<bool>;
    /// Every decision ever made, by number.
    fn decisions(&self) -> Result<Vec<KeptDecision>>;

    /// Keeps all that a CMDB says of servers, in place of what it said before, in one transaction. Where an agent has
    /// seen a fact or a person confirmed it, what the CMDB says is kept beside and not believed; how many such.
    fn put_cmdb(
        &self,
        origin: &str,
        facts: &BTreeMap<String, Vec<(String, Fact)>>,
        by: &str,
        what: &str,
        now: Timestamp,
    ) -> Result<u64>;
    /// What each origin last said of each server, by origin and fact.
    fn statements(&self) -> Result<BTreeMap<String, Vec<Statement>>>;

    /// Keeps a mapping of columns to facts under a name, in place of one of the same name.
    fn put_mapping(&self, name: &str, text: &str, by: &str, now: Timestamp) -> Result<()>;
    /// Every mapping, by name.
    fn mappings(&self) -> Result<BTreeMap<String, String>>;
}

/// Whose word a fact is: the first words of its source.
#[must_use]
pub fn origin_of(source: &str) -> &str {
    let words = if source.starts_with("cmdb ") { 2 } else { 1 };
    let end = source.match_indices([' ', ':']).nth(words - 1).map_or(source.len(), |(at, _)| at);
    &source[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins() {
        let check = |source: &str, expected: &str| assert_eq!(origin_of(source), expected);
        check("agent", "agent");
        check("agent:1.2", "agent");
        check("import csv servers.csv:12", "import");
        check("cmdb servicenow export of today.csv:3", "cmdb servicenow");
        check("", "");
    }
}
