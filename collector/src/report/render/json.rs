//! The assessment itself, indented.
// SPDX-License-Identifier: Apache-2.0

use cairn_schemas::assessment::Assessment;

/// The assessment as indented JSON with a newline at its end.
///
/// # Errors
/// A figure of the assessment cannot be written as JSON.
pub fn json(assessment: &Assessment) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(assessment).map(|text| text + "\n")
}
