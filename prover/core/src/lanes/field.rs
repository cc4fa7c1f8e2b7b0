//! Eight elements of one prime field.
//!
//! Bounds. Both moduli p of BN254 lie between 2^253 and 2^254, and 84 p < 2^260 < 85 p. A vector is
//! *normal* when every limb is below 2^52; all vectors are normal but [`Raw`] ones. Elements are kept
//! modulo p, not below p; each function says which multiple of p its arguments stay below and its
//! result does, and debug builds check it.
//!
//! A product of a < i p and b < j p is `(a b + m) / 2^260` for a multiple m of p that is below
//! `8/7 p 2^260`, so below `(i j / 84 + 8/7) p`.

use super::isa::{Isa, Limbs, Word, BITS, LIMBS, MASK};
use super::LANES;
use ark_ff::{BigInt, BigInteger, Fp, MontBackend, MontConfig, PrimeField};
use std::marker::PhantomData;

/// floor(2^260 / p) for both moduli.
pub const MULTIPLES_IN_RANGE: u64 = 84;

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
pub struct Lanes<F, I: Isa>(Limbs<I>, PhantomData<F>);

/// A sum or difference whose carries are still to be propagated: lanes are signed.
pub struct Raw<F, I: Isa>(Limbs<I>, PhantomData<F>);

// Derived, they would ask the same of F.
impl<F, I: Isa> Copy for Lanes<F, I> {}
impl<F, I: Isa> Clone for Lanes<F, I> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<F, I: Isa> Copy for Raw<F, I> {}
impl<F, I: Isa> Clone for Raw<F, I> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

/// The same limbs in every lane.
#[inline(always)]
pub fn splat_limbs<W: Word>(isa: W::Isa, limbs: [u64; LIMBS]) -> [W; LIMBS] {
    let mut out = [W::splat(isa, 0); LIMBS];
    for i in 0..LIMBS {
        out[i] = W::splat(isa, limbs[i]);
    }
    out
}

/// Propagates carries. The value is at least 0 and below 2^260.
#[inline(always)]
pub fn normal<W: Word>(mut t: [W; LIMBS]) -> [W; LIMBS] {
    let mask = t[0].like(MASK);
    for i in 0..LIMBS - 1 {
        t[i + 1] = t[i + 1].add(t[i].carry());
        t[i] = t[i].and(mask);
    }
    debug_assert!(t[4].lanes().iter().all(|limb| *limb <= MASK), "below 0 or above 2^260");
    t
}

impl<F: Modulus, I: Isa> Lanes<F, I> {
    #[inline(always)]
    pub fn splat(isa: I, value: F) -> Self {
        Self(splat_limbs(isa, split(encode(value))), PhantomData)
    }

    #[inline(always)]
    pub fn isa(self) -> I {
        self.0[0].isa()
    }

    #[inline(always)]
    pub fn zero(isa: I) -> Self {
        Self(splat_limbs(isa, [0; LIMBS]), PhantomData)
    }

    /// `k * p` in every lane, k below 84.
    #[inline(always)]
    fn multiple(&self, k: u64) -> Limbs<I> {
        splat_limbs(self.isa(), times(F::P, k))
    }

    pub fn from_array(isa: I, values: [F; LANES]) -> Self {
        Self::from_plain(isa, values.map(encode))
    }

    pub fn to_array(self) -> [F; LANES] {
        self.to_plain().map(decode)
    }

