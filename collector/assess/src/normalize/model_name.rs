//! One CPU has many spellings between an inventory, a benchmark table and a person; this is the one they are
//! compared by.
// SPDX-License-Identifier: Apache-2.0

/// Makers that stand before a name, with or without a space.
const MAKERS: [&str; 3] = ["genuineintel", "intel", "amd"];

/// Words that say nothing of the model. The lone `0` is how Intel wrote "no version" into its first E5.
const IDLE_WORDS: [&str; 4] = ["cpu", "processor", "genuine", "0"];

/// Ends of words that say nothing of the model: `64-core`, `2.60ghz`.
const IDLE_ENDS: [&str; 3] = ["-core", "ghz", "mhz"];

/// The name without maker, marks, clock, core count and spaces, in lower case: `Intel(R) Xeon(R) CPU E5-2690 v3 @
/// 2.60GHz` and `Xeon E5-2690 v3` are both `xeone5-2690v3`. Empty when nothing is left.
#[must_use]
pub fn canonical(text: &str) -> String {
    let marks = ["(r)", "(tm)", "(c)", "\u{ae}", "\u{2122}"];
    let plain = marks.iter().fold(text.to_lowercase(), |text, mark| text.replace(mark, " "));
    let named = plain.split('@').next().unwrap_or_default();
    let telling =
        |word: &&str| !IDLE_WORDS.contains(word) && !IDLE_ENDS.iter().any(|end| word.ends_with(end));
    let joined: String = named.split_whitespace().filter(telling).collect();
    let maker = MAKERS.iter().find_map(|maker| joined.strip_prefix(maker));
    maker.unwrap_or(&joined).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_cpu_meet() {
        let check = |spellings: &[&str], expected: &str| {
            for spelling in spellings {
                assert_eq!(canonical(spelling), expected, "{spelling}");
            }
        };
        check(
            &[
                "Intel(R) Xeon(R) CPU E5-2690 v3 @ 2.60GHz",
                "Intel Xeon E5-2690 V3",
                "Xeon E5-2690 v3",
                "IntelXeonE5-2690v3",
                "Intel(R) Xeon(R) E5-2690 v3 Processor 2.60GHz",
            ],
            "xeone5-2690v3",
        );
        check(&["Intel(R) Xeon(R) CPU E5-2680 0 @ 2.70GHz", "IntelXeonE5-2680"], "xeone5-2680");
        check(&["AMD EPYC 7763 64-Core Processor", "EPYC 7763"], "epyc7763");
        check(&["Six-Core AMD Opteron(tm) Processor 2435", "AMDOpteron2435"], "opteron2435");
        check(&["Intel(R) Xeon(R) CPU           X5670  @ 2.93GHz"], "xeonx5670");
        check(&["Intel(R) Xeon(R) CPU E7- 4870  @ 2.40GHz", "Intel Xeon E7-4870"], "xeone7-4870");
        check(&["Intel Xeon Gold  6534"], "xeongold6534");
        check(&["", "CPU @ 2.00GHz"], "");
    }
}
