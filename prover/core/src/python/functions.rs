//! Functions without state: set-up, JSON, witness files, sums of points.

use super::circuit::Circuit;
use crate::error::{demand, Result};
use crate::field::{all_to_be, scalars_be, Randomness};
use crate::formats::points::{checked_g2, g1_from_border, g1_to_border, G1_BYTES};
use crate::formats::zkey::{read_verifier_part, PointChecks, Zkey};
use crate::formats::{json, wtns, zkey};
use crate::msm::{builder, Kernels};
use crate::prove::{row_points, sum_g1};
use crate::public_rows::PublicRows;
use crate::verify::{proof_from_border, proof_to_border, Key};
use ark_bn254::Fr;
use ark_ec::CurveGroup;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use zeroize::Zeroizing;

#[pyfunction]
pub fn kernels() -> PyResult<&'static str> {
    Ok(builder(Kernels::from_environment()?).instructions())
}

#[pyfunction]
pub fn available_kernels() -> Vec<&'static str> {
    Kernels::available().into_iter().map(Kernels::name).collect()
}

#[pyfunction]
#[pyo3(signature = (circuit, *, seed = None, all_public_rows = false))]
pub fn setup<'py>(
    py: Python<'py>,
    circuit: &Circuit,
    seed: Option<&[u8]>,
    all_public_rows: bool,
) -> PyResult<Bound<'py, PyBytes>> {
    let randomness = seed.map_or(Randomness::Os, Randomness::from_seed);
    let zkey = py.detach(|| {
        let key = match all_public_rows {
            true => crate::setup::setup_with(&circuit.r1cs, PublicRows::All, randomness),
            false => crate::setup::setup(&circuit.r1cs, randomness),
        };
        key.map(|key| key.write())
    })?;
    Ok(PyBytes::new(py, &zkey))
}

#[pyfunction]
pub fn with_row_points<'py>(
    py: Python<'py>,
    zkey: &[u8],
    circuit: &Circuit,
) -> PyResult<Bound<'py, PyBytes>> {
    let out = py.detach(|| {
        let points = row_points(&Zkey::read(zkey, PointChecks::Full)?, &circuit.r1cs)?;
        zkey::with_row_points(zkey, &points)
    })?;
    Ok(PyBytes::new(py, &out))
}

#[pyfunction]
pub fn verification_key_json(py: Python<'_>, zkey: &[u8]) -> PyResult<String> {
    Ok(py.detach(|| json::write_verification_key(Key::new(read_verifier_part(zkey)?)?.part()))?)
}

#[pyfunction]
pub fn proof_to_json(proof: &[u8]) -> PyResult<String> {
    let mut proof = proof_from_border(proof)?;
    proof.b = checked_g2(proof.b, "the proof's B")?;
    Ok(json::write_proof(&proof)?)
}

#[pyfunction]
pub fn proof_from_json<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyBytes>> {
    Ok(PyBytes::new(py, &proof_to_border(&json::read_proof(text)?)))
}

#[pyfunction]
pub fn public_to_json(public_inputs: &[u8]) -> PyResult<String> {
    Ok(json::write_public(&scalars_be(public_inputs)?)?)
}

#[pyfunction]
pub fn public_from_json<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyBytes>> {
    let bytes = all_to_be(&json::read_public(text)?);
    Ok(PyBytes::new(py, &bytes))
}

#[pyfunction]
pub fn read_wtns<'py>(py: Python<'py>, wtns: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    let values = wtns::read(wtns)?;
    let bytes = Zeroizing::new(all_to_be(&values));
    Ok(PyBytes::new(py, &bytes))
}

#[pyfunction]
pub fn write_wtns<'py>(py: Python<'py>, values: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    let values = Zeroizing::new(scalars_be(values)?);
    wtns_file(py, &values)
}

/// The .wtns file of these values, written where Python keeps it: a copy would take as long.
pub(super) fn wtns_file<'py>(py: Python<'py>, values: &[Fr]) -> PyResult<Bound<'py, PyBytes>> {
    PyBytes::new_with(py, wtns::length(values), |out| {
        py.detach(|| wtns::write(values, out));
        Ok(())
    })
}

#[pyfunction]
pub fn msm_g1<'py>(
    py: Python<'py>,
    points: &[u8],
    scalars: &[u8],
) -> PyResult<Bound<'py, PyBytes>> {
    let sum = py.detach(|| -> Result<[u8; G1_BYTES]> {
        demand(points.len().is_multiple_of(G1_BYTES), "the points must be a multiple of 64 bytes")?;
        let points = points.chunks_exact(G1_BYTES).map(|bytes| g1_from_border(bytes, "a point"));
        let points: Vec<_> = points.collect::<Result<_>>()?;
        let scalars = scalars_be(scalars)?;
        demand(points.len() == scalars.len(), "there must be one scalar for each point")?;
        Ok(g1_to_border(&sum_g1(&points, &scalars).into_affine()))
    })?;
    Ok(PyBytes::new(py, &sum))
}

#[pyfunction]
pub fn g1_add<'py>(py: Python<'py>, left: &[u8], right: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    let sum = g1_from_border(left, "the left point")? + g1_from_border(right, "the right point")?;
    Ok(PyBytes::new(py, &g1_to_border(&sum.into_affine())))
}
