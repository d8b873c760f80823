//! One reading of one series: a number, or the reason why there is none. Never a zero that was not measured.
// SPDX-License-Identifier: Apache-2.0

/// A number in the unit of its metric, or why it is missing.
pub type Reading = Result<f64, Missing>;

/// Why a reading is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// The device was not there in this second.
    #[error("not there in this reading")]
    Absent,
    /// A rate needs two readings.
    #[error("a rate needs two readings")]
    FirstReading,
    /// The counter is lower than before: the device was replaced, or the kernel corrected itself.
    #[error("the counter went back")]
    WentBack,
    /// A mean over no events.
    #[error("nothing completed in the interval")]
    NothingCompleted,
    /// The source cannot be opened or read.
    #[error("{0} cannot be read")]
    Unreadable(&'static str),
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
    /// A poll has not come back: the file system hangs.
    #[error("the last poll has not come back")]
    Stuck,
}

impl Missing {
    /// Whether waiting will not help: the host does not offer the source.
    #[must_use]
    pub const fn is_lasting(self) -> bool {
        matches!(self, Self::Unreadable(_) | Self::NoField { .. } | Self::NoDevice(_))
    }
}

/// What a counter grew by; the kernel's counters never shrink unless the device was replaced.
///
/// # Errors
/// No earlier reading, or a higher one.
pub(super) fn growth(before: Option<u64>, now: u64) -> Result<u64, Missing> {
    now.checked_sub(before.ok_or(Missing::FirstReading)?).ok_or(Missing::WentBack)
}

/// The growth of a counter a second, times `scale`.
///
/// # Errors
/// As [`growth`]; also without an elapsed time.
pub(super) fn rate(before: Option<u64>, now: u64, scale: f64, elapsed_s: Option<f64>) -> Reading {
    let elapsed_s = elapsed_s.ok_or(Missing::FirstReading)?;
    Ok(growth(before, now)? as f64 * scale / elapsed_s)
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
    }
}
