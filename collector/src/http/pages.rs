//! The pages people read and the API their tools read: the estate, the latest assessment, its report. Pages
//! carry a policy under which a browser runs no script and loads nothing from elsewhere.
// SPDX-License-Identifier: Apache-2.0

use super::problem::Refused;
use super::refusal::Refusal;
use crate::messages::Messages;
use crate::report::render::{csv, html, json};
use crate::report::{Cell, Context, ReportModel, Row, Table, report};
use crate::store::{Agent, Source, SourceKind, Store};
use crate::{number, report as reports};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use cairn_schemas::assessment::Assessment;
use serde::Serialize;
use std::sync::Arc;

/// Nothing runs, nothing is loaded but our own style sheet, nothing frames a page.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; \
                           form-action 'self'; frame-ancestors 'none'";
/// The report file brings its own style.
const REPORT_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The engagement's store, shared by all requests.
type Shared = Arc<dyn Store>;

/// Routes of the pages and of the reading API, over the store of one engagement. They belong on a loopback
/// listener until there is sign-in.
pub fn routes<S: Clone + Send + Sync + 'static>(store: Arc<dyn Store>) -> Router<S> {
    Router::new()
        .route("/", get(overview))
        .route("/assessments/{id}/{file}", get(report_file))
        .route("/static/style.css", get(style))
        .route("/api/v1/engagements/{name}/assessments", get(assessments))
        .route("/api/v1/engagements/{name}/assessments/{id}", get(assessment))
        .with_state(store)
}

fn not_found(what: String) -> Refused {
    Refused::new(Refusal::NotFound, format!("there is no {what}"))
}

fn internal(error: impl std::fmt::Display) -> Refused {
    tracing::error!(%error, "a page could not be made");
    Refused::new(Refusal::PageFailed, "the page could not be made; the collector's log says why")
}

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    words: Words,
    engagement: String,
    servers: usize,
    first_run: Vec<Step>,
    tables: Vec<Table>,
    assessment_id: Option<u64>,
    report: Option<String>,
}

/// Sentences of the page around the report.
struct Words {
    title: String,
    servers: String,
    no_assessment: String,
    assess: String,
    report_file: String,
    csv: String,
    json: String,
}

/// What to do first, and the command that does it.
struct Step {
    text: String,
    command: String,
}

async fn overview(State(store): State<Shared>) -> Result<Response, Refused> {
    let page = blocking(move || overview_page(store.as_ref())).await?;
    Ok(answer(StatusCode::OK, "text/html; charset=utf-8", PAGE_POLICY, page))
}

fn overview_page(store: &dyn Store) -> Result<String, Refused> {
    let latest = latest(store)?;
    let (sources, agents) = (store.sources().map_err(internal)?, store.agents().map_err(internal)?);
    let servers = store.servers().map_err(internal)?.len();
    let shown: Option<ReportModel> = latest.as_ref().map(|a| report(a, Messages::english()));
    let page = Overview {
        words: words(store, servers),
        engagement: store.engagement().as_str().to_owned(),
        servers,
        first_run: if servers == 0 { first_run(store) } else { Vec::new() },
        tables: [agents_table(&agents), sources_table(&sources)].into_iter().flatten().collect(),
        assessment_id: latest.as_ref().map(|a| a.id),
        report: shown.as_ref().map(html::sections).transpose().map_err(internal)?,
    };
    page.render().map_err(internal)
}

fn latest(store: &dyn Store) -> Result<Option<Assessment>, Refused> {
    let Some(row) = store.assessments().map_err(internal)?.pop() else { return Ok(None) };
    store.assessment(row.id).map_err(internal)
}

/// The sentence `page.<id>`.
fn say(id: &str) -> String {
    Messages::english().render(&format!("page.{id}"), &Default::default(), "")
}

/// The sentence of a command `page.<id>.command`, exact for this engagement.
fn command(store: &dyn Store, id: &str) -> String {
    let place = match store.engagement().as_str() {
        "default" => String::new(),
        name => format!(" --engagement {name}"),
    };
    let args = [("place".to_owned(), place.into())].into();
    Messages::english().render(&format!("page.{id}.command"), &args, "")
}

fn words(store: &dyn Store, servers: usize) -> Words {
    let args = [("servers".to_owned(), (servers as f64).into())].into();
    Words {
        title: say("title"),
        servers: Messages::english().render("page.servers", &args, ""),
        no_assessment: say("no-assessment"),
        assess: command(store, "assess"),
        report_file: say("report"),
        csv: say("csv"),
        json: say("json"),
    }
}

fn first_run(store: &dyn Store) -> Vec<Step> {
    let step = |id: &str| Step { text: say(id), command: command(store, id) };
    ["first.demo", "first.agent", "first.import"].into_iter().map(step).collect()
}

fn columns(section: &str, names: &[&str]) -> Vec<reports::Column> {
    let column = |name: &&str| reports::Column { title: say(&format!("{section}.{name}")), numeric: false };
    names.iter().map(column).collect()
}

/// Rows of a table on the page; every one is in `cairn agents`.
const ROWS: usize = 50;

