//! Montgomery products with radix 2^260. A lane has 12 bits for carries, which are propagated once
//! for each product.

use super::word::Word;
use crate::lanes::field::{normal, splat_limbs, Modulus};
use crate::lanes::isa::{Word as _, BITS, LIMBS, MASK};

type Limbs = [Word; LIMBS];

/// The carry out of a limb to which the low half of `m p_0` would be added: m is chosen so that the
/// sum's low 52 bits are zero, so it is the limb's own upper bits, and one more unless its low bits
/// are zero already.
#[inline(always)]
fn dropped(limb: Word) -> Word {
    limb.add(limb.like(MASK)).shr::<BITS>()
}

/// `sum of left * right / 2^260`. All products first: none of them waits for the reduction, so a
/// processor that works ahead makes them while an earlier reduction's steps wait for each other. A limb
/// collects at most 9 N half products, 9 of the reduction, and carries: below 2^52 * 31 for N = 2.
#[inline(always)]
pub fn montgomery<F: Modulus, const N: usize>(factors: [(&Limbs, &Limbs); N]) -> Limbs {
    let zero = factors[0].0[0].like(0);
    let mut t = [zero; 2 * LIMBS];
    for (a, b) in &factors {
        for i in 0..LIMBS {
            for j in 0..LIMBS {
                t[i + j] = t[i + j].add_low(a[j], b[i]);
            }
            for j in 0..LIMBS {
                t[i + j + 1] = t[i + j + 1].add_high(a[j], b[i]);
            }
        }
    }
    reduce::<F>(t)
}

/// `a a / 2^260`, with each product off the diagonal made once.
#[inline(always)]
pub fn square<F: Modulus>(a: &Limbs) -> Limbs {
    let zero = a[0].like(0);
    let mut t = [zero; 2 * LIMBS];
    // At most 9 half products a limb, those off the diagonal counted twice.
    for i in 0..LIMBS {
        for j in i + 1..LIMBS {
            t[i + j] = t[i + j].add_low(a[i], a[j]);
            t[i + j + 1] = t[i + j + 1].add_high(a[i], a[j]);
        }
    }
    for limb in &mut t {
        *limb = limb.add(*limb);
    }
    for i in 0..LIMBS {
        t[2 * i] = t[2 * i].add_low(a[i], a[i]);
        t[2 * i + 1] = t[2 * i + 1].add_high(a[i], a[i]);
    }
    reduce::<F>(t)
}

/// `t / 2^260`, modulo p, for limbs below 2^57.
#[inline(always)]
fn reduce<F: Modulus>(mut t: [Word; 2 * LIMBS]) -> Limbs {
    let isa = t[0].isa();
    let p: Limbs = splat_limbs(isa, F::P);
    let factor = t[0].like(F::NEGATED_INVERSE);
    let zero = t[0].like(0);
    for i in 0..LIMBS {
        let m = zero.add_low(t[i], factor);
        let next = t[i + 1].add(dropped(t[i]));
        t[i + 1] = next.add_low(m, p[1]).add_high(m, p[0]);
        for j in 2..LIMBS {
            t[i + j] = t[i + j].add_low(m, p[j]);
        }
        for j in 1..LIMBS {
            t[i + j + 1] = t[i + j + 1].add_high(m, p[j]);
        }
    }
    normal([t[5], t[6], t[7], t[8], t[9]])
}
