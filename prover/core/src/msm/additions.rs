//! What the kernel compiles for a processor's instructions: additions and doublings of many points that
//! share one inversion, eight points at a time.
//!
//! On the way to the inversion the products of all divisors before are kept, on the way back they give
//! each its own inverse.
#![allow(clippy::needless_range_loop)]

use super::coordinate::Coordinate;
use super::kernel::{Chunks, EqualX, Pair, Points, RowOf, CHUNK_PAIRS, WIDTH};
use super::rows::Components;
use crate::lanes::{Isa, Task, LANES};
use ark_ff::Field;

/// How many vectors ahead points are asked for: 128 cache lines in G1, a quarter of the first cache.
const AHEAD: usize = 8;

/// x and y of eight points.
pub type Eight<C> = (C, C);

/// What is kept of each vector on the way to the inversion, so that points are gathered once and
/// differences made once.
#[derive(Clone, Copy)]
pub struct Kept<C> {
    x: C,
    y: C,
    /// The other points' x less this one, which divides the slope.
    run: C,
    other_y: C,
    /// The product of the divisors before.
    before: C,
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

/// Where eight sums go.
pub trait Place<C: Coordinate> {
    fn put(&mut self, sums: Eight<C>);
}

impl<C: Coordinate> Place<C> for [RowOf<C::Curve>; WIDTH] {
    #[inline(always)]
    fn put(&mut self, (x, y): Eight<C>) {
        C::store(x, y, self);
    }
}

impl<C: Coordinate> Place<C> for Eight<C> {
    #[inline(always)]
    fn put(&mut self, sums: Eight<C>) {
        *self = sums;
    }
}

pub struct Add<'a, C: Coordinate, P> {
    pub points: Points<'a, RowOf<C::Curve>>,
    pub pairs: &'a [[Pair; WIDTH]],
    /// The pairs of the next batch: their points come from memory while this one's sums are made.
    pub next: &'a [[Pair; WIDTH]],
    pub out: &'a mut [P],
    pub kept: &'a mut Vec<Kept<C>>,
}

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
        left[i] = points.get(pairs[i][0]);
        right[i] = points.get(pairs[i][1]);
        isa.prefetch(left[i]);
        isa.prefetch(right[i]);
    }
}

/// Asks for the points' cache lines.
#[inline(always)]
fn ask<R, I: Isa>(isa: I, points: Points<'_, R>, pairs: &[Pair; WIDTH]) {
    for [left, right] in pairs {
        isa.prefetch(points.get(*left));
        isa.prefetch(points.get(*right));
    }
}

/// Bit i: whether references i have different signs.
#[inline(always)]
fn differing(signs: impl Fn(usize) -> Pair) -> u8 {
    let mut out = 0;
    for i in 0..WIDTH {
        let [left, right] = signs(i);
        out |= u8::from(left.is_negative() != right.is_negative()) << i;
    }
    out
}

impl<C: Coordinate, P: Place<C>> Task<C::Isa> for Add<'_, C, P> {
    type Output = Result<(), EqualX>;

    #[inline(always)]
    fn run(self, isa: C::Isa) -> Result<(), EqualX> {
        let Self { points, pairs: all, next, out, kept } = self;
        let Some([[first, _], ..]) = all.first() else { return Ok(()) };
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
            let slope = y.rise_to(*other_y, differing(|i| pairs[i])).mul(own);
            out.put(chord(*x, *y, *run, slope));
        }
        Ok(())
    }
}

/// Adds to each sum within chunks the one that is `step` pairs further on.
pub struct Merge<'a, C: Coordinate> {
    pub chunks: &'a [Chunks],
    pub sums: &'a mut [[Eight<C>; CHUNK_PAIRS]],
    pub step: usize,
    pub kept: &'a mut Vec<Kept<C>>,
}

impl<C: Coordinate> Task<C::Isa> for Merge<'_, C> {
    type Output = Result<(), EqualX>;

    #[inline(always)]
    fn run(self, isa: C::Isa) -> Result<(), EqualX> {
        let Self { chunks, sums, step, kept } = self;
        let mut product = C::one(isa);
        let each = CHUNK_PAIRS / (2 * step);
        let kept = room(kept, sums.len() * each, product);
        for (sums, kept) in sums.iter().zip(kept.chunks_exact_mut(each)) {
            for (at, kept) in (0..CHUNK_PAIRS).step_by(2 * step).zip(kept) {
                kept.run = sums[at + step].0.minus(sums[at].0);
                kept.before = product;
                product = product.mul(kept.run);
            }
        }
        let mut inverse = invert(isa, product).ok_or(EqualX)?;
        let all = chunks.iter().zip(sums).zip(kept.chunks_exact(each));
        for ((chunks, sums), kept) in all.rev() {
            for (at, kept) in (0..CHUNK_PAIRS).step_by(2 * step).zip(kept).rev() {
                let Kept { run, before, .. } = kept;
                let ((x, y), (_, other_y)) = (sums[at], sums[at + step]);
                let own = inverse.mul(*before);
                inverse = inverse.mul(*run);
                let signs = differing(|i| [chunks[at][i][0], chunks[at + step][i][0]]);
                let slope = y.rise_to(other_y, signs).mul(own);
                sums[at] = chord(x, y, *run, slope);
            }
        }
        Ok(())
    }
}

/// Writes the first sum of each eight chunks.
pub struct Store<'a, C: Coordinate> {
    pub sums: &'a [[Eight<C>; CHUNK_PAIRS]],
    pub out: &'a mut [[RowOf<C::Curve>; WIDTH]],
}

impl<C: Coordinate> Task<C::Isa> for Store<'_, C> {
    type Output = ();

    #[inline(always)]
    fn run(self, _: C::Isa) {
        for ([(x, y), ..], out) in self.sums.iter().zip(self.out) {
            C::store(*x, *y, out);
        }
    }
}

pub struct Double<'a, C: Coordinate> {
    pub rows: &'a mut [[RowOf<C::Curve>; WIDTH]],
    pub kept: &'a mut Vec<Kept<C>>,
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
