//! The crate's one error type.
//!
//! Messages name counts, sections and constraint indices; never a field element, so that no
//! witness, salt or position can travel in an error.

use thiserror::Error;

#[derive(Debug, Error, PartialEq, Eq)]
pub enum Error {
    /// The bytes handed in are not what their format says they are.
    #[error("{0}")]
    Format(String),
    /// The witness violates this constraint (counted from 0, in the order of the .r1cs file).
    #[error("constraint {0} is not satisfied")]
    Constraint(usize),
    /// The plan cannot compute the witness, for a reason that no input would change.
    #[error("{0}")]
    Unsolvable(String),
    /// A proof could not be made.
    #[error("{0}")]
    Proof(String),
}

pub type Result<T> = std::result::Result<T, Error>;

/// A format error with its one-sentence reason.
pub fn damaged<T>(reason: impl Into<String>) -> Result<T> {
    Err(Error::Format(reason.into()))
}

/// Turns a condition that the format demands into an error that says so.
pub fn demand(holds: bool, reason: &str) -> Result<()> {
    if holds {
        Ok(())
    } else {
        damaged(reason)
    }
}
