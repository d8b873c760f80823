//! The name somebody probably meant.
// SPDX-License-Identifier: Apache-2.0

/// Likeness from which a name may have been meant.
const NEAR: f64 = 0.8;

/// `; was "x" meant?` for the name nearest to a word, when one is near enough; empty otherwise.
#[must_use]
pub fn meant<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    let word = word.to_lowercase();
    let near = names.into_iter().map(|name| (strsim::jaro_winkler(&word, &name.to_lowercase()), name));
    let best =
        near.filter(|(likeness, _)| *likeness > NEAR).max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)));
    best.map_or(String::new(), |(_, name)| format!("; was {name:?} meant?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_is_named_and_the_far_ones_are_not() {
        let names = ["memory_bytes", "cpu_cores", "owner"];
        assert_eq!(meant("memory_byte", names), "; was \"memory_bytes\" meant?");
        assert_eq!(meant("Owner", names), "; was \"owner\" meant?");
        assert_eq!(meant("zzz", names), "");
    }
}
