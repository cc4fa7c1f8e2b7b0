//! Running a plan. Nothing here refuses a value: a wrong input shows as a violated constraint.

use super::plan::{Op, Plan, Span, Value};
use crate::error::{demand, Error, Result};
use crate::formats::r1cs::{evaluate, MINUS_ONE, ONE};
use crate::formats::wtns::Witness;
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, PrimeField};
use zeroize::{Zeroize, Zeroizing};

/// Computes every wire from the inputs, given in wire order (public inputs, then private inputs).
pub fn solve(plan: &Plan, inputs: &[Fr]) -> Result<Witness> {
    demand(inputs.len() == plan.inputs.len(), "the number of inputs is not the circuit's")?;
    if plan.unreached > 0 {
        return Err(Error::Unsolvable(format!(
            "{} wires of this circuit do not follow from its inputs",
            plan.unreached
        )));
    }
    let mut slots = Zeroizing::new(vec![Fr::ZERO; plan.n_slots]);
    slots[0] = Fr::ONE;
    slots[plan.inputs.clone()].copy_from_slice(inputs);
    let mut run = Run { plan, coefs: plan.coefs.values(), slots: &mut slots };
    for op in &plan.ops {
        run.step(op);
    }
    slots[plan.n_wires..].iter_mut().for_each(Zeroize::zeroize);
    slots.truncate(plan.n_wires);
    Ok(slots)
}

struct Run<'a> {
    plan: &'a Plan,
    coefs: &'a [Fr],
    slots: &'a mut Vec<Fr>,
}

impl Run<'_> {
    #[inline]
    fn step(&mut self, op: &Op) {
        match op {
            Op::Assign { slot, value } => self.slots[*slot as usize] = self.value(value),
            Op::Bits { value, bits } => {
                let limbs = self.value(value).into_bigint().0;
                for bit in &self.plan.bits[bits.range()] {
                    let limb = limbs[usize::from(bit.exponent >> 6)];
                    let set = (limb >> (bit.exponent & 63)) & 1 == 1;
                    self.slots[bit.wire as usize] =
                        if set != bit.negated { Fr::ONE } else { Fr::ZERO };
                }
            }
            Op::Divide { slot, value, divisor } => {
                let inverse = self.sum(*divisor).inverse().unwrap_or(Fr::ZERO);
                self.slots[*slot as usize] = -self.value(value) * inverse;
            }
        }
    }

    #[inline]
    fn sum(&self, span: Span) -> Fr {
        evaluate(&self.plan.terms[span.range()], self.coefs, self.slots)
    }

    #[inline]
    fn value(&self, value: &Value) -> Fr {
        let mut out = if value.a.start == value.a.end {
            Fr::ZERO
        } else {
            self.sum(value.a) * self.sum(value.b)
        };
        out -= self.sum(value.c);
        match value.scale {
            ONE => out,
            MINUS_ONE => -out,
            scale => out * self.coefs[scale as usize],
        }
    }
}
