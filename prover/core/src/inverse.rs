//! Inverses in the base field, after D. J. Bernstein and B.-Y. Yang, "Fast constant-time gcd computation
//! and modular inversion" (TCHES 2019), with the steps of a word taken many at a time as P. Wuille and
//! P. Dettman describe for libsecp256k1. Its time depends on the value.
//!
//! A division step maps (f, g) with f odd to a pair with the same divisor; `STEPS` of them depend on
//! the lowest `STEPS` bits alone and make a 2 x 2 matrix of words, which is then applied to whole
//! numbers. From f = p and g = x they end at g = 0 and f = 1 or -1. The same matrices, applied modulo
//! p to (d, e) = (0, 1), keep f = d x and g = e x up to powers of 2, which are divided out.

use ark_bn254::Fq;
use ark_ff::{BigInt, Field, PrimeField, Zero};

const STEPS: u32 = 62;
const MASK: u64 = (1 << STEPS) - 1;
const LIMBS: usize = 5;

/// Signed numbers of 62-bit limbs, of which only the highest is negative: below 2^(309).
type Long = [i64; LIMBS];

const P: Long = split(Fq::MODULUS.0);

/// The inverse of p modulo 2^62.
const P_INVERSE: u64 = {
    let p = P[0] as u64;
    // Right in three bits, and each turn doubles them.
    let mut inverse = p;
    let mut turn = 0;
    while turn < 5 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(p.wrapping_mul(inverse)));
        turn += 1;
    }
    inverse & MASK
};

/// 2^62 times a matrix of division steps: (f, g) becomes (u f + v g, q f + r g) / 2^62.
/// |u| + |v| and |q| + |r| are at most 2^62.
struct Steps {
    u: i64,
    v: i64,
    q: i64,
    r: i64,
}

/// The inverse of an element other than 0.
pub fn inverse(value: &Fq) -> Option<Fq> {
    if value.is_zero() {
        return None;
    }
    // The integer is 2^256 times the value, and so is the result to be: 2^512 times the inverse.
    let plain = value.0 .0;
    let (mut f, mut g) = (P, split(plain));
    let (mut d, mut e) = ([0; LIMBS], [1, 0, 0, 0, 0]);
    let mut delta = 1;
    while g != [0; LIMBS] {
        let steps = divide(&mut delta, f[0] as u64, g[0] as u64);
        (f, g) = apply(&steps, &f, &g);
        (d, e) = apply_modulo(&steps, &d, &e);
    }
    debug_assert!(
        f == [1, 0, 0, 0, 0] || f == [MASK as i64, MASK as i64, MASK as i64, MASK as i64, -1]
    );
    let negative = f[LIMBS - 1] < 0;
    let inverse = Fq::new_unchecked(BigInt(join(reduced(d, negative))));
    // 2^768, so that one product takes the radix out twice.
    let cube = Fq::new_unchecked(Fq::R2).square();
    Some(inverse * cube)
}

/// The matrix of 62 division steps on numbers with these lowest bits.
fn divide(delta: &mut i32, f: u64, g: u64) -> Steps {
    let (mut f, mut g) = (f, g);
    let (mut u, mut v, mut q, mut r) = (1i64, 0i64, 0i64, 1i64);
    let mut left = STEPS;
    loop {
        // Steps on even g halve it; f's part of the matrix is doubled instead.
        let zeros = (g | u64::MAX << left).trailing_zeros();
        g >>= zeros;
        u <<= zeros;
        v <<= zeros;
        *delta += zeros as i32;
        left -= zeros;
        if left == 0 {
            return Steps { u, v, q, r };
        }
        if *delta > 0 {
            *delta = -*delta;
            (f, g) = (g, f.wrapping_neg());
            (u, v, q, r) = (q, r, -u, -v);
        }
        // Until delta is positive again, steps add f to g where g is odd. So many bits of g that
        // are zeroed at once by a multiple of f: at most six, for (f f - 2) f is -1 / f to six bits.
        let bits = ((1 - *delta) as u32).min(left).min(6);
        let inverse = f.wrapping_mul(f.wrapping_mul(f).wrapping_sub(2));
        let factor = (g.wrapping_mul(inverse) & ((1 << bits) - 1)) as i64;
        g = g.wrapping_add(f.wrapping_mul(factor as u64));
        q += u * factor;
        r += v * factor;
    }
}

