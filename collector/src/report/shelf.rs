//! A store that only holds assessments, for the tests of what reads them.
// SPDX-License-Identifier: Apache-2.0

use crate::store::*;
use cairn_assess::estate::{Answer, Moment, RecordedTrigger, Week};
use cairn_schemas::assessment::Assessment;
use cairn_schemas::decision::Decision;
use cairn_schemas::directives::Directives;
use cairn_schemas::fact::{Fact, Facts};
use cairn_schemas::gap::Gap;
use cairn_schemas::identity::{AgentId, SpoolId};
use cairn_schemas::outcome::Register as Outcomes;
use cairn_schemas::slot::SlotTable;
use cairn_schemas::time::{Timestamp, Window};
use std::collections::BTreeMap;

/// Assessments numbered from 1, and nothing else.
pub(crate) struct Shelf {
    name: EngagementName,
    assessments: Vec<Assessment>,
    torn: bool,
}

impl Shelf {
    pub(crate) fn new(assessments: Vec<Assessment>) -> Self {
        Self { name: "default".parse().unwrap(), assessments, torn: false }
    }

    /// One whose list of assessments cannot be read.
    pub(crate) fn torn() -> Self {
        Self { torn: true, ..Self::new(vec![]) }
    }
}

/// Methods that no reader of assessments calls.
macro_rules! never_called {
    ($($name:ident($($arg:ty),*) -> $out:ty;)*) => {
        $(fn $name(&self, $(_: $arg),*) -> Result<$out> { unreachable!(stringify!($name)) })*
    };
}

impl admission::Admission for Shelf {
    never_called! {
        tokens(Timestamp) -> Vec<Token>;
        grant_token(&Token, &str, Timestamp) -> ();
        revoke_token(&str, &str, Timestamp) -> bool;
    }
}

impl people::People for Shelf {
    never_called! {
        people() -> Vec<people::Person>;
        person(&str) -> Option<people::Person>;
        add_person(&people::NewPerson<'_>, &str, Timestamp) -> bool;
        set_role(&str, people::Role, &str, Timestamp) -> bool;
        set_password(&str, &str, &str, Timestamp) -> bool;
        remove_person(&str, &str, Timestamp) -> bool;
        put_link(&str, &people::Digest, Timestamp, &str, Timestamp) -> bool;
        begin_by_link(&people::Digest, &people::Begun, Timestamp) -> Option<people::Person>;
        begin_session(&people::Person, &people::Begun, Timestamp) -> bool;
        end_session(&people::Digest, Timestamp) -> bool;
        end_sessions(Option<&str>, &str, Timestamp) -> Option<usize>;
    }

    /// Whoever comes may look.
    fn session(&self, _: &people::Digest, now: Timestamp) -> Result<Option<people::Person>> {
        let (name, role) = ("a reader".to_owned(), people::Role::Viewer);
        Ok(Some(people::Person { id: 1, name, role, password: None, added_at: now, sessions: 1 }))
    }
}

impl care::Care for Shelf {
    never_called! {
        retain(&care::Retention, &str, Timestamp, bool) -> care::Removed;
        retained_at() -> Option<Timestamp>;
        erasable(&str, bool) -> Option<care::Erasure>;
        erase_server(&str, bool, &str, Timestamp, &dyn Fn(&care::Erasure) -> String) -> Option<(care::Erasure, String)>;
        copy_to(&std::path::Path) -> ();
        register_backup(&care::Backup, &str) -> ();
        backups() -> Vec<care::Backup>;
        check(bool) -> care::Checkup;
    }
}

impl diary::Diary for Shelf {
    never_called! {
        record_trigger(&RecordedTrigger, Timestamp) -> ();
        triggers() -> Vec<RecordedTrigger>;
        record_moment(&Moment, Timestamp) -> ();
        moments() -> Vec<Moment>;
        put_answers(&[Answer], &str, Timestamp) -> ();
        answers() -> Vec<Answer>;
    }
}

impl outcomes::Outcomes for Shelf {
    never_called! {
        enter(&outcomes::Entries, &str, Timestamp) -> outcomes::Entered;
        withdraw_step(u64, &str, Timestamp) -> bool;
        put_baseline(&outcomes::Sealed, Timestamp) -> u64;
        steps() -> Vec<outcomes::KeptStep>;
        outcomes() -> Outcomes;
    }
}

impl register::Register for Shelf {
    never_called! {
        decide(&[Decision], &BTreeMap<String, Vec<(String, Fact)>>, &str, Timestamp) -> Vec<u64>;
        withdraw_decision(u64, &str, Timestamp) -> bool;
        decisions() -> Vec<register::KeptDecision>;
        put_cmdb(&str, &BTreeMap<String, Vec<(String, Fact)>>, &str, &str, Timestamp) -> u64;
        statements() -> BTreeMap<String, Vec<register::Statement>>;
        put_mapping(&str, &str, &str, Timestamp) -> ();
        mappings() -> BTreeMap<String, String>;
    }
}

impl kept::Keep for Shelf {
    never_called! {
        keep_inputs(u64, &kept::KeptInputs) -> ();
        kept_inputs(u64) -> Option<kept::KeptInputs>;
        kept_policy(u64) -> Option<String>;
        keep_prepared(u64, &[u8]) -> ();
        kept_prepared(u64) -> Option<Vec<u8>>;
    }
}

impl timetable::Timetable for Shelf {
    never_called! {
        put_schedule(&timetable::Schedule, Timestamp) -> bool;
        remove_schedule(&str, &str, Timestamp) -> bool;
        schedules() -> Vec<timetable::KeptSchedule>;
        begin_run(u64, Timestamp, u32, Timestamp) -> timetable::Run;
        end_run(u64, timetable::End<'_>, &dyn Fn(Option<u64>) -> Vec<timetable::Message>, Timestamp) -> Option<u64>;
        runs() -> Vec<timetable::Run>;
    }
}

impl Store for Shelf {
    fn engagement(&self) -> &EngagementName {
        &self.name
    }

