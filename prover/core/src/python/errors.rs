//! The crate's errors as Python exceptions.

use crate::error::Error;
use pyo3::create_exception;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;

create_exception!(prover._core, CoreError, PyException, "Base of every error of this module.");
create_exception!(
    prover._core,
    FormatError,
    CoreError,
    "Bytes that are not what their format says they are; the message is one sentence."
);
create_exception!(
    prover._core,
    WitnessError,
    CoreError,
    "A witness that cannot be solved or violates a constraint; `constraint` is its index or None."
);
create_exception!(prover._core, ProofError, CoreError, "A proof that could not be made.");

impl From<Error> for PyErr {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::Format(_) => FormatError::new_err(text),
            Error::Proof(_) => ProofError::new_err(text),
            Error::Constraint(index) => witness_error(text, Some(index)),
            Error::Unsolvable(_) => witness_error(text, None),
        }
    }
}

fn witness_error(text: String, constraint: Option<usize>) -> PyErr {
    Python::attach(|py| {
        let error = WitnessError::new_err(text);
        match error.value(py).setattr("constraint", constraint) {
            Ok(()) => error,
            Err(other) => other,
        }
    })
}
