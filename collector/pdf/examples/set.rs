//! Sets a document from a file of its data, for whoever works on the layout: `set report.json report.pdf`. The tests
//! of the report write such files to the directory `CAIRN_REPORTS` names.
// SPDX-License-Identifier: Apache-2.0

use cairn_pdf::{Document, pdf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let [from, to] = [1, 2].map(|at| std::env::args_os().nth(at).unwrap_or_default());
    let data = serde_json::from_slice(&std::fs::read(from)?)?;
    let created = (2026, [11, 25, 15, 0, 0]);
    std::fs::write(to, pdf(&Document { data, logo: None, fonts: &[], created, ident: "layout".into() })?)?;
    Ok(())
}
