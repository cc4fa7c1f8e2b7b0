//! Eight elements of one prime field.
//!
//! Bounds. Both moduli p of BN254 lie between 2^253 and 2^254, and 84 p < 2^260 < 85 p. A vector is
//! *normal* when every limb is below 2^52; all vectors are normal but [`Raw`] ones. Elements are kept
//! modulo p, not below p; each function says which multiple of p its arguments stay below and its
//! result does, and debug builds check it.
//!
//! A product of a < i p and b < j p is `(a b + m p) / 2^260` with m < 2^260, so below
//! `(i j / 84 + 1) p`.

use super::word::{transpose, Word};
use super::{Ifma, LANES};
use ark_ff::{BigInt, BigInteger, Fp, MontBackend, MontConfig, PrimeField};
use std::marker::PhantomData;

pub const LIMBS: usize = 5;
const BITS: u32 = 52;
const MASK: u64 = (1 << BITS) - 1;
/// floor(2^260 / p) for both moduli.
const MULTIPLES_IN_RANGE: u64 = 84;

/// A prime field whose modulus fits.
pub trait Modulus: PrimeField<BigInt = BigInt<4>> {
    /// p in limbs.
    const P: [u64; LIMBS];
    /// -1/p modulo 2^52.
    const NEGATED_INVERSE: u64;
    /// Limb i of 0 p to 7 p.
    const MULTIPLES: [[u64; LANES]; LIMBS];
    /// The value whose plain limbs, 256 bits, are Montgomery's with radix 2^256.
    fn from_radix_256(limbs: BigInt<4>) -> Self;
    fn radix_256(&self) -> BigInt<4>;
}

impl<C: MontConfig<4>> Modulus for Fp<MontBackend<C, 4>, 4> {
    const P: [u64; LIMBS] = split(C::MODULUS.0);
    const NEGATED_INVERSE: u64 = negated_inverse(Self::P[0]);
    const MULTIPLES: [[u64; LANES]; LIMBS] = {
        let mut out = [[0; LANES]; LIMBS];
        let mut k = 0;
        while k < LANES {
            let multiple = times(Self::P, k as u64);
            let mut i = 0;
            while i < LIMBS {
                out[i][k] = multiple[i];
                i += 1;
            }
            k += 1;
        }
        out
    };

    fn from_radix_256(limbs: BigInt<4>) -> Self {
        Self::new_unchecked(limbs)
    }

    fn radix_256(&self) -> BigInt<4> {
        self.0
    }
}

/// 256 bits as limbs of 52.
const fn split(x: [u64; 4]) -> [u64; LIMBS] {
    [
        x[0] & MASK,
        (x[0] >> 52 | x[1] << 12) & MASK,
        (x[1] >> 40 | x[2] << 24) & MASK,
        (x[2] >> 28 | x[3] << 36) & MASK,
        x[3] >> 16,
    ]
}

/// `x * k`, normal but for the top limb.
const fn times(x: [u64; LIMBS], k: u64) -> [u64; LIMBS] {
    let mut out = [0; LIMBS];
    let mut carry = 0;
    let mut i = 0;
    while i < LIMBS {
        let sum = x[i] * k + carry;
        out[i] = if i + 1 < LIMBS { sum & MASK } else { sum };
        carry = sum >> BITS;
        i += 1;
    }
    out
}

/// Newton's iteration doubles the correct bits: 1, 2, ..., 64.
const fn negated_inverse(odd: u64) -> u64 {
    let mut inverse = 1u64;
    let mut step = 0;
    while step < 6 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(inverse)));
        step += 1;
    }
    inverse.wrapping_neg() & MASK
}

/// Eight elements in Montgomery form with radix 2^260.
#[derive(Clone, Copy)]
pub struct Lanes<F>([Word; LIMBS], PhantomData<F>);

/// A sum or difference whose carries are still to be propagated: lanes are signed.
#[derive(Clone, Copy)]
pub struct Raw<F>([Word; LIMBS], PhantomData<F>);

impl<F: Modulus> Lanes<F> {
    /// The same limbs in every lane.
    #[inline(always)]
    fn splat_limbs(ifma: Ifma, limbs: [u64; LIMBS]) -> Self {
        let mut out = [Word::splat(ifma, 0); LIMBS];
        for i in 0..LIMBS {
            out[i] = Word::splat(ifma, limbs[i]);
        }
        Self(out, PhantomData)
    }

    #[inline(always)]
    pub fn splat(ifma: Ifma, value: F) -> Self {
        Self::splat_limbs(ifma, split(encode(value)))
    }

    #[inline(always)]
    pub fn ifma(self) -> Ifma {
        self.0[0].ifma()
    }

    #[inline(always)]
    pub fn zero(ifma: Ifma) -> Self {
        Self::splat_limbs(ifma, [0; LIMBS])
    }

