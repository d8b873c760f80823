//! Writers of a report: HTML, PDF and XLSX for people, CSV and JSON for machines. They add nothing and leave nothing out that
//! is not said.
// SPDX-License-Identifier: Apache-2.0

pub mod csv;
pub mod html;
pub mod json;
#[cfg(feature = "pdf")]
pub mod pdf;
pub mod text;
pub mod theme;
pub mod xlsx;
