//! The hot paths of zkmargin: circom's formats, witness plans, Groth16 over BN254.
//!
//! `python` is the border; everything else knows nothing of Python.

mod dot;
pub mod error;
pub mod field;
pub mod formats;
mod inverse;
#[cfg(any(target_arch = "x86_64", test))]
mod lanes;
pub mod msm;
pub mod prove;
mod public_rows;
mod python;
pub mod setup;
pub mod store;
mod sum;
pub mod verify;
pub mod wiped;
pub mod witness;
