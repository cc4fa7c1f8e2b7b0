//! The plan: a straight-line program over slots. Slot i below `n_wires` is wire i, the slots above
//! hold intermediate values.

use super::rows::Lc;
use crate::formats::r1cs::{Coefs, Term};
use ark_bn254::Fr;
use std::ops::Range;

/// A range in one of the plan's tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// `(a * b - c) * scale`, where a, b and c are linear combinations of slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value {
    pub a: Span,
    pub b: Span,
    pub c: Span,
    pub scale: u32,
}

/// One bit of a value: `wire = bit(exponent) xor negated`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bit {
    pub wire: u32,
    pub exponent: u8,
    pub negated: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// The slot takes the value.
    Assign { slot: u32, value: Value },
    /// Boolean wires take the value's binary digits.
    Bits { value: Value, bits: Span },
    /// The slot takes `-value / divisor`, or 0 if the divisor is 0.
    Divide { slot: u32, value: Value, divisor: Span },
}

#[derive(Clone, Debug)]
pub struct Plan {
    pub n_wires: usize,
    pub n_slots: usize,
    /// First input wire and number of inputs.
    pub inputs: Range<usize>,
    pub ops: Vec<Op>,
    pub terms: Vec<Term>,
    pub bits: Vec<Bit>,
    pub coefs: Coefs,
    /// Wires that no rule reaches; a plan with such wires cannot solve.
    pub unreached: u32,
    /// SHA-256 of the .r1cs file that the plan was derived from.
    pub r1cs_hash: [u8; 32],
}

impl Plan {
    /// An empty plan for a circuit of this many wires.
    pub fn new(n_wires: usize, inputs: Range<usize>, coefs: Coefs, r1cs_hash: [u8; 32]) -> Self {
        Self {
            n_wires,
            n_slots: n_wires,
            inputs,
            ops: Vec::new(),
            terms: Vec::new(),
            bits: Vec::new(),
            coefs,
            unreached: 0,
            r1cs_hash,
        }
    }

    pub fn new_slot(&mut self) -> u32 {
        let slot = self.n_slots as u32;
        self.n_slots += 1;
        slot
    }

    pub fn add_lc(&mut self, lc: &[(u32, Fr)]) -> Span {
        let start = self.terms.len() as u32;
        for (wire, value) in lc {
            let coef = self.coefs.intern(*value);
            self.terms.push(Term { wire: *wire, coef });
        }
        Span { start, end: self.terms.len() as u32 }
    }

    pub fn add_value(&mut self, a: &Lc, b: &Lc, c: &Lc, scale: Fr) -> Value {
        Value {
            a: self.add_lc(a),
            b: self.add_lc(b),
            c: self.add_lc(c),
            scale: self.coefs.intern(scale),
        }
    }

    pub fn add_bits(&mut self, bits: impl Iterator<Item = Bit>) -> Span {
        let start = self.bits.len() as u32;
        self.bits.extend(bits);
        Span { start, end: self.bits.len() as u32 }
    }
}
