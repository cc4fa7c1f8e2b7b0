//! Eight lanes in one register: the instructions of AVX-512 that are used.

use super::Ifma;
use crate::lanes::field::MULTIPLES_IN_RANGE;
use crate::lanes::isa;
use crate::lanes::LANES;
use std::arch::x86_64::*;

#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Word(__m512i);

/// Functions that are one instruction.
macro_rules! instructions {
    ($($(#[$doc:meta])* $name:ident($($argument:ident),*) = $intrinsic:ident$(::<$constant:literal>)?;)*) => {$(
        $(#[$doc])*
        #[inline(always)]
        fn $name(self $(, $argument: Self)*) -> Self {
            // SAFETY: a `Word` exists only where the instructions were found.
            Self(unsafe { $intrinsic$(::<$constant>)?(self.0 $(, $argument.0)*) })
        }
    )*}
}

impl Word {
    /// `self` + the low 52 bits of the product of the low 52 bits of `left` and `right`.
    #[inline(always)]
    pub fn add_low(self, left: Self, right: Self) -> Self {
        // SAFETY: a `Word` exists only where the instructions were found.
        Self(unsafe { _mm512_madd52lo_epu64(self.0, left.0, right.0) })
    }

    /// `self` + bits 52 to 103 of that product.
    #[inline(always)]
    pub fn add_high(self, left: Self, right: Self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm512_madd52hi_epu64(self.0, left.0, right.0) })
    }

    instructions! {
        unpack_low(other) = _mm512_unpacklo_epi64;
        unpack_high(other) = _mm512_unpackhi_epi64;
        even_quarters(other) = _mm512_shuffle_i64x2::<0x88>;
        odd_quarters(other) = _mm512_shuffle_i64x2::<0xdd>;
    }
}

impl isa::Word for Word {
    type Isa = Ifma;

    #[inline(always)]
    fn splat(_: Ifma, value: u64) -> Self {
        // SAFETY: the caller has an `Ifma`.
        Self(unsafe { _mm512_set1_epi64(value as i64) })
    }

    #[inline(always)]
    fn load(_: Ifma, lanes: &[u64; LANES]) -> Self {
        // SAFETY: the caller has an `Ifma`; the reference covers the 64 bytes read.
        Self(unsafe { _mm512_loadu_si512(lanes.as_ptr().cast()) })
    }

    #[inline(always)]
    fn store(self, lanes: &mut [u64; LANES]) {
        // SAFETY: a `Word` exists only where the instructions were found; the reference covers the
        // 64 bytes written.
        unsafe { _mm512_storeu_si512(lanes.as_mut_ptr().cast(), self.0) }
    }

    #[inline(always)]
    fn isa(self) -> Ifma {
        Ifma(())
    }

    instructions! {
        add(other) = _mm512_add_epi64;
        sub(other) = _mm512_sub_epi64;
        and(other) = _mm512_and_si512;
        or(other) = _mm512_or_si512;
    }

    #[inline(always)]
    fn shl<const BITS: u32>(self) -> Self {
        // SAFETY: a `Word` exists only where the instructions were found.
        Self(unsafe { _mm512_slli_epi64::<BITS>(self.0) })
    }

    #[inline(always)]
    fn shr<const BITS: u32>(self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm512_srli_epi64::<BITS>(self.0) })
    }

    #[inline(always)]
    fn carry(self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm512_srai_epi64::<{ isa::BITS }>(self.0) })
    }

    #[inline(always)]
    fn add_where(self, mask: u8, left: Self, right: Self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm512_mask_add_epi64(self.0, mask, left.0, right.0) })
    }

    #[inline(always)]
    fn quotient(self) -> Self {
        self.like(0).add_high(self, self.like(MULTIPLES_IN_RANGE))
    }

    #[inline(always)]
    fn limb_of(self, multiples: &[u64; LANES]) -> Self {
        let table = Self::load(self.isa(), multiples);
        // SAFETY: as above.
        Self(unsafe { _mm512_permutexvar_epi64(self.0, table.0) })
    }

    #[inline(always)]
    fn transpose(rows: [Self; LANES]) -> [Self; LANES] {
        let [r0, r1, r2, r3, r4, r5, r6, r7] = rows;
        // The even columns in four quarters of two rows, and the odd ones.
        let even = [r0.unpack_low(r1), r2.unpack_low(r3), r4.unpack_low(r5), r6.unpack_low(r7)];
        let odd = [r0.unpack_high(r1), r2.unpack_high(r3), r4.unpack_high(r5), r6.unpack_high(r7)];
        let [c0, c2, c4, c6] = columns(even);
        let [c1, c3, c5, c7] = columns(odd);
        [c0, c1, c2, c3, c4, c5, c6, c7]
    }
}

#[inline(always)]
fn columns([w, x, y, z]: [Word; 4]) -> [Word; 4] {
    let (first, second) = (w.even_quarters(x), y.even_quarters(z));
    let (third, fourth) = (w.odd_quarters(x), y.odd_quarters(z));
    [
        first.even_quarters(second),
        third.even_quarters(fourth),
        first.odd_quarters(second),
        third.odd_quarters(fourth),
    ]
}
