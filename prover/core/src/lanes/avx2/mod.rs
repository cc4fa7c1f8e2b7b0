//! AVX2 and FMA: eight lanes in two registers of four, and 52 x 52-bit products by fused
//! multiplications of doubles ([`multiply`]).

#[macro_use]
mod assembly;
mod multiply;
mod word;

use super::field::Modulus;
use super::isa::{Isa, Limbs, Task};
use std::sync::OnceLock;
use word::Word;

/// Proof that the processor has AVX2 and FMA.
#[derive(Clone, Copy, Debug)]
pub struct Avx2(());

impl Isa for Avx2 {
    type Word = Word;
    const NAME: &'static str = "AVX2";

    fn detect() -> Option<Self> {
        static FOUND: OnceLock<bool> = OnceLock::new();
        let look = || is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        FOUND.get_or_init(look).then_some(Self(()))
    }

    #[inline]
    fn run<T: Task<Self>>(self, task: T) -> T::Output {
        // SAFETY: `self` exists, so the processor has the instructions.
        unsafe { compiled(task, self) }
    }

    #[inline(always)]
    fn product<F: Modulus>(a: &Limbs<Self>, b: &Limbs<Self>) -> Limbs<Self> {
        // SAFETY: a `Word` exists only where the instructions were found.
        unsafe { multiply::product(multiply::constants::<F, 1>(), a, b) }
    }

    #[inline(always)]
    fn product_sum<F: Modulus>(
        a: &Limbs<Self>,
        b: &Limbs<Self>,
        c: &Limbs<Self>,
        d: &Limbs<Self>,
    ) -> Limbs<Self> {
        // SAFETY: as above.
        unsafe { multiply::product_sum(multiply::constants::<F, 2>(), a, b, c, d) }
    }

    #[inline(always)]
    fn square<F: Modulus>(a: &Limbs<Self>) -> Limbs<Self> {
        // SAFETY: as above.
        unsafe { multiply::square(multiply::constants::<F, 1>(), a) }
    }
}

#[target_feature(enable = "avx2,fma")]
fn compiled<T: Task<Avx2>>(task: T, avx2: Avx2) -> T::Output {
    task.run(avx2)
}