    /// `k * p` in every lane, k below 84.
    #[inline(always)]
    fn multiple(&self, k: u64) -> [Word; LIMBS] {
        Self::splat_limbs(self.ifma(), times(F::P, k)).0
    }

    pub fn from_array(ifma: Ifma, values: [F; LANES]) -> Self {
        Self::from_plain(ifma, values.map(encode))
    }

    pub fn to_array(self) -> [F; LANES] {
        self.to_plain().map(decode)
    }

    /// Takes eight rows of 256 bits as they are.
    #[inline(always)]
    pub fn from_plain(ifma: Ifma, rows: [[u64; 4]; LANES]) -> Self {
        let mut columns = [[0; LANES]; 4];
        for (lane, row) in rows.iter().enumerate() {
            for (column, word) in columns.iter_mut().zip(row) {
                column[lane] = *word;
            }
        }
        let [a, b, c, d] = &columns;
        let load =
            [Word::load(ifma, a), Word::load(ifma, b), Word::load(ifma, c), Word::load(ifma, d)];
        Self::from_columns(load)
    }

    /// Each element's 256 bits; elements are below 2^256.
    pub fn to_plain(self) -> [[u64; 4]; LANES] {
        let mut rows = [[0; 4]; LANES];
        for (i, column) in self.to_columns().into_iter().enumerate() {
            for (row, word) in rows.iter_mut().zip(column.lanes()) {
                row[i] = word;
            }
        }
        rows
    }

    /// Word i holds bits 64 i to 64 i + 63 of each element.
    #[inline(always)]
    pub fn from_columns(x: [Word; 4]) -> Self {
        let mask = x[0].like(MASK);
        let limbs = [
            x[0].and(mask),
            x[0].shr::<52>().or(x[1].shl::<12>()).and(mask),
            x[1].shr::<40>().or(x[2].shl::<24>()).and(mask),
            x[2].shr::<28>().or(x[3].shl::<36>()).and(mask),
            x[3].shr::<16>(),
        ];
        Self(limbs, PhantomData)
    }

    /// The inverse of [`Self::from_columns`], for elements below 2^256 (so below 5 p).
    #[inline(always)]
    pub fn to_columns(self) -> [Word; 4] {
        debug_assert!(self.0[4].lanes().iter().all(|limb| *limb < 1 << 48), "2^256 or more");
        let x = self.0;
        [
            x[0].or(x[1].shl::<52>()),
            x[1].shr::<12>().or(x[2].shl::<40>()),
            x[2].shr::<24>().or(x[3].shl::<28>()),
            x[3].shr::<36>().or(x[4].shl::<16>()),
        ]
    }

    /// Overwrites secrets in a way that is not optimised away.
    pub fn wipe(&mut self) {
        let zero = Self::zero(self.ifma());
        // SAFETY: a valid, aligned reference, and a type that need not be dropped.
        unsafe { std::ptr::write_volatile(self, zero) };
        std::sync::atomic::compiler_fence(std::sync::atomic::Ordering::SeqCst);
    }

    /// Swaps lanes and vectors: lane j of vector i becomes lane i of vector j.
    #[inline(always)]
    pub fn transpose(vectors: &mut [Self; LANES]) {
        for limb in 0..LIMBS {
            let mut rows = [vectors[0].0[limb]; LANES];
            for i in 1..LANES {
                rows[i] = vectors[i].0[limb];
            }
            let rows = transpose(rows);
            for i in 0..LANES {
                vectors[i].0[limb] = rows[i];
            }
        }
    }

    /// Whether every element is below `k * p` and every limb is normal; for assertions.
    pub fn below(&self, k: u64) -> bool {
        let bound = times(F::P, k);
        let limbs = self.0.map(Word::lanes);
        (0..LANES).all(|lane| {
            let own = limbs.map(|limb| limb[lane]);
            own.iter().all(|limb| *limb <= MASK) && own.iter().rev().lt(bound.iter().rev())
        })
    }

    /// `K p + self`.
    #[inline(always)]
    pub fn plus<const K: u64>(self) -> Raw<F> {
        Raw(self.multiple(K), PhantomData).add_raw(self)
    }

    #[inline(always)]
    pub fn add_raw(self, other: Self) -> Raw<F> {
        Raw(self.0, PhantomData).add_raw(other)
    }

    /// `self - other + K p`.
    #[inline(always)]
    pub fn sub_raw<const K: u64>(self, other: Self) -> Raw<F> {
        self.plus::<K>().sub_raw(other)
    }

    /// `self - other + K p`: for `self` < i p and `other` <= K p, below (i + K) p.
    #[inline(always)]
    pub fn sub<const K: u64>(self, other: Self) -> Self {
        self.sub_raw::<K>(other).normal()
    }

    /// The product of elements below i p and j p with i j < 84 * 83, below (i j / 84 + 1) p.
    #[inline(always)]
    pub fn mul(self, other: Self) -> Self {
        montgomery([(self, other)])
    }

