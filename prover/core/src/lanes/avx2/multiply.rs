//! Montgomery products with radix 2^260 by fused multiplications of doubles.
//!
//! A product of limbs a, b < 2^52 is cut in two. With doubles, `2^104 + a b` rounds to
//! `2^104 + 2^52 H`, since doubles between 2^104 and 2^105 are 2^52 apart; so H is the nearest integer
//! to `a b / 2^52` and stands in the double's lowest bits. What is left, `L = a b - 2^52 H`, is between
//! -2^51 and 2^51, and a second fused multiplication gives `L - 3 2^51` exactly: a double between -2^53
//! and -2^52, whose lowest bits hold -L. Both are added to columns as integers of 64 bits, and what the
//! exponents and signs come to is taken off when a column begins ([`Constants::columns`]).
//!
//! Reduction goes by rows. Rows 0 to 3 take a column's low 52 bits m_i away and add `m_i R` to the
//! columns above it, where R is 2^-52 modulo p: no product is needed to find m_i, so that the next row
//! waits less. What they add comes to less than `R 2^260 (1 + 2^-51)`, and R is below p/7 for both
//! moduli. In row 4 that would be too much: it is Montgomery's, and takes the m_4 that makes `m_4 p`
//! bring column 4 to a multiple of 2^52. A low half, of either sign, is what doubles give for it;
//! 2^51 is added to make it one from 0 to 2^52, and it is the right one: until the low half of
//! `m_4 p_0` is added too, column 4 stands 2^51 too high. So the result is at least 0 and, for factors
//! below i p and j p, i and j at least 1, below `(i j / 84 + 8/7) p`: 84.6 p < 2^260.
//!
//! Doubles are rounded to the nearest, ties to even, as Rust assumes of every program; none is ever
//! subnormal.
//!
//! Columns: at most 10 N + 10 halves of less than 2^52 + 1, so below 2^57 of either sign; 2^63 is
//! added to each, so that its carry may be shifted out without looking at signs.
//!
//! The rows of the two halves of a vector take turns, so that one multiplies while the other waits for
//! its m_i. A compiler puts moves between them and orders them otherwise; hence the assembly.

use super::word::Word;
use crate::lanes::field::Modulus;
use crate::lanes::isa::{BITS, LIMBS, MASK};
use std::arch::naked_asm;
use std::arch::x86_64::*;
use std::marker::PhantomData;
use std::mem::{offset_of, MaybeUninit};

type Limbs = [Word; LIMBS];
/// Lanes 0 to 3 and lanes 4 to 7, as in a [`Word`].
type Halves<T> = [[T; 4]; 2];

/// 2^52 and its bits.
const ONE_52: f64 = (1u64 << 52) as f64;
const EXPONENT_52: u64 = (1023 + 52) << 52;
/// The bits of 2^104: what a high half stands above.
const ABOVE_HIGH: u64 = (1023 + 104) << 52;
/// The bits of -3 2^51: what a low half is subtracted from.
const ABOVE_LOW: u64 = 1 << 63 | EXPONENT_52 | 1 << 51;

/// For products of one modulus and a number of summands.
#[repr(C, align(32))]
pub struct Constants {
    high: [f64; 4],
    low: [f64; 4],
    negated_inverse: [f64; 4],
    p: [[f64; 4]; LIMBS],
    /// R.
    shifted: [[f64; 4]; LIMBS],
    columns: [[u64; 4]; 2 * LIMBS],
    mask: [u64; 4],
    exponent: [u64; 4],
    one_52: [f64; 4],
    /// What adds 2^51 to m_4, and brings back a low half's 3 2^51.
    positive: [f64; 4],
}

impl Constants {
    const fn new(p: [u64; LIMBS], negated_inverse: u64, summands: u64) -> Self {
        let mut columns = [0u64; 2 * LIMBS];
        let (mut primes, mut shifted) = ([[0.0; 4]; LIMBS], [[0.0; 4]; LIMBS]);
        let r = over_52(p, negated_inverse);
        let mut i = 0;
        while i < LIMBS {
            // Where a row's m p or m R begins.
            let reduced = if i + 1 < LIMBS { i + 1 } else { i };
            let mut j = 0;
            while j < LIMBS {
                columns = take_off(columns, i + j, summands);
                columns = take_off(columns, reduced + j, 1);
                j += 1;
            }
            // High halves of 2^52 - 1 and more have no exact low halves; m_4 may be 2^52.
            assert!(p[i] < MASK, "a limb of p is too large");
            primes[i] = [p[i] as f64; 4];
            shifted[i] = [r[i] as f64; 4];
            i += 1;
        }
        let mut each = [[0; 4]; 2 * LIMBS];
        let mut k = 0;
        while k < 2 * LIMBS {
            let sign = if k + 1 < 2 * LIMBS { 1 << 63 } else { 0 };
            let carried = if k > 0 { 1 << (63 - BITS) } else { 0 };
            each[k] = [columns[k].wrapping_add(sign).wrapping_sub(carried); 4];
            k += 1;
        }
        Self {
            high: [(1u128 << 104) as f64; 4],
            low: [((1u128 << 104) - (3 << 51)) as f64; 4],
            negated_inverse: [negated_inverse as f64; 4],
            p: primes,
            shifted,
            columns: each,
            mask: [MASK; 4],
            exponent: [EXPONENT_52; 4],
            one_52: [ONE_52; 4],
            positive: [2.0 * ONE_52; 4],
        }
    }
}

