//! With the instructions that multiply without touching flags and add with two carries (BMI2, ADX).
//!
//! The sum is in the registers r8 to r15, the lowest word first. Low halves of products are added with one
//! carry, high halves, a register further up, with the other. A product of two elements goes by runs that
//! turn from one factor to the other, `a_0 b_0` to `a_0 b_3` to `a_3 b_3` and so on, since each carry that is
//! left at the end of a run has to be brought to the top. The reduction goes by rows, of which each makes the
//! lowest word 0. A compiler uses one carry at a time and keeps it in a register between: hence the assembly.

use super::{multiples, Field};
use crate::msm::Kernels;
use ark_ff::MontConfig;
use std::arch::naked_asm;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::sync::LazyLock;

/// The proof that the processor has the instructions.
#[derive(Clone, Copy)]
pub struct Adx(());

/// The instructions, where the processor has them and the environment does not ask for portable code.
#[inline(always)]
pub fn found() -> Option<Adx> {
    static FOUND: LazyLock<Option<Adx>> = LazyLock::new(|| {
        let wanted = !matches!(Kernels::from_environment(), Ok(Kernels::Portable));
        detect().filter(|_| wanted)
    });
    *FOUND
}

pub fn detect() -> Option<Adx> {
    let found = is_x86_feature_detected!("bmi2") && is_x86_feature_detected!("adx");
    found.then_some(Adx(()))
}

#[repr(C)]
struct Modulus {
    p: [u64; 4],
    /// -1/p modulo 2^64.
    negated_inverse: u64,
}

struct Of<T>(PhantomData<T>);

impl<T: MontConfig<4>> Of<T> {
    const MODULUS: Modulus = {
        assert!(size_of::<Field<T>>() == size_of::<[u64; 4]>());
        Modulus { p: T::MODULUS.0, negated_inverse: T::INV }
    };
}

impl Adx {
    #[inline(always)]
    pub fn dot<T: MontConfig<4>>(self, a: &[Field<T>], b: &[Field<T>]) -> [u64; 4] {
        debug_assert!(a.len() == b.len());
        let count = a.len().min(b.len());
        if count == 0 {
            return [0; 4];
        }
        let mut out = MaybeUninit::<[u64; 4]>::uninit();
        let (a, b) = (a.as_ptr().cast(), b.as_ptr().cast());
        // SAFETY: the processor has the instructions; an element is four words, and there are at least
        // `count` of each; `out` has room for one, which is filled.
        unsafe {
            dot(out.as_mut_ptr(), a, b, count, &Of::<T>::MODULUS, multiples(count));
            out.assume_init()
        }
    }
}

/// Adds `rdx b[word]`.
macro_rules! term {
    ($b:literal $word:literal, $low:literal $high:literal) => {
        concat!(
            "mulx rbx, rax, [",
            $b,
            " + 8 * ",
            $word,
            "]\n",
            "adcx ",
            $low,
            ", rax\n",
            "adox ",
            $high,
            ", rbx\n",
        )
    };
}

/// Adds both carries, where rax is 0. The last register's sum has none: all is below 2^512.
macro_rules! carry {
    ($last:literal) => {
        concat!("adcx ", $last, ", rax\n")
    };
    ($this:literal $next:literal $($above:literal)*) => {
        concat!("adcx ", $this, ", rax\n", "adox ", $next, ", rax\n", carry!($next $($above)*))
    };
}

/// Adds `rdx b`.
macro_rules! row {
    ($b:literal, $c0:literal $c1:literal $c2:literal $c3:literal $($above:literal)+) => {
        row!($b, $c0 $c1 $c2 $c3, $($above)+ ; $($above)+)
    };
    ($b:literal, $c0:literal $c1:literal $c2:literal $c3:literal,
     $c4:literal $($rest:literal)* ; $($above:literal)+) => {
        concat!(
            "xor eax, eax\n",
            term!($b "0", $c0 $c1),
            term!($b "1", $c1 $c2),
            term!($b "2", $c2 $c3),
            term!($b "3", $c3 $c4),
            "mov eax, 0\n",
            carry!($($above)+),
        )
    };
}

