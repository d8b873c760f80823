//! What the end-to-end tests share: real binaries, fresh directories, free ports.
// SPDX-License-Identifier: Apache-2.0