/// `(u f + v g, q f + r g) / 2^62`, which is exact.
fn apply(steps: &Steps, f: &Long, g: &Long) -> (Long, Long) {
    let row = |a: i64, b: i64| {
        let mut out = [0; LIMBS];
        let mut carry = product(a, f[0]) + product(b, g[0]);
        debug_assert_eq!(carry as u64 & MASK, 0);
        carry >>= STEPS;
        for i in 1..LIMBS {
            carry += product(a, f[i]) + product(b, g[i]);
            out[i - 1] = (carry as u64 & MASK) as i64;
            carry >>= STEPS;
        }
        out[LIMBS - 1] = carry as i64;
        out
    };
    (row(steps.u, steps.v), row(steps.q, steps.r))
}

/// The same modulo p, for numbers in (-2p, p) and again in (-2p, p).
fn apply_modulo(steps: &Steps, d: &Long, e: &Long) -> (Long, Long) {
    let row = |a: i64, b: i64| {
        // Negative numbers plus p are in (-p, p).
        let mut multiple =
            if d[LIMBS - 1] < 0 { a } else { 0 } + if e[LIMBS - 1] < 0 { b } else { 0 };
        let low = product(a, d[0]) + product(b, e[0]);
        // Makes the lowest limb zero.
        let wanted = P_INVERSE.wrapping_mul(low as u64).wrapping_add(multiple as u64) & MASK;
        multiple -= wanted as i64;
        let mut out = [0; LIMBS];
        let mut carry = low + product(P[0], multiple);
        debug_assert_eq!(carry as u64 & MASK, 0);
        carry >>= STEPS;
        for i in 1..LIMBS {
            carry += product(a, d[i]) + product(b, e[i]) + product(P[i], multiple);
            out[i - 1] = (carry as u64 & MASK) as i64;
            carry >>= STEPS;
        }
        out[LIMBS - 1] = carry as i64;
        out
    };
    (row(steps.u, steps.v), row(steps.q, steps.r))
}

#[inline(always)]
fn product(a: i64, b: i64) -> i128 {
    i128::from(a) * i128::from(b)
}

/// A number in (-2p, p), negated if asked, between 0 and p.
fn reduced(mut value: Long, negated: bool) -> Long {
    if value[LIMBS - 1] < 0 {
        value = sum(&value, &P, 1);
    }
    if negated {
        value = sum(&[0; LIMBS], &value, -1);
    }
    if value[LIMBS - 1] < 0 {
        value = sum(&value, &P, 1);
    }
    value
}

/// `a + sign * b`.
fn sum(a: &Long, b: &Long, sign: i64) -> Long {
    let mut out = [0; LIMBS];
    let mut carry = 0;
    for i in 0..LIMBS {
        carry += a[i] + sign * b[i];
        out[i] = carry & MASK as i64;
        carry >>= STEPS;
    }
    out[LIMBS - 1] |= carry << STEPS;
    out
}

const fn split(x: [u64; 4]) -> Long {
    [
        (x[0] & MASK) as i64,
        ((x[0] >> 62 | x[1] << 2) & MASK) as i64,
        ((x[1] >> 60 | x[2] << 4) & MASK) as i64,
        ((x[2] >> 58 | x[3] << 6) & MASK) as i64,
        (x[3] >> 56) as i64,
    ]
}

/// The inverse of [`split`], for numbers from 0 to 2^256 - 1.
fn join(x: Long) -> [u64; 4] {
    let x = x.map(|limb| limb as u64);
    [x[0] | x[1] << 62, x[1] >> 2 | x[2] << 60, x[2] >> 4 | x[3] << 58, x[3] >> 6 | x[4] << 56]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(value: Fq) {
        assert_eq!(inverse(&value), value.inverse(), "{value}");
    }

    #[test]
    fn edges() {
        assert_eq!(inverse(&Fq::zero()), None);
        for power in 0..256u64 {
            let value = Fq::from(2u64).pow([power]);
            for near in [value - Fq::ONE, value, value + Fq::ONE] {
                check(near);
                check(-near);
                check(Fq::new_unchecked(near.into_bigint()));
            }
        }
    }

    proptest! {
        #[test]
        fn as_in_arkworks(words in any::<[u64; 4]>(), cut in 0u32..256) {
            check(Fq::from_bigint(BigInt(words) >> cut).unwrap_or(Fq::ONE));
            check(Fq::from_le_bytes_mod_order(words.map(u64::to_le_bytes).as_flattened()));
        }
    }
}
