//! The steps of point addition at the bounds that `coordinate` states for them.

use super::coordinate::Coordinate;
use crate::lanes::testing::each_isa;
use crate::lanes::{Isa, Lanes, Lanes2, LANES};
use ark_bn254::{Fq, Fq2};
use ark_ff::{AdditiveGroup, BigInt, BigInteger, Field, PrimeField};

/// `floor(numerator p / denominator)`, for results below 2^256.
fn part(numerator: u64, denominator: u64) -> [u64; 4] {
    let mut carry = 0u128;
    let mut product = Fq::MODULUS.0.map(|limb| {
        carry += u128::from(limb) * u128::from(numerator);
        let low = carry as u64;
        carry >>= 64;
        low
    });
    let mut rest = carry;
    for limb in product.iter_mut().rev() {
        rest = rest << 64 | u128::from(*limb);
        let quotient = rest / u128::from(denominator);
        (*limb, rest) = (quotient as u64, rest % u128::from(denominator));
    }
    product
}

fn lanes<I: Isa>(isa: I, plain: [u64; 4]) -> Lanes<Fq, I> {
    Lanes::from_plain(isa, [plain; LANES])
}

fn at_most<I: Isa>(value: Lanes<Fq, I>, (numerator, denominator): (u64, u64)) -> bool {
    let bound = BigInt(part(numerator, denominator));
    value.to_plain().into_iter().all(|plain| BigInt(plain) <= bound)
}

const REDUCED: (u64, u64) = (9, 8);
const PRODUCT: (u64, u64) = (7, 4);

/// Those below a multiple of p, and the largest below it.
fn below<I: Isa>(k: u64, mut values: Vec<Lanes<Fq, I>>) -> Vec<Lanes<Fq, I>> {
    values.retain(|value| value.below(k));
    let isa = values[0].isa();
    values.push(lanes(isa, part(k, 1)).sub::<0>(lanes(isa, [1, 0, 0, 0])));
    values
}

/// The ends of a range from 0 to a part of p, and the values around p inside it.
fn ends<I: Isa>(isa: I, (numerator, denominator): (u64, u64)) -> Vec<Lanes<Fq, I>> {
    let mut above = Fq::MODULUS;
    above.add_with_carry(&BigInt::from(1u64));
    let plain =
        [[0; 4], [1, 0, 0, 0], part(1, 2), Fq::MODULUS.0, above.0, part(numerator, denominator)];
    plain.map(|plain| lanes(isa, plain)).to_vec()
}

fn check_g1<I: Isa>(isa: I) {
    // 6 p less one does not fit 256 bits.
    let three = lanes(isa, part(3, 1));
    let almost_six = three.sub::<0>(lanes(isa, [1, 0, 0, 0])).add_raw(three).normal();
    let mut factors = ends(isa, (4, 1));
    factors.push(almost_six);

    let element =
        |x: Lanes<Fq, I>| -> [Fq; LANES] { Lanes::mul(x, Lanes::splat(isa, Fq::ONE)).to_array() };
    let differences = below(4, ends(isa, (4, 1)));
    for a in &factors {
        for b in &differences {
            let product = Coordinate::mul(*a, *b);
            assert!(at_most(product, PRODUCT));
            assert_eq!(element(product)[0], element(*a)[0] * element(*b)[0]);
        }
    }
    let twos = below(2, ends(isa, (2, 1)));
    for a in &twos {
        let (square, double) = (Coordinate::square(*a), Coordinate::double(*a));
        assert!(at_most(square, PRODUCT) && double.below(4));
        assert_eq!(element(square)[0], element(*a)[0].square());
        assert_eq!(element(double)[0], element(*a)[0].double());
        for b in &twos {
            let difference = Coordinate::minus(*a, *b);
            assert!(difference.below(4));
            assert_eq!(element(difference)[0], element(*a)[0] - element(*b)[0]);
        }
    }
    let (products, reduced) = (ends(isa, PRODUCT), ends(isa, REDUCED));
    for product in &products {
        let triple = product.triple();
        assert!(at_most(triple, REDUCED));
        assert_eq!(element(triple)[0], element(*product)[0] * Fq::from(3u64));
        for a in &reduced {
            let out = product.reduced_minus(*a);
            assert!(at_most(out, REDUCED));
            assert_eq!(element(out)[0], element(*product)[0] - element(*a)[0]);
            for b in &reduced {
                let run = Coordinate::minus(*b, *a);
                let (third, to_third) = (a.third(run, *product), a.minus_third(run, *product));
                assert!(at_most(third, REDUCED) && to_third.below(6));
                let expected = element(*product)[0] - element(*a)[0] - element(*b)[0];
                assert_eq!(element(third)[0], expected);
                assert_eq!(element(to_third)[0], element(*a)[0] - expected);
            }
        }
    }
    for a in &reduced {
        for b in &reduced {
            for mask in [0, 255, 0b0110_0101] {
                let out = a.rise_to(*b, mask);
                assert!(out.below(6));
                let (left, right) = (element(*a)[0], element(*b)[0]);
                for (lane, value) in element(out).into_iter().enumerate() {
                    let right = if mask >> lane & 1 == 1 { -right } else { right };
                    assert_eq!(value, right - left, "{mask} {lane}");
                }
            }
        }
    }
}

#[test]
fn steps_of_addition_in_g1() {
    each_isa!(isa => check_g1(isa));
}

fn check_g2<I: Isa>(isa: I) {
    let factors: Vec<_> = ends(isa, (5, 1));
    let differences = below(4, ends(isa, (4, 1)));
    let twos = below(2, ends(isa, (2, 1)));
    let element = |x: Lanes2<Fq, I>| -> Fq2 {
        let one = Lanes::splat(isa, Fq::ONE);
        Fq2::new(Lanes::mul(x.re, one).to_array()[0], Lanes::mul(x.im, one).to_array()[0])
    };
    for (re, im) in factors.iter().zip(factors.iter().rev()) {
        for (re2, im2) in differences.iter().zip(differences.iter().rev()) {
            let (a, b) = (Lanes2 { re: *re, im: *im }, Lanes2 { re: *re2, im: *im2 });
            let product = Coordinate::mul(a, b);
            assert!(at_most(product.re, PRODUCT) && at_most(product.im, PRODUCT));
            assert_eq!(element(product), element(a) * element(b));
        }
    }
    for (re, im) in twos.iter().zip(twos.iter().rev()) {
        let a = Lanes2 { re: *re, im: *im };
        let square = Coordinate::square(a);
        assert!(at_most(square.re, PRODUCT) && at_most(square.im, PRODUCT));
        assert_eq!(element(square), element(a).square());
    }
}

#[test]
fn products_in_the_extension_of_g2() {
    each_isa!(isa => check_g2(isa));
}
