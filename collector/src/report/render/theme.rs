//! Colours and drawings as paper needs them, taken from the one style sheet: print knows no custom properties, and
//! a colour written down twice is one that drifts.
// SPDX-License-Identifier: Apache-2.0

use super::html::STYLE;
use crate::report::Brand;
use std::collections::BTreeMap;

/// The colours of the style sheet by name, in light, and those of a brand over them.
#[must_use]
pub fn colours(brand: &Brand) -> BTreeMap<String, String> {
    let root = between(STYLE, ":root {", "}");
    let pairs = root.split(';').filter_map(|pair| pair.trim().strip_prefix("--")?.split_once(':'));
    let own = pairs.filter(|(_, value)| value.trim().starts_with('#'));
    let mut all: BTreeMap<_, _> =
        own.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect();
    all.extend(brand.colours.clone());
    all
}

/// The rules of the style sheet for charts, with colours and fonts in place of properties.
#[must_use]
pub fn chart_style(brand: &Brand) -> String {
    let mut rules = between(STYLE, "/* Charts */", "/* Journey */").to_owned();
    for (name, value) in colours(brand) {
        rules = rules.replace(&format!("var(--{name})"), &value);
    }
    let sans = format!(".chart {{ font-family: '{SANS}' }}");
    let kept = rules.lines().filter(|line| line.starts_with('.') && !line.contains("display"));
    let kept: Vec<_> =
        kept.filter(|line| !line.starts_with(".figure") && !line.starts_with(".chart {")).collect();
    let big = format!(".chart-big {{ font-family: '{SERIF}'; font-weight: 600; font-size: 30px }}");
    format!("{}\n{sans}\n{big}", kept.join("\n").replace("font: 600 30px var(--serif); ", ""))
}

/// The fonts of the PDF.
const SANS: &str = "IBM Plex Sans";
const SERIF: &str = "IBM Plex Serif SmBld";

/// A drawing with its style inside it.
#[must_use]
pub fn styled(svg: &str, style: &str) -> String {
    match svg.split_once('>') {
        Some((open, rest)) => format!("{open}><style>{style}</style>{rest}"),
        None => svg.to_owned(),
    }
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let rest = text.split_once(from).map_or("", |(_, rest)| rest);
    rest.split_once(to).map_or("", |(inside, _)| inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paper_has_the_colours_of_the_style_sheet() {
        let mut brand = Brand::default();
        assert_eq!(colours(&brand)["ink"], "#17222c");
        brand.colours.insert("c-host".into(), "#ff0000".into());
        let style = chart_style(&brand);
        assert!(style.contains(".fill-host { fill: #ff0000; }") && style.contains(".chart-big"), "{style}");
        assert!(!style.contains("var("), "a property is left: {style}");
        assert!(styled("<svg a=\"b\"><g/></svg>", "x").starts_with("<svg a=\"b\"><style>x</style><g/>"));
    }
}
