//! Each bound that stands beside the arithmetic, met at its ends: the largest values that a function
//! takes, limbs that carry as far as they can, and what comes out held against the stated multiple.

use super::field::{decode, Lanes, Modulus};
use super::{Ifma, Lanes2, Task, LANES};
use ark_bn254::{Fq, Fq2, Fr};
use ark_ff::{BigInt, BigInteger, PrimeField};
use proptest::prelude::*;

struct With<W>(W);

impl<T, W: FnOnce(Ifma) -> T> Task for With<W> {
    type Output = T;
    fn run(self, ifma: Ifma) -> T {
        (self.0)(ifma)
    }
}

fn plain<F: Modulus>(ifma: Ifma, value: [u64; 4]) -> Lanes<F> {
    Lanes::from_plain(ifma, [value; LANES])
}

/// The largest value below `k p`, k from 1 to 84.
fn largest<F: Modulus>(ifma: Ifma, k: usize) -> Lanes<F> {
    let p = plain::<F>(ifma, F::MODULUS.0);
    let one = plain::<F>(ifma, [1, 0, 0, 0]);
    let sum = (0..k).fold(Lanes::zero(ifma), |sum: Lanes<F>, _| sum.add_raw(p).normal());
    let out = sum.sub::<0>(one);
    assert!(out.below(k as u64) && !out.below(k as u64 - 1));
    out
}

/// What p - 1 in memory stands for, and with it the largest value below any multiple of p.
fn minus_one<F: Modulus>() -> F {
    decode((-F::from(1u64)).into_bigint().0)
}

/// `floor(numerator p / denominator)`, for results below 2^256.
fn part<F: Modulus>(numerator: u64, denominator: u64) -> [u64; 4] {
    let mut product = [0u64; 5];
    let mut carry = 0u128;
    for i in 0..4 {
        carry += u128::from(F::MODULUS.0[i]) * u128::from(numerator);
        product[i] = carry as u64;
        carry >>= 64;
    }
    product[4] = carry as u64;
    let mut rest = 0u128;
    for limb in product.iter_mut().rev() {
        rest = rest << 64 | u128::from(*limb);
        (*limb, rest) = ((rest / u128::from(denominator)) as u64, rest % u128::from(denominator));
    }
    assert_eq!(product[4], 0);
    [product[0], product[1], product[2], product[3]]
}

/// Whether every lane is at most `numerator / denominator` p.
fn at_most<F: Modulus>(lanes: Lanes<F>, numerator: u64, denominator: u64) -> bool {
    let bound = BigInt(part::<F>(numerator, denominator));
    lanes.to_plain().into_iter().all(|value| BigInt(value) <= bound)
}

/// The least whole k with `n / 84 + 1 <= k`.
fn over_84(n: usize) -> u64 {
    n.div_ceil(84) as u64 + 1
}

fn products<F: Modulus>(ifma: Ifma) {
    let value = minus_one::<F>();
    // The sum of products of multiples stays below 84 * 83.
    for (i, j) in [(84, 82), (83, 83), (84, 1), (1, 84), (6, 4), (4, 4), (2, 2), (1, 1)] {
        let product = largest::<F>(ifma, i).mul(largest(ifma, j));
        assert!(product.below(over_84(i * j)), "{i} {j}");
        assert_eq!(reduced(product), [value * value; LANES]);
    }
    for (i, j, k, l) in [(84, 41, 84, 41), (58, 59, 59, 59), (84, 82, 1, 1), (4, 4, 4, 4)] {
        let [a, b, c, d] = [i, j, k, l].map(|k| largest::<F>(ifma, k));
        let sum = a.mul_add(b, c, d);
        assert!(sum.below(over_84(i * j + k * l)), "{i} {j} {k} {l}");
        assert_eq!(reduced(sum), [(value * value).double(); LANES]);
    }
    for i in [1, 2, 4, 9, 42, 83] {
        let square = largest::<F>(ifma, i).square();
        assert!(square.below(over_84(i * i)), "{i}");
        assert_eq!(reduced(square), [value * value; LANES]);
    }
}

/// The elements of values below 84 p.
fn reduced<F: Modulus>(lanes: Lanes<F>) -> [F; LANES] {
    // One in memory, so that the product is the value over 2^260, below 2 p.
    let one = plain::<F>(lanes.ifma(), [1, 0, 0, 0]);
    let over: [F; LANES] = lanes.mul(one).to_array();
    let back: F = decode([1, 0, 0, 0]);
    over.map(|value| value * back.inverse().unwrap())
}

#[test]
fn products_of_the_largest_factors() {
    let Some(ifma) = Ifma::detect() else { return };
    ifma.run(With(products::<Fq>));
    ifma.run(With(products::<Fr>));
}

