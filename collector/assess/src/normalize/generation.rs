//! What a core of each generation does a GHz: our own coefficients, fitted to public results, and the generation of
//! a model by its name.
//!
//! Derived by least squares on the logarithm over the median result of each CPU model in SPECint_rate2006 (2010 to
//! 2014) and SPECrate2017_int (to 2025): `score / (cores * base GHz * threads_factor) = suite * generation`; SPEC's
//! results read under its fair-use rules, none of them kept here. Base clocks are those in the vendors' own names of
//! systems. Haswell and Broadwell are one generation, the only one both suites have, and the newer suite has one
//! model of it: that ties their scales. SPECpower_ssj2008, which saw both sides, sees Nehalem, Sandy Bridge and Ivy
//! Bridge against Skylake within 2 % of what the tie gives. Fitted in November 2026.
//! `collector/assess/tests/normalisation.rs` repeats the fit and predicts each model from all the others.
// SPDX-License-Identifier: Apache-2.0

use super::model_name::canonical;

/// A generation of CPUs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Generation {
    /// Its id.
    pub id: &'static str,
    /// What a core does a GHz of base clock, against a core of Sapphire Rapids. What turbo adds under full load is
    /// in it.
    pub factor: f64,
    /// CPU models behind the factor; 0 where it is a bound, that of the generation that followed.
    pub models: u16,
}

const fn fitted(id: &'static str, factor: f64, models: u16) -> Generation {
    Generation { id, factor, models }
}

/// Every generation, ascending by factor.
pub const GENERATIONS: &[Generation] = &[
    fitted("bulldozer", 0.216, 21),
    fitted("piledriver", 0.237, 15),
    fitted("before-k10", 0.247, 0),
    fitted("k10", 0.247, 19),
    fitted("before-nehalem", 0.320, 0),
    fitted("nehalem", 0.320, 13),
    fitted("sandy-bridge", 0.439, 28),
    fitted("ivy-bridge", 0.459, 18),
    fitted("haswell-broadwell", 0.493, 9),
    fitted("skylake", 0.532, 44),
    fitted("zen", 0.542, 3),
    fitted("skylake-client", 0.547, 16),
    fitted("cascade-lake", 0.607, 73),
    fitted("zen2", 0.628, 16),
    fitted("sierra-forest", 0.704, 7),
    fitted("rocket-lake", 0.728, 8),
    fitted("ice-lake", 0.747, 38),
    fitted("zen3", 0.767, 26),
    fitted("zen4", 0.925, 30),
    fitted("emerald-rapids", 0.972, 26),
    fitted("raptor-lake", 0.996, 12),
    fitted("sapphire-rapids", 1.0, 47),
    fitted("zen5", 1.016, 19),
    fitted("granite-rapids", 1.084, 19),
];

/// What a second thread is taken to add while the factors are fitted: the policy's default.
pub const FITTED_THREADS_FACTOR: f64 = 1.25;

/// What the generation that does least a GHz does.
#[must_use]
pub fn slowest_factor() -> f64 {
    GENERATIONS.iter().map(|generation| generation.factor).fold(1.0, f64::min)
}

/// The generation a CPU model belongs to, by its name; `None` when its name says nothing we know.
#[must_use]
pub fn of(cpu_model: &str) -> Option<&'static Generation> {
    let name = canonical(cpu_model);
    let id = if let Some(rest) = name.strip_prefix("opteron") {
        opteron(rest)
    } else if let Some(rest) = name.strip_prefix("epyc") {
        epyc(rest)
    } else {
        xeon(name.strip_prefix("xeon")?)
    }?;
    GENERATIONS.iter().find(|generation| generation.id == id)
}

/// What the generation that does most a GHz does.
#[must_use]
pub fn fastest_factor() -> f64 {
    GENERATIONS.iter().map(|generation| generation.factor).fold(1.0, f64::max)
}

/// Of four digits the first two tell the generation; three digits came before.
fn opteron(rest: &str) -> Option<&'static str> {
    if digits(rest, 3).is_some() && digits(rest, 4).is_none() {
        return Some("before-k10");
    }
    Some(match digits(rest, 2)? {
        "12" | "22" | "82" => "before-k10",
        "13" | "23" | "24" | "41" | "61" | "83" | "84" => "k10",
        "32" | "42" | "62" => "bulldozer",
        "33" | "43" | "63" => "piledriver",
        _ => return None,
    })
}