fn agents_table(agents: &[Agent]) -> Option<Table> {
    let row = |agent: &Agent| {
        let seen = agent.last_upload_at.map_or_else(|| say("agents.never"), |at| at.to_string());
        let state = if agent.revoked_at.is_some() { "agents.revoked" } else { "agents.active" };
        Row::new([
            Cell::new(&agent.hostname),
            Cell::new(say(state)),
            Cell::new(seen),
            Cell::new(&agent.version),
            Cell::new(agent.enrolled_at.to_string()),
        ])
    };
    let table = Table {
        caption: say("agents.title"),
        columns: columns("agents", &["host", "state", "seen", "version", "enrolled"]),
        rows: agents.iter().take(ROWS).map(row).collect(),
        foot: (agents.len() > ROWS).then(|| say("more")),
    };
    (!agents.is_empty()).then_some(table)
}

fn sources_table(sources: &[Source]) -> Option<Table> {
    let count = |kind: SourceKind| sources.iter().filter(|source| source.kind == kind).count();
    let kinds = [
        (SourceKind::Agent, "sources.agent"),
        (SourceKind::Import, "sources.import"),
        (SourceKind::Simulated, "sources.simulated"),
    ];
    let row = |(kind, id): (SourceKind, &str)| {
        let of_kind = || sources.iter().filter(move |source| source.kind == kind);
        let first = of_kind().filter_map(|s| s.first_seen).min();
        let last = of_kind().filter_map(|s| s.last_seen).max();
        let moment = |at: Option<_>| {
            at.map_or_else(|| say("sources.nothing"), |at: cairn_schemas::time::Timestamp| at.to_string())
        };
        let mark = (kind == SourceKind::Simulated).then(|| say("sources.mark"));
        Row::new([
            Cell::new(say(id)),
            Cell::new(number::count(count(kind))),
            Cell::new(moment(first)),
            Cell::new(moment(last)),
        ])
        .marked(mark)
    };
    let rows: Vec<_> = kinds.into_iter().filter(|(kind, _)| count(*kind) > 0).map(row).collect();
    let columns = columns("sources", &["kind", "count", "first", "last"]);
    (!rows.is_empty()).then(|| Table { caption: say("sources.title"), columns, rows, foot: None })
}

async fn report_file(
    State(store): State<Shared>,
    Path((id, file)): Path<(String, String)>,
) -> Result<Response, Refused> {
    blocking(move || {
        let assessment = find(store.as_ref(), &id)?;
        let words = Messages::english();
        let (kind, policy, body) = match file.as_str() {
            "report.html" => {
                let body = html::html(&report(&assessment, words)).map_err(internal)?;
                ("text/html; charset=utf-8", REPORT_POLICY, body)
            }
            "servers.csv" => {
                let body = csv::csv(&Context::new(&assessment, words)).map_err(internal)?;
                ("text/csv; charset=utf-8", PAGE_POLICY, body)
            }
            "assessment.json" => {
                ("application/json", PAGE_POLICY, json::json(&assessment).map_err(internal)?)
            }
            other => return Err(not_found(format!("file {other:?} of an assessment"))),
        };
        Ok(answer(StatusCode::OK, kind, policy, body))
    })
    .await
}

async fn style() -> Response {
    answer(StatusCode::OK, "text/css; charset=utf-8", PAGE_POLICY, html::STYLE.to_owned())
}

/// A line of the list of assessments.
#[derive(Debug, Serialize)]
struct AssessmentLine {
    id: u64,
    created: cairn_schemas::time::Timestamp,
    state: &'static str,
    signed_by: Option<String>,
}

async fn assessments(
    State(store): State<Shared>,
    Path(name): Path<String>,
) -> Result<Json<Vec<AssessmentLine>>, Refused> {
    blocking(move || {
        belongs(store.as_ref(), &name)?;
        let line = |row: crate::store::AssessmentRow| AssessmentLine {
            id: row.id,
            created: row.created,
            state: match row.state {
                crate::store::ReviewState::Draft => "draft",
                crate::store::ReviewState::Reviewed => "reviewed",
                crate::store::ReviewState::Issued => "issued",
            },
            signed_by: row.signed_by,
        };
        Ok(Json(store.assessments().map_err(internal)?.into_iter().map(line).collect()))
    })
    .await
}

async fn assessment(
    State(store): State<Shared>,
    Path((name, id)): Path<(String, String)>,
) -> Result<Json<Assessment>, Refused> {
    blocking(move || {
        belongs(store.as_ref(), &name)?;
        find(store.as_ref(), &id).map(Json)
    })
    .await
}

fn belongs(store: &dyn Store, name: &str) -> Result<(), Refused> {
    let known = store.engagement().as_str() == name;
    if known { Ok(()) } else { Err(not_found(format!("engagement {name:?} here"))) }
}

fn find(store: &dyn Store, id: &str) -> Result<Assessment, Refused> {
    let unknown = || not_found(format!("assessment {id:?}"));
    let number = id.parse().map_err(|_| unknown())?;
    store.assessment(number).map_err(internal)?.ok_or_else(unknown)
}

/// The store blocks: it is asked off the async threads.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refused> + Send + 'static,
) -> Result<T, Refused> {
    tokio::task::spawn_blocking(work).await.map_err(internal)?
}

fn answer(status: StatusCode, kind: &'static str, policy: &'static str, body: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, body).into_response()
}

#[cfg(test)]
#[path = "pages_tests.rs"]
mod tests;
