//! What assessments were computed from, kept with them: so that one can be computed again however the store has
//! changed since. Part of every store.
// SPDX-License-Identifier: Apache-2.0

use super::Result;

/// What an assessment was computed from, packed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptInputs {
    /// `inputs_sha256`: that of the estate's JSON.
    pub estate_sha256: String,
    /// The estate's JSON as a zstd frame.
    pub estate: Vec<u8>,
    /// The policy's JSON.
    pub policy: String,
}

/// Inputs beside the assessments made of them. They go with their assessment, and when a server they name is erased;
/// those of drafts also by retention.
pub trait Keep {
    /// Keeps what an assessment was computed from; an estate is kept once, however many were made of it.
    fn keep_inputs(&self, assessment: u64, inputs: &KeptInputs) -> Result<()>;
    /// What an assessment was computed from, where it is kept.
    fn kept_inputs(&self, assessment: u64) -> Result<Option<KeptInputs>>;
    /// The policy's JSON among them, without the rest.
    fn kept_policy(&self, assessment: u64) -> Result<Option<String>>;
    /// Keeps servers ready to be packed again beside inputs that are kept; they go with them.
    fn keep_prepared(&self, assessment: u64, packed: &[u8]) -> Result<()>;
    /// Servers ready to be packed again, where they are kept.
    fn kept_prepared(&self, assessment: u64) -> Result<Option<Vec<u8>>>;
}