/// # Safety
/// The processor has BMI2 and ADX; `out` has room for a number of four words, `a` and `b` are to `count`
/// of them; `count` and `multiples` are at least 1.
#[unsafe(naked)]
unsafe extern "sysv64" fn dot(
    out: *mut [u64; 4],
    a: *const u64,
    b: *const u64,
    count: usize,
    modulus: *const Modulus,
    multiples: usize,
) {
    naked_asm!(
        "push rbx",
        "push rbp",
        "push r12",
        "push r13",
        "push r14",
        "push r15",
        "push r8",
        "push r9",
        "mov rbp, rcx",
        "mov rcx, rdx",
        "xor r8d, r8d",
        "xor r9d, r9d",
        "xor r10d, r10d",
        "xor r11d, r11d",
        "xor r12d, r12d",
        "xor r13d, r13d",
        "xor r14d, r14d",
        "xor r15d, r15d",
        // Products.
        "2:",
        "mov rdx, [rsi]",
        "xor eax, eax",
        term!("rcx" "0", "r8" "r9"),
        term!("rcx" "1", "r9" "r10"),
        term!("rcx" "2", "r10" "r11"),
        term!("rcx" "3", "r11" "r12"),
        "mov rdx, [rsi + 8]",
        term!("rcx" "3", "r12" "r13"),
        "mov rdx, [rsi + 16]",
        term!("rcx" "3", "r13" "r14"),
        "mov rdx, [rsi + 24]",
        term!("rcx" "3", "r14" "r15"),
        "mov eax, 0",
        carry!("r15"),
        "mov rdx, [rsi + 8]",
        "xor eax, eax",
        term!("rcx" "0", "r9" "r10"),
        term!("rcx" "1", "r10" "r11"),
        term!("rcx" "2", "r11" "r12"),
        "mov rdx, [rsi + 16]",
        term!("rcx" "2", "r12" "r13"),
        "mov rdx, [rsi + 24]",
        term!("rcx" "2", "r13" "r14"),
        "mov eax, 0",
        carry!("r14" "r15"),
        "mov rdx, [rsi + 16]",
        "xor eax, eax",
        term!("rcx" "0", "r10" "r11"),
        term!("rcx" "1", "r11" "r12"),
        "mov rdx, [rsi + 24]",
        term!("rcx" "1", "r12" "r13"),
        "mov eax, 0",
        carry!("r13" "r14" "r15"),
        "mulx rbx, rax, [rcx]",
        "mov edx, 0",
        "add r11, rax",
        "adc r12, rbx",
        "adc r13, rdx",
        "adc r14, rdx",
        "adc r15, rdx",
        "add rsi, 32",
        "add rcx, 32",
        "dec rbp",
        "jnz 2b",
        // Reduction, with the modulus at rsi.
        "pop rbp",
        "pop rsi",
        "mov rdx, [rsi + 32]",
        "imul rdx, r8",
        row!("rsi", "r8" "r9" "r10" "r11" "r12" "r13" "r14" "r15"),
        "mov rdx, [rsi + 32]",
        "imul rdx, r9",
        row!("rsi", "r9" "r10" "r11" "r12" "r13" "r14" "r15"),
        "mov rdx, [rsi + 32]",
        "imul rdx, r10",
        row!("rsi", "r10" "r11" "r12" "r13" "r14" "r15"),
        "mov rdx, [rsi + 32]",
        "imul rdx, r11",
        row!("rsi", "r11" "r12" "r13" "r14" "r15"),
        // Less p as often as it is at least p.
        "3:",
        "mov rax, r12",
        "sub rax, [rsi]",
        "mov rbx, r13",
        "sbb rbx, [rsi + 8]",
        "mov rcx, r14",
        "sbb rcx, [rsi + 16]",
        "mov rdx, r15",
        "sbb rdx, [rsi + 24]",
        "cmovnc r12, rax",
        "cmovnc r13, rbx",
        "cmovnc r14, rcx",
        "cmovnc r15, rdx",
        "dec rbp",
        "jnz 3b",
        "mov [rdi], r12",
        "mov [rdi + 8], r13",
        "mov [rdi + 16], r14",
        "mov [rdi + 24], r15",
        "pop r15",
        "pop r14",
        "pop r13",
        "pop r12",
        "pop rbp",
        "pop rbx",
        "ret",
    )
}
