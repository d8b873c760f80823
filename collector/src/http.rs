//! The HTTP side of the collector.
// SPDX-License-Identifier: Apache-2.0

pub mod pages;
