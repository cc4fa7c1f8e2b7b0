//! Points that are fixed for many sums, with multiples of them.

use super::combine::combine;
use super::digits::sort;
use super::groups::{sums, Workspaces};
use super::kernel::{Kernel, RowOf, WIDTH};
use super::rows::Components;
use super::shape::Shape;
use super::{FixedBases, Load};
use crate::error::{demand, Result};
use crate::formats::container::{put_u32, Cursor};
use crate::store::{put_words, take_words, Rows, Source};
use crate::wiped::Wiped;
use ark_bn254::Fr;
use ark_ec::short_weierstrass::{Affine, Projective};
use ark_ec::{AffineRepr, CurveConfig};
use ark_ff::{BigInt, BigInteger, PrimeField, Zero};
use rayon::prelude::*;
use std::collections::hash_map::{Entry, HashMap};
use std::sync::Arc;

/// Vectors that a task doubles at a time.
const BUILD: usize = 256;

/// Which scalars belong to which point of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Positions {
    /// The scalar of each distinct finite point.
    own: Vec<u32>,
    /// Scalars to add to those of point `.0`, or to subtract from them.
    repeats: Vec<(u32, u32, bool)>,
}

impl Positions {
    /// Drops points at infinity and finds points that repeat with either sign.
    pub fn new<K: Kernel>(points: &[Affine<K::Curve>]) -> Self {
        let mut out = Self::default();
        let mut seen = HashMap::with_capacity(points.len());
        for (index, point) in points.iter().enumerate().filter(|(_, point)| !point.is_zero()) {
            match seen.entry(point.x) {
                Entry::Vacant(entry) => {
                    entry.insert(out.own.len() as u32);
                    out.own.push(index as u32);
                }
                Entry::Occupied(entry) => {
                    let first = *entry.get();
                    let opposite = points[out.own[first as usize] as usize].y != point.y;
                    out.repeats.push((first, index as u32, opposite));
                }
            }
        }
        out
    }

    fn put(&self, out: &mut Vec<u8>) {
        put_words(out, &self.own);
        let repeat =
            |(point, scalar, opposite): &(u32, u32, bool)| [*point, *scalar, u32::from(*opposite)];
        let repeats: Vec<u32> = self.repeats.iter().flat_map(repeat).collect();
        put_words(out, &repeats);
    }

    fn take(cursor: &mut Cursor<'_>, scalars: usize) -> Result<Self> {
        let own = take_words(cursor)?;
        let words = take_words(cursor)?;
        let repeats: Vec<_> = words
            .as_chunks()
            .0
            .iter()
            .map(|[point, scalar, sign]| (*point, *scalar, *sign == 1))
            .collect();
        let inside = |scalar: &u32| (*scalar as usize) < scalars;
        let known =
            |(point, scalar, _): &(u32, u32, bool)| (*point as usize) < own.len() && inside(scalar);
        demand(
            own.iter().all(inside) && repeats.iter().all(known),
            "the table has a point for a scalar that does not exist",
        )?;
        Ok(Self { own, repeats })
    }

    /// One scalar a distinct point.
    fn gather(&self, scalars: &[BigInt<4>]) -> Wiped<BigInt<4>> {
        let own = self.own.iter().map(|index| scalars[*index as usize]);
        let mut out = Wiped::new(own.collect::<Vec<_>>());
        for (point, index, opposite) in &self.repeats {
            let sum = &mut out[*point as usize];
            add_scalar(sum, &scalars[*index as usize], *opposite);
        }
        out
    }
}

/// Adds or subtracts a scalar modulo r; both are below r.
fn add_scalar(sum: &mut BigInt<4>, scalar: &BigInt<4>, subtract: bool) {
    if subtract {
        if *sum < *scalar {
            sum.add_with_carry(&Fr::MODULUS);
        }
        sum.sub_with_borrow(scalar);
    } else {
        sum.add_with_carry(scalar);
        if *sum >= Fr::MODULUS {
            sum.sub_with_borrow(&Fr::MODULUS);
        }
    }
}

pub struct Table<K: Kernel> {
    kernel: K,
    shape: Shape,
    positions: Positions,
    rows: Rows<RowOf<K::Curve>>,
    spaces: Arc<Workspaces<K>>,
}

