//! Eight lanes in two registers: the instructions of AVX2 that are used.

use super::Avx2;
use crate::lanes::field::MULTIPLES_IN_RANGE;
use crate::lanes::isa;
use crate::lanes::LANES;
use std::arch::x86_64::*;

/// Lanes 0 to 3 and lanes 4 to 7.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Word(pub(super) [__m256i; 2]);

/// Functions that are one instruction for each half.
macro_rules! instructions {
    ($($(#[$doc:meta])* $name:ident($($argument:ident),*) = $intrinsic:ident;)*) => {$(
        $(#[$doc])*
        #[inline(always)]
        fn $name(self $(, $argument: Self)*) -> Self {
            // SAFETY: a `Word` exists only where the instructions were found.
            Self(unsafe {
                [$intrinsic(self.0[0] $(, $argument.0[0])*), $intrinsic(self.0[1] $(, $argument.0[1])*)]
            })
        }
    )*}
}

impl Word {
    instructions! {
        /// The product of the low 32 bits of each lane.
        mul_32(other) = _mm256_mul_epu32;
    }
}

impl isa::Word for Word {
    type Isa = Avx2;

    #[inline(always)]
    fn splat(_: Avx2, value: u64) -> Self {
        // SAFETY: the caller has an `Avx2`.
        Self([unsafe { _mm256_set1_epi64x(value as i64) }; 2])
    }

    #[inline(always)]
    fn load(_: Avx2, lanes: &[u64; LANES]) -> Self {
        let start = lanes.as_ptr().cast::<__m256i>();
        // SAFETY: the caller has an `Avx2`; the reference covers the 64 bytes read.
        Self(unsafe { [_mm256_loadu_si256(start), _mm256_loadu_si256(start.add(1))] })
    }

    #[inline(always)]
    fn store(self, lanes: &mut [u64; LANES]) {
        let start = lanes.as_mut_ptr().cast::<__m256i>();
        // SAFETY: a `Word` exists only where the instructions were found; the reference covers the
        // 64 bytes written.
        unsafe {
            _mm256_storeu_si256(start, self.0[0]);
            _mm256_storeu_si256(start.add(1), self.0[1]);
        }
    }

    #[inline(always)]
    fn isa(self) -> Avx2 {
        Avx2(())
    }

    instructions! {
        add(other) = _mm256_add_epi64;
        sub(other) = _mm256_sub_epi64;
        and(other) = _mm256_and_si256;
        or(other) = _mm256_or_si256;
        carry() = carry;
    }

    #[inline(always)]
    fn shl<const BITS: u32>(self) -> Self {
        // SAFETY: a `Word` exists only where the instructions were found. The count becomes a constant.
        Self(unsafe {
            let count = _mm_cvtsi64_si128(i64::from(BITS));
            [_mm256_sll_epi64(self.0[0], count), _mm256_sll_epi64(self.0[1], count)]
        })
    }

    #[inline(always)]
    fn shr<const BITS: u32>(self) -> Self {
        // SAFETY: as above.
        Self(unsafe {
            let count = _mm_cvtsi64_si128(i64::from(BITS));
            [_mm256_srl_epi64(self.0[0], count), _mm256_srl_epi64(self.0[1], count)]
        })
    }

    #[inline(always)]
    fn add_where(self, mask: u8, left: Self, right: Self) -> Self {
        let sum = left.add(right);
        // SAFETY: as above.
        Self(unsafe {
            let low = lanes_of(mask, _mm256_setr_epi64x(1, 2, 4, 8));
            let high = lanes_of(mask, _mm256_setr_epi64x(16, 32, 64, 128));
            [
                _mm256_blendv_epi8(self.0[0], sum.0[0], low),
                _mm256_blendv_epi8(self.0[1], sum.0[1], high),
            ]
        })
    }

    #[inline(always)]
    fn quotient(self) -> Self {
        self.shr::<20>().mul_32(self.like(MULTIPLES_IN_RANGE)).shr::<32>()
    }

    #[inline(always)]
    fn limb_of(self, multiples: &[u64; LANES]) -> Self {
        // k times the limb of 1 p, which has 52 bits, in two parts of 26.
        let low = self.mul_32(self.like(multiples[1] & ((1 << 26) - 1)));
        low.add(self.mul_32(self.like(multiples[1] >> 26)).shl::<26>())
    }

    #[inline(always)]
    fn transpose(rows: [Self; LANES]) -> [Self; LANES] {
        let [Word(r0), Word(r1), Word(r2), Word(r3), Word(r4), Word(r5), Word(r6), Word(r7)] = rows;
        // SAFETY: as above.
        let [a, b, c, d] = unsafe {
            [
                transpose([r0[0], r1[0], r2[0], r3[0]]),
                transpose([r4[0], r5[0], r6[0], r7[0]]),
                transpose([r0[1], r1[1], r2[1], r3[1]]),
                transpose([r4[1], r5[1], r6[1], r7[1]]),
            ]
        };
        [
            Self([a[0], b[0]]),
            Self([a[1], b[1]]),
            Self([a[2], b[2]]),
            Self([a[3], b[3]]),
            Self([c[0], d[0]]),
            Self([c[1], d[1]]),
            Self([c[2], d[2]]),
            Self([c[3], d[3]]),
        ]
    }
}

/// There is no shift of 64 bits that keeps the sign: the upper halves are shifted as numbers of 32
/// bits and fill the lower halves; their signs fill the upper ones.
#[target_feature(enable = "avx2")]
#[inline]
fn carry(lanes: __m256i) -> __m256i {
    let sign = _mm256_srai_epi32::<31>(lanes);
    let upper = _mm256_srai_epi32::<{ isa::BITS as i32 - 32 }>(lanes);
    let lower = _mm256_shuffle_epi32::<0b11_11_01_01>(upper);
    _mm256_blend_epi32::<0b1010_1010>(lower, sign)
}

/// All ones in the lanes whose bit is in the mask.
#[target_feature(enable = "avx2")]
#[inline]
fn lanes_of(mask: u8, bits: __m256i) -> __m256i {
    _mm256_cmpeq_epi64(_mm256_and_si256(_mm256_set1_epi64x(i64::from(mask)), bits), bits)
}

/// Lane j of register i becomes lane i of register j.
#[target_feature(enable = "avx2")]
#[inline]
fn transpose([r0, r1, r2, r3]: [__m256i; 4]) -> [__m256i; 4] {
    let (even, even2) = (_mm256_unpacklo_epi64(r0, r1), _mm256_unpacklo_epi64(r2, r3));
    let (odd, odd2) = (_mm256_unpackhi_epi64(r0, r1), _mm256_unpackhi_epi64(r2, r3));
    [
        _mm256_permute2x128_si256::<0x20>(even, even2),
        _mm256_permute2x128_si256::<0x20>(odd, odd2),
        _mm256_permute2x128_si256::<0x31>(even, even2),
        _mm256_permute2x128_si256::<0x31>(odd, odd2),
    ]
}
