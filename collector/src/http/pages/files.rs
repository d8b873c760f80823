//! An assessment as files to take along, and as an API tools read.
// SPDX-License-Identifier: Apache-2.0

use super::{PAGE_POLICY, answer, blocking, internal, not_found};
use crate::assessments::word;
use crate::http::guard::Visitor;
use crate::http::problem::Refused;
use crate::messages::Messages;
use crate::report::render::{csv, html, json};
use crate::report::{Context, report};
use crate::store::{AssessmentRow, Store};
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::{Extension, Json};
use cairn_schemas::assessment::Assessment;
use cairn_schemas::time::Timestamp;
use serde::Serialize;

/// The report file brings its own style.
const REPORT_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(in crate::http) async fn file(
    Extension(visitor): Extension<Visitor>,
    Path((_, id, file)): Path<(String, String, String)>,
) -> Result<Response, Refused> {
    blocking(move || {
        let assessment = find(visitor.store.as_ref(), &id)?;
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
