//! Eight field elements at a time, with AVX-512 IFMA.
//!
//! An element is five limbs of 52 bits, limb i of eight elements in one 512-bit word. Products are
//! Montgomery's with radix 2^260: `madd52lo` and `madd52hi` add the low and the high half of a
//! 52 x 52-bit product to a 64-bit lane, which leaves 12 bits for carries that are propagated once
//! for each product.
//!
//! The instructions are looked for when the program runs. A value of [`Ifma`] proves that they were
//! found, every [`Word`] is made with one, and so everything above [`word`] is safe code. Helpers are
//! `inline(always)` and end up in [`Ifma::run`], the one function that is compiled for the
//! instructions: a build for any x86-64 processor has them at full speed. Closures are not always
//! inlined, and then they are compiled without the instructions; hence the plain loops.
#![allow(clippy::needless_range_loop)]

#[cfg(test)]
mod bound_tests;
mod detect;
mod field;
mod pair;
#[cfg(test)]
mod tests;
mod word;

pub use detect::{Ifma, Task};
pub use field::{decode, encode, Lanes};
pub use pair::Lanes2;
pub use word::{prefetch, transpose, Word};

/// Elements in a vector.
pub const LANES: usize = 8;
