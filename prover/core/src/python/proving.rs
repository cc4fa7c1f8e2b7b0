//! Proving keys.

use super::circuit::{Solver, WitnessPlan};
use super::threads;
use super::verifying::VerifyingKey;
use crate::error::{Error, Result};
use crate::field::all_to_be;
use crate::formats::wtns;
use crate::formats::zkey::{PointChecks, Zkey};
use crate::msm::Kernels;
use crate::prove;
use crate::verify::proof_to_border;
use ark_bn254::Fr;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::path::PathBuf;
use std::sync::Arc;

/// A proof and its public inputs as border bytes.
type ProofPair<'py> = (Bound<'py, PyBytes>, Bound<'py, PyBytes>);

/// A proving key, loaded once and used for many proofs.
#[pyclass(frozen, module = "prover._core")]
pub struct ProvingKey {
    // Behind a pointer: Python aligns objects to 16 bytes, vector kernels want more.
    key: Arc<prove::ProvingKey>,
    solver: Option<Arc<Solver>>,
}

#[pymethods]
impl ProvingKey {
    #[new]
    #[pyo3(signature = (zkey, plan = None, *, trusted = false, budget = 0))]
    fn new(
        py: Python<'_>,
        zkey: &[u8],
        plan: Option<&WitnessPlan>,
        trusted: bool,
        budget: usize,
    ) -> PyResult<Self> {
        let checks = if trusted { PointChecks::Trusted } else { PointChecks::Full };
        let key = py.detach(|| {
            let kernels = Kernels::from_environment()?;
            let zkey = Zkey::read(zkey, checks)?;
            if let Some(plan) = plan {
                // A proof that verifies then says that the plan's constraints hold.
                prove::demand_rows(&zkey, plan.solver.parts().0)?;
            }
            prove::ProvingKey::new(zkey, budget, kernels)
        })?;
        Ok(Self { key: Arc::new(key), solver: plan.map(|plan| plan.solver.clone()) })
    }

    #[staticmethod]
    #[pyo3(signature = (path, zkey, plan, *, trusted = false, budget = prove::DEFAULT_BUDGET))]
    fn store(
        py: Python<'_>,
        path: PathBuf,
        zkey: &[u8],
        plan: &WitnessPlan,
        trusted: bool,
        budget: usize,
    ) -> PyResult<()> {
        let checks = if trusted { PointChecks::Trusted } else { PointChecks::Full };
        py.detach(|| {
            let kernels = Kernels::from_environment()?;
            prove::ProvingKey::store(&path, zkey, plan.solver.parts(), checks, budget, kernels)
        })?;
        Ok(())
    }

    #[staticmethod]
    fn open(py: Python<'_>, path: PathBuf, zkey_hash: &[u8]) -> PyResult<Self> {
        let (key, circuit, plan) = {
            let kernels = Kernels::from_environment()?;
            py.detach(|| prove::ProvingKey::open(&path, zkey_hash, kernels))?
        };
        Ok(Self { key: Arc::new(key), solver: Some(Arc::new(Solver::new(plan, circuit))) })
    }

    #[getter]
    fn plan(&self) -> Option<WitnessPlan> {
        self.solver.clone().map(|solver| WitnessPlan { solver })
    }

    fn tables_are_whole(&self, py: Python<'_>) -> bool {
        py.detach(|| self.key.tables_are_whole())
    }

    #[getter]
    fn n_wires(&self) -> usize {
        self.key.n_wires()
    }

    #[getter]
    fn n_public(&self) -> usize {
        self.key.n_public()
    }

    #[getter]
    fn table_bytes(&self) -> usize {
        self.key.table_bytes()
    }

    #[getter]
    fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey::of(self.key.clone())
    }

    #[pyo3(signature = (wtns, *, self_check = true))]
    fn prove_witness<'py>(
        &self,
        py: Python<'py>,
        wtns: &[u8],
        self_check: bool,
    ) -> PyResult<ProofPair<'py>> {
        self.finish(py, || wtns::read(wtns), |_| Ok(()), self_check)
    }

    #[pyo3(signature = (inputs, *, self_check = true))]
    fn prove<'py>(
        &self,
        py: Python<'py>,
        inputs: &[u8],
        self_check: bool,
    ) -> PyResult<ProofPair<'py>> {
        let Some(solver) = &self.solver else {
            let reason = "this proving key was loaded without a plan";
            return Err(Error::Unsolvable(reason.into()).into());
        };
        // A proof that does not verify is reason enough to look for the constraint that does not hold.
        let witness = || solver.witness(inputs, !self_check);
        self.finish(py, witness, |witness| solver.check(witness), self_check)
    }
}

impl ProvingKey {
    fn finish<'py>(
        &self,
        py: Python<'py>,
        witness: impl FnOnce() -> Result<wtns::Witness> + Send,
        explain: impl FnOnce(&[Fr]) -> Result<()> + Send,
        self_check: bool,
    ) -> PyResult<ProofPair<'py>> {
        let (proof, public) = py.detach(|| {
            threads::spread();
            let witness = witness()?;
            let proof = match self.key.prove(&witness, self_check) {
                Err(Error::Proof(reason)) => {
                    explain(&witness)?;
                    return Err(Error::Proof(reason));
                }
                other => other?,
            };
            let public = all_to_be(&witness[1..=self.key.n_public()]);
            Ok::<_, Error>((proof_to_border(&proof), public))
        })?;
        Ok((PyBytes::new(py, &proof), PyBytes::new(py, &public)))
    }
}
