//! Stores of every earlier version are read, and one of a later version is left alone.
// SPDX-License-Identifier: Apache-2.0

use super::*;
