//! Evidence, written and read.
// SPDX-License-Identifier: Apache-2.0
