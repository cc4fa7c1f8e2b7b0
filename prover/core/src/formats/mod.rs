//! circom's and snarkjs's files: .r1cs, .wtns, .zkey, .sym and the JSON of keys and proofs.

pub mod container;
pub mod json;
pub mod points;
pub mod r1cs;
pub mod sym;
pub mod wtns;
pub mod zkey;
pub(crate) mod zkey_checks;
