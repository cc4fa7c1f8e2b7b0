//! Eight lanes against arkworks, at the bounds of each lazy reduction.

use super::field::{decode, Lanes, Modulus};
use super::testing::each_isa;
use super::{Isa, Lanes2, Word, LANES};
use ark_bn254::{Fq, Fq2, Fr};
use ark_ff::{BigInt, BigInteger, PrimeField};
use proptest::prelude::*;

/// `k p` plus or minus a little, or anything below 4 p.
fn plain<F: Modulus>() -> impl Strategy<Value = [u64; 4]> {
    let near = (0u64..5, 0u64..3, any::<bool>()).prop_map(|(k, distance, above)| {
        let mut value = BigInt::<4>::from(0u64);
        for _ in 0..k {
            value.add_with_carry(&F::MODULUS);
        }
        match above && k < 4 || k == 0 {
            true => value.add_with_carry(&BigInt::from(distance)),
            false => value.sub_with_borrow(&BigInt::from(distance + 1)),
        };
        value.0
    });
    let anything = any::<[u64; 4]>().prop_map(|mut limbs| {
        limbs[3] %= 4 * F::MODULUS.0[3];
        limbs
    });
    prop_oneof![near, anything]
}

type Eight = [[u64; 4]; LANES];

fn eight<F: Modulus>() -> impl Strategy<Value = Eight> {
    prop::array::uniform8(plain::<F>())
}

fn check<F: Modulus, I: Isa>(isa: I, (a, b, c, d): (Eight, Eight, Eight, Eight), mask: u8) {
    let [av, bv, cv, dv] = [a, b, c, d].map(|plain| plain.map(decode::<F>));
    let each = |f: &dyn Fn(usize) -> F| std::array::from_fn::<F, LANES, _>(f);
    let [a, b, c, d] = [a, b, c, d].map(|plain| Lanes::<F, I>::from_plain(isa, plain));
    assert!([a, b, c, d].iter().all(|x| x.below(4)));
    let product = a.mul(b);
    let both = a.mul_add(b, c, d);
    let square = a.square();
    assert!(product.below(2) && both.below(2) && square.below(2));
    let difference = a.sub::<4>(b);
    let reduced = a.add_raw(c.mul(d)).reduced();
    assert!(difference.below(8) && reduced.below(2));
    let signed = a.mul(c).plus::<2>().sub_signed(b.mul(d), mask).reduced();
    let got = [product, both, square, difference.mul(c), reduced, signed].map(Lanes::to_array);
    assert_eq!(got[0], each(&|i| av[i] * bv[i]));
    assert_eq!(got[1], each(&|i| av[i] * bv[i] + cv[i] * dv[i]));
    assert_eq!(got[2], each(&|i| av[i] * av[i]));
    assert_eq!(got[3], each(&|i| (av[i] - bv[i]) * cv[i]));
    assert_eq!(got[4], each(&|i| av[i] + cv[i] * dv[i]));
    let signed = |i: usize| match mask >> i & 1 {
        1 => av[i] * cv[i] + bv[i] * dv[i],
        _ => av[i] * cv[i] - bv[i] * dv[i],
    };
    assert_eq!(got[5], each(&signed));
}

fn check_extension<I: Isa>(isa: I, values: [Eight; 4]) {
    let [a, b, c, d] = values.map(|plain| Lanes::<Fq, I>::from_plain(isa, plain));
    let small = |x: Lanes<Fq, I>| x.mul(Lanes::splat(isa, Fq::from(1u64)));
    let product = Lanes2 { re: a, im: b }.mul(Lanes2 { re: c, im: d });
    let square = Lanes2 { re: small(a), im: small(b) }.square();
    assert!([product.re, product.im, square.re, square.im].iter().all(|part| part.below(2)));
    let [a, b, c, d] = values.map(|plain| plain.map(decode::<Fq>));
    let (product_re, product_im) = (product.re.to_array(), product.im.to_array());
    let (square_re, square_im) = (square.re.to_array(), square.im.to_array());
    for i in 0..LANES {
        let (x, y) = (Fq2::new(a[i], b[i]), Fq2::new(c[i], d[i]));
        assert_eq!(Fq2::new(product_re[i], product_im[i]), x * y);
        assert_eq!(Fq2::new(square_re[i], square_im[i]), x * x);
    }
}

