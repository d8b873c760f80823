//! What is remembered of each name a file lists, found without searching while the file keeps its order.
// SPDX-License-Identifier: Apache-2.0

/// Most names followed; what lists more is not a machine we know, and is reported rather than summed in part.
pub(super) const NAMES_MAX: usize = 16_384;

/// One entry a name, in the order in which the file listed them last.
#[derive(Debug)]
pub(super) struct Roster<T> {
    entries: Vec<(Box<[u8]>, T)>,
    /// How many names of this pass have been met; they stand first.
    met: usize,
}

impl<T> Roster<T> {
    pub(super) const fn new() -> Self {
        Self { entries: Vec::new(), met: 0 }
    }

    /// Begins a pass over the file.
    pub(super) const fn start(&mut self) {
        self.met = 0;
    }

    /// The entry of the next name of the file, made when it is new. `None` when there are too many.
    pub(super) fn meet(&mut self, name: &[u8], make: impl FnOnce() -> T) -> Option<&mut T> {
        let at = self.met;
        if self.entries.get(at).is_none_or(|(known, _)| **known != *name) {
            match self.entries[at..].iter().position(|(known, _)| **known == *name) {
                Some(ahead) => self.entries[at..=at + ahead].rotate_right(1),
                None if at == NAMES_MAX => return None,
                None => {
                    self.entries.truncate(NAMES_MAX - 1);
                    self.entries.insert(at, (name.into(), make()));
                }
            }
        }
        self.met += 1;
        self.entries.get_mut(at).map(|(_, entry)| entry)
    }

    /// Ends a pass: what the file no longer lists is forgotten, so that a device that comes back under its old
    /// name, perhaps another one, begins anew.
    pub(super) fn finish(&mut self) {
        self.entries.truncate(self.met);
    }

    /// Forgets everything: the file could not be read, so nobody knows what stayed.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.met = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Meets the names in order and numbers the new ones; gives the numbers.
    fn pass(roster: &mut Roster<usize>, names: &[&str], made: &mut usize) -> Vec<usize> {
        roster.start();
        let mut numbers = Vec::new();
        for name in names {
            let make = || {
                *made += 1;
                *made
            };
            numbers.push(*roster.meet(name.as_bytes(), make).unwrap());
        }
        roster.finish();
        numbers
    }

    #[test]
    fn names_keep_their_entry_whatever_the_order_until_they_go() {
        let (mut roster, mut made) = (Roster::new(), 0);
        let mut check = |names: &[&str], expected: &[usize]| {
            assert_eq!(pass(&mut roster, names, &mut made), expected, "{names:?}");
        };
        check(&["a", "b", "c", "d"], &[1, 2, 3, 4]);
        check(&["a", "c", "d"], &[1, 3, 4]);
        check(&["a", "b", "c", "d"], &[1, 5, 3, 4]);
        check(&["d", "c", "b", "a"], &[4, 3, 5, 1]);
        check(&[], &[]);
        check(&["a"], &[6]);
    }

    #[test]
    fn there_are_never_more_entries_than_the_bound() {
        let mut roster = Roster::new();
        for first in [0, 7] {
            roster.start();
            for n in first..first + NAMES_MAX {
                assert!(roster.meet(n.to_string().as_bytes(), || ()).is_some());
            }
            assert!(roster.meet(b"one more", || ()).is_none());
            assert_eq!(roster.entries.len(), NAMES_MAX);
        }
    }

    proptest! {
        #[test]
        fn it_is_a_map_of_the_names_of_the_last_pass(
            passes in proptest::collection::vec(proptest::sample::subsequence(vec!["a", "b", "c", "d", "e"], 0..=5)
                .prop_shuffle(), 1..8)
        ) {
            let (mut roster, mut made) = (Roster::new(), 0);
            let mut known = std::collections::BTreeMap::new();
            for names in passes {
                let numbers = pass(&mut roster, &names, &mut made);
                for (name, number) in names.iter().zip(&numbers) {
                    prop_assert!(known.get(name).is_none_or(|old| old == number));
                }
                known = names.into_iter().zip(numbers).collect();
            }
        }
    }
}
