//! The kernel for processors with vector instructions: eight points at a time.
#![allow(clippy::needless_range_loop)]

use super::kernel::{EqualX, Kernel, Pair, Points, RowOf, WIDTH};
use super::rows::{Components, Row1, Row2};
use crate::lanes::{decode, encode, Isa, Lanes, Lanes2, Task, Word, LANES};
use ark_bn254::{g1, g2, Fq, Fq2, Fr};
use ark_ec::short_weierstrass::SWCurveConfig;
use ark_ff::Field;

/// How many vectors ahead points are asked for: 128 cache lines in G1, a quarter of the first cache.
const AHEAD: usize = 8;

/// Coordinates of eight points, for formulas that serve both curves.
///
/// Bounds, on each component: *reduced* is below 9/8 p, a *product* below 7/4 p, a *difference* below
/// 4 p.
pub trait Coordinate: Copy + Send {
    type Isa: Isa;
    type Scalar: Components;
    type Curve: SWCurveConfig<ScalarField = Fr, BaseField = Self::Scalar>;
    /// Vectors that share an inversion: what is kept of them, 25 coordinate components a vector, and the
    /// points of as many again stay in the second cache.
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

/// The kernel of one curve, named by its coordinates.
#[derive(Clone, Copy)]
pub struct Vectors<C: Coordinate> {
    isa: C::Isa,
    coordinates: std::marker::PhantomData<fn() -> C>,
}

impl<C: Coordinate> Vectors<C> {
    pub fn new(isa: C::Isa) -> Self {
        Self { isa, coordinates: std::marker::PhantomData }
    }
}

/// What is kept of each vector on the way to the inversion, so that points are gathered once and
/// differences made once.
pub struct Scratch<C> {
    kept: Vec<Kept<C>>,
}

impl<C> Default for Scratch<C> {
    fn default() -> Self {
        Self { kept: Vec::new() }
    }
}

#[derive(Clone, Copy)]
struct Kept<C> {
    x: C,
    y: C,
    /// The other points' x less this one, which divides the slope.
    run: C,
    other_y: C,
    /// The product of the divisors before.
    before: C,
}

impl<C: Coordinate + 'static> Kernel for Vectors<C> {
    type Curve = C::Curve;
    type Scratch = Scratch<C>;
    const NAME: &'static str = "radix 2^260";
    const UNASKED: usize = C::BATCH * WIDTH;

    fn encode(value: Fq) -> [u64; 4] {
        encode(value)
    }

    fn decode(plain: [u64; 4]) -> Fq {
        decode(plain)
    }

    fn add(
        self,
        points: Points<'_, RowOf<C::Curve>>,
        pairs: &[[Pair; WIDTH]],
        out: &mut [[RowOf<C::Curve>; WIDTH]],
        scratch: &mut Scratch<C>,
    ) -> Result<(), EqualX> {
        let kept = &mut scratch.kept;
        let mut next = pairs.chunks(C::BATCH).skip(1);
        for (pairs, out) in pairs.chunks(C::BATCH).zip(out.chunks_mut(C::BATCH)) {
            let next = next.next().unwrap_or_default();
            self.isa.run(Add { points, pairs, next, out, kept })?;
        }
        Ok(())
    }

    #[inline(always)]
    fn ask(self, row: &RowOf<C::Curve>) {
        self.isa.prefetch(row);
    }

    fn double(self, rows: &mut [[RowOf<C::Curve>; WIDTH]], times: u32, scratch: &mut Scratch<C>) {
        for rows in rows.chunks_mut(C::BATCH) {
            for _ in 0..times {
                self.isa.run(Double { rows, kept: &mut scratch.kept });
            }
        }
    }
}

/// So many, to be filled.
#[inline(always)]
fn room<C: Coordinate>(kept: &mut Vec<Kept<C>>, count: usize, any: C) -> &mut [Kept<C>] {
    if kept.len() < count {
        kept.resize(count, Kept { x: any, y: any, run: any, other_y: any, before: any });
    }
    &mut kept[..count]
}

/// The inverse of every lane, or `None` if one of them is zero.
#[inline(always)]
fn invert<C: Coordinate>(isa: C::Isa, product: C) -> Option<C> {
    let lanes = product.to_array();
    let mut inverses = [C::Scalar::ONE; LANES];
    for i in 1..LANES {
        inverses[i] = inverses[i - 1] * lanes[i - 1];
    }
    let mut inverse = (inverses[LANES - 1] * lanes[LANES - 1]).inverted()?;
    for i in (0..LANES).rev() {
        inverses[i] *= inverse;
        inverse *= lanes[i];
    }
    Some(C::from_array(isa, inverses))
}

/// The sum of a point and another one, from the other x less this one and the slope of the chord. Both
/// of its coordinates start from the square, so that neither waits for the other.
#[inline(always)]
fn chord<C: Coordinate>(x: C, y: C, run: C, slope: C) -> (C, C) {
    let square = slope.square();
    let sum_y = x.minus_third(run, square).mul(slope).reduced_minus(y);
    (x.third(run, square), sum_y)
}

