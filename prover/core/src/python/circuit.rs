//! Constraint systems and witness plans.

use super::functions::wtns_file;
use crate::error::demand;
use crate::field::scalars_be;
use crate::formats::zkey::{PointChecks, Zkey};
use crate::formats::{r1cs::R1cs, sym, wtns};
use crate::prove::demand_of_circuit;
use crate::setup::domain_size;
use crate::witness::{derive, first_violation, solve, violations, Plan};
use ark_bn254::Fr;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use std::collections::BTreeSet;
use std::sync::Arc;
use zeroize::Zeroizing;

/// A constraint system read from an .r1cs file.
#[pyclass(frozen, module = "prover._core")]
pub struct Circuit {
    pub(super) r1cs: Arc<R1cs>,
}

#[pymethods]
impl Circuit {
    #[new]
    fn new(py: Python<'_>, r1cs: &[u8]) -> PyResult<Self> {
        let r1cs = py.detach(|| R1cs::read(r1cs))?;
        Ok(Self { r1cs: Arc::new(r1cs) })
    }

    #[getter]
    fn n_wires(&self) -> usize {
        self.r1cs.n_wires
    }

    #[getter]
    fn n_constraints(&self) -> usize {
        self.r1cs.n_constraints()
    }

    #[getter]
    fn n_outputs(&self) -> usize {
        self.r1cs.n_outputs
    }

    #[getter]
    fn n_public_inputs(&self) -> usize {
        self.r1cs.n_public_inputs
    }

    #[getter]
    fn n_private_inputs(&self) -> usize {
        self.r1cs.n_private_inputs
    }

    #[getter]
    fn domain(&self) -> usize {
        domain_size(&self.r1cs)
    }

    #[getter]
    fn sha256(&self) -> [u8; 32] {
        self.r1cs.hash
    }

    fn wires_of(&self, constraint: usize) -> PyResult<Vec<u32>> {
        demand(constraint < self.r1cs.n_constraints(), "the circuit has no such constraint")?;
        let rows = [&self.r1cs.a, &self.r1cs.b, &self.r1cs.c].map(|matrix| matrix.row(constraint));
        let wires: BTreeSet<u32> = rows.iter().flat_map(|row| row.iter().map(|t| t.wire)).collect();
        Ok(wires.into_iter().collect())
    }

    fn check(&self, py: Python<'_>, wtns: &[u8]) -> PyResult<()> {
        py.detach(|| first_violation(&self.r1cs, &wtns::read(wtns)?))?;
        Ok(())
    }

    fn check_key(&self, py: Python<'_>, zkey: &[u8]) -> PyResult<()> {
        py.detach(|| demand_of_circuit(&Zkey::read(zkey, PointChecks::Trusted)?, &self.r1cs))?;
        Ok(())
    }

    fn determinism(&self, py: Python<'_>) -> Determinism {
        Determinism { report: py.detach(|| derive(&self.r1cs).determinism) }
    }

    fn sym_inputs<'py>(&self, py: Python<'py>, sym: &str) -> PyResult<Bound<'py, PyDict>> {
        let inputs = self.r1cs.input_wires();
        let table = py.detach(|| sym::read(sym))?;
        let out = PyDict::new(py);
        for (name, wire) in table {
            let wire = wire.filter(|wire| inputs.contains(&(*wire as usize)));
            if let (Some(name), Some(wire)) = (name.strip_prefix("main."), wire) {
                out.set_item(name, wire as usize - inputs.start)?;
            }
        }
        Ok(out)
    }
}

/// How the inner wires follow from the inputs.
#[pyclass(frozen, module = "prover._core")]
pub struct Determinism {
    report: crate::witness::Determinism,
}

#[pymethods]
impl Determinism {
    #[getter]
    fn passed(&self) -> bool {
        self.report.undetermined.is_empty()
    }

    #[getter]
    fn n_wires(&self) -> usize {
        self.report.n_wires
    }

    #[getter]
    fn n_given(&self) -> usize {
        self.report.n_given
    }

