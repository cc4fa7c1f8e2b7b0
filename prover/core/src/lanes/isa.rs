//! What the arithmetic asks of a processor: eight 64-bit lanes, and products of field elements.

use super::field::Modulus;
use super::LANES;

/// Limbs of a field element, of 52 bits each.
pub const LIMBS: usize = 5;
pub const BITS: u32 = 52;
pub const MASK: u64 = (1 << BITS) - 1;

/// Eight elements: limb i of each in word i.
pub type Limbs<I> = [<I as Isa>::Word; LIMBS];

/// A set of instructions. A value is the proof that the processor has them.
pub trait Isa: Copy + Send + Sync + 'static {
    type Word: Word<Isa = Self>;
    const NAME: &'static str;

    /// Looks for the instructions.
    fn detect() -> Option<Self>;

    fn run<T: Task<Self>>(self, task: T) -> T::Output;

    /// Normal limbs of `a b / 2^260` plus at most 8/7 p; factors are normal.
    fn product<F: Modulus>(a: &Limbs<Self>, b: &Limbs<Self>) -> Limbs<Self>;

    /// Normal limbs of `(a b + c d) / 2^260` plus at most 8/7 p; factors are normal.
    fn product_sum<F: Modulus>(
        a: &Limbs<Self>,
        b: &Limbs<Self>,
        c: &Limbs<Self>,
        d: &Limbs<Self>,
    ) -> Limbs<Self>;

    /// Normal limbs of `a a / 2^260` plus at most 8/7 p; the factor is normal.
    fn square<F: Modulus>(a: &Limbs<Self>) -> Limbs<Self>;

    /// Asks for the cache lines of a value that is aligned to them.
    #[inline(always)]
    #[cfg_attr(not(target_arch = "x86_64"), allow(unused_variables))]
    fn prefetch<T>(self, value: &T) {
        #[cfg(target_arch = "x86_64")]
        for line in 0..size_of::<T>().div_ceil(64) {
            use std::arch::x86_64::{_mm_prefetch, _MM_HINT_T0};
            let start = std::ptr::from_ref(value).cast::<i8>();
            // SAFETY: prefetching has no effect on the program; the address is inside the value.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(start.add(64 * line)) }
        }
    }
}

/// Work to be compiled for the instructions. `run` must be `inline(always)`, or it is compiled
/// without them: correct, but slow.
pub trait Task<I: Isa> {
    type Output;
    fn run(self, isa: I) -> Self::Output;
}

/// Eight 64-bit lanes. Every constructor takes an [`Isa`], so a value proves that the instructions
/// exist.
pub trait Word: Copy + Send + Sync + 'static {
    type Isa: Isa<Word = Self>;

    fn splat(isa: Self::Isa, value: u64) -> Self;
    fn load(isa: Self::Isa, lanes: &[u64; LANES]) -> Self;
    fn store(self, lanes: &mut [u64; LANES]);
    fn isa(self) -> Self::Isa;

    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn and(self, other: Self) -> Self;
    fn or(self, other: Self) -> Self;
    fn shl<const BITS: u32>(self) -> Self;
    fn shr<const BITS: u32>(self) -> Self;
    /// Lanes as signed numbers, shifted right by [`BITS`].
    fn carry(self) -> Self;
    /// `left + right` in the lanes whose bit in `mask` is set, `self` in the others.
    fn add_where(self, mask: u8, left: Self, right: Self) -> Self;
    /// `floor(84 x / 2^52)` or one less if that is the floor of a number less than 2^-25 smaller, for
    /// lanes x below 2^52.
    fn quotient(self) -> Self;
    /// A limb of k p in each lane k, below 8, from that limb of 0 p, 1 p, ..., 7 p. Limbs of a k that
    /// were all made like this make k p, but each need not be normal.
    fn limb_of(self, multiples: &[u64; LANES]) -> Self;
    /// Lane j of word i becomes lane i of word j.
    fn transpose(rows: [Self; LANES]) -> [Self; LANES];

    #[inline(always)]
    fn lanes(self) -> [u64; LANES] {
        let mut out = [0; LANES];
        self.store(&mut out);
        out
    }

    /// The same lane everywhere, beside the instructions that `self` proves.
    #[inline(always)]
    fn like(self, value: u64) -> Self {
        Self::splat(self.isa(), value)
    }
}
