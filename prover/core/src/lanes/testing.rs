//! Running a test with every arithmetic that this processor has.

use super::{Isa, Task};

pub struct With<W>(pub W);

impl<I: Isa, T, W: FnOnce(I) -> T> Task<I> for With<W> {
    type Output = T;
    /// Compiled without the instructions, which is slow but correct.
    fn run(self, isa: I) -> T {
        (self.0)(isa)
    }
}

/// `each_isa!(isa => work)` does the work with plain Rust and with all instructions that are found.
macro_rules! each_isa {
    ($isa:ident => $work:expr) => {{
        use $crate::lanes::{testing::With, Isa, Plain};
        let with = |$isa: Plain| $work;
        Plain.run(With(with));
        #[cfg(target_arch = "x86_64")]
        if let Some(avx2) = $crate::lanes::Avx2::detect() {
            let with = |$isa: $crate::lanes::Avx2| $work;
            avx2.run(With(with));
        }
        #[cfg(target_arch = "x86_64")]
        if let Some(ifma) = $crate::lanes::Ifma::detect() {
            let with = |$isa: $crate::lanes::Ifma| $work;
            ifma.run(With(with));
        }
    }};
}
pub(crate) use each_isa;