    /// `self * other + c * d`: for factors below i p, j p and k p, l p below ((i j + k l) / 84 + 1) p.
    #[inline(always)]
    pub fn mul_add(self, other: Self, c: Self, d: Self) -> Self {
        montgomery([(self, other), (c, d)])
    }

    /// The square of elements below i p, below (i i / 84 + 1) p.
    #[inline(always)]
    pub fn square(self) -> Self {
        let a = self.0;
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
        let p = self.multiple(1);
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
        Raw([t[5], t[6], t[7], t[8], t[9]], PhantomData).normal()
    }
}

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
fn montgomery<F: Modulus, const N: usize>(factors: [(Lanes<F>, Lanes<F>); N]) -> Lanes<F> {
    let p = factors[0].0.multiple(1);
    let zero = p[0].like(0);
    let negated_inverse = zero.like(F::NEGATED_INVERSE);
    let mut t = [zero; LIMBS];
    for i in 0..LIMBS {
        for (a, b) in &factors {
            t[0] = t[0].add_low(a.0[0], b.0[i]);
        }
        let m = zero.add_low(t[0], negated_inverse);
        for (a, b) in &factors {
            for j in 1..LIMBS {
                t[j] = t[j].add_low(a.0[j], b.0[i]);
            }
        }
        for j in 1..LIMBS {
            t[j] = t[j].add_low(m, p[j]);
        }
        t = [t[1].add(dropped(t[0])), t[2], t[3], t[4], zero];
        for (a, b) in &factors {
            for j in 0..LIMBS {
                t[j] = t[j].add_high(a.0[j], b.0[i]);
            }
        }
        for j in 0..LIMBS {
            t[j] = t[j].add_high(m, p[j]);
        }
    }
    Raw(t, PhantomData).normal()
}

impl<F: Modulus> Raw<F> {
    #[inline(always)]
    pub fn sub_raw(mut self, other: Lanes<F>) -> Self {
        for i in 0..LIMBS {
            self.0[i] = self.0[i].sub(other.0[i]);
        }
        self
    }

    #[inline(always)]
    pub fn add_raw(mut self, other: Lanes<F>) -> Self {
        for i in 0..LIMBS {
            self.0[i] = self.0[i].add(other.0[i]);
        }
        self
    }

    /// `self - other`, but `self + other` in the lanes that `mask` names.
    #[inline(always)]
    pub fn sub_signed(mut self, other: Lanes<F>, mask: u8) -> Self {
        for i in 0..LIMBS {
            let difference = self.0[i].sub(other.0[i]);
            self.0[i] = difference.add_where(mask, self.0[i], other.0[i]);
        }
        self
    }

    /// Propagates carries. The value is at least 0 and below 2^260.
    #[inline(always)]
    pub fn normal(self) -> Lanes<F> {
        let mut t = self.0;
        let mask = t[0].like(MASK);
        for i in 0..LIMBS - 1 {
            t[i + 1] = t[i + 1].add(t[i].sar::<BITS>());
            t[i] = t[i].and(mask);
        }
        debug_assert!(t[4].lanes().iter().all(|limb| *limb <= MASK), "below 0 or above 2^260");
        Lanes(t, PhantomData)
    }

    /// Subtracts a multiple of p that leaves less than 9/8 p of a value in [p/2, 7 p), or in
    /// [0, 7 p) if no lane is negative.
    ///
    /// With h the top limb (of weight 2^208), q = floor(84 h / 2^52) is at most v / p, and
    /// v / p - q < 1 + v / p * (85 - 84) / 84 + 2^-40, where the last term is for carries not yet
    /// propagated. For v < 7 p that is below 9/8.
    #[inline(always)]
    pub fn reduced(mut self) -> Lanes<F> {
        let high = self.0[4];
        let quotient = high.like(0).add_high(high, high.like(MULTIPLES_IN_RANGE));
        for i in 0..LIMBS {
            let multiples = Word::load(high.ifma(), &F::MULTIPLES[i]);
            self.0[i] = self.0[i].sub(quotient.look_up(multiples));
        }
        self.normal()
    }
}

/// An element's plain 256 bits in Montgomery form with radix 2^260.
pub fn encode<F: Modulus>(value: F) -> [u64; 4] {
    value.double().double().double().double().radix_256().0
}

/// The element of plain 256 bits, which need not be below p.
pub fn decode<F: Modulus>(plain: [u64; 4]) -> F {
    let mut limbs = BigInt(plain);
    while limbs >= F::MODULUS {
        limbs.sub_with_borrow(&F::MODULUS);
    }
    // 2^252 is below p, so it is the Montgomery form, with radix 2^256, of 1/16.
    F::from_radix_256(limbs) * F::from_radix_256(BigInt([0, 0, 0, 1 << 60]))
}
