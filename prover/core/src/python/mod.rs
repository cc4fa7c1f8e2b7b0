//! The border: bytes in, bytes out, typed exceptions. See `prover/_core.pyi` for the contract.

#[cfg(all(feature = "extension-module", target_os = "linux"))]
mod allocator;
mod circuit;
mod errors;
mod functions;
mod proving;
mod threads;
mod verifying;

use pyo3::prelude::*;

#[pymodule]
mod _core {
    #[pymodule_export]
    use super::circuit::{Circuit, Determinism, WitnessPlan};
    #[pymodule_export]
    use super::errors::{CoreError, FormatError, ProofError, WitnessError};
    #[pymodule_export]
    use super::functions::{
        available_kernels, g1_add, kernels, msm_g1, proof_from_json, proof_to_json,
        public_from_json, public_to_json, read_wtns, setup, verification_key_json, with_row_points,
        write_wtns,
    };
    #[pymodule_export]
    use super::proving::ProvingKey;
    #[pymodule_export]
    use super::verifying::VerifyingKey;
    use super::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        #[cfg(all(feature = "extension-module", target_os = "linux"))]
        allocator::keep_memory();
        module.add("DEFAULT_BUDGET", crate::prove::DEFAULT_BUDGET)?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
