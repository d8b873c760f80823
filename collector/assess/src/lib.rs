//! The assessment: a pure function from an estate and a policy to figures that can be defended. No clock,
//! file, network, log, random number, hash order or English; same input, same bytes.
//!
//! The modules stand in the order of the method, as one would explain it to a customer.
// SPDX-License-Identifier: Apache-2.0

pub mod demand;
pub mod estate;
pub mod policy;

pub mod packing;
