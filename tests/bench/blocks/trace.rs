//! A store with the Bitbrains trace in it, as an administrator would import it.
// SPDX-License-Identifier: Apache-2.0

use super::{Args, say};
use cairn_tests::harness;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs `work` on the store that is named, or on one the trace has been imported into.
pub(crate) fn with_store(args: &Args, work: impl Fn(&Path) -> anyhow::Result<()>) -> anyhow::Result<()> {
    if let Some(dir) = &args.data {
        return work(dir);
    }
    let trace = harness::real_data().map(|data| data.join("util/bitbrains_rnd_vms.parquet"));
    let Some(trace) = trace.filter(|path| path.exists()) else {
        return say("SKIPPED blocks: no Bitbrains trace beside the repository; set CAIRN_DATA");
    };
    let home = harness::fresh_dir("blocks");
    let (files, data) = (home.path().join("csv"), home.path().join("data"));
    std::fs::create_dir(&files)?;
    let python = std::env::var_os("CAIRN_PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from);
    let mut convert = Command::new(python);
    convert.arg(harness::repository().join("tests/bitbrains/convert.py")).arg(&trace).arg(&files);
    let _ = harness::run(convert);
    let mut import = harness::cairn(&["import", "csv"]);
    import.arg(&files).arg("--data").arg(&data);
    let _ = harness::run(import);
    work(&data)
}
