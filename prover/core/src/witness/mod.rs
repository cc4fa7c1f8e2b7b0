//! Witnesses from a plan that is derived once from the constraints alone.
//!
//! The plan computes the inner wires one after another from the inputs. Each rule that it uses for
//! that also proves that the wire can have no other value, so a plan that reaches every wire by
//! such rules proves that the circuit has no under-constrained wire (see [`Determinism`]).

mod bits;
mod check;
mod derive;
mod gauss;
mod plan;
mod plan_file;
mod rows;
mod solve;

pub use check::{first_violation, violations};
pub use derive::{derive, Derived, Determinism};
pub use plan::Plan;
pub use solve::solve;