struct Add<'a, C: Coordinate> {
    points: Points<'a, RowOf<C::Curve>>,
    pairs: &'a [[Pair; WIDTH]],
    /// The pairs of the next batch: their points come from memory while this one's sums are made.
    next: &'a [[Pair; WIDTH]],
    out: &'a mut [[RowOf<C::Curve>; WIDTH]],
    kept: &'a mut Vec<Kept<C>>,
}

/// x and y of eight points.
type Eight<C> = (C, C);

/// The left and the right points of eight pairs.
type Found<'a, R> = ([&'a R; LANES], [&'a R; LANES]);

/// Finds the points and asks for their cache lines.
#[inline(always)]
fn find<'a, R, I: Isa>(
    isa: I,
    points: Points<'a, R>,
    pairs: &[Pair; WIDTH],
    (left, right): &mut Found<'a, R>,
) {
    for i in 0..LANES {
        left[i] = points.get(pairs[i].0);
        right[i] = points.get(pairs[i].1);
        isa.prefetch(left[i]);
        isa.prefetch(right[i]);
    }
}

/// Asks for the points' cache lines.
#[inline(always)]
fn ask<R, I: Isa>(isa: I, points: Points<'_, R>, pairs: &[Pair; WIDTH]) {
    for (left, right) in pairs {
        isa.prefetch(points.get(*left));
        isa.prefetch(points.get(*right));
    }
}

/// Bit i: whether the points of pair i have different signs.
#[inline(always)]
fn differing(pairs: &[Pair; WIDTH]) -> u8 {
    let mut out = 0;
    for i in 0..WIDTH {
        let (left, right) = pairs[i];
        out |= u8::from(left.is_negative() != right.is_negative()) << i;
    }
    out
}

impl<C: Coordinate> Task<C::Isa> for Add<'_, C> {
    type Output = Result<(), EqualX>;

    #[inline(always)]
    fn run(self, isa: C::Isa) -> Result<(), EqualX> {
        let Self { points, pairs: all, next, out, kept } = self;
        let Some([(first, _), ..]) = all.first() else { return Ok(()) };
        let mut found = [([points.get(*first); LANES], [points.get(*first); LANES]); AHEAD];
        for (found, pairs) in found.iter_mut().zip(all) {
            find(isa, points, pairs, found);
        }
        let mut product = C::one(isa);
        let kept = room(kept, all.len(), product);
        for (index, kept) in kept.iter_mut().enumerate() {
            let found = &mut found[index % AHEAD];
            let other_x;
            (kept.x, kept.y) = C::load(isa, &found.0);
            (other_x, kept.other_y) = C::load(isa, &found.1);
            if let Some(pairs) = all.get(index + AHEAD) {
                find(isa, points, pairs, found);
            }
            kept.run = other_x.minus(kept.x);
            kept.before = product;
            product = product.mul(kept.run);
        }
        let mut inverse = invert(isa, product).ok_or(EqualX)?;
        let mut next = next.iter();
        for ((pairs, out), kept) in all.iter().zip(out).zip(kept.iter()).rev() {
            let Kept { x, y, run, other_y, before } = kept;
            if let Some(next) = next.next() {
                ask(isa, points, next);
            }
            let own = inverse.mul(*before);
            inverse = inverse.mul(*run);
            let slope = y.rise_to(*other_y, differing(pairs)).mul(own);
            let (x, y) = chord(*x, *y, *run, slope);
            C::store(x, y, out);
        }
        Ok(())
    }
}

struct Double<'a, C: Coordinate> {
    rows: &'a mut [[RowOf<C::Curve>; WIDTH]],
    kept: &'a mut Vec<Kept<C>>,
}

#[inline(always)]
fn load_rows<C: Coordinate>(isa: C::Isa, rows: &[RowOf<C::Curve>; WIDTH]) -> Eight<C> {
    let [a, b, c, d, e, f, g, h] = rows;
    C::load(isa, &[a, b, c, d, e, f, g, h])
}

impl<C: Coordinate> Task<C::Isa> for Double<'_, C> {
    type Output = ();

    #[inline(always)]
    fn run(self, isa: C::Isa) {
        let Self { rows, kept } = self;
        let mut product = C::one(isa);
        let kept = room(kept, rows.len(), product);
        for (rows, kept) in rows.iter().zip(kept.iter_mut()) {
            (kept.x, kept.y) = load_rows::<C>(isa, rows);
            kept.before = product;
            product = product.mul(kept.y.double());
        }
        // Points of odd order have y other than 0.
        let Some(mut inverse) = invert(isa, product) else { return };
        for (rows, kept) in rows.iter_mut().zip(kept.iter()).rev() {
            let Kept { x, y, before, .. } = *kept;
            let own = inverse.mul(before);
            inverse = inverse.mul(y.double());
            let slope = x.square().triple().mul(own);
            let (x, y) = chord(x, y, x.minus(x), slope);
            C::store(x, y, rows);
        }
    }
}
