//! For any processor.

use super::{multiples, Check, Field};
use ark_ff::MontConfig;

/// A sum of products of Montgomery forms, as integers.
pub type Wide = [u64; 8];

pub fn dot<T: MontConfig<4>>(a: &[Field<T>], b: &[Field<T>]) -> [u64; 4] {
    debug_assert!(a.len() == b.len());
    let mut sum = [0; 8];
    for (a, b) in a.iter().zip(b) {
        add_product(&mut sum, a, b);
    }
    reduced::<T>(sum, a.len())
}

/// Adds a product to a sum of fewer than [`super::MOST`].
#[inline(always)]
pub fn add_product<T: MontConfig<4>>(sum: &mut Wide, a: &Field<T>, b: &Field<T>) {
    let mut carry = false;
    for (sum, limb) in sum.iter_mut().zip(product(&a.0 .0, &b.0 .0)) {
        (*sum, carry) = add(*sum, limb, carry);
    }
    debug_assert!(!carry);
}

#[inline(always)]
fn product(a: &[u64; 4], b: &[u64; 4]) -> Wide {
    let mut out = [0; 8];
    for i in 0..4 {
        let mut carry = 0;
        for j in 0..4 {
            (out[i + j], carry) = multiply_add(a[i], b[j], out[i + j], carry);
        }
        out[i + 4] = carry;
    }
    out
}

/// Montgomery's reduction of a sum of so many products: `value / 2^256` modulo p.
#[inline(always)]
pub fn reduced<T: MontConfig<4>>(mut value: Wide, products: usize) -> [u64; 4] {
    const { Check::<T>::SMALL };
    let p = T::MODULUS.0;
    let mut above = false;
    for i in 0..4 {
        let m = value[i].wrapping_mul(T::INV);
        let mut carry = 0;
        for j in 0..4 {
            (value[i + j], carry) = multiply_add(m, p[j], value[i + j], carry);
        }
        (value[i + 4], above) = add(value[i + 4], carry, above);
    }
    debug_assert!(!above);
    let [.., a, b, c, d] = value;
    let mut out = [a, b, c, d];
    for _ in 0..multiples(products) {
        let (mut less, mut borrow) = (out, false);
        for (limb, p) in less.iter_mut().zip(p) {
            (*limb, borrow) = subtract(*limb, p, borrow);
        }
        out = if borrow { out } else { less };
    }
    out
}

/// `a b + c + d`: the lower and the upper word.
#[inline(always)]
fn multiply_add(a: u64, b: u64, c: u64, d: u64) -> (u64, u64) {
    let sum = u128::from(a) * u128::from(b) + u128::from(c) + u128::from(d);
    (sum as u64, (sum >> 64) as u64)
}

/// The sum and its carry.
#[inline(always)]
fn add(a: u64, b: u64, carry: bool) -> (u64, bool) {
    let (sum, first) = a.overflowing_add(b);
    let (sum, second) = sum.overflowing_add(u64::from(carry));
    (sum, first | second)
}

/// The difference and its borrow.
#[inline(always)]
fn subtract(a: u64, b: u64, borrow: bool) -> (u64, bool) {
    let (difference, first) = a.overflowing_sub(b);
    let (difference, second) = difference.overflowing_sub(u64::from(borrow));
    (difference, first | second)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Chance does not make a carry that runs through a word of ones.
    #[test]
    fn carries_from_either_step() {
        let ends = [0, 1, u64::MAX - 1, u64::MAX];
        for (a, b) in ends.iter().flat_map(|a| ends.map(|b| (*a, b))) {
            for carry in [false, true] {
                let expected = u128::from(a) + u128::from(b) + u128::from(carry);
                let (sum, above) = add(a, b, carry);
                assert_eq!(u128::from(above) << 64 | u128::from(sum), expected);
                let expected = i128::from(a) - i128::from(b) - i128::from(carry);
                let (difference, below) = subtract(a, b, carry);
                assert_eq!(i128::from(difference) - (i128::from(below) << 64), expected);
            }
        }
    }
}
