//! Each bound that stands beside the arithmetic, met at its ends: the largest values that a function
//! takes, limbs that carry as far as they can, and what comes out held against the stated multiple.

use super::field::{decode, Lanes, Modulus};
use super::testing::each_isa;
use super::{Isa, Lanes2, LANES};
use ark_bn254::{Fq, Fq2, Fr};
use ark_ff::{BigInt, BigInteger, PrimeField};
use proptest::prelude::*;

fn plain<F: Modulus, I: Isa>(isa: I, value: [u64; 4]) -> Lanes<F, I> {
    Lanes::from_plain(isa, [value; LANES])
}

/// The largest value below `k p`, k from 1 to 84.
fn largest<F: Modulus, I: Isa>(isa: I, k: usize) -> Lanes<F, I> {
    let p = plain::<F, I>(isa, F::MODULUS.0);
    let one = plain::<F, I>(isa, [1, 0, 0, 0]);
    let sum = (0..k).fold(Lanes::zero(isa), |sum: Lanes<F, I>, _| sum.add_raw(p).normal());
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
fn at_most<F: Modulus, I: Isa>(lanes: Lanes<F, I>, numerator: u64, denominator: u64) -> bool {
    let bound = BigInt(part::<F>(numerator, denominator));
    lanes.to_plain().into_iter().all(|value| BigInt(value) <= bound)
}

/// The least whole k with `n / 84 + 8/7 <= k`.
fn over_84(n: usize) -> u64 {
    (n + 96).div_ceil(84) as u64
}

fn products<F: Modulus, I: Isa>(isa: I) {
    let value = minus_one::<F>();
    // The sum of products of multiples stays below 84 * 83.
    for (i, j) in [(84, 82), (83, 83), (84, 1), (1, 84), (6, 4), (4, 4), (2, 2), (1, 1)] {
        let product = largest::<F, I>(isa, i).mul(largest(isa, j));
        assert!(product.below(over_84(i * j)), "{i} {j}");
        assert_eq!(reduced(product), [value * value; LANES]);
    }
    for (i, j, k, l) in [(84, 41, 84, 41), (58, 59, 59, 59), (84, 82, 1, 1), (4, 4, 4, 4)] {
        let [a, b, c, d] = [i, j, k, l].map(|k| largest::<F, I>(isa, k));
        let sum = a.mul_add(b, c, d);
        assert!(sum.below(over_84(i * j + k * l)), "{i} {j} {k} {l}");
        assert_eq!(reduced(sum), [(value * value).double(); LANES]);
    }
    for i in [1, 2, 4, 9, 42, 83] {
        let square = largest::<F, I>(isa, i).square();
        assert!(square.below(over_84(i * i)), "{i}");
        assert_eq!(reduced(square), [value * value; LANES]);
    }
}

/// The elements of values below 84 p.
fn reduced<F: Modulus, I: Isa>(lanes: Lanes<F, I>) -> [F; LANES] {
    // One in memory, so that the product is the value over 2^260, below 2 p.
    let one = plain::<F, I>(lanes.isa(), [1, 0, 0, 0]);
    let over: [F; LANES] = lanes.mul(one).to_array();
    let back: F = decode([1, 0, 0, 0]);
    over.map(|value| value * back.inverse().unwrap())
}

#[test]
fn products_of_the_largest_factors() {
    each_isa!(isa => {
        products::<Fq, _>(isa);
        products::<Fr, _>(isa);
    });
}

/// `reduced` takes [0, 7 p), and [p/2, 7 p) where lanes are negative; it leaves less than 9/8 p.
fn reductions<F: Modulus, I: Isa>(isa: I) {
    let value = minus_one::<F>();
    let zero = Lanes::<F, I>::zero(isa);
    for k in 1..=7usize {
        for around in 0..3 {
            // k p - 1, k p, k p + 1, as far as they are below 7 p.
            let add = plain::<F, I>(isa, [around, 0, 0, 0]);
            if k == 7 && around > 0 {
                continue;
            }
            let out = largest::<F, I>(isa, k).add_raw(add).reduced();
            assert!(at_most(out, 9, 8), "{k} {around}");
            let expected = value + decode::<F>([around, 0, 0, 0]);
            assert_eq!(out.to_array(), [expected; LANES]);
        }
    }
    // Carries still to be propagated through every limb: six times 2^253 - 1.
    let ones = plain::<F, I>(isa, [u64::MAX, u64::MAX, u64::MAX, u64::MAX >> 3]);
    assert!(ones.below(1));
    let six = ones.add_raw(ones).add_raw(ones).add_raw(ones).add_raw(ones).add_raw(ones).reduced();
    assert!(at_most(six, 9, 8));
    assert_eq!(six.to_array(), ones.to_array().map(|x| x * F::from(6u64)));
    // p/2 is the least with negative lanes: 2 p less 3/2 p.
    let much = plain::<F, I>(isa, part::<F>(3, 2));
    let out = zero.sub_raw::<2>(much).reduced();
    assert!(at_most(out, 9, 8));
    assert_eq!(out.to_array(), much.to_array().map(|x| -x));
    // And the most: 3 p added to the largest below 4 p, less nothing.
    let out = largest::<F, I>(isa, 4).sub_raw::<3>(zero).reduced();
    assert!(at_most(out, 9, 8));
}

#[test]
fn reductions_at_every_end() {
    each_isa!(isa => {
        reductions::<Fq, _>(isa);
        reductions::<Fr, _>(isa);
    });
}

fn components<I: Isa>(isa: I) {
    let (four, two) = (largest::<Fq, I>(isa, 4), largest::<Fq, I>(isa, 2));
    let zero = Lanes::<Fq, I>::zero(isa);
    let value = minus_one::<Fq>();
    for (re, im) in [(four, four), (four, zero), (zero, four), (zero, zero)] {
        for (re2, im2) in [(four, four), (four, zero), (zero, four)] {
            let product = Lanes2 { re, im }.mul(Lanes2 { re: re2, im: im2 });
            assert!(at_most(product.re, 7, 4) && at_most(product.im, 7, 4));
            let of = |x: Lanes<Fq, I>| if x.below(1) { Fq::from(0u64) } else { value };
            let expected = Fq2::new(of(re), of(im)) * Fq2::new(of(re2), of(im2));
            assert_eq!(product.re.to_array(), [expected.c0; LANES]);
            assert_eq!(product.im.to_array(), [expected.c1; LANES]);
        }
    }
    for (re, im) in [(two, two), (two, zero), (zero, two)] {
        let square = Lanes2 { re, im }.square();
        assert!(at_most(square.re, 7, 4) && at_most(square.im, 7, 4));
    }
}

#[test]
fn components_of_the_extension_at_their_bounds() {
    each_isa!(isa => components(isa));
}

/// Limbs of 52 bits that carry: none, one, all ones, and the ends of their halves.
fn limbs() -> impl Strategy<Value = [u64; 4]> {
    let ones = (1u64 << 52) - 1;
    let limb = prop_oneof![Just(0), Just(1), Just(ones), Just(ones - 1), Just(1 << 51), 0..=ones];
    (prop::array::uniform4(limb), 0u64..1 << 44).prop_map(|([a, b, c, d], top)| {
        [a | b << 52, b >> 12 | c << 40, c >> 24 | d << 28, d >> 36 | top << 16]
    })
}

fn carries<F: Modulus, I: Isa>(isa: I, a: [u64; 4], b: [u64; 4]) {
    let (x, y): (F, F) = (decode(a), decode(b));
    let (a, b) = (plain::<F, I>(isa, a), plain::<F, I>(isa, b));
    let sum = a.add_raw(b).reduced();
    let results = [a.mul(b), a.mul_add(b, b, a), a.square(), sum, a.sub_raw::<2>(b).reduced()];
    let [product, both, square, sum, difference] = results.map(Lanes::to_array);
    assert_eq!(product, [x * y; LANES]);
    assert_eq!(both, [(x * y).double(); LANES]);
    assert_eq!(square, [x * x; LANES]);
    assert_eq!(sum, [x + y; LANES]);
    assert_eq!(difference, [x - y; LANES]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Below 2^252, so below p/2 and more: every bound is kept, and every limb may carry.
    #[test]
    fn limbs_that_carry(a in limbs(), b in limbs()) {
        each_isa!(isa => {
            carries::<Fq, _>(isa, a, b);
            carries::<Fr, _>(isa, a, b);
        });
    }
}

fn check_broken<I: Isa>(isa: I) {
    let one = plain::<Fq, I>(isa, [1, 0, 0, 0]);
    let panics = |work: &dyn Fn() -> [[u64; 4]; LANES]| {
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).is_err()
    };
    assert!(panics(&|| Lanes::<Fq, I>::zero(isa).sub::<0>(one).to_plain()));
    assert!(panics(&|| largest::<Fq, I>(isa, 84).add_raw(largest(isa, 2)).normal().to_plain()));
    assert!(panics(&|| largest::<Fq, I>(isa, 6).to_plain()));
}

#[test]
fn a_broken_bound_is_noticed_in_debug_builds() {
    if cfg!(debug_assertions) {
        each_isa!(isa => check_broken(isa));
    }
}

#[test]
fn parts_of_the_modulus() {
    let mut twice = BigInt(part::<Fq>(1, 1));
    assert_eq!(twice, Fq::MODULUS);
    twice.mul2();
    assert_eq!(BigInt(part::<Fq>(2, 1)), twice);
    assert_eq!(BigInt(part::<Fr>(1, 2)), Fr::MODULUS_MINUS_ONE_DIV_TWO);
}