    /// Takes eight rows of 256 bits as they are.
    #[inline(always)]
    pub fn from_plain(isa: I, rows: [[u64; 4]; LANES]) -> Self {
        let mut columns = [[0; LANES]; 4];
        for (lane, row) in rows.iter().enumerate() {
            for (column, word) in columns.iter_mut().zip(row) {
                column[lane] = *word;
            }
        }
        let [a, b, c, d] = &columns;
        let load = [
            I::Word::load(isa, a),
            I::Word::load(isa, b),
            I::Word::load(isa, c),
            I::Word::load(isa, d),
        ];
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
    pub fn from_columns(x: [I::Word; 4]) -> Self {
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
    pub fn to_columns(self) -> [I::Word; 4] {
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
        let zero = Self::zero(self.isa());
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
            let rows = I::Word::transpose(rows);
            for i in 0..LANES {
                vectors[i].0[limb] = rows[i];
            }
        }
    }

    /// Whether every element is below `k * p` and every limb is normal; for assertions.
    pub fn below(&self, k: u64) -> bool {
        let bound = times(F::P, k);
        let limbs = self.0.map(I::Word::lanes);
        (0..LANES).all(|lane| {
            let own = limbs.map(|limb| limb[lane]);
            own.iter().all(|limb| *limb <= MASK) && own.iter().rev().lt(bound.iter().rev())
        })
    }

    /// `K p + self`.
    #[inline(always)]
    pub fn plus<const K: u64>(self) -> Raw<F, I> {
        Raw(self.multiple(K), PhantomData).add_raw(self)
    }

    #[inline(always)]
    pub fn add_raw(self, other: Self) -> Raw<F, I> {
        Raw(self.0, PhantomData).add_raw(other)
    }

    /// `self - other + K p`.
    #[inline(always)]
    pub fn sub_raw<const K: u64>(self, other: Self) -> Raw<F, I> {
        self.plus::<K>().sub_raw(other)
    }

    /// `self - other + K p`: for `self` < i p and `other` <= K p, below (i + K) p.
    #[inline(always)]
    pub fn sub<const K: u64>(self, other: Self) -> Self {
        self.sub_raw::<K>(other).normal()
    }

    /// The product of elements below i p and j p with i j < 84 * 83, below (i j / 84 + 8/7) p.
    #[inline(always)]
    pub fn mul(self, other: Self) -> Self {
        Self(I::product::<F>(&self.0, &other.0), PhantomData)
    }

    /// `self * other + c * d`: for factors below i p, j p and k p, l p below
    /// ((i j + k l) / 84 + 8/7) p.
    #[inline(always)]
    pub fn mul_add(self, other: Self, c: Self, d: Self) -> Self {
        Self(I::product_sum::<F>(&self.0, &other.0, &c.0, &d.0), PhantomData)
    }

    /// The square of elements below i p, below (i i / 84 + 8/7) p.
    #[inline(always)]
    pub fn square(self) -> Self {
        Self(I::square::<F>(&self.0), PhantomData)
    }
}

impl<F: Modulus, I: Isa> Raw<F, I> {
    #[inline(always)]
    pub fn sub_raw(mut self, other: Lanes<F, I>) -> Self {
        for i in 0..LIMBS {
            self.0[i] = self.0[i].sub(other.0[i]);
        }
        self
    }

    #[inline(always)]
    pub fn add_raw(mut self, other: Lanes<F, I>) -> Self {
        for i in 0..LIMBS {
            self.0[i] = self.0[i].add(other.0[i]);
        }
        self
    }

    /// `self - other`, but `self + other` in the lanes that `mask` names.
    #[inline(always)]
    pub fn sub_signed(mut self, other: Lanes<F, I>, mask: u8) -> Self {
        for i in 0..LIMBS {
            let difference = self.0[i].sub(other.0[i]);
            self.0[i] = difference.add_where(mask, self.0[i], other.0[i]);
        }
        self
    }

    /// Propagates carries. The value is at least 0 and below 2^260.
    #[inline(always)]
    pub fn normal(self) -> Lanes<F, I> {
        Lanes(normal(self.0), PhantomData)
    }

    /// Subtracts a multiple of p that leaves less than 9/8 p of a value in [p/2, 7 p), or in
    /// [0, 7 p) if no lane is negative.
    ///
    /// With h the top limb (of weight 2^208), q = floor(84 h / 2^52) is at most v / p, and
    /// v / p - q < 1 + v / p * (85 - 84) / 84 + 2^-24, where the last term is for carries not yet
    /// propagated and for what [`Word::quotient`] may leave out. For v < 7 p that is below 9/8.
    #[inline(always)]
    pub fn reduced(mut self) -> Lanes<F, I> {
        let quotient = self.0[4].quotient();
        for i in 0..LIMBS {
            self.0[i] = self.0[i].sub(quotient.limb_of(&F::MULTIPLES[i]));
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
