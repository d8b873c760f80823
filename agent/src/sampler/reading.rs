//! One reading of one series: a number, or the reason why there is none. Never a zero that was not measured.
// SPDX-License-Identifier: Apache-2.0

use std::io::ErrorKind;

/// A number in the unit of its metric, or why it is missing.
pub type Reading = Result<f64, Missing>;

/// Why a reading is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// The device was not there in this second, or its source is read only every few seconds.
    #[error("not there in this reading")]
    Absent,
    /// A rate needs two readings.
    #[error("a rate needs two readings")]
    FirstReading,
    /// The counter is lower than before: the device was replaced, or the kernel corrected itself.
    #[error("the counter went back")]
    WentBack,
    /// The counter grew by more than any machine can do: the device or its driver is broken.
    #[error("the counter grew beyond what is possible")]
    Implausible,
    /// A mean over no events.
    #[error("nothing completed in the interval")]
    NothingCompleted,
    /// The source cannot be opened or read.
    #[error("{0} cannot be read: {1}")]
    Unreadable(&'static str, ErrorKind),
    /// The source lists more than anybody has; a sum over a part of it would be wrong.
    #[error("{0} lists more than can be followed")]
    TooMany(&'static str),
    /// The source lacks the field.
    #[error("{file} has no field {field}")]
    NoField {
        /// The source.
        file: &'static str,
        /// The field.
        field: &'static str,
    },
    /// Nothing of the kind is attached.
    #[error("{0}")]
    NoDevice(&'static str),
    /// A file system does not answer.
    #[error("stuck: the last question has not come back")]
    Stuck,
    /// A file system was not asked: too many others do not answer, or no thread can be had.
    #[error("unread: too many other file systems are stuck, or no thread could be started")]
    Unread,
    /// A file system refuses to answer.
    #[error("the file system cannot be asked: {0}")]
    Refused(ErrorKind),
}

impl Missing {
    /// Whether waiting will not help: the host does not offer the source.
    #[must_use]
    pub const fn is_lasting(self) -> bool {
        matches!(self, Self::Unreadable(..) | Self::TooMany(_) | Self::NoField { .. } | Self::NoDevice(_))
    }
}

/// Counters of 32 bits begin again here.
const WRAP: u64 = 1 << 32;
/// More events a second than this no machine has: requests, packets, faults. Also how near its end a counter
/// of 32 bits must have been if one that went back is to have begun again, rather than to be a new device's.
pub(super) const EVENTS_PER_S_MAX: f64 = 1e8;

/// What a counter grew by, if that is at most `most`.
///
/// # Errors
/// It went back, and not because it began again; or it grew by more.
pub(super) fn growth(before: u64, now: u64, most: u64) -> Result<u64, Missing> {
    match now.checked_sub(before) {
        Some(more) if more <= most => Ok(more),
        Some(_) => Err(Missing::Implausible),
        None if before < WRAP && WRAP - before + now <= most => Ok(WRAP - before + now),
        None => Err(Missing::WentBack),
    }
}

/// The growth of a counter of events a second, times `scale`.
///
/// # Errors
/// As [`growth`]; also without an earlier reading or an elapsed time.
pub(super) fn rate(before: Option<u64>, now: u64, scale: f64, elapsed_s: Option<f64>) -> Reading {
    let (before, elapsed_s) = before.zip(elapsed_s).ok_or(Missing::FirstReading)?;
    let most = (EVENTS_PER_S_MAX * elapsed_s) as u64;
    Ok(growth(before, now, most)? as f64 * scale / elapsed_s)
}

/// The sum over all devices so far, and one more. A new device has nothing to add yet; one whose work is
/// unknown leaves the sum unknown.
pub(super) fn and<T>(
    sum: Option<Result<T, Missing>>,
    more: Result<T, Missing>,
    add: impl FnOnce(T, T) -> T,
) -> Option<Result<T, Missing>> {
    Some(match (sum, more) {
        (None | Some(Err(Missing::FirstReading)), more) => more,
        (Some(sum), Err(Missing::FirstReading)) => sum,
        (Some(sum), more) => sum.and_then(|sum| more.map(|more| add(sum, more))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_need_two_readings_and_are_never_negative() {
        assert_eq!(rate(Some(10), 20, 512.0, Some(2.0)), Ok(2_560.0));
        assert_eq!(rate(None, 20, 1.0, Some(1.0)), Err(Missing::FirstReading));
        assert_eq!(rate(Some(10), 20, 1.0, None), Err(Missing::FirstReading));
        assert_eq!(rate(Some(20), 10, 1.0, Some(1.0)), Err(Missing::WentBack));
        assert_eq!(rate(Some(20), u64::MAX, 1.0, Some(1.0)), Err(Missing::Implausible));
    }

    #[test]
    fn a_full_counter_begins_again_and_a_replaced_one_does_not() {
        let check = |before, now, expected| assert_eq!(growth(before, now, 1_000), expected);
        check(WRAP - 10, 90, Ok(100));
        check(WRAP - 10, 990, Ok(1_000));
        check(WRAP - 10, 991, Err(Missing::WentBack));
        check(1_000_000, 5, Err(Missing::WentBack));
        // A counter that has been beyond 32 bits is not one of 32 bits.
        check(WRAP + 5, 5, Err(Missing::WentBack));
        check(u64::MAX, 0, Err(Missing::WentBack));
        check(5, 1_006, Err(Missing::Implausible));
    }

    #[test]
    fn an_unknown_device_leaves_the_sum_unknown_and_a_new_one_does_not() {
        let check = |devices: &[Result<u64, Missing>], expected| {
            let sum = devices.iter().fold(None, |sum, device| and(sum, *device, |a, b| a + b));
            assert_eq!(sum, expected);
        };
        let (new, replaced) = (Err(Missing::FirstReading), Err(Missing::WentBack));
        check(&[], None);
        check(&[new, new], Some(new));
        check(&[new, Ok(2), new, Ok(3)], Some(Ok(5)));
        check(&[Ok(2), replaced, Ok(3), new], Some(replaced));
    }
}
