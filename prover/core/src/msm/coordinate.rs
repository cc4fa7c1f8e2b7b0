//! The arithmetic of point additions on eight points at a time, with the bounds of each step.
#![allow(clippy::needless_range_loop)]

use super::kernel::RowOf;
use super::rows::{Components, Row1, Row2};
use crate::lanes::{Isa, Lanes, Lanes2, Word, LANES};
use ark_bn254::{g1, g2, Fq, Fq2, Fr};
use ark_ec::short_weierstrass::SWCurveConfig;
use ark_ff::Field;

/// Coordinates of eight points, for formulas that serve both curves.
///
/// Bounds, on each component: *reduced* is below 9/8 p, a *product* below 7/4 p, a *difference* below
/// 4 p.
pub trait Coordinate: Copy + Send {
    type Isa: Isa;
    type Scalar: Components;
    type Curve: SWCurveConfig<ScalarField = Fr, BaseField = Self::Scalar>;
    /// Vectors that share an inversion: what is kept of them, 25 coordinate components a vector, the points
    /// of as many again and the sums of two batches of chunks about fill the second cache, 1 MB.
    const BATCH: usize;

    fn one(isa: Self::Isa) -> Self;
    /// A factor below 6 p and a difference in, product out.
    fn mul(self, other: Self) -> Self;
    /// Below 2 p in, product out.
    fn square(self) -> Self;
    /// Below 2 p in, difference out.
    fn minus(self, other: Self) -> Self;
    /// Below 2 p in, difference out.
    fn double(self) -> Self;
    /// `other - self` of reduced values, `other` negated in the lanes of the mask: below 6 p.
    fn rise_to(self, other: Self, negated: u8) -> Self;
    /// Three times a product, reduced.
    fn triple(self) -> Self;
    /// The third x of a chord: the square of its slope, a product, less `self` and `self + run`.
    /// `self` is reduced and `run` [`Self::minus`] of another reduced value and it. Reduced.
    fn third(self, run: Self, square: Self) -> Self;
    /// `self` less that x: below 6 p.
    fn minus_third(self, run: Self, square: Self) -> Self;
    /// A product minus a reduced value, reduced.
    fn reduced_minus(self, a: Self) -> Self;
    fn to_array(self) -> [Self::Scalar; LANES];
    fn from_array(isa: Self::Isa, values: [Self::Scalar; LANES]) -> Self;
    /// x and y, reduced.
    fn load(isa: Self::Isa, rows: &[&RowOf<Self::Curve>; LANES]) -> (Self, Self);
    /// Takes reduced values.
    fn store(x: Self, y: Self, rows: &mut [RowOf<Self::Curve>; LANES]);
}

/// Loads 64 bytes from each of eight rows as two coordinates.
#[inline(always)]
fn load_half<I: Isa>(isa: I, halves: [&[u64; 8]; LANES]) -> (Lanes<Fq, I>, Lanes<Fq, I>) {
    let mut words = [I::Word::splat(isa, 0); LANES];
    for i in 0..LANES {
        words[i] = I::Word::load(isa, halves[i]);
    }
    let [a, b, c, d, e, f, g, h] = I::Word::transpose(words);
    (Lanes::from_columns([a, b, c, d]), Lanes::from_columns([e, f, g, h]))
}

#[inline(always)]
fn store_half<I: Isa>(first: Lanes<Fq, I>, second: Lanes<Fq, I>) -> [I::Word; LANES] {
    let ([a, b, c, d], [e, f, g, h]) = (first.to_columns(), second.to_columns());
    I::Word::transpose([a, b, c, d, e, f, g, h])
}

impl<I: Isa> Coordinate for Lanes<Fq, I> {
    type Isa = I;
    type Scalar = Fq;
    type Curve = g1::Config;
    const BATCH: usize = 256;

    #[inline(always)]
    fn one(isa: I) -> Self {
        Self::splat(isa, Fq::ONE)
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        // 24 / 84 + 8/7 < 7/4.
        debug_assert!(self.below(6) && other.below(4));
        Lanes::mul(self, other)
    }

    #[inline(always)]
    fn square(self) -> Self {
        debug_assert!(self.below(2));
        Lanes::square(self)
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        self.sub::<2>(other)
    }

    #[inline(always)]
    fn double(self) -> Self {
        self.add_raw(self).normal()
    }

    #[inline(always)]
    fn triple(self) -> Self {
        self.add_raw(self).add_raw(self).reduced()
    }

    #[inline(always)]
    fn rise_to(self, other: Self, negated: u8) -> Self {
        // In (3/4 p, 33/8 p).
        Lanes::zero(self.isa()).sub_raw::<3>(self).sub_signed(other, !negated).normal()
    }

    #[inline(always)]
    fn third(self, run: Self, square: Self) -> Self {
        // `self + run` is 2 p and the other x, so this is in (3/4 p, 19/4 p).
        square.sub_raw::<5>(run).sub_raw(self).sub_raw(self).reduced()
    }