    fn sources(&self) -> Result<Vec<Source>> {
        let of = |(n, server): (usize, String)| Source {
            id: n as i64,
            kind: SourceKind::Simulated,
            key: server.clone(),
            server,
            first_seen: None,
            last_seen: Some(Timestamp(1_764_028_800)),
        };
        Ok(self.servers()?.into_iter().enumerate().map(of).collect())
    }

    fn servers(&self) -> Result<Vec<String>> {
        let servers = self.assessments.iter().flat_map(|a| &a.readiness.servers);
        Ok(servers.map(|server| server.server.clone()).collect())
    }

    fn agents(&self) -> Result<Vec<Agent>> {
        Ok(Vec::new())
    }

    fn assessment(&self, id: u64) -> Result<Option<Assessment>> {
        let stored = usize::try_from(id).ok().and_then(|id| self.assessments.get(id.checked_sub(1)?));
        Ok(stored.cloned().map(|assessment| Assessment { id, ..assessment }))
    }

    fn assessments(&self) -> Result<Vec<AssessmentRow>> {
        if self.torn {
            return Err(StoreError::Damaged("torn".into()));
        }
        let row = |(n, a): (usize, &Assessment)| AssessmentRow {
            id: n as u64 + 1,
            created: a.created,
            state: ReviewState::Draft,
            signed_by: None,
            reviewed: None,
            issued: None,
        };
        Ok(self.assessments.iter().enumerate().map(row).collect())
    }

    never_called! {
        source(SourceKind, &str, &str) -> Source;
        map_source(SourceId, &str, &str, Timestamp) -> ();
        put_token(&Token) -> ();
        token(&str) -> Option<Token>;
        enrol(&str, &Agent, Timestamp) -> Option<AgentId>;
        register(&Agent, &str, &str, Timestamp) -> bool;
        agent(AgentId) -> Option<Agent>;
        revoke(AgentId, &str, Timestamp) -> bool;
        ask_rotation(AgentId, &str, Timestamp) -> bool;
        rotate(&Rotation, Timestamp) -> Rotated;
        retired_keys(AgentId) -> Vec<RetiredKey>;
        is_retired(&[u8]) -> bool;
        set_ring(AgentId, &str, &str, Timestamp) -> bool;
        put_directives(&str, Option<&Directives>, &str, Timestamp) -> u64;
        directives() -> Vec<(String, Directives)>;
        directives_of(AgentId) -> Option<Directives>;
        append(&[Incoming]) -> Vec<Appended>;
        ack_state(AgentId, SpoolId) -> AckState;
        compact(usize, Timestamp) -> Compaction;
        compact_due(Timestamp, &dyn Fn() -> bool) -> Compaction;
        merge(SourceId, &SlotTable, &[Gap]) -> MergeStats;
        day_tables(SourceId, Window) -> Vec<SlotTable>;
        weeks(SourceId, Window) -> Vec<Week>;
        gaps(SourceId, Window) -> Vec<Gap>;
        extent() -> Option<Window>;
        put_facts(&str, &[(String, Fact)]) -> ();
        put_all_facts(&BTreeMap<String, Vec<(String, Fact)>>) -> ();
        facts(&str) -> Facts;
        all_facts() -> BTreeMap<String, Facts>;
        put_assessment(&Assessment) -> u64;
        set_review_state(u64, ReviewState, &str, Timestamp) -> ();
        enqueue(&str, &str, Timestamp) -> bool;
        claim_due(Timestamp, Timestamp) -> Vec<OutboxRow>;
        delivered(&str, Timestamp) -> ();
        delivery_failed(&str, Timestamp) -> ();
        outbox() -> Vec<OutboxRow>;
        audit(&str, &str, Timestamp) -> ();
        audit_log() -> Vec<(Timestamp, String, String)>;
    }
}
