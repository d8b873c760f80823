//! What leaves when a run has ended: one CloudEvent, by the outbox of the journey's events.
// SPDX-License-Identifier: Apache-2.0

use crate::outbox;
use crate::store::timetable::{Message, Run};
use cairn_assess::difference;
use cairn_schemas::assessment::Assessment;
use cairn_schemas::event::{CloudEvent, RUN_COMPLETED, RUN_FAILED, RunFigures, ScheduledRun};
use cairn_schemas::time::Timestamp;

/// The figures of an assessment a reader decides by whether to open it.
#[must_use]
pub fn figures(assessment: &Assessment) -> RunFigures {
    let plan = assessment.consolidation.as_ref();
    RunFigures {
        assessment: assessment.id,
        servers: assessment.estate.assessed,
        hosts: plan.map(|plan| plan.hosts),
        failover_hosts: plan.map(|plan| plan.failover_hosts),
        net_consolidation_ratio: plan.and_then(|plan| plan.net_consolidation_ratio),
        score: assessment.readiness.score,
        coverage_ratio: assessment.coverage.ratio,
    }
}

/// The message of a run that made an assessment, with those of the phases it opens.
#[must_use]
pub fn completed(
    engagement: &str,
    run: &Run,
    assessment: &Assessment,
    previous: Option<&Assessment>,
    now: Timestamp,
) -> Vec<Message> {
    let data = ScheduledRun {
        figures: Some(figures(assessment)),
        previous: previous.map(figures),
        change: previous.map(|previous| difference::verdict(previous, assessment)),
        ..said(engagement, run)
    };
    let audit = format!("run of schedule {} due {} made assessment {}", run.name, run.due, assessment.id);
    let mut messages = vec![message(RUN_COMPLETED, data, audit, now)];
    messages.extend(outbox::messages_of_opened(assessment));
    messages
}

/// The message of a run that made none.
#[must_use]
pub fn failed(engagement: &str, run: &Run, why: &str, now: Timestamp) -> Message {
    let data = ScheduledRun { failure: Some(why.to_owned()), ..said(engagement, run) };
    let audit = format!("run of schedule {} due {} failed: {why}", run.name, run.due);
    message(RUN_FAILED, data, audit, now)
}

fn said(engagement: &str, run: &Run) -> ScheduledRun {
    ScheduledRun {
        engagement: engagement.to_owned(),
        schedule: run.name.clone(),
        due: run.due,
        missed: run.missed,
        figures: None,
        previous: None,
        change: None,
        failure: None,
    }
}

fn message(kind: &str, data: ScheduledRun, audit: String, now: Timestamp) -> Message {
    let id = format!("{}-schedule-{}-{}", data.engagement, data.schedule, data.due);
    let source = format!("/cairn/engagements/{}", data.engagement);
    let event = CloudEvent {
        specversion: "1.0".into(),
        id: id.clone(),
        source,
        kind: kind.to_owned(),
        time: now,
        datacontenttype: "application/json".into(),
        data,
    };
    // An event is plain data: it always serialises.
    Message { id, body: serde_json::to_string(&event).unwrap_or_default(), audit }
}
