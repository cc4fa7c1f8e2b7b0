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

/// `sum of left * right / 2^260`, by rows: after row i the lowest limb is divisible by 2^52 and is
/// dropped. A limb collects at most 2 (N + 1) half products of a row, five rows of them, and carries:
/// below 2^52 * 31 for N = 2.
#[inline(always)]
pub fn montgomery<F: Modulus, const N: usize>(factors: [(&Limbs, &Limbs); N]) -> Limbs {
    let zero = factors[0].0[0].like(0);
    let p: Limbs = splat_limbs(zero.isa(), F::P);
    let negated_inverse = zero.like(F::NEGATED_INVERSE);
    let mut t = [zero; LIMBS];
    for i in 0..LIMBS {
        for (a, b) in &factors {
            t[0] = t[0].add_low(a[0], b[i]);
        }
        let m = zero.add_low(t[0], negated_inverse);
        for (a, b) in &factors {
            for j in 1..LIMBS {
                t[j] = t[j].add_low(a[j], b[i]);
            }
        }
        for j in 1..LIMBS {
            t[j] = t[j].add_low(m, p[j]);
        }
        t = [t[1].add(dropped(t[0])), t[2], t[3], t[4], zero];
        for (a, b) in &factors {
            for j in 0..LIMBS {
                t[j] = t[j].add_high(a[j], b[i]);
            }
        }
        for j in 0..LIMBS {
            t[j] = t[j].add_high(m, p[j]);
        }
    }
    normal(t)
}

/// `a a / 2^260`, with each product off the diagonal made once.
#[inline(always)]
pub fn square<F: Modulus>(a: &Limbs) -> Limbs {
    let zero = a[0].like(0);
    let mut t = [zero; 2 * LIMBS];
    // Below 2^52 times 2 * 4 off the diagonal, doubled, and 2 on it: below 2^56.
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
    let p: Limbs = splat_limbs(zero.isa(), F::P);
    let factor = zero.like(F::NEGATED_INVERSE);
    for i in 0..LIMBS {
        let m = zero.add_low(t[i], factor);
        for j in 1..LIMBS {
            t[i + j] = t[i + j].add_low(m, p[j]);
        }
        t[i + 1] = t[i + 1].add(dropped(t[i]));
        for j in 0..LIMBS {
            t[i + j + 1] = t[i + j + 1].add_high(m, p[j]);
        }
    }
    normal([t[5], t[6], t[7], t[8], t[9]])
}
