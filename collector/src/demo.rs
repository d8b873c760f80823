//! The demonstration: a whole assessment with nothing installed. A real agent measures this machine for some
//! seconds, a simulated estate stands beside it, and both go through what every estate goes through.
// SPDX-License-Identifier: Apache-2.0

mod agent;
mod estate;
mod machine;
mod page;
mod summary;

pub use agent::{Agent, AgentError};
pub use estate::{Added, add_simulated, record_simulated_trigger, window_of};
pub use machine::Machine;
pub use page::Look;
pub use summary::Summary;

/// Engagement a demonstration is kept in.
pub const ENGAGEMENT: &str = "demo";
/// Who recorded the business trigger of a demonstration: nobody.
pub const SIMULATED_PERSON: &str = "simulated person (cairn demo)";