/// The last of four places tells the generation; those between may be letters, as in 7F52 or 7R13.
fn epyc(rest: &str) -> Option<&'static str> {
    let places: Vec<char> = rest.chars().take(4).collect();
    let &[first, _, _, last] = places.as_slice() else { return None };
    Some(match (first, last) {
        ('3' | '7', '1') => "zen",
        ('7', '2') => "zen2",
        ('7', '3') => "zen3",
        ('4' | '8' | '9', '4') => "zen4",
        ('4' | '9', '5') => "zen5",
        _ => return None,
    })
}

fn xeon(rest: &str) -> Option<&'static str> {
    if let Some(number) =
        ["platinum", "gold", "silver", "bronze"].iter().find_map(|family| rest.strip_prefix(family))
    {
        return scalable(number);
    }
    let Some((series, number)) = rest.split_once('-') else { return numbered(rest) };
    Some(match (series, digits(number, 2)?) {
        ("e3" | "e5" | "e7", _) => return versioned(series, number),
        ("e", "21" | "22") => "skylake-client",
        ("e", "23") => "rocket-lake",
        ("e", "24") => "raptor-lake",
        ("d", "15" | "16") => "haswell-broadwell",
        ("d" | "w", "21") | ("w", "31") => "skylake",
        ("w", "22" | "32") => "cascade-lake",
        ("d", "17" | "18" | "27" | "28") | ("w", "33") => "ice-lake",
        ("w3" | "w5" | "w7" | "w9", "24" | "34") => "sapphire-rapids",
        _ => return None,
    })
}

/// Scalable processors: the second digit is the generation; the third one with an H is Cooper Lake, whose core is
/// that of Cascade Lake.
fn scalable(number: &str) -> Option<&'static str> {
    let cooper = number.get(4..).is_some_and(|suffix| suffix.starts_with('h'));
    Some(match digits(number, 4)?.as_bytes()[1] {
        b'1' => "skylake",
        b'2' => "cascade-lake",
        b'3' if cooper => "cascade-lake",
        b'3' => "ice-lake",
        b'4' => "sapphire-rapids",
        b'5' => "emerald-rapids",
        _ => return None,
    })
}

/// E3, E5 and E7: the version behind the number is the generation; the first E7 came before the first E5.
fn versioned(series: &str, number: &str) -> Option<&'static str> {
    digits(number, 4)?;
    let version = number.rsplit_once('v').and_then(|(_, version)| version.parse::<u8>().ok());
    Some(match (version, series) {
        (None | Some(1), "e7") => "nehalem",
        (None | Some(1), _) => "sandy-bridge",
        (Some(2), _) => "ivy-bridge",
        (Some(3 | 4), _) => "haswell-broadwell",
        (Some(5 | 6), "e3") => "skylake-client",
        _ => return None,
    })
}

/// Numbers without a series: Xeon 6, Max, and what came before the E series.
fn numbered(rest: &str) -> Option<&'static str> {
    if rest.starts_with("max94") {
        return Some("sapphire-rapids");
    }
    // "Xeon 6 6787P" as well as "Xeon 6787P".
    let six = rest.strip_prefix('6').filter(|number| digits(number, 4).is_some()).unwrap_or(rest);
    let suffix = six.get(4..).and_then(|suffix| suffix.chars().next());
    match (digits(six, 4).map(|number| &number[..2]), suffix) {
        (Some("65" | "67" | "69"), Some('p')) => return Some("granite-rapids"),
        (Some("67" | "69"), Some('e')) => return Some("sierra-forest"),
        (Some("63"), Some('p')) => return Some("raptor-lake"),
        _ => {}
    }
    let number = rest.strip_prefix(['e', 'l', 'w', 'x']).unwrap_or(rest);
    Some(match &digits(number, 4)?[..2] {
        "34" | "35" | "36" | "55" | "56" | "65" | "75" => "nehalem",
        "30" | "31" | "32" | "33" | "50" | "51" | "52" | "53" | "54" => "before-nehalem",
        "70" | "71" | "72" | "73" | "74" => "before-nehalem",
        _ => return None,
    })
}

