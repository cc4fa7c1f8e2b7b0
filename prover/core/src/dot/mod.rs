//! Sums of products in the fields of the curve, reduced once.

#[cfg(target_arch = "x86_64")]
mod adx;
pub mod plain;

use ark_ff::{BigInt, Fp, MontBackend, MontConfig};

type Field<T> = Fp<MontBackend<T, 4>, 4>;

/// Products that are added up before a reduction.
pub const MOST: usize = 16;

/// Multiples of p to take off a sum of so many products that went through Montgomery's reduction.
///
/// The reduction divides the sum, after it has added less than `2^256 p`, by 2^256. With p below
/// `2^256 / 5`, which [`Check`] asks, N products of elements come to less than `(N/5 + 1) p`: with
/// N at most 16 that is below 2^256, and the sum in front of the reduction below 2^512.
const fn multiples(products: usize) -> usize {
    products.div_ceil(5)
}

struct Check<T>(T);

impl<T: MontConfig<4>> Check<T> {
    const SMALL: () = assert!(T::MODULUS.0[3] < u64::MAX / 5 && multiples(MOST) < 5);
}

/// `sum of a_i b_i`. Panics unless there are as many of both, at most [`MOST`].
#[inline(always)]
pub fn dot<T: MontConfig<4>>(a: &[Field<T>], b: &[Field<T>]) -> Field<T> {
    const { Check::<T>::SMALL };
    assert!(a.len() == b.len() && a.len() <= MOST, "factors of a sum of products");
    #[cfg(target_arch = "x86_64")]
    if let Some(adx) = adx::found() {
        return Field::new_unchecked(BigInt(adx.dot(a, b)));
    }
    Field::new_unchecked(BigInt(plain::dot(a, b)))
}

#[cfg(test)]
pub mod testing {
    use super::*;
    use ark_ff::{AdditiveGroup, Field as _, PrimeField};
    use proptest::prelude::*;

    /// The element with the largest Montgomery form, p - 1.
    pub fn largest<T: MontConfig<4>>() -> Field<T> {
        -Field::new_unchecked(BigInt::one())
    }

    /// Elements by their Montgomery forms: the ends and anything between.
    pub fn element<T: MontConfig<4>>() -> impl Strategy<Value = Field<T>> {
        let ends = vec![
            Field::ZERO,
            Field::ONE,
            -Field::<T>::ONE,
            Field::new_unchecked(BigInt::one()),
            largest::<T>(),
        ];
        let any = any::<[u64; 4]>().prop_map(|words| {
            Field::from_le_bytes_mod_order(words.map(u64::to_le_bytes).as_flattened())
        });
        prop_oneof![prop::sample::select(ends), any]
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{element, largest};
    use super::*;
    use ark_bn254::{FqConfig, FrConfig};
    use ark_ff::{AdditiveGroup, BigInteger};
    use proptest::prelude::*;

    fn check<T: MontConfig<4>>(factors: &[(Field<T>, Field<T>)]) {
        let (a, b): (Vec<_>, Vec<_>) = factors.iter().copied().unzip();
        let expected = a.iter().zip(&b).fold(Field::ZERO, |sum, (a, b)| sum + *a * b);
        assert_eq!(dot(&a, &b), expected);
        assert_eq!(plain::dot(&a, &b), expected.0 .0);
        #[cfg(target_arch = "x86_64")]
        if let Some(adx) = adx::detect() {
            assert_eq!(adx.dot(&a, &b), expected.0 .0);
        }
    }

    #[test]
    fn as_many_of_the_largest_products_as_there_may_be() {
        assert_eq!(largest::<FqConfig>().0 .0[0] + 1, FqConfig::MODULUS.0[0]);
        assert_eq!(largest::<FrConfig>().0 .0[0] + 1, FrConfig::MODULUS.0[0]);
        for count in 0..=MOST {
            check(&vec![(largest::<FqConfig>(), largest()); count]);
            check(&vec![(largest::<FrConfig>(), largest()); count]);
        }
    }

    /// Chance does not make a carry that runs through words of ones: here the low and the high half of each
    /// partial product meets ones up to bit 448 of the sum.
    #[test]
    fn carries_that_run_to_the_top() {
        let power = |bit: u32| BigInt::<4>::one() << bit;
        let form = |value: BigInt<4>| Field::<FqConfig>::new_unchecked(value);
        for (i, j) in (0..4).flat_map(|i| (0..4).map(move |j| (i, j))) {
            for (ones_from, shift) in [(64 * (i + j) + 32, 0), (64 * (i + j + 1), 32)] {
                if ones_from == 448 {
                    continue;
                }
                // (2^224 - 2^k) (2^224 + 2^k) = 2^448 - 2^2k.
                let (mut less, mut more) = (power(224), power(224));
                less.sub_with_borrow(&power(ones_from / 2));
                more.add_with_carry(&power(ones_from / 2));
                let (a, b) = (power(64 * i + shift), power(64 * j + 33));
                check(&[(form(less), form(more)), (form(a), form(b))]);
            }
        }
    }

    #[test]
    #[should_panic = "factors of a sum of products"]
    fn factors_without_their_partners_are_refused() {
        dot::<FqConfig>(&[largest(); 2], &[largest(); 3]);
    }

    #[test]
    #[should_panic = "factors of a sum of products"]
    fn more_products_than_fit_are_refused() {
        dot::<FqConfig>(&[largest(); MOST + 1], &[largest(); MOST + 1]);
    }

    proptest! {
        #[test]
        fn as_in_arkworks(
            fq in prop::collection::vec((element::<FqConfig>(), element()), 0..=MOST),
            fr in prop::collection::vec((element::<FrConfig>(), element()), 0..=MOST),
        ) {
            check(&fq);
            check(&fr);
        }
    }
}
