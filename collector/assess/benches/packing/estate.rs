//! Estates of trace-derived replicas, 168 cells x 4 dimensions: hosts, bound, gap and cost, beside the practice.
// SPDX-License-Identifier: Apache-2.0

use std::path::Path;

pub(crate) fn run(_prepared: &Path, _small: bool) {}