    #[getter]
    fn solved_by(&self) -> std::collections::BTreeMap<&'static str, usize> {
        self.report.solved_by.clone()
    }

    #[getter]
    fn undetermined(&self) -> Vec<u32> {
        self.report.undetermined.clone()
    }

    fn __repr__(&self) -> String {
        let report = &self.report;
        let (left, wires) = (report.undetermined.len(), report.n_wires);
        format!("Determinism(undetermined={left}, n_wires={wires}, by={:?})", report.solved_by)
    }
}

/// Computes witnesses of one circuit.
#[pyclass(frozen, module = "prover._core")]
pub struct WitnessPlan {
    pub(super) solver: Arc<Solver>,
}

/// A plan with the constraints that its results must satisfy.
pub struct Solver {
    plan: Plan,
    r1cs: Arc<R1cs>,
    /// Whether the rules that derived the plan prove every wire unique; not known of a plan that was read.
    determined: Option<bool>,
}

impl Solver {
    pub fn new(plan: Plan, r1cs: R1cs) -> Self {
        Self { plan, r1cs: Arc::new(r1cs), determined: None }
    }

    pub fn parts(&self) -> (&R1cs, &Plan) {
        (&self.r1cs, &self.plan)
    }

    /// Reads the inputs, solves, and checks unless told not to.
    pub fn witness(&self, inputs: &[u8], check: bool) -> crate::error::Result<wtns::Witness> {
        let inputs: Zeroizing<Vec<Fr>> = Zeroizing::new(scalars_be(inputs)?);
        let witness = solve(&self.plan, &inputs)?;
        if check {
            self.check(&witness)?;
        }
        Ok(witness)
    }

    /// Refuses a witness that violates a constraint, which the error names.
    pub fn check(&self, witness: &[Fr]) -> crate::error::Result<()> {
        first_violation(&self.r1cs, witness)
    }
}

#[pymethods]
impl WitnessPlan {
    #[staticmethod]
    fn derive(py: Python<'_>, circuit: &Circuit) -> Self {
        let r1cs = circuit.r1cs.clone();
        let (plan, determined) = py.detach(|| {
            let derived = derive(&r1cs);
            (derived.plan, Some(derived.determinism.undetermined.is_empty()))
        });
        Self { solver: Arc::new(Solver { plan, r1cs, determined }) }
    }

    #[staticmethod]
    fn load(py: Python<'_>, plan: &[u8], circuit: &Circuit) -> PyResult<Self> {
        let r1cs = circuit.r1cs.clone();
        let plan = py.detach(|| -> crate::error::Result<Plan> {
            let plan = Plan::from_bytes(plan)?;
            demand(
                plan.r1cs_hash == r1cs.hash
                    && plan.n_wires == r1cs.n_wires
                    && plan.inputs == r1cs.input_wires(),
                "the plan was derived from another circuit",
            )?;
            Ok(plan)
        })?;
        Ok(Self { solver: Arc::new(Solver { plan, r1cs, determined: None }) })
    }

    #[getter]
    fn n_inputs(&self) -> usize {
        self.solver.plan.inputs.len()
    }

    #[getter]
    fn complete(&self) -> bool {
        self.solver.plan.unreached == 0
    }

    #[getter]
    fn determined(&self) -> Option<bool> {
        self.solver.determined
    }

    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let bytes = py.detach(|| self.solver.plan.to_bytes());
        PyBytes::new(py, &bytes)
    }

    fn violations(&self, py: Python<'_>, inputs: &[u8]) -> PyResult<Vec<usize>> {
        let solver = &self.solver;
        Ok(py.detach(|| violations(&solver.r1cs, &solver.witness(inputs, false)?))?)
    }

    #[pyo3(signature = (inputs, *, check = true))]
    fn solve<'py>(
        &self,
        py: Python<'py>,
        inputs: &[u8],
        check: bool,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let witness = py.detach(|| self.solver.witness(inputs, check))?;
        wtns_file(py, &witness)
    }
}
