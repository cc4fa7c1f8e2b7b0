//! Looking for the instructions.

use std::sync::OnceLock;

/// Proof that the processor has AVX-512 F, VL, DQ, BW and IFMA.
#[derive(Clone, Copy, Debug)]
pub struct Ifma(());

/// Work to be compiled for the instructions. `run` must be `inline(always)`, or it is compiled
/// without them: correct, but slow.
pub trait Task {
    type Output;
    fn run(self, ifma: Ifma) -> Self::Output;
}

impl Ifma {
    pub fn detect() -> Option<Self> {
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
    pub fn run<T: Task>(self, task: T) -> T::Output {
        // SAFETY: `self` exists, so the processor has the instructions.
        unsafe { compiled(task, self) }
    }

    /// For [`super::Word`], which exists only where an `Ifma` did.
    #[inline(always)]
    pub(super) fn found() -> Self {
        Self(())
    }
}

#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx512ifma")]
fn compiled<T: Task>(task: T, ifma: Ifma) -> T::Output {
    task.run(ifma)
}
