//! An assessment as files to take along, and as an API tools read.
// SPDX-License-Identifier: Apache-2.0

use super::words::current;
use super::{PAGE_POLICY, answer, blocking, internal, not_found};
use crate::assessments::word;
use crate::http::guard::Visitor;
use crate::http::problem::Refused;
use crate::messages::Messages;
use crate::report::render::{csv, html, json, xlsx};
use crate::report::{Context, ReportModel, owner_sheets, report};
use crate::store::{AssessmentRow, Store};
use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::{Extension, Json};
use cairn_schemas::assessment::Assessment;
use cairn_schemas::time::Timestamp;
use serde::Serialize;
use std::collections::BTreeSet;
use tokio::sync::Semaphore;

/// The report file brings its own style.
const REPORT_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Files made at one time; who asks for another waits. One of a large estate takes seconds and some tens of megabytes.
const AT_ONCE: usize = 2;
static MAKING: Semaphore = Semaphore::const_new(AT_ONCE);

/// A file of an assessment: its name in the address and what it is, `page.assessments.<id>` heading its links.
pub(super) struct File {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    kind: &'static str,
    make: fn(&Context<'_>) -> anyhow::Result<Vec<u8>>,
}

const HTML: &str = "text/html; charset=utf-8";
const PDF: &str = "application/pdf";

/// Every file, in the order they are offered; PDF only by a program that was built with it.
static FILES: &[File] = &[
    File { id: "report", name: "report.html", kind: HTML, make: |cx| page(&whole(cx)) },
    File { id: "paper", name: "report.pdf", kind: PDF, make: |cx| paper(&whole(cx)) },
    File {
        id: "workbook",
        name: "report.xlsx",
        kind: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        make: |cx| Ok(xlsx::xlsx(cx)?),
    },
    File {
        id: "csv",
        name: "servers.csv",
        kind: "text/csv; charset=utf-8",
        make: |cx| Ok(csv::csv(cx)?.into_bytes()),
    },
    File {
        id: "json",
        name: "assessment.json",
        kind: "application/json",
        make: |cx| Ok(json::json(cx.assessment)?.into_bytes()),
    },
    File {
        id: "owners",
        name: "owners.html",
        kind: HTML,
        make: |cx| page(&sheets(cx.assessment, cx.words())),
    },
    File {
        id: "owners-paper",
        name: "owners.pdf",
        kind: PDF,
        make: |cx| paper(&sheets(cx.assessment, cx.words())),
    },
];

fn whole(cx: &Context<'_>) -> ReportModel {
    report(cx.assessment, None, cx.words())
}

/// Whether this program sets PDF.
pub(super) const HAS_PDF: bool = cfg!(feature = "pdf");

/// The files there are here.
pub(super) fn offered() -> impl Iterator<Item = &'static File> {
    FILES.iter().filter(|file| HAS_PDF || file.kind != PDF)
}

fn page(model: &ReportModel) -> anyhow::Result<Vec<u8>> {
    Ok(html::html(model)?.into_bytes())
}

#[cfg(feature = "pdf")]
fn paper(model: &ReportModel) -> anyhow::Result<Vec<u8>> {
    crate::report::render::pdf::pdf(model)
}

#[cfg(not(feature = "pdf"))]
fn paper(_: &ReportModel) -> anyhow::Result<Vec<u8>> {
    anyhow::bail!("this program was built without PDF")
}

/// The sheets of application owners, where a server has one.
fn sheets(assessment: &Assessment, words: &Messages) -> ReportModel {
    let known: BTreeSet<String> =
        assessment.readiness.servers.iter().filter_map(|server| server.owner.clone()).collect();
    let known: Vec<String> = known.into_iter().collect();
    owner_sheets(assessment, words, &known)
}

pub(in crate::http) async fn file(
    Extension(visitor): Extension<Visitor>,
    Path((_, id, name)): Path<(String, String, String)>,
) -> Result<Response, Refused> {
    let file = FILES.iter().find(|file| file.name == name);
    let file = file.ok_or_else(|| not_found(format!("file {name:?} of an assessment")))?;
    if file.kind == PDF && !HAS_PDF {
        return Err(not_found("PDF here: this cairn was built without it; print the HTML report".into()));
    }
    let place = MAKING.acquire().await.map_err(internal)?;
    blocking(move || {
        // Held until it is made, even if whoever asked is gone by then.
        let _place = place;
        let assessment = find(visitor.store.as_ref(), &id)?;
        let cx = Context::new(&assessment, current());
        let body = (file.make)(&cx).map_err(internal)?;
        let policy = if file.kind == HTML { REPORT_POLICY } else { PAGE_POLICY };
        let mut answer = answer(StatusCode::OK, file.kind, policy, body);
        if file.kind != HTML {
            let name = format!(
                "attachment; filename=\"{}-{id}-{}\"",
                visitor.store.engagement().as_str(),
                file.name
            );
            let name = HeaderValue::try_from(name).map_err(internal)?;
            answer.headers_mut().insert(header::CONTENT_DISPOSITION, name);
        }
        Ok(answer)
    })
    .await
}

/// A line of the list of assessments.
#[derive(Debug, Serialize)]
pub(in crate::http) struct Line {
    id: u64,
    created: Timestamp,
    state: &'static str,
    signed_by: Option<String>,
}

pub(in crate::http) async fn list(
    Extension(visitor): Extension<Visitor>,
) -> Result<Json<Vec<Line>>, Refused> {
    blocking(move || {
        let rows = visitor.store.assessments().map_err(internal)?;
        Ok(Json(rows.into_iter().map(line).collect()))
    })
    .await
}

fn line(row: AssessmentRow) -> Line {
    let AssessmentRow { id, created, state, signed_by, .. } = row;
    Line { id, created, state: word(state), signed_by }
}

pub(in crate::http) async fn one(
    Extension(visitor): Extension<Visitor>,
    Path((_, id)): Path<(String, String)>,
) -> Result<Json<Assessment>, Refused> {
    blocking(move || find(visitor.store.as_ref(), &id).map(Json)).await
}

fn find(store: &dyn Store, id: &str) -> Result<Assessment, Refused> {
    let unknown = || not_found(format!("assessment {id:?}"));
    let number = id.parse().map_err(|_| unknown())?;
    store.assessment(number).map_err(internal)?.ok_or_else(unknown)
}