/// Takes off what the exponents and signs of so many products come to, whose low halves stand in
/// column `at`.
const fn take_off(mut columns: [u64; 2 * LIMBS], at: usize, products: u64) -> [u64; 2 * LIMBS] {
    columns[at] = columns[at].wrapping_add(products.wrapping_mul(ABOVE_LOW));
    columns[at + 1] = columns[at + 1].wrapping_sub(products.wrapping_mul(ABOVE_HIGH));
    columns
}

/// `2^-52 mod p`: `(k p + 1) / 2^52` for k = -1/p modulo 2^52.
const fn over_52(p: [u64; LIMBS], k: u64) -> [u64; LIMBS] {
    let mut out = [0; LIMBS];
    let mut sum = 1u128;
    let mut i = 0;
    while i < LIMBS {
        sum += p[i] as u128 * k as u128;
        if i > 0 {
            out[i - 1] = sum as u64 & MASK;
        } else {
            assert!(sum as u64 & MASK == 0);
        }
        sum >>= BITS;
        i += 1;
    }
    out[LIMBS - 1] = sum as u64;
    // One unit of the top limb covers the 2^-51 of what rows 0 to 3 add.
    assert!(7 * (out[LIMBS - 1] + 1) < p[LIMBS - 1], "R (1 + 2^-51) is not below p/7");
    out
}

struct Of<F, const SUMMANDS: u64>(PhantomData<F>);

impl<F: Modulus, const SUMMANDS: u64> Of<F, SUMMANDS> {
    const CONSTANTS: Constants = Constants::new(F::P, F::NEGATED_INVERSE, SUMMANDS);
}

pub fn constants<F: Modulus, const SUMMANDS: u64>() -> &'static Constants {
    &Of::<F, SUMMANDS>::CONSTANTS
}

/// Limbs as doubles.
#[repr(C, align(32))]
struct Doubles([Halves<f64>; LIMBS]);

#[target_feature(enable = "avx2,fma")]
#[inline]
fn doubles(limbs: &Limbs) -> Doubles {
    let mut out = Doubles([[[0.0; 4]; 2]; LIMBS]);
    let exponent = _mm256_set1_epi64x(EXPONENT_52 as i64);
    for (out, word) in out.0.iter_mut().zip(limbs) {
        for (out, half) in out.iter_mut().zip(word.0) {
            let above = _mm256_castsi256_pd(_mm256_or_si256(half, exponent));
            let value = _mm256_sub_pd(above, _mm256_set1_pd(ONE_52));
            // SAFETY: the reference covers the 32 bytes written.
            unsafe { _mm256_storeu_pd(out.as_mut_ptr(), value) };
        }
    }
    out
}

// A function of its own: six copies in a loop would not fit the instruction cache. Of what a caller
// may count on, the functions change nothing: all vector registers are the callee's.

/// # Safety
/// The processor has AVX2 and FMA; the pointers are to values and to room for one.
#[unsafe(naked)]
unsafe extern "sysv64" fn montgomery(
    constants: *const Constants,
    a: *const Doubles,
    b: *const Doubles,
    out: *mut Limbs,
) {
    montgomery!(["rsi" "rdx"] "rcx")
}

/// # Safety
/// As for [`montgomery`].
#[unsafe(naked)]
unsafe extern "sysv64" fn montgomery_sum(
    constants: *const Constants,
    a: *const Doubles,
    b: *const Doubles,
    c: *const Doubles,
    d: *const Doubles,
    out: *mut Limbs,
) {
    montgomery!(["rsi" "rdx"] ["rcx" "r8"] "r9")
}

/// Normal limbs of `a b / 2^260` plus at most 8/7 p, for normal limbs.
#[target_feature(enable = "avx2,fma")]
#[inline]
pub fn product(constants: &Constants, a: &Limbs, b: &Limbs) -> Limbs {
    let (a, b) = (doubles(a), doubles(b));
    let mut out = MaybeUninit::uninit();
    // SAFETY: the processor has the instructions, the pointers are to values and to room for one,
    // which is filled.
    unsafe {
        montgomery(constants, &a, &b, out.as_mut_ptr());
        out.assume_init()
    }
}

/// Normal limbs of `a a / 2^260` plus at most 8/7 p, for normal limbs.
#[target_feature(enable = "avx2,fma")]
#[inline]
pub fn square(constants: &Constants, a: &Limbs) -> Limbs {
    let a = doubles(a);
    let mut out = MaybeUninit::uninit();
    // SAFETY: as above.
    unsafe {
        montgomery(constants, &a, &a, out.as_mut_ptr());
        out.assume_init()
    }
}

/// Normal limbs of `(a b + c d) / 2^260` plus at most 8/7 p, for normal limbs.
#[target_feature(enable = "avx2,fma")]
#[inline]
pub fn product_sum(constants: &Constants, a: &Limbs, b: &Limbs, c: &Limbs, d: &Limbs) -> Limbs {
    let (a, b, c, d) = (doubles(a), doubles(b), doubles(c), doubles(d));
    let mut out = MaybeUninit::uninit();
    // SAFETY: as above.
    unsafe {
        montgomery_sum(constants, &a, &b, &c, &d, out.as_mut_ptr());
        out.assume_init()
    }
}
