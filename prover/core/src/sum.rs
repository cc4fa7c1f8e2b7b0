//! Sums of products in the scalar field, reduced once for many products.

use ark_bn254::{Fr, FrConfig};
use ark_ff::{AdditiveGroup, BigInt, BigInteger, MontConfig, PrimeField};
use std::ops::{AddAssign, SubAssign};

/// Products that are added up before a reduction. r is below 2^254, so that 16 products of elements are
/// below 4 * 2^256 r, which fits in 512 bits; divided by 2^256 they are below 5 r, less than 2^256.
const MOST: u32 = 16;

type Wide = [u64; 8];

/// A sum of elements and of products. The products are those of Montgomery forms, as integers.
pub struct Sum {
    products: Wide,
    count: u32,
    rest: Fr,
}

impl Default for Sum {
    #[inline(always)]
    fn default() -> Self {
        Self { products: [0; 8], count: 0, rest: Fr::ZERO }
    }
}

impl Sum {
    #[inline(always)]
    pub fn add_product(&mut self, a: &Fr, b: &Fr) {
        if self.count == MOST {
            self.reduce();
        }
        let mut carry = false;
        for (sum, limb) in self.products.iter_mut().zip(product(&a.0 .0, &b.0 .0)) {
            (*sum, carry) = add(*sum, limb, carry);
        }
        debug_assert!(!carry);
        self.count += 1;
    }

    #[inline(always)]
    pub fn value(mut self) -> Fr {
        if self.count > 0 {
            self.reduce();
        }
        self.rest
    }

    #[inline(always)]
    fn reduce(&mut self) {
        self.rest += Fr::new_unchecked(reduced(std::mem::take(&mut self.products)));
        self.count = 0;
    }
}

impl AddAssign<&Fr> for Sum {
    #[inline(always)]
    fn add_assign(&mut self, value: &Fr) {
        self.rest += value;
    }
}

impl SubAssign<&Fr> for Sum {
    #[inline(always)]
    fn sub_assign(&mut self, value: &Fr) {
        self.rest -= value;
    }
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

/// Montgomery's reduction: `value / 2^256` modulo r, for a value below 4 * 2^256 r.
#[inline(always)]
fn reduced(mut value: Wide) -> BigInt<4> {
    let r = Fr::MODULUS.0;
    let mut above = false;
    for i in 0..4 {
        let m = value[i].wrapping_mul(<FrConfig as MontConfig<4>>::INV);
        let mut carry = 0;
        for j in 0..4 {
            (value[i + j], carry) = multiply_add(m, r[j], value[i + j], carry);
        }
        (value[i + 4], above) = add(value[i + 4], carry, above);
    }
    debug_assert!(!above);
    let [.., a, b, c, d] = value;
    let mut out = BigInt([a, b, c, d]);
    while out >= Fr::MODULUS {
        out.sub_with_borrow(&Fr::MODULUS);
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

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ff::Field;
    use proptest::prelude::*;

    /// Elements by their Montgomery forms: the ends and anything between.
    fn element() -> impl Strategy<Value = Fr> {
        let largest = -Fr::new_unchecked(BigInt::one());
        let ends = vec![Fr::ZERO, Fr::ONE, -Fr::ONE, Fr::new_unchecked(BigInt::one()), largest];
        let any = any::<[u64; 4]>().prop_map(|words| {
            Fr::from_le_bytes_mod_order(words.map(u64::to_le_bytes).as_flattened())
        });
        prop_oneof![prop::sample::select(ends), any]
    }

    fn check(products: &[(Fr, Fr)], others: &[Fr]) {
        let mut sum = Sum::default();
        let mut expected = Fr::ZERO;
        for (a, b) in products {
            sum.add_product(a, b);
            expected += *a * b;
        }
        for (index, value) in others.iter().enumerate() {
            if index % 2 == 0 {
                sum += value;
                expected += value;
            } else {
                sum -= value;
                expected -= value;
            }
        }
        assert_eq!(sum.value(), expected);
    }

    #[test]
    fn as_many_of_the_largest_products_as_there_may_be() {
        let largest = -Fr::new_unchecked(BigInt::one());
        assert_eq!(largest.0 .0[0] + 1, Fr::MODULUS.0[0]);
        for count in 0..=3 * MOST as usize + 1 {
            check(&vec![(largest, largest); count], &[]);
        }
    }

    /// Chance does not make a carry that runs through a word of ones.
    #[test]
    fn carries_from_either_addition() {
        let ends = [0, 1, u64::MAX - 1, u64::MAX];
        for (a, b) in ends.iter().flat_map(|a| ends.map(|b| (*a, b))) {
            for carry in [false, true] {
                let expected = u128::from(a) + u128::from(b) + u128::from(carry);
                let (sum, above) = add(a, b, carry);
                assert_eq!(u128::from(above) << 64 | u128::from(sum), expected);
            }
        }
    }

    proptest! {
        #[test]
        fn as_in_arkworks(
            products in prop::collection::vec((element(), element()), 0..40),
            others in prop::collection::vec(element(), 0..5),
        ) {
            check(&products, &others);
        }
    }
}
