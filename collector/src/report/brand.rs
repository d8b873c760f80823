//! Whose report it is to look at: a name, a logo, colours and fonts, from a TOML file. A brand changes how a report
//! looks and never what it says.
// SPDX-License-Identifier: Apache-2.0

use crate::nearest::meant;
use crate::policy_file::{self, line_of};
use crate::report::render::theme;
use anyhow::{Context as _, bail, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Bytes of a logo, and of each font, at most.
const FILE_BYTES_MAX: u64 = 8 << 20;

/// How a report looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brand {
    /// Whose it is: over every page, and the author of the file.
    pub name: String,
    /// Beside the name.
    pub logo: Option<Logo>,
    /// Colours of the style sheet that are others, by their name there, as `#rrggbb`.
    pub colours: BTreeMap<String, String>,
    /// Fonts the PDF may use beyond its own.
    pub fonts: Vec<Vec<u8>>,
}

/// A logo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    /// The picture.
    pub bytes: Vec<u8>,
    /// Its media type.
    pub media_type: &'static str,
}

impl Default for Brand {
    fn default() -> Self {
        Self { name: "Cairn".into(), logo: None, colours: BTreeMap::new(), fonts: Vec::new() }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BrandFile {
    name: String,
    logo: Option<PathBuf>,
    #[serde(default)]
    fonts: Vec<PathBuf>,
    #[serde(default)]
    colours: BTreeMap<String, toml::Spanned<String>>,
}

impl Brand {
    /// Reads a brand; logo and fonts are named from where the file is.
    ///
    /// # Errors
    /// The file, its logo or a font cannot be read, is too large or of another kind; a colour does not exist or is
    /// no colour. The error names file, line and field.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path).with_context(|| format!("read the brand {shown}"))?;
        let file: BrandFile = policy_file::read(&shown, &text)?;
        let known = theme::colours(&Self::default());
        for (name, colour) in &file.colours {
            let line = line_of(&text, Some(colour.span()));
            if !known.contains_key(name) {
                let meant = meant(name, known.keys().map(String::as_str));
                bail!("{shown}:{line}: there is no colour {name:?}{meant}");
            }
            ensure!(is_colour(colour.get_ref()), "{shown}:{line}: {name} is no colour; write \"#0f5b6b\"");
        }
        let beside = |name: &PathBuf| path.parent().unwrap_or(Path::new("")).join(name);
        Ok(Self {
            name: crate::number::terminal_safe(&file.name).into_owned(),
            logo: file.logo.as_ref().map(|name| logo(&beside(name))).transpose()?,
            colours: file.colours.into_iter().map(|(name, colour)| (name, colour.into_inner())).collect(),
            fonts: file.fonts.iter().map(|name| bounded(&beside(name))).collect::<anyhow::Result<_>>()?,
        })
    }

    /// The logo as an address that needs no other file.
    pub(super) fn logo_url(&self) -> Option<String> {
        let logo = self.logo.as_ref()?;
        Some(format!("data:{};base64,{}", logo.media_type, BASE64.encode(&logo.bytes)))
    }

    /// What the style sheet says otherwise.
    pub(super) fn style(&self) -> String {
        let pairs: String = self.colours.iter().map(|(name, colour)| format!("--{name}:{colour};")).collect();
        if pairs.is_empty() { pairs } else { format!(":root{{{pairs}}}") }
    }
}

fn is_colour(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn bounded(path: &Path) -> anyhow::Result<Vec<u8>> {
    let shown = path.display();
    let bytes = std::fs::metadata(path).with_context(|| format!("read {shown}"))?.len();
    ensure!(bytes <= FILE_BYTES_MAX, "{shown} is larger than {} MiB", FILE_BYTES_MAX >> 20);
    std::fs::read(path).with_context(|| format!("read {shown}"))
}

fn logo(path: &Path) -> anyhow::Result<Logo> {
    let bytes = bounded(path)?;
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(512)]).into_owned();
    let media_type = match &*bytes {
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        _ if start.contains("<svg") => "image/svg+xml",
        _ => bail!("{} is no logo; PNG, JPEG and SVG are", path.display()),
    };
    Ok(Logo { bytes, media_type })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> anyhow::Result<Brand> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("logo.svg"), "<svg xmlns=\"http://www.w3.org/2000/svg\"/>").unwrap();
        std::fs::write(dir.path().join("notes.txt"), "no picture").unwrap();
        let path = dir.path().join("brand.toml");
        std::fs::write(&path, text).unwrap();
        Brand::read(&path)
    }

    fn check(text: &str, said: &str) {
        let error = format!("{:#}", read(text).unwrap_err());
        assert!(error.contains(said), "{error}");
    }

    #[test]
    fn a_brand_changes_name_logo_and_colours() {
        let brand = read("name = \"Acme\"\nlogo = \"logo.svg\"\n[colours]\naccent = \"#aa0000\"").unwrap();
        assert_eq!(brand.name, "Acme");
        assert_eq!(brand.style(), ":root{--accent:#aa0000;}");
        assert!(brand.logo_url().unwrap().starts_with("data:image/svg+xml;base64,PHN2Zy"));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        check(
            "name = \"A\"\n[colours]\nacent = \"#aa0000\"",
            "brand.toml:3: there is no colour \"acent\"; was \"accent\" meant?",
        );
        check("name = \"A\"\n[colours]\nink = \"red\"", "brand.toml:3: ink is no colour");
        check("nam = \"A\"", "brand.toml:1");
        check("name = \"A\"\nlogo = \"notes.txt\"", "is no logo");
        check("name = \"A\"\nlogo = \"gone.png\"", "gone.png");
    }
}
