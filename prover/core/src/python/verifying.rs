//! Verifying keys.

use crate::error::{demand, Result};
use crate::field::scalars_be;
use crate::formats::json;
use crate::formats::points::{g1_from_border, g1_to_border, g2_to_border};
use crate::formats::zkey::read_verifier_part;
use crate::prove;
use crate::verify::{proof_from_border, Key};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rayon::prelude::*;
use std::sync::Arc;

enum Holder {
    Own(Box<Key>),
    Proving(Arc<prove::ProvingKey>),
}

/// A verifying key, checked and prepared once.
#[pyclass(frozen, module = "prover._core")]
pub struct VerifyingKey {
    holder: Holder,
}

impl VerifyingKey {
    pub(super) fn of(key: Arc<prove::ProvingKey>) -> Self {
        Self { holder: Holder::Proving(key) }
    }

    fn own(key: Key) -> Self {
        Self { holder: Holder::Own(Box::new(key)) }
    }

    fn key(&self) -> &Key {
        match &self.holder {
            Holder::Own(key) => key,
            Holder::Proving(key) => key.verifier(),
        }
    }
}

#[pymethods]
impl VerifyingKey {
    #[new]
    fn new(
        py: Python<'_>,
        alpha1: &[u8],
        beta2: &[u8],
        gamma2: &[u8],
        delta2: &[u8],
        ic: &[u8],
    ) -> PyResult<Self> {
        Ok(Self::own(py.detach(|| Key::from_border(alpha1, beta2, gamma2, delta2, ic))?))
    }

    #[staticmethod]
    fn from_zkey(py: Python<'_>, zkey: &[u8]) -> PyResult<Self> {
        Ok(Self::own(py.detach(|| Key::new(read_verifier_part(zkey)?))?))
    }

    #[staticmethod]
    fn from_json(py: Python<'_>, text: &str) -> PyResult<Self> {
        Ok(Self::own(py.detach(|| Key::new(json::read_verification_key(text)?))?))
    }

    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        Ok(py.detach(|| json::write_verification_key(self.key().part()))?)
    }

    #[getter]
    fn n_public(&self) -> usize {
        self.key().n_public()
    }

    #[getter]
    fn alpha1<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &g1_to_border(&self.key().part().alpha1))
    }

    #[getter]
    fn beta2<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &g2_to_border(&self.key().part().beta2))
    }

    #[getter]
    fn gamma2<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &g2_to_border(&self.key().part().gamma2))
    }

    #[getter]
    fn delta2<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &g2_to_border(&self.key().part().delta2))
    }

    #[getter]
    fn ic<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let points: Vec<u8> = self.key().part().ic.iter().flat_map(g1_to_border).collect();
        PyBytes::new(py, &points)
    }

    fn verify(&self, py: Python<'_>, public_inputs: &[u8], proof: &[u8]) -> PyResult<bool> {
        let verdict = py.detach(|| -> Result<bool> {
            self.key().verify(&scalars_be(public_inputs)?, &proof_from_border(proof)?)
        });
        Ok(verdict?)
    }

    fn prepare<'py>(&self, py: Python<'py>, prefix: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        let point = py.detach(|| self.key().prepare(&scalars_be(prefix)?))?;
        Ok(PyBytes::new(py, &g1_to_border(&point)))
    }

    fn verify_batch(
        &self,
        py: Python<'_>,
        point: &[u8],
        live_inputs: Vec<Vec<u8>>,
        proofs: Vec<Vec<u8>>,
    ) -> PyResult<bool> {
        let verdict = py.detach(|| -> Result<bool> {
            demand(live_inputs.len() == proofs.len(), "there must be as many inputs as proofs")?;
            let point = g1_from_border(point, "the prepared point")?;
            let one = |(live, proof): (&Vec<u8>, &Vec<u8>)| {
                Ok((scalars_be(live)?, proof_from_border(proof)?))
            };
            let batch = live_inputs.par_iter().zip(&proofs).map(one).collect::<Result<Vec<_>>>()?;
            self.key().verify_batch(&point, &batch)
        });
        Ok(verdict?)
    }

    fn verify_prepared(
        &self,
        py: Python<'_>,
        point: &[u8],
        live_inputs: &[u8],
        proof: &[u8],
    ) -> PyResult<bool> {
        let verdict = py.detach(|| -> Result<bool> {
            let point = g1_from_border(point, "the prepared point")?;
            let live = scalars_be(live_inputs)?;
            self.key().verify_prepared(&point, &live, &proof_from_border(proof)?)
        });
        Ok(verdict?)
    }
}
