//! Points that are fixed for many sums, with multiples of them.

use super::combine::combine;
use super::digits::sort;
use super::groups::{sums, Workspaces};
use super::kernel::{Kernel, RowOf, WIDTH};
use super::rows::Components;
use super::shape::Shape;
use super::{FixedBases, Load};
use ark_bn254::Fr;
use ark_ec::short_weierstrass::{Affine, Projective};
use ark_ec::{AffineRepr, CurveConfig};
use ark_ff::{BigInt, BigInteger, PrimeField, Zero};
use rayon::prelude::*;
use std::collections::hash_map::{Entry, HashMap};
use std::sync::Arc;
use zeroize::Zeroizing;

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

    /// One scalar a distinct point.
    fn gather(&self, scalars: &[BigInt<4>]) -> Zeroizing<Vec<BigInt<4>>> {
        let own = self.own.iter().map(|index| scalars[*index as usize]);
        let mut out = Zeroizing::new(own.collect::<Vec<_>>());
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
    rows: Vec<[RowOf<K::Curve>; WIDTH]>,
    spaces: Arc<Workspaces<K>>,
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
        let rows = multiples(kernel, &distinct, &shape);
        Self { kernel, shape, positions, rows, spaces }
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
        let buckets = sums(self.kernel, self.rows.as_flattened(), &sorted, &self.spaces);
        combine(self.kernel, &buckets, &self.shape, &self.spaces)
    }

    fn bytes(&self) -> usize {
        size_of_val(&self.rows[..])
    }
}
