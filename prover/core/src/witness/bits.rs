//! When does `sum of coefficient_i * bit_i = value` determine every bit?
//!
//! If the coefficients are `s * (+-2^e_i)` with distinct exponents in a range of 253, then two
//! different bit vectors differ by `s * D` for an integer D that is not zero (look at its lowest
//! differing exponent) and `|D| <= 2^253 - 1 < r`, so the sums differ in the field. With 254
//! exponents a value may have two readings, and the rule does not fire.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use std::collections::HashMap;

/// The largest exponent, counted from the smallest.
const MAX_EXPONENT: i32 = 252;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digit {
    pub exponent: u8,
    /// The coefficient is `-s * 2^exponent`: read the complement, against an offset.
    pub negated: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decomposition {
    /// `(sum + offset) / unit` is the integer whose binary digits are the (complemented) bits.
    pub unit: Fr,
    pub offset: Fr,
    pub digits: Vec<Digit>,
}

/// Looks up `+-2^k` for |k| <= 252.
pub struct Powers {
    signed: HashMap<Fr, (i32, bool)>,
    powers: Vec<Fr>,
}

impl Default for Powers {
    fn default() -> Self {
        let mut powers = vec![Fr::ONE];
        for k in 0..MAX_EXPONENT as usize {
            powers.push(powers[k].double());
        }
        let mut signed = HashMap::new();
        for (k, power) in (0..).zip(&powers) {
            for (exponent, value) in [(k, *power), (-k, power.inverse().unwrap_or(Fr::ONE))] {
                signed.entry(value).or_insert((exponent, false));
                signed.entry(-value).or_insert((exponent, true));
            }
        }
        Self { signed, powers }
    }
}

impl Powers {
    /// The reading of these coefficients as one number's digits, if it is unique.
    pub fn decompose(&self, coefficients: &[Fr]) -> Option<Decomposition> {
        let first = *coefficients.first()?;
        if coefficients.len() > MAX_EXPONENT as usize + 1 {
            return None;
        }
        let inverse = first.inverse()?;
        let relative: Vec<(i32, bool)> = coefficients
            .iter()
            .map(|c| self.signed.get(&(*c * inverse)).copied())
            .collect::<Option<_>>()?;
        let lowest = relative.iter().map(|(k, _)| *k).min()?;
        let unit = match lowest < 0 {
            true => first * self.powers[lowest.unsigned_abs() as usize].inverse()?,
            false => first,
        };
        let lowest = lowest.min(0);
        let mut seen = [false; MAX_EXPONENT as usize + 1];
        let mut offset = Fr::ZERO;
        let mut digits = Vec::with_capacity(relative.len());
        for (k, negated) in relative {
            let exponent = usize::try_from(k - lowest).ok()?;
            if exponent >= seen.len() || std::mem::replace(&mut seen[exponent], true) {
                return None;
            }
            if negated {
                offset += unit * self.powers[exponent];
            }
            digits.push(Digit { exponent: exponent as u8, negated });
        }
        Some(Decomposition { unit, offset, digits })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn powers_of_two(count: u64) -> Vec<Fr> {
        (0..count).map(|k| Fr::from(2u64).pow([k])).collect()
    }

    #[test]
    fn powers_up_to_253_bits_are_unique_and_254_are_not() {
        let powers = Powers::default();
        assert!(powers.decompose(&powers_of_two(253)).is_some());
        assert!(powers.decompose(&powers_of_two(254)).is_none());
        let with_gap = [Fr::ONE, Fr::from(2u64).pow([253])];
        assert!(powers.decompose(&with_gap).is_none());
    }

    #[test]
    fn common_factors_signs_and_any_order_are_read() {
        let powers = Powers::default();
        let unit = Fr::from(7u64);
        let coefficients = [unit * Fr::from(4u64), -unit, unit * Fr::from(2u64)];
        let found = powers.decompose(&coefficients).unwrap();
        assert_eq!(found.digits.iter().map(|d| d.exponent).collect::<Vec<_>>(), [2, 0, 1]);
        // Every assignment must read back.
        for bits in 0..8u64 {
            let bit = |i: u64| bits >> i & 1 == 1;
            let sum: Fr =
                (0..3).zip(coefficients).map(|(i, c)| if bit(i) { c } else { Fr::ZERO }).sum();
            let integer = (sum + found.offset) * found.unit.inverse().unwrap();
            for (i, digit) in (0..3).zip(&found.digits) {
                let value = (0..8u64).find(|v| Fr::from(*v) == integer).unwrap();
                assert_eq!((value >> digit.exponent & 1 == 1) ^ digit.negated, bit(i));
            }
        }
    }

    #[test]
    fn repeated_or_foreign_coefficients_are_refused() {
        let powers = Powers::default();
        assert!(powers.decompose(&[Fr::ONE, Fr::ONE]).is_none());
        assert!(powers.decompose(&[Fr::ONE, -Fr::ONE]).is_none());
        assert!(powers.decompose(&[Fr::ONE, Fr::from(3u64)]).is_none());
        assert!(powers.decompose(&[]).is_none());
    }
}
