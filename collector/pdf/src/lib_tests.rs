//! What cannot be set is said, and nothing panics.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use serde_json::json;

fn document() -> Document<'static> {
    let ident = "x".into();
    Document { data: json!({}), logo: None, fonts: &[], created: (2026, [11, 25, 15, 0, 0]), ident }
}

#[test]
fn what_cannot_be_set_is_said() {
    assert!(matches!(pdf(&document()), Err(PdfError::Layout(_))));
    assert!(pdf(&Document { created: (2026, [13, 1, 0, 0, 0]), ..document() }).is_err());
    let fonts = [b"no font".to_vec()];
    assert!(matches!(pdf(&Document { fonts: &fonts, ..document() }), Err(PdfError::Font(1))));
}
