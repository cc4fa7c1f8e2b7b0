//! Deriving the plan: rules fire until every wire is reached or none of them applies.

use super::bits::Powers;
use super::gauss::{Basis, Equation};
use super::plan::{Bit, Op, Plan};
use super::rows::{add_scaled, Lc, Rows, Shape};
use crate::formats::r1cs::{R1cs, Term};
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use std::collections::{BTreeMap, VecDeque};

/// How the inner wires follow from the inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Determinism {
    pub n_wires: usize,
    pub n_given: usize,
    /// Wires reached by each rule; every one of these rules proves uniqueness.
    pub solved_by: BTreeMap<&'static str, usize>,
    /// Wires that no such rule reaches. Empty means: the inputs determine the whole witness.
    pub undetermined: Vec<u32>,
}

pub struct Derived {
    pub plan: Plan,
    pub determinism: Determinism,
}

/// Derives the plan. Division by a value that may be zero proves nothing; it is tried only after
/// the report is closed, so that such a circuit can still be solved.
pub fn derive(r1cs: &R1cs) -> Derived {
    let rows = Rows::new(r1cs);
    let mut engine = Engine::new(r1cs, &rows);
    engine.close();
    let determinism = Determinism {
        n_wires: r1cs.n_wires,
        n_given: 1 + r1cs.input_wires().len(),
        solved_by: engine.solved_by.clone(),
        undetermined: engine.unknown_wires(),
    };
    while engine.divide(false) {
        engine.close();
    }
    engine.plan.unreached = engine.unknown_wires().len() as u32;
    Derived { plan: engine.plan, determinism }
}

const SIDE_A: usize = 0;
const SIDE_B: usize = 1;
const SIDE_C: usize = 2;

/// Unknown wires of a row, by side, and how many of all of them are not known to be boolean.
#[derive(Clone, Copy, Default)]
struct Unknowns {
    sides: [u32; 3],
    not_boolean: u32,
}

struct Engine<'r> {
    rows: &'r Rows,
    plan: Plan,
    known: Vec<bool>,
    boolean: Vec<bool>,
    /// For wire w: `uses[starts[w]..starts[w + 1]]`, the (row, side) pairs that name it.
    starts: Vec<u32>,
    uses: Vec<(u32, u8)>,
    unknowns: Vec<Unknowns>,
    queue: VecDeque<u32>,
    queued: Vec<bool>,
    /// Rows whose equation the basis already holds.
    absorbed: Vec<bool>,
    basis: Basis,
    /// Wires that the basis has ever named; a combination with another one cannot reduce.
    support: Vec<bool>,
    powers: Powers,
    solved_by: BTreeMap<&'static str, usize>,
}

impl<'r> Engine<'r> {
    fn new(r1cs: &R1cs, rows: &'r Rows) -> Self {
        let n = r1cs.n_wires;
        let mut known = vec![false; n];
        known[0] = true;
        for wire in r1cs.input_wires() {
            known[wire] = true;
        }
        let mut boolean = vec![false; n];
        for shape in &rows.shapes {
            if let Shape::Boolean(wire) = shape {
                boolean[*wire as usize] = true;
            }
        }
        let (starts, uses) = occurrences(rows, n);
        let mut unknowns = vec![Unknowns::default(); rows.len()];
        for wire in (0..n).filter(|w| !known[*w]) {
            for (row, side) in &uses[starts[wire] as usize..starts[wire + 1] as usize] {
                let entry = &mut unknowns[*row as usize];
                entry.sides[*side as usize] += 1;
                entry.not_boolean += u32::from(!boolean[wire]);
            }
        }
        Self {
            rows,
            plan: Plan::new(n, r1cs.input_wires(), rows.coefs.clone(), r1cs.hash),
            known,
            boolean,
            starts,
            uses,
            unknowns,
            queue: (0..rows.len() as u32).collect(),
            queued: vec![true; rows.len()],
            absorbed: vec![false; rows.len()],
            basis: Basis::default(),
            support: vec![false; n],
            powers: Powers::default(),
            solved_by: BTreeMap::new(),
        }
    }

    fn unknown_wires(&self) -> Vec<u32> {
        (0..self.known.len() as u32).filter(|w| !self.known[*w as usize]).collect()
    }

    /// Applies every rule that proves uniqueness until none fires.
    fn close(&mut self) {
        loop {
            self.propagate();
            if !self.eliminate() && !self.divide(true) {
                break;
            }
        }
    }

