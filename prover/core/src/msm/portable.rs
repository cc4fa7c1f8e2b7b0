//! The kernel for every processor: arkworks' arithmetic, one point after another.

use super::kernel::{EqualX, Kernel, Pair, Points, RowOf, WIDTH};
use super::rows::Components;
use ark_bn254::{Fq, Fr};
use ark_ec::short_weierstrass::{Affine, SWCurveConfig};
use ark_ff::{AdditiveGroup, BigInt, Field, Zero};
use std::marker::PhantomData;

/// Additions that share an inversion: many enough that its cost vanishes, few enough for the cache.
const BATCH: usize = 512 / WIDTH;

pub struct Portable<P>(PhantomData<P>);

impl<P> Clone for Portable<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Portable<P> {}

impl<P> Default for Portable<P> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

pub struct Scratch<F> {
    before: Vec<F>,
}

impl<F> Default for Scratch<F> {
    fn default() -> Self {
        Self { before: Vec::new() }
    }
}

impl<P> Kernel for Portable<P>
where
    P: SWCurveConfig<ScalarField = Fr, BaseField: Components>,
{
    type Curve = P;
    type Scratch = Scratch<P::BaseField>;
    const NAME: &'static str = "radix 2^256";

    #[inline]
    fn encode(value: Fq) -> [u64; 4] {
        value.0 .0
    }

    #[inline]
    fn decode(plain: [u64; 4]) -> Fq {
        Fq::new_unchecked(BigInt(plain))
    }

    fn add(
        self,
        points: Points<'_, RowOf<P>>,
        pairs: &[[Pair; WIDTH]],
        out: &mut [[RowOf<P>; WIDTH]],
        scratch: &mut Self::Scratch,
    ) -> Result<(), EqualX> {
        for (pairs, out) in pairs.chunks(BATCH).zip(out.chunks_mut(BATCH)) {
            let (pairs, out) = (pairs.as_flattened(), out.as_flattened_mut());
            let mut product = P::BaseField::ONE;
            scratch.before.clear();
            for [left, right] in pairs {
                scratch.before.push(product);
                product *= Self::read(points.get(*right)).x - Self::read(points.get(*left)).x;
            }
            let mut inverse = product.inverted().ok_or(EqualX)?;
            for (([left, right], out), before) in pairs.iter().zip(out).zip(&scratch.before).rev() {
                let relative = right.negated_if(left.is_negative());
                let left = Self::read(points.get(*left));
                let right = Self::read_signed(points, relative);
                let run = right.x - left.x;
                let slope = (right.y - left.y) * (inverse * before);
                inverse *= run;
                *out = Self::write(&chord(&left, right.x, slope));
            }
        }
        Ok(())
    }

    fn double(self, rows: &mut [[RowOf<P>; WIDTH]], times: u32, scratch: &mut Self::Scratch) {
        for rows in rows.chunks_mut(BATCH) {
            let rows = rows.as_flattened_mut();
            for _ in 0..times {
                let mut product = P::BaseField::ONE;
                scratch.before.clear();
                for row in rows.iter() {
                    scratch.before.push(product);
                    product *= Self::read(row).y.double();
                }
                // Points of odd order have y other than 0.
                let mut inverse = product.inverted().unwrap_or_else(P::BaseField::zero);
                for (row, before) in rows.iter_mut().zip(&scratch.before).rev() {
                    let point = Self::read(row);
                    let square = point.x.square();
                    let slope = (square.double() + square) * (inverse * before);
                    inverse *= point.y.double();
                    *row = Self::write(&chord(&point, point.x, slope));
                }
            }
        }
    }
}

/// The third point of the line of this slope, reflected: the sum of `point` and the one at `x`.
#[inline]
fn chord<P: SWCurveConfig>(point: &Affine<P>, x: P::BaseField, slope: P::BaseField) -> Affine<P> {
    let sum = slope.square() - point.x - x;
    Affine::new_unchecked(sum, slope * (point.x - sum) - point.y)
}
