//! The committed JSON Schemas are those of the types (`UPDATE=1` writes them anew), and every message of an
//! earlier version still reads. Golden messages are added, never changed.
// SPDX-License-Identifier: Apache-2.0
#![cfg(feature = "json-schema")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_schemas::assessment::Assessment;
use cairn_schemas::change::AssessmentChange;
use cairn_schemas::event::{CloudEvent, RunEvent};
use cairn_schemas::inventory::Inventory;
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use std::path::{Path, PathBuf};

fn inside(folder: &str, file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(file)
}

fn check_schema<T: JsonSchema>(file: &str) {
    let schema = SchemaGenerator::new(SchemaSettings::draft2020_12()).into_root_schema_for::<T>();
    let generated = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    let path = inside("json", file);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == generated,
        "schemas/json/{file} is not what the types say; run `UPDATE=1 cargo test -p cairn-schemas \
         --all-features` and look at the difference"
    );
}

#[test]
fn schemas_are_those_of_the_types() {
    check_schema::<Assessment>("assessment.json");
    check_schema::<AssessmentChange>("change.json");
    check_schema::<CloudEvent>("event.json");
    check_schema::<RunEvent>("run_event.json");
    check_schema::<Inventory>("inventory.json");
}