/// A table as it is written to a file.
pub struct Stored<'a> {
    pub head: Vec<u8>,
    pub rows: &'a [u8],
}

impl<K: Kernel> Table<K> {
    pub fn new(
        kernel: K,
        points: &[Affine<K::Curve>],
        load: Load,
        spaces: Arc<Workspaces<K>>,
    ) -> Self {
        let positions = Positions::new::<K>(points);
        let shape = Shape::choose(
            positions.own.len(),
            load.density,
            load.budget / size_of::<RowOf<K::Curve>>(),
        );
        let distinct: Vec<_> = positions.own.iter().map(|i| points[*i as usize]).collect();
        let rows = Rows::Own(multiples(kernel, &distinct, &shape).into_flattened());
        Self { kernel, shape, positions, rows, spaces }
    }

    /// Refuses a head that describes no table of `scalars` scalars, and rows that it does not
    /// describe. The rows themselves are taken as they are.
    pub fn open(
        kernel: K,
        mut source: Source<'_>,
        scalars: usize,
        spaces: Arc<Workspaces<K>>,
    ) -> Result<Self> {
        let head = &mut source.head;
        let (points, bits, stride) = (head.count()?, head.u32()?, head.u32()?);
        let shape = Shape::checked(points, bits, stride)?;
        let positions = Positions::take(head, scalars)?;
        head.finish()?;
        demand(
            positions.own.len().next_multiple_of(WIDTH) == shape.points,
            "the table has another number of points than its shape",
        )?;
        let rows = Rows::<RowOf<K::Curve>>::mapped(source.file, source.at)?;
        demand(rows.len() == shape.rows(), "the table has another number of rows than its shape")?;
        Ok(Self { kernel, shape, positions, rows, spaces })
    }
}

/// All rows: the points, then those times 2^step, and so on.
fn multiples<K: Kernel>(
    kernel: K,
    points: &[Affine<K::Curve>],
    shape: &Shape,
) -> Vec<[RowOf<K::Curve>; WIDTH]> {
    let zero = <<K::Curve as CurveConfig>::BaseField as Components>::ZERO_ROW;
    let level = shape.points / WIDTH;
    let mut rows = vec![[zero; WIDTH]; level * shape.levels()];
    if let Some(last) = points.last() {
        // Places beyond the last point hold it again, for doubling wants finite points.
        let (first, _) = rows.split_at_mut(level);
        let padded = points.par_iter().map(|point| K::write(point));
        let padded =
            padded.chain(rayon::iter::repeat_n(K::write(last), first.len() * WIDTH - points.len()));
        first.as_flattened_mut().par_iter_mut().zip(padded).for_each(|(row, point)| *row = point);
    }
    for index in 1..shape.levels() {
        let (done, rest) = rows.split_at_mut(index * level);
        let (from, to) = (&done[(index - 1) * level..], &mut rest[..level]);
        to.par_chunks_mut(BUILD).zip(from.par_chunks(BUILD)).for_each_init(
            K::Scratch::default,
            |scratch, (to, from)| {
                to.copy_from_slice(from);
                kernel.double(to, shape.step(), scratch);
            },
        );
    }
    rows
}

impl<K: Kernel> FixedBases for Table<K> {
    type Group = Projective<K::Curve>;

    fn sum(&self, scalars: &[BigInt<4>]) -> Projective<K::Curve> {
        let own = self.positions.gather(scalars);
        let sorted = sort(&own, &self.shape);
        if sorted.len() == 0 {
            return Projective::zero();
        }
        let buckets = sums(self.kernel, &self.rows, &sorted, &self.spaces);
        combine(self.kernel, &buckets, &self.shape, &self.spaces)
    }

    fn bytes(&self) -> usize {
        size_of_val(&self.rows[..])
    }

    fn stored(&self) -> Stored<'_> {
        let mut head = Vec::new();
        put_u32(&mut head, self.shape.points);
        put_u32(&mut head, self.shape.bits as usize);
        put_u32(&mut head, self.shape.stride as usize);
        self.positions.put(&mut head);
        Stored { head, rows: self.rows.bytes() }
    }
}
