//! How a measured value becomes a small integer: ratios in steps of 0.01 %, everything else with ten
//! significant bits. Codes are monotone, fit 16 bits and compress well, on the wire and at rest.
// SPDX-License-Identifier: Apache-2.0

/// A coded value. [`MISSING`] says that nothing is known, which is never zero.
pub type Code = u16;

/// The code of a value that is not known.
pub const MISSING: Code = u16::MAX;

/// Steps of a ratio: 0.0001, which is 0.01 %.
pub const RATIO_STEPS: f64 = 10_000.0;

/// The largest ratio a code can carry, 655.34 %; above it a reading is a fault of its source.
pub const RATIO_MAX: f64 = (MISSING - 1) as f64 / RATIO_STEPS;

/// Significant bits of a logarithmic code; the error is at most 2^-10, about 0.1 %.
const SIGNIFICANT_BITS: u32 = 10;
const HALF: u64 = 1 << (SIGNIFICANT_BITS - 1);
const WHOLE: u64 = 1 << SIGNIFICANT_BITS;
/// As far as ten bits can be shifted in a number.
const SHIFT_MAX: u64 = (u64::BITS - SIGNIFICANT_BITS) as u64;

/// How the values of a metric are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// Linear, in steps of 0.0001.
    Ratio,
    /// Logarithmic over `value * scale`, exact below 1024 steps.
    Significant {
        /// Steps in one unit of the metric, 1000 for operations per second say.
        scale: u32,
    },
}

impl Coding {
    /// Codes a value; `None`, NaN and infinities are missing, negative values become 0.
    #[must_use]
    pub fn encode(self, value: Option<f64>) -> Code {
        let Some(value) = value.filter(|v| v.is_finite()) else { return MISSING };
        match self {
            // The cast saturates; MISSING itself is kept free.
            Self::Ratio => {
                ((value.max(0.0) * RATIO_STEPS).round() as u64).min(u64::from(MISSING - 1)) as Code
            }
            Self::Significant { scale } => {
                encode_significant((value.max(0.0) * f64::from(scale)).round() as u64)
            }
        }
    }

    /// The value of a code, `None` when missing.
    #[must_use]
    #[inline]
    pub fn decode(self, code: Code) -> Option<f64> {
        (code != MISSING).then(|| match self {
            Self::Ratio => f64::from(code) / RATIO_STEPS,
            Self::Significant { scale } => value_significant(code) / f64::from(scale),
        })
    }

    /// The code of the sum of two values, neither of them missing.
    #[must_use]
    #[inline]
    pub fn sum(self, a: Code, b: Code) -> Code {
        match self {
            Self::Ratio => a.saturating_add(b).min(MISSING - 1),
            // Most sums have nothing on one side. A code beyond the largest has the value of the largest.
            Self::Significant { .. } if a.min(b) == 0 => a.max(b).min(SIGNIFICANT_MAX),
            Self::Significant { .. } => {
                encode_significant(decode_significant(a).saturating_add(decode_significant(b)))
            }
        }
    }
}

/// The largest code a number of steps has.
const SIGNIFICANT_MAX: Code = (WHOLE + SHIFT_MAX * HALF) as Code;

/// Rounds to ten significant bits: below 1024 the number itself, above it 512 codes for each doubling.
#[inline]
fn encode_significant(steps: u64) -> Code {
    if steps < WHOLE {
        return steps as Code;
    }
    let shift = 64 - steps.leading_zeros() - SIGNIFICANT_BITS;
    let rounded = (steps >> shift) + ((steps >> (shift - 1)) & 1);
    // A carry out of the significand lands on the first code of the next doubling by itself.
    (WHOLE + u64::from(shift - 1) * HALF + (rounded - HALF)).min(u64::from(MISSING - 1)) as Code
}

#[inline]
fn decode_significant(code: Code) -> u64 {
    let code = u64::from(code);
    if code < WHOLE {
        return code;
    }
    let shift = (code - WHOLE) / HALF + 1;
    let significand = HALF + (code - WHOLE) % HALF;
    // The highest of its ten bits is always set.
    if shift <= SHIFT_MAX { significand << shift } else { u64::MAX }
}

/// [`decode_significant`] as a number: shift and significand are exponent and fraction of a float already, so that no
/// code takes a shift of its own.
#[inline]
fn value_significant(code: Code) -> f64 {
    /// Fraction bits of a float below the nine that a code has behind its highest one.
    const BELOW: u32 = f64::MANTISSA_DIGITS - SIGNIFICANT_BITS;
    /// What a code lacks to the exponent and fraction of its value: the first above 1023 is 2^10.
    const LACKING: u64 = (f64::MAX_EXP as u64 - 1 + SIGNIFICANT_BITS as u64) * HALF - WHOLE;
    if u64::from(code) < WHOLE {
        f64::from(code)
    } else if code >= SIGNIFICANT_MAX {
        u64::MAX as f64
    } else {
        f64::from_bits((u64::from(code) + LACKING) << BELOW)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BYTES: Coding = Coding::Significant { scale: 1 };

    #[test]
    fn small_numbers_are_exact_and_missing_stays_missing() {
        for n in [0_u32, 1, 511, 512, 1023, 1024, 1026] {
            assert_eq!(BYTES.decode(BYTES.encode(Some(f64::from(n)))), Some(f64::from(n)));
        }
        assert_eq!(BYTES.encode(None), MISSING);
        assert_eq!(BYTES.encode(Some(f64::NAN)), MISSING);
        assert_eq!(BYTES.decode(MISSING), None);
        assert_eq!(Coding::Ratio.encode(Some(0.0)), 0);
        assert_eq!(Coding::Ratio.decode(Coding::Ratio.encode(Some(1.82))), Some(1.82));
    }

    #[test]
    fn every_code_has_the_value_of_its_steps() {
        for code in 0..MISSING {
            assert_eq!(value_significant(code), decode_significant(code) as f64, "{code}");
        }
    }

    proptest! {
        #[test]
        fn the_error_is_at_most_a_thousandth(steps in 1_u64..u64::MAX / 2) {
            let back = decode_significant(encode_significant(steps));
            let error = (back as f64 - steps as f64).abs() / steps as f64;
            prop_assert!(error <= 0.001, "{steps} became {back}");
        }

        #[test]
        fn codes_are_monotone(a in any::<u64>(), b in any::<u64>()) {
            prop_assert!(encode_significant(a.min(b)) <= encode_significant(a.max(b)));
        }

        #[test]
        fn a_sum_of_codes_is_the_code_of_the_sum(a in 0..MISSING, b in 0..MISSING) {
            for coding in [BYTES, Coding::Ratio] {
                for b in [0, b] {
                    let values = coding.decode(a).zip(coding.decode(b));
                    prop_assert_eq!(coding.sum(a, b), coding.encode(values.map(|(a, b)| a + b)), "{} {}", a, b);
                }
            }
        }

        #[test]
        fn ratios_keep_four_decimals(ratio in 0.0_f64..6.5) {
            let back = Coding::Ratio.decode(Coding::Ratio.encode(Some(ratio))).unwrap();
            prop_assert!((back - ratio).abs() <= 0.000_050_000_1);
        }
    }
}