    #[inline(always)]
    fn minus_third(self, run: Self, square: Self) -> Self {
        // In (1/4 p, 43/8 p), for the same reason.
        run.add_raw(self).add_raw(self).add_raw(self).sub_raw(square).normal()
    }

    #[inline(always)]
    fn reduced_minus(self, a: Self) -> Self {
        // In (7/8 p, 15/4 p).
        self.sub_raw::<2>(a).reduced()
    }

    fn to_array(self) -> [Fq; LANES] {
        Lanes::to_array(self)
    }

    fn from_array(isa: I, values: [Fq; LANES]) -> Self {
        Lanes::from_array(isa, values)
    }

    #[inline(always)]
    fn load(isa: I, rows: &[&Row1; LANES]) -> (Self, Self) {
        let mut halves = [&rows[0].0; LANES];
        for i in 1..LANES {
            halves[i] = &rows[i].0;
        }
        load_half(isa, halves)
    }

    #[inline(always)]
    fn store(x: Self, y: Self, rows: &mut [Row1; LANES]) {
        for (row, word) in rows.iter_mut().zip(store_half(x, y)) {
            word.store(&mut row.0);
        }
    }
}

/// The two cache lines of a G2 point: x and y.
#[inline(always)]
fn lines(row: &Row2) -> (&[u64; 8], &[u64; 8]) {
    let (lines, _) = row.0.as_chunks::<8>();
    (&lines[0], &lines[1])
}

impl<I: Isa> Coordinate for Lanes2<Fq, I> {
    type Isa = I;
    type Scalar = Fq2;
    type Curve = g2::Config;
    const BATCH: usize = 128;

    #[inline(always)]
    fn one(isa: I) -> Self {
        Lanes2::one(isa)
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        // 48 / 84 + 8/7 < 7/4.
        debug_assert!(self.re.below(6) && self.im.below(6));
        debug_assert!(other.re.below(4) && other.im.below(4));
        Lanes2::mul(self, other)
    }

    #[inline(always)]
    fn square(self) -> Self {
        debug_assert!(self.re.below(2) && self.im.below(2));
        Lanes2::square(self)
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        Self { re: self.re.minus(other.re), im: self.im.minus(other.im) }
    }

    #[inline(always)]
    fn double(self) -> Self {
        Self { re: self.re.double(), im: self.im.double() }
    }

    #[inline(always)]
    fn triple(self) -> Self {
        Self { re: self.re.triple(), im: self.im.triple() }
    }

    #[inline(always)]
    fn rise_to(self, other: Self, negated: u8) -> Self {
        Self { re: self.re.rise_to(other.re, negated), im: self.im.rise_to(other.im, negated) }
    }

    #[inline(always)]
    fn third(self, run: Self, square: Self) -> Self {
        Self { re: self.re.third(run.re, square.re), im: self.im.third(run.im, square.im) }
    }

    #[inline(always)]
    fn minus_third(self, run: Self, square: Self) -> Self {
        Self {
            re: self.re.minus_third(run.re, square.re),
            im: self.im.minus_third(run.im, square.im),
        }
    }

    #[inline(always)]
    fn reduced_minus(self, a: Self) -> Self {
        Self { re: self.re.reduced_minus(a.re), im: self.im.reduced_minus(a.im) }
    }

    fn to_array(self) -> [Fq2; LANES] {
        let (re, im) = (self.re.to_array(), self.im.to_array());
        std::array::from_fn(|lane| Fq2::new(re[lane], im[lane]))
    }

    fn from_array(isa: I, values: [Fq2; LANES]) -> Self {
        Self {
            re: Lanes::from_array(isa, values.map(|value| value.c0)),
            im: Lanes::from_array(isa, values.map(|value| value.c1)),
        }
    }

    #[inline(always)]
    fn load(isa: I, rows: &[&Row2; LANES]) -> (Self, Self) {
        let (mut x, mut y) = ([lines(rows[0]).0; LANES], [lines(rows[0]).1; LANES]);
        for i in 1..LANES {
            (x[i], y[i]) = lines(rows[i]);
        }
        let ((x_re, x_im), (y_re, y_im)) = (load_half(isa, x), load_half(isa, y));
        (Self { re: x_re, im: x_im }, Self { re: y_re, im: y_im })
    }

    #[inline(always)]
    fn store(x: Self, y: Self, rows: &mut [Row2; LANES]) {
        let (x, y) = (store_half(x.re, x.im), store_half(y.re, y.im));
        for ((row, x), y) in rows.iter_mut().zip(x).zip(y) {
            let (lines, _) = row.0.as_chunks_mut::<8>();
            x.store(&mut lines[0]);
            y.store(&mut lines[1]);
        }
    }
}
