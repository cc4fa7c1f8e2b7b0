//! AVX-512 IFMA: `madd52lo` and `madd52hi` add the low and the high half of a 52 x 52-bit product to
//! a 64-bit lane.

mod multiply;
mod word;

use super::field::Modulus;
use super::isa::{Isa, Limbs, Task};
use std::sync::OnceLock;
use word::Word;

/// Proof that the processor has AVX-512 F, VL, DQ, BW and IFMA.
#[derive(Clone, Copy, Debug)]
pub struct Ifma(());

impl Isa for Ifma {
    type Word = Word;
    const NAME: &'static str = "AVX-512 IFMA";

    fn detect() -> Option<Self> {
        static FOUND: OnceLock<bool> = OnceLock::new();
        let look = || {
            is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512ifma")
        };
        FOUND.get_or_init(look).then_some(Self(()))
    }

    #[inline]
    fn run<T: Task<Self>>(self, task: T) -> T::Output {
        // SAFETY: `self` exists, so the processor has the instructions.
        unsafe { compiled(task, self) }
    }

    #[inline(always)]
    fn product<F: Modulus>(a: &Limbs<Self>, b: &Limbs<Self>) -> Limbs<Self> {
        multiply::montgomery::<F, 1>([(a, b)])
    }

    #[inline(always)]
    fn product_sum<F: Modulus>(
        a: &Limbs<Self>,
        b: &Limbs<Self>,
        c: &Limbs<Self>,
        d: &Limbs<Self>,
    ) -> Limbs<Self> {
        multiply::montgomery::<F, 2>([(a, b), (c, d)])
    }

    #[inline(always)]
    fn square<F: Modulus>(a: &Limbs<Self>) -> Limbs<Self> {
        multiply::square::<F>(a)
    }
}

#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx512ifma")]
fn compiled<T: Task<Ifma>>(task: T, ifma: Ifma) -> T::Output {
    task.run(ifma)
}
