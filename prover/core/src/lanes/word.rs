//! Eight 64-bit lanes: the only file that names instructions.

use super::{Ifma, LANES};
use std::arch::x86_64::*;

/// Eight lanes. Every constructor takes an [`Ifma`], so a value proves that the instructions exist.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Word(__m512i);

/// Methods that are one instruction.
macro_rules! instructions {
    ($($(#[$doc:meta])* $name:ident($($argument:ident),*) = $intrinsic:ident$(::<$constant:literal>)?;)*) => {
        impl Word {$(
            $(#[$doc])*
            #[inline(always)]
            pub fn $name(self $(, $argument: Self)*) -> Self {
                // SAFETY: a `Word` exists only where the instructions were found.
                Self(unsafe { $intrinsic$(::<$constant>)?(self.0 $(, $argument.0)*) })
            }
        )*}
    };
}

instructions! {
    add(other) = _mm512_add_epi64;
    sub(other) = _mm512_sub_epi64;
    and(other) = _mm512_and_si512;
    or(other) = _mm512_or_si512;
    /// `self` + the low 52 bits of the product of the low 52 bits of `left` and `right`.
    add_low(left, right) = _mm512_madd52lo_epu64;
    /// `self` + bits 52 to 103 of that product.
    add_high(left, right) = _mm512_madd52hi_epu64;
    unpack_low(other) = _mm512_unpacklo_epi64;
    unpack_high(other) = _mm512_unpackhi_epi64;
    even_quarters(other) = _mm512_shuffle_i64x2::<0x88>;
    odd_quarters(other) = _mm512_shuffle_i64x2::<0xdd>;
}

impl Word {
    #[inline(always)]
    pub fn splat(_: Ifma, value: u64) -> Self {
        // SAFETY: the caller has an `Ifma`.
        Self(unsafe { _mm512_set1_epi64(value as i64) })
    }

    #[inline(always)]
    pub fn load(_: Ifma, lanes: &[u64; LANES]) -> Self {
        // SAFETY: the caller has an `Ifma`; the reference covers the 64 bytes read.
        Self(unsafe { _mm512_loadu_si512(lanes.as_ptr().cast()) })
    }

    #[inline(always)]
    pub fn store(self, lanes: &mut [u64; LANES]) {
        // SAFETY: a `Word` exists only where the instructions were found; the reference covers the
        // 64 bytes written.
        unsafe { _mm512_storeu_si512(lanes.as_mut_ptr().cast(), self.0) }
    }

    #[inline(always)]
    pub fn lanes(self) -> [u64; LANES] {
        let mut out = [0; LANES];
        self.store(&mut out);
        out
    }

    #[inline(always)]
    pub fn ifma(self) -> Ifma {
        Ifma::found()
    }

    /// The same lane everywhere, beside the instructions that `self` proves.
    #[inline(always)]
    pub fn like(self, value: u64) -> Self {
        Self::splat(self.ifma(), value)
    }

    #[inline(always)]
    pub fn shl<const BITS: u32>(self) -> Self {
        // SAFETY: a `Word` exists only where the instructions were found.
        Self(unsafe { _mm512_slli_epi64::<BITS>(self.0) })
    }

    #[inline(always)]
    pub fn shr<const BITS: u32>(self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm512_srli_epi64::<BITS>(self.0) })
    }

    /// Shifts lanes right as signed numbers.
    #[inline(always)]
    pub fn sar<const BITS: u32>(self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm512_srai_epi64::<BITS>(self.0) })
    }

    /// Lane i of the result is the lane of `table` that the low three bits of lane i name.
    #[inline(always)]
    pub fn look_up(self, table: Self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm512_permutexvar_epi64(self.0, table.0) })
    }

    /// `left + right` in the lanes whose bit in `mask` is set, `self` in the others.
    #[inline(always)]
    pub fn add_where(self, mask: u8, left: Self, right: Self) -> Self {
        // SAFETY: as above.
        Self(unsafe { _mm512_mask_add_epi64(self.0, mask, left.0, right.0) })
    }
}

/// Asks for the cache lines of a value that is aligned to them.
#[inline(always)]
pub fn prefetch<T>(_: Ifma, value: &T) {
    let start = std::ptr::from_ref(value).cast::<i8>();
    for line in 0..size_of::<T>().div_ceil(64) {
        // SAFETY: prefetching has no effect on the program; the address is inside the value.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(start.add(64 * line)) }
    }
}

/// Lane j of word i becomes lane i of word j.
#[inline(always)]
pub fn transpose(rows: [Word; LANES]) -> [Word; LANES] {
    let [r0, r1, r2, r3, r4, r5, r6, r7] = rows;
    // The even columns in four quarters of two rows, and the odd ones.
    let even = [r0.unpack_low(r1), r2.unpack_low(r3), r4.unpack_low(r5), r6.unpack_low(r7)];
    let odd = [r0.unpack_high(r1), r2.unpack_high(r3), r4.unpack_high(r5), r6.unpack_high(r7)];
    let [c0, c2, c4, c6] = columns(even);
    let [c1, c3, c5, c7] = columns(odd);
    [c0, c1, c2, c3, c4, c5, c6, c7]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transposing_swaps_rows_and_columns() {
        let Some(ifma) = Ifma::detect() else { return };
        let rows: [[u64; 8]; 8] =
            std::array::from_fn(|i| std::array::from_fn(|j| (8 * i + j) as u64));
        let columns = transpose(rows.map(|row| Word::load(ifma, &row))).map(Word::lanes);
        for (i, j) in (0..64).map(|k| (k / 8, k % 8)) {
            assert_eq!(columns[i][j], rows[j][i]);
        }
    }
}