proptest! {
    #[test]
    fn base_field(values in (eight::<Fq>(), eight::<Fq>(), eight::<Fq>(), eight::<Fq>()), mask: u8) {
        each_isa!(isa => check::<Fq, _>(isa, values, mask));
    }

    #[test]
    fn scalar_field(values in (eight::<Fr>(), eight::<Fr>(), eight::<Fr>(), eight::<Fr>()), mask: u8) {
        each_isa!(isa => check::<Fr, _>(isa, values, mask));
    }

    #[test]
    fn quadratic_extension(values in prop::array::uniform4(eight::<Fq>())) {
        each_isa!(isa => check_extension(isa, values));
    }

    #[test]
    fn lanes_hold_what_was_put_in(plain in eight::<Fq>()) {
        let values = plain.map(decode::<Fq>);
        each_isa!(isa => {
            assert_eq!(Lanes::<Fq, _>::from_array(isa, values).to_array(), values);
            assert_eq!(Lanes::<Fq, _>::from_plain(isa, plain).to_plain(), plain);
        });
    }
}

/// Every multiple of the modulus that `reduced` takes, one below and one above.
fn check_multiples<I: Isa>(isa: I) {
    let two_p = {
        let mut two_p = Fq::MODULUS;
        two_p.add_with_carry(&Fq::MODULUS);
        two_p
    };
    for distance in [-1i64, 0, 1] {
        let base = Fq::from(distance);
        for multiples in 1..3u64 {
            let mut plain = base.radix_256();
            for _ in 1..multiples {
                plain.add_with_carry(&Fq::MODULUS);
            }
            let lanes = Lanes::<Fq, I>::from_plain(isa, [plain.0; LANES]);
            let two_p = Lanes::<Fq, I>::from_plain(isa, [two_p.0; LANES]);
            let reduced = lanes.add_raw(two_p).add_raw(two_p).reduced();
            assert!(reduced.below(2));
            assert_eq!(reduced.to_plain().map(decode::<Fq>), [plain.0; LANES].map(decode));
        }
    }
}

#[test]
fn reduction_at_every_multiple() {
    each_isa!(isa => check_multiples(isa));
}

fn check_transposition<I: Isa>(isa: I) {
    let rows: [[u64; 8]; 8] = std::array::from_fn(|i| std::array::from_fn(|j| (8 * i + j) as u64));
    let columns = I::Word::transpose(rows.map(|row| I::Word::load(isa, &row))).map(I::Word::lanes);
    for (i, j) in (0..64).map(|k| (k / 8, k % 8)) {
        assert_eq!(columns[i][j], rows[j][i]);
    }
}

#[test]
fn transposing_swaps_rows_and_columns() {
    each_isa!(isa => check_transposition(isa));
}

/// Carries are those of signed numbers, at every place of the sign.
fn check_words<I: Isa>(isa: I) {
    for lane in (0..64).flat_map(|bit| [1u64 << bit, (1u64 << bit).wrapping_neg(), !0 >> bit]) {
        let carried = I::Word::splat(isa, lane).carry().lanes();
        assert_eq!(carried, [(lane as i64 >> 52) as u64; LANES], "{lane:x}");
    }
    for mask in 0..=255u8 {
        let word = |value| I::Word::splat(isa, value);
        let chosen = word(1).add_where(mask, word(20), word(300)).lanes();
        for (lane, value) in chosen.into_iter().enumerate() {
            assert_eq!(value, if mask >> lane & 1 == 1 { 320 } else { 1 });
        }
    }
}

#[test]
fn words_carry_and_choose() {
    each_isa!(isa => check_words(isa));
}