/// `reduced` takes [0, 7 p), and [p/2, 7 p) where lanes are negative; it leaves less than 9/8 p.
fn reductions<F: Modulus>(ifma: Ifma) {
    let value = minus_one::<F>();
    let zero = Lanes::<F>::zero(ifma);
    for k in 1..=7usize {
        for around in 0..3 {
            // k p - 1, k p, k p + 1, as far as they are below 7 p.
            let add = plain::<F>(ifma, [around, 0, 0, 0]);
            if k == 7 && around > 0 {
                continue;
            }
            let out = largest::<F>(ifma, k).add_raw(add).reduced();
            assert!(at_most(out, 9, 8), "{k} {around}");
            let expected = value + decode::<F>([around, 0, 0, 0]);
            assert_eq!(out.to_array(), [expected; LANES]);
        }
    }
    // Carries still to be propagated through every limb: six times 2^253 - 1.
    let ones = plain::<F>(ifma, [u64::MAX, u64::MAX, u64::MAX, u64::MAX >> 3]);
    assert!(ones.below(1));
    let six = ones.add_raw(ones).add_raw(ones).add_raw(ones).add_raw(ones).add_raw(ones).reduced();
    assert!(at_most(six, 9, 8));
    assert_eq!(six.to_array(), ones.to_array().map(|x| x * F::from(6u64)));
    // p/2 is the least with negative lanes: 2 p less 3/2 p.
    let much = plain::<F>(ifma, part::<F>(3, 2));
    let out = zero.sub_raw::<2>(much).reduced();
    assert!(at_most(out, 9, 8));
    assert_eq!(out.to_array(), much.to_array().map(|x| -x));
    // And the most: 3 p added to the largest below 4 p, less nothing.
    let out = largest::<F>(ifma, 4).sub_raw::<3>(zero).reduced();
    assert!(at_most(out, 9, 8));
}

#[test]
fn reductions_at_every_end() {
    let Some(ifma) = Ifma::detect() else { return };
    ifma.run(With(reductions::<Fq>));
    ifma.run(With(reductions::<Fr>));
}

#[test]
fn components_of_the_extension_at_their_bounds() {
    let Some(ifma) = Ifma::detect() else { return };
    ifma.run(With(|ifma| {
        let (four, two) = (largest::<Fq>(ifma, 4), largest::<Fq>(ifma, 2));
        let zero = Lanes::<Fq>::zero(ifma);
        let value = minus_one::<Fq>();
        for (re, im) in [(four, four), (four, zero), (zero, four), (zero, zero)] {
            for (re2, im2) in [(four, four), (four, zero), (zero, four)] {
                let product = Lanes2 { re, im }.mul(Lanes2 { re: re2, im: im2 });
                assert!(at_most(product.re, 3, 2) && at_most(product.im, 3, 2));
                let of = |x: Lanes<Fq>| if x.below(1) { Fq::from(0u64) } else { value };
                let expected = Fq2::new(of(re), of(im)) * Fq2::new(of(re2), of(im2));
                assert_eq!(product.re.to_array(), [expected.c0; LANES]);
                assert_eq!(product.im.to_array(), [expected.c1; LANES]);
            }
        }
        for (re, im) in [(two, two), (two, zero), (zero, two)] {
            let square = Lanes2 { re, im }.square();
            assert!(at_most(square.re, 3, 2) && at_most(square.im, 3, 2));
        }
    }));
}

/// Limbs of 52 bits that carry: none, one, all ones, and the ends of their halves.
fn limbs() -> impl Strategy<Value = [u64; 4]> {
    let ones = (1u64 << 52) - 1;
    let limb = prop_oneof![Just(0), Just(1), Just(ones), Just(ones - 1), Just(1 << 51), 0..=ones];
    (prop::array::uniform4(limb), 0u64..1 << 44).prop_map(|([a, b, c, d], top)| {
        [a | b << 52, b >> 12 | c << 40, c >> 24 | d << 28, d >> 36 | top << 16]
    })
}

fn carries<F: Modulus>(ifma: Ifma, a: [u64; 4], b: [u64; 4]) -> Result<(), TestCaseError> {
    let (x, y): (F, F) = (decode(a), decode(b));
    let [product, both, square, sum, difference] = ifma.run(With(|ifma| {
        let (a, b) = (plain::<F>(ifma, a), plain::<F>(ifma, b));
        let sum = a.add_raw(b).reduced();
        [a.mul(b), a.mul_add(b, b, a), a.square(), sum, a.sub_raw::<2>(b).reduced()]
            .map(Lanes::to_array)
    }));
    prop_assert_eq!(product, [x * y; LANES]);
    prop_assert_eq!(both, [(x * y).double(); LANES]);
    prop_assert_eq!(square, [x * x; LANES]);
    prop_assert_eq!(sum, [x + y; LANES]);
    prop_assert_eq!(difference, [x - y; LANES]);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Below 2^252, so below p/2 and more: every bound is kept, and every limb may carry.
    #[test]
    fn limbs_that_carry(a in limbs(), b in limbs()) {
        let Some(ifma) = Ifma::detect() else { return Ok(()) };
        carries::<Fq>(ifma, a, b)?;
        carries::<Fr>(ifma, a, b)?;
    }
}

#[test]
fn a_broken_bound_is_noticed_in_debug_builds() {
    let Some(ifma) = Ifma::detect() else { return };
    if !cfg!(debug_assertions) {
        return;
    }
    let one = plain::<Fq>(ifma, [1, 0, 0, 0]);
    let below_zero = std::panic::catch_unwind(|| Lanes::<Fq>::zero(ifma).sub::<0>(one));
    assert!(below_zero.is_err());
    let too_large =
        std::panic::catch_unwind(|| largest::<Fq>(ifma, 84).add_raw(largest(ifma, 2)).normal());
    assert!(too_large.is_err());
    assert!(std::panic::catch_unwind(|| largest::<Fq>(ifma, 6).to_plain()).is_err());
}

#[test]
fn parts_of_the_modulus() {
    let mut twice = BigInt(part::<Fq>(1, 1));
    assert_eq!(twice, Fq::MODULUS);
    twice.mul2();
    assert_eq!(BigInt(part::<Fq>(2, 1)), twice);
    assert_eq!(BigInt(part::<Fr>(1, 2)), Fr::MODULUS_MINUS_ONE_DIV_TWO);
}
