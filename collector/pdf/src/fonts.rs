//! The fonts of every document: IBM Plex, built in (SIL Open Font License, `fonts/LICENSE.txt`), and those given.
// SPDX-License-Identifier: Apache-2.0

use crate::PdfError;
use std::sync::LazyLock;
use typst::foundations::Bytes;
use typst::text::Font;

const BUILT_IN: [&[u8]; 4] = [
    include_bytes!("../fonts/IBMPlexSans-Regular.ttf"),
    include_bytes!("../fonts/IBMPlexSans-Bold.ttf"),
    include_bytes!("../fonts/IBMPlexSans-Italic.ttf"),
    include_bytes!("../fonts/IBMPlexSerif-SemiBold.ttf"),
];

/// The fonts built in and those given, in this order.
pub(crate) fn all(given: &[Vec<u8>]) -> Result<Vec<Font>, PdfError> {
    static OWN: LazyLock<Vec<Font>> =
        LazyLock::new(|| BUILT_IN.iter().flat_map(|data| Font::iter(Bytes::new(*data))).collect());
    let mut fonts = OWN.clone();
    for (index, data) in given.iter().enumerate() {
        let before = fonts.len();
        fonts.extend(Font::iter(Bytes::new(data.clone())));
        if fonts.len() == before {
            return Err(PdfError::Font(index + 1));
        }
    }
    Ok(fonts)
}

/// Whether any of the fonts can draw a character.
pub(crate) fn draw(fonts: &[Font], c: char) -> bool {
    fonts.iter().any(|font| font.info().coverage.contains(c as u32))
}
