//! The register of outcomes on its way in: words of a command line or rows of a file, checked against the servers there
//! are and the steps they have made. A file is taken whole or not at all.
// SPDX-License-Identifier: Apache-2.0

mod chain;
mod file;
mod freeze;
mod moment;
mod plan;
mod read;

pub use chain::Chains;
pub use file::read_file;
pub use freeze::sealed;
pub use moment::moment;
pub use plan::{Promised, promised};
pub use read::{Said, delay, outcome, realisation, step};
