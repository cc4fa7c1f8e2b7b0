//! Eight field elements at a time.
//!
//! An element is five limbs of 52 bits; a word holds limb i of eight elements. Products are
//! Montgomery's with radix 2^260.
//!
//! [`isa`] says what is asked of a processor; [`ifma`] and [`avx2`] are the answers, and the only
//! places that name instructions. The instructions are looked for when the program runs: a value of
//! [`Isa`] proves that they were found, every word is made with one, and so everything above is safe
//! code. Helpers are `inline(always)` and end up in [`Isa::run`], the one function that is compiled
//! for the instructions: a build for any x86-64 processor has them at full speed. Closures are not
//! always inlined, and then they are compiled without the instructions; hence the plain loops.
#![allow(clippy::needless_range_loop)]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(test)]
mod bound_tests;
mod field;
#[cfg(target_arch = "x86_64")]
mod ifma;
mod isa;
mod pair;
#[cfg(test)]
mod plain;
#[cfg(test)]
pub mod testing;
#[cfg(test)]
mod tests;

#[cfg(target_arch = "x86_64")]
pub use avx2::Avx2;
pub use field::{decode, encode, Lanes};
#[cfg(target_arch = "x86_64")]
pub use ifma::Ifma;
pub use isa::{Isa, Task, Word};
pub use pair::Lanes2;
#[cfg(test)]
pub use plain::Plain;

/// Elements in a vector.
pub const LANES: usize = 8;