    fn propagate(&mut self) {
        while let Some(row) = self.queue.pop_front() {
            self.queued[row as usize] = false;
            let row = row as usize;
            let Unknowns { sides, not_boolean } = self.unknowns[row];
            match self.rows.shapes[row] {
                Shape::Boolean(_) => (),
                Shape::TwoValued(low, high) => {
                    if sides[SIDE_A] > 0 && not_boolean == 0 {
                        self.split_two_valued(row, low, high);
                    }
                }
                Shape::Product => match (sides[SIDE_A] + sides[SIDE_B], sides[SIDE_C]) {
                    (0, 1) => self.solve_single(row),
                    (0, 2..) if not_boolean == 0 => self.split_product(row),
                    _ => (),
                },
            }
        }
    }

    /// Marks a wire as known and wakes the rows that name it.
    fn settle(&mut self, wire: u32, rule: &'static str) {
        let wire = wire as usize;
        if std::mem::replace(&mut self.known[wire], true) {
            return;
        }
        *self.solved_by.entry(rule).or_default() += 1;
        let not_boolean = u32::from(!self.boolean[wire]);
        for &(row, side) in &self.uses[self.starts[wire] as usize..self.starts[wire + 1] as usize] {
            let entry = &mut self.unknowns[row as usize];
            entry.sides[side as usize] -= 1;
            entry.not_boolean -= not_boolean;
            if !std::mem::replace(&mut self.queued[row as usize], true) {
                self.queue.push_back(row);
            }
        }
    }

    /// Splits a combination into its known and its unknown part.
    fn partition(&self, terms: &[Term]) -> (Lc, Lc) {
        self.rows.lc(terms).into_iter().partition(|(wire, _)| self.known[*wire as usize])
    }

    fn inverse(&self, terms: &[Term], wire: u32) -> Fr {
        let coef = terms.iter().find(|t| t.wire == wire).map_or(0, |t| t.coef);
        match self.rows.inverses.get(coef as usize) {
            Some(inverse) => *inverse,
            None => self.rows.coefs.get(coef).inverse().unwrap_or(Fr::ZERO),
        }
    }

    /// `a * b = c` with a, b known and one unknown wire in c: it has exactly one value.
    fn solve_single(&mut self, row: usize) {
        let terms = self.rows.c.row(row);
        let (known, unknown) = self.partition(terms);
        let [(wire, _)] = unknown[..] else { return };
        let (a, b) = (self.rows.lc(self.rows.a.row(row)), self.rows.lc(self.rows.b.row(row)));
        let value = self.plan.add_value(&a, &b, &known, self.inverse(terms, wire));
        self.plan.ops.push(Op::Assign { slot: wire, value });
        self.settle(wire, if a.is_empty() { "linear" } else { "product" });
    }

    /// `a * b = c` with a, b known and only boolean unknown wires in c.
    fn split_product(&mut self, row: usize) {
        let (known, unknown) = self.partition(self.rows.c.row(row));
        let (a, b) = (self.rows.lc(self.rows.a.row(row)), self.rows.lc(self.rows.b.row(row)));
        self.split_bits(&a, &b, &known, &unknown, None);
    }

    /// `low` or `high` = known + unknown boolean wires. With `low + (high - low) * bit` for the
    /// two values this is a decomposition with one bit more, which no wire carries.
    fn split_two_valued(&mut self, row: usize, low: Fr, high: Fr) {
        let (known, unknown) = self.partition(self.rows.a.row(row));
        let mut rest = Lc::new();
        if low != Fr::ZERO {
            rest.push((0, -low));
        }
        // The two values are those of the wires alone: the row's own constant is in them already.
        rest.extend(known.into_iter().filter(|(wire, _)| *wire != 0));
        self.split_bits(&Lc::new(), &Lc::new(), &rest, &unknown, Some(low - high));
    }

    /// `unknown + extra * bit = a * b - known`, every unknown wire boolean.
    fn split_bits(&mut self, a: &Lc, b: &Lc, known: &Lc, unknown: &Lc, extra: Option<Fr>) {
        let coefficients: Vec<Fr> = unknown.iter().map(|(_, f)| *f).chain(extra).collect();
        let Some(found) = self.powers.decompose(&coefficients) else { return };
        let mut constant = Lc::new();
        if found.offset != Fr::ZERO {
            constant.push((0, found.offset));
        }
        let shifted = add_scaled(known, -Fr::ONE, &constant);
        let scale = found.unit.inverse().unwrap_or(Fr::ONE);
        let value = self.plan.add_value(a, b, &shifted, scale);
        let bits =
            self.plan.add_bits(unknown.iter().zip(&found.digits).map(|((wire, _), d)| Bit {
                wire: *wire,
                exponent: d.exponent,
                negated: d.negated,
            }));
        self.plan.ops.push(Op::Bits { value, bits });
        for (wire, _) in unknown {
            self.settle(*wire, "bits");
        }
    }

