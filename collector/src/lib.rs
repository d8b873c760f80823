//! The collector: what `cairn` does, as a library its verbs and its web pages share.
// SPDX-License-Identifier: Apache-2.0
