//! The kernel for processors with vector instructions: eight points at a time.
#![allow(clippy::needless_range_loop)]

use super::coordinate::Coordinate;
use super::kernel::{EqualX, Kernel, Pair, Points, RowOf, WIDTH};
use super::rows::Components;
use crate::lanes::{decode, encode, Isa, Task, LANES};
use ark_bn254::Fq;
use ark_ff::Field;

/// How many vectors ahead points are asked for: 128 cache lines in G1, a quarter of the first cache.
const AHEAD: usize = 8;

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