    /// Collects rows whose factors are determined, perhaps only as combinations, and solves the
    /// linear equations that they make. True if anything new was learned.
    fn eliminate(&mut self) -> bool {
        self.basis.learn(&self.known, &mut self.support);
        let mut progress = self.settle_singles();
        for row in 0..self.rows.len() {
            if self.absorbed[row] || self.unknowns[row].sides == [0; 3] {
                continue;
            }
            if self.rows.shapes[row] == Shape::Product && self.absorb(row) {
                progress = true;
                self.settle_singles();
                self.basis.learn(&self.known, &mut self.support);
            }
        }
        progress
    }

    /// Adds one row to the basis if its factors are determined; true if it said something new.
    fn absorb(&mut self, row: usize) -> bool {
        let (Some(a), Some(b)) =
            (self.determined(self.rows.a.row(row)), self.determined(self.rows.b.row(row)))
        else {
            return false;
        };
        self.absorbed[row] = true;
        let (known, unknown) = self.partition(self.rows.c.row(row));
        if self.basis.reduce(&unknown).wires.is_empty() {
            return false;
        }
        let slot = self.plan.new_slot();
        let value = self.plan.add_value(&a, &b, &known, Fr::ONE);
        self.plan.ops.push(Op::Assign { slot, value });
        let equation = Equation { wires: unknown, slots: vec![(slot, Fr::ONE)] };
        self.basis.insert(equation, &mut self.support)
    }

    /// The combination over computed slots only, if the basis determines it.
    fn determined(&self, terms: &[Term]) -> Option<Lc> {
        let (known, unknown) = self.partition(terms);
        if !unknown.iter().all(|(wire, _)| self.support[*wire as usize]) {
            return None;
        }
        let reduced = self.basis.reduce(&unknown);
        reduced.wires.is_empty().then(|| add_scaled(&known, Fr::ONE, &reduced.slots))
    }

    fn settle_singles(&mut self) -> bool {
        let singles = self.basis.take_singles();
        for (wire, slots) in &singles {
            let value = self.plan.add_value(&Lc::new(), &Lc::new(), slots, -Fr::ONE);
            self.plan.ops.push(Op::Assign { slot: *wire, value });
            self.settle(*wire, "elimination");
        }
        !singles.is_empty()
    }

    /// Rows `(known + f * wire) * b = c` with one unknown wire. If `proven`, only where c is a
    /// constant other than zero: then b cannot be zero and the wire has one value.
    fn divide(&mut self, proven: bool) -> bool {
        for row in 0..self.rows.len() {
            let [a, b, c] = self.unknowns[row].sides;
            if self.rows.shapes[row] != Shape::Product || a + b != 1 || c > 1 {
                continue;
            }
            let (this, other) = if a == 1 {
                (self.rows.a.row(row), self.rows.b.row(row))
            } else {
                (self.rows.b.row(row), self.rows.a.row(row))
            };
            let (rest, unknown) = self.partition(this);
            let (known_c, unknown_c) = self.partition(self.rows.c.row(row));
            let [(wire, factor)] = unknown[..] else { continue };
            if unknown_c.first().is_some_and(|(w, _)| *w != wire) {
                continue;
            }
            let constant = matches!(known_c[..], [(0, _)]) && unknown_c.is_empty();
            if proven && !constant {
                continue;
            }
            // wire * (factor * other - c's share) = known_c - rest * other
            let other = self.rows.lc(other);
            let divisor =
                add_scaled(&add_scaled(&[], factor, &other), -Fr::ONE, &over_one(&unknown_c));
            let value = self.plan.add_value(&rest, &other, &known_c, Fr::ONE);
            let divisor = self.plan.add_lc(&divisor);
            self.plan.ops.push(Op::Divide { slot: wire, value, divisor });
            self.settle(wire, if proven { "inverse" } else { "quotient" });
            return true;
        }
        false
    }
}

/// The coefficients of a combination as multiples of wire 0.
fn over_one(lc: &Lc) -> Lc {
    lc.iter().map(|(_, factor)| (0, *factor)).collect()
}

/// Compressed lists of the rows that name each wire.
fn occurrences(rows: &Rows, n_wires: usize) -> (Vec<u32>, Vec<(u32, u8)>) {
    let sides = [(SIDE_A, &rows.a), (SIDE_B, &rows.b), (SIDE_C, &rows.c)];
    let mut starts = vec![0u32; n_wires + 1];
    for (_, matrix) in sides {
        for row in 0..rows.len() {
            for term in matrix.row(row) {
                starts[term.wire as usize + 1] += 1;
            }
        }
    }
    for wire in 0..n_wires {
        starts[wire + 1] += starts[wire];
    }
    let mut next = starts.clone();
    let mut uses = vec![(0, 0); starts[n_wires] as usize];
    for row in 0..rows.len() {
        for (side, matrix) in sides {
            for term in matrix.row(row) {
                let at = &mut next[term.wire as usize];
                uses[*at as usize] = (row as u32, side as u8);
                *at += 1;
            }
        }
    }
    (starts, uses)
}