/// The first so many characters, if all of them are digits.
fn digits(text: &str, count: usize) -> Option<&str> {
    text.get(..count).filter(|start| start.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_generations() {
        let check = |model: &str, expected: Option<&str>| {
            assert_eq!(of(model).map(|generation| generation.id), expected, "{model}");
        };
        check("Intel(R) Xeon(R) CPU E5-2690 v3 @ 2.60GHz", Some("haswell-broadwell"));
        check("Intel(R) Xeon(R) CPU E5-2680 0 @ 2.70GHz", Some("sandy-bridge"));
        check("Intel(R) Xeon(R) CPU E5-2630L v2 @ 2.40GHz", Some("ivy-bridge"));
        check("Intel(R) Xeon(R) CPU E7- 4870  @ 2.40GHz", Some("nehalem"));
        check("Intel(R) Xeon(R) CPU E7-8890 v4 @ 2.20GHz", Some("haswell-broadwell"));
        check("Intel(R) Xeon(R) CPU E3-1240 v6 @ 3.70GHz", Some("skylake-client"));
        check("Intel(R) Xeon(R) CPU           X5670  @ 2.93GHz", Some("nehalem"));
        check("Intel(R) Xeon(R) CPU           E5450  @ 3.00GHz", Some("before-nehalem"));
        check("Intel(R) Xeon(R) Silver 4110 CPU @ 2.10GHz", Some("skylake"));
        check("Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz", Some("cascade-lake"));
        check("Intel(R) Xeon(R) Platinum 8380H CPU @ 2.90GHz", Some("cascade-lake"));
        check("Intel(R) Xeon(R) Platinum 8358 CPU @ 2.60GHz", Some("ice-lake"));
        check("Intel(R) Xeon(R) Gold 6448H", Some("sapphire-rapids"));
        check("INTEL(R) XEON(R) GOLD 6548N", Some("emerald-rapids"));
        check("Intel Xeon Max 9480", Some("sapphire-rapids"));
        check("Intel(R) Xeon(R) 6787P", Some("granite-rapids"));
        check("Intel Xeon 6 6787P", Some("granite-rapids"));
        check("Intel(R) Xeon(R) 6766E", Some("sierra-forest"));
        check("Intel(R) Xeon(R) D-1541 CPU @ 2.10GHz", Some("haswell-broadwell"));
        check("Intel Xeon w9-3495X", Some("sapphire-rapids"));
        check("Intel(R) Xeon(R) E-2136 CPU @ 3.30GHz", Some("skylake-client"));
        check("AMD EPYC 7601 32-Core Processor", Some("zen"));
        check("AMD EPYC 7F52 16-Core Processor", Some("zen2"));
        check("AMD EPYC 7R13 Processor", Some("zen3"));
        check("AMD EPYC 9754 128-Core Processor", Some("zen4"));
        check("AMD EPYC 9965 192-Core Processor", Some("zen5"));
        check("AMD Opteron(tm) Processor 6174", Some("k10"));
        check("AMD Opteron(TM) Processor 6276", Some("bulldozer"));
        check("AMD Opteron 6380", Some("piledriver"));
        check("Dual-Core AMD Opteron(tm) Processor 2218", Some("before-k10"));
        check("AMD Opteron(tm) Processor 850", Some("before-k10"));
        let nameless = [
            "QEMU Virtual CPU",
            "Xeon",
            "AMD",
            "",
            "Not Specified",
            "Intel Xeon Gold 6",
            "EPYC \u{e4}\u{e4}",
        ];
        for unknown in nameless.into_iter().chain(["POWER8 (architected), altivec supported"]) {
            check(unknown, None);
        }
    }

    #[test]
    fn generations_ascend_and_the_reference_is_one() {
        assert!(GENERATIONS.is_sorted_by(|a, b| a.factor <= b.factor && a.id != b.id));
        let reference = GENERATIONS.iter().find(|generation| generation.id == "sapphire-rapids").unwrap();
        assert_eq!(reference.factor, 1.0);
        assert!(GENERATIONS.iter().all(|generation| generation.factor > 0.0));
    }
}
