//! The constraints as the derivation sees them: linear rows made plain, two-valued rows recognised.

use crate::formats::r1cs::{Matrix, R1cs, Term};
use ark_bn254::Fr;
use ark_ff::{batch_inversion, AdditiveGroup, Field, Zero};

/// A linear combination: wires (or slots) ascending, no zero coefficient.
pub type Lc = Vec<(u32, Fr)>;

/// `x + factor * y`.
pub fn add_scaled(x: &[(u32, Fr)], factor: Fr, y: &[(u32, Fr)]) -> Lc {
    let mut out = Lc::with_capacity(x.len() + y.len());
    let (mut i, mut j) = (0, 0);
    while i < x.len() || j < y.len() {
        if j == y.len() || (i < x.len() && x[i].0 < y[j].0) {
            out.push(x[i]);
            i += 1;
        } else if i == x.len() || y[j].0 < x[i].0 {
            out.push((y[j].0, factor * y[j].1));
            j += 1;
        } else {
            let sum = x[i].1 + factor * y[j].1;
            if !sum.is_zero() {
                out.push((x[i].0, sum));
            }
            i += 1;
            j += 1;
        }
    }
    out
}

/// What a row says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `a * b = c`; if a or b is constant the row was rewritten to `0 = c`.
    Product,
    /// One wire is 0 or 1.
    Boolean(u32),
    /// The row's a, without its constant term, is one of two different values.
    TwoValued(Fr, Fr),
}

pub struct Rows {
    pub a: Matrix,
    pub b: Matrix,
    pub c: Matrix,
    pub shapes: Vec<Shape>,
    pub coefs: crate::formats::r1cs::Coefs,
    /// Inverse of each coefficient of the file, by its index.
    pub inverses: Vec<Fr>,
}

impl Rows {
    pub fn new(r1cs: &R1cs) -> Self {
        let mut rows = Self {
            a: Matrix::default(),
            b: Matrix::default(),
            c: Matrix::default(),
            shapes: Vec::with_capacity(r1cs.n_constraints()),
            coefs: r1cs.coefs.clone(),
            inverses: Vec::new(),
        };
        for i in 0..r1cs.n_constraints() {
            let (a, b, c) = (r1cs.a.row(i), r1cs.b.row(i), r1cs.c.row(i));
            match (constant(a), constant(b)) {
                (Some(k), _) => rows.push_linear(k, b, c),
                (_, Some(k)) => rows.push_linear(k, a, c),
                _ => rows.push(a, b, c),
            }
        }
        rows.inverses = rows.coefs.values().to_vec();
        batch_inversion(&mut rows.inverses);
        rows
    }

    pub fn len(&self) -> usize {
        self.shapes.len()
    }

    pub fn lc(&self, terms: &[Term]) -> Lc {
        terms.iter().map(|t| (t.wire, self.coefs.get(t.coef))).collect()
    }

    /// `factor * other = c` as `0 = c - factor * other`.
    fn push_linear(&mut self, factor: Option<u32>, other: &[Term], c: &[Term]) {
        let factor = factor.map_or(Fr::ZERO, |index| self.coefs.get(index));
        let combined = match factor.is_zero() {
            true => self.lc(c),
            false => add_scaled(&self.lc(c), -factor, &self.lc(other)),
        };
        let row: Vec<Term> = combined
            .into_iter()
            .map(|(wire, value)| Term { wire, coef: self.coefs.intern(value) })
            .collect();
        self.a.push(&[]);
        self.b.push(&[]);
        self.c.push(&row);
        self.shapes.push(Shape::Product);
    }

    fn push(&mut self, a: &[Term], b: &[Term], c: &[Term]) {
        let shape = self.two_values(a, b, c).map_or(Shape::Product, |(wires, low, high)| {
            let root = |value: Fr| wires[0].1.inverse().map(|inverse| value * inverse);
            match (wires.len(), root(low), root(high)) {
                (1, Some(x), Some(y)) if x.is_zero() && y == Fr::ONE => Shape::Boolean(wires[0].0),
                (1, Some(x), Some(y)) if y.is_zero() && x == Fr::ONE => Shape::Boolean(wires[0].0),
                _ => Shape::TwoValued(low, high),
            }
        });
        self.a.push(a);
        self.b.push(b);
        self.c.push(c);
        self.shapes.push(shape);
    }

    /// If a, b and c are all functions of one combination L of wires (a's own) and the row is a
    /// quadratic equation in L with two different roots that need no square root: L and the roots.
    fn two_values(&self, a: &[Term], b: &[Term], c: &[Term]) -> Option<(Lc, Fr, Fr)> {
        let (a0, a) = self.split(a);
        let (b0, b) = self.split(b);
        let (c0, c) = self.split(c);
        let ratio_b = self.ratio(b, a)?;
        let ratio_c = if c.is_empty() { Fr::ZERO } else { self.ratio(c, a)? };
        // (L + a0)(ratio_b L + b0) = ratio_c L + c0, with ratio_b not zero.
        let inverse = ratio_b.inverse()?;
        let (low, high) = if c0 == ratio_c * a0 {
            // c is a multiple of a, perhaps by zero: a * (b - ratio_c) = 0.
            (-a0, (ratio_c - b0) * inverse)
        } else if c0 * ratio_b == ratio_c * b0 {
            // c is a multiple of b.
            (-b0 * inverse, ratio_c * inverse - a0)
        } else if a0 * b0 == c0 {
            (Fr::ZERO, (ratio_c - b0 - ratio_b * a0) * inverse)
        } else {
            return None;
        };
        (low != high).then(|| (self.lc(a), low, high))
    }

    /// The constant and the rest.
    fn split<'t>(&self, terms: &'t [Term]) -> (Fr, &'t [Term]) {
        match terms.split_first() {
            Some((first, rest)) if first.wire == 0 => (self.coefs.get(first.coef), rest),
            _ => (Fr::ZERO, terms),
        }
    }

    /// The factor k with `x = k * y`, if both name the same wires in the same proportion.
    fn ratio(&self, x: &[Term], y: &[Term]) -> Option<Fr> {
        let same_wires = x.len() == y.len() && x.iter().zip(y).all(|(s, t)| s.wire == t.wire);
        if !same_wires || x.is_empty() {
            return None;
        }
        if x == y {
            return Some(Fr::ONE);
        }
        let get = |t: &Term| self.coefs.get(t.coef);
        let ratio = get(&x[0]) * get(&y[0]).inverse()?;
        x.iter().zip(y).all(|(s, t)| get(s) == ratio * get(t)).then_some(ratio)
    }
}

/// For a combination without wires: its constant's coefficient index, or `None` inside for zero.
fn constant(terms: &[Term]) -> Option<Option<u32>> {
    match terms {
        [] => Some(None),
        [only] if only.wire == 0 => Some(Some(only.coef)),
        _ => None,
    }
}
