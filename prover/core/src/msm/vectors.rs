//! The kernel for processors with vector instructions: eight points at a time.

use super::additions::{Add, Double, Eight, Kept, Merge, Store};
use super::coordinate::Coordinate;
use super::kernel::{Chunks, EqualX, Kernel, Pair, Points, RowOf, CHUNK_PAIRS, WIDTH};
use crate::lanes::{decode, encode, Isa};
use ark_bn254::Fq;

/// Batches of pairs of the table's points whose sums are then added up within their chunks.
const BATCHES: usize = 2;

/// The kernel of one curve, named by its coordinates.
#[derive(Clone, Copy)]
pub struct Vectors<C: Coordinate> {
    isa: C::Isa,
    coordinates: std::marker::PhantomData<fn() -> C>,
}

impl<C: Coordinate> Vectors<C> {
    /// Chunks, eight side by side, that are added up together: whole batches of pairs.
    const TOGETHER: usize = {
        assert!(C::BATCH.is_multiple_of(CHUNK_PAIRS));
        BATCHES * C::BATCH / CHUNK_PAIRS
    };

    pub fn new(isa: C::Isa) -> Self {
        Self { isa, coordinates: std::marker::PhantomData }
    }
}

pub struct Scratch<C> {
    kept: Vec<Kept<C>>,
    /// The sums within chunks.
    sums: Vec<[Eight<C>; CHUNK_PAIRS]>,
}

impl<C> Default for Scratch<C> {
    fn default() -> Self {
        Self { kept: Vec::new(), sums: Vec::new() }
    }
}

impl<C: Coordinate + 'static> Kernel for Vectors<C> {
    type Curve = C::Curve;
    type Scratch = Scratch<C>;
    const NAME: &'static str = "radix 2^260";
    const UNASKED: usize = C::BATCH * WIDTH;
    const CHUNKS: bool = true;

    fn encode(value: Fq) -> [u64; 4] {
        encode(value)
    }

    fn decode(plain: [u64; 4]) -> Fq {
        decode(plain)
    }

    #[inline(always)]
    fn ask(self, row: &RowOf<C::Curve>) {
        self.isa.prefetch(row);
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

    fn add_chunks(
        self,
        table: &[RowOf<C::Curve>],
        chunks: &[Chunks],
        out: &mut [[RowOf<C::Curve>; WIDTH]],
        scratch: &mut Scratch<C>,
    ) -> Result<(), EqualX> {
        let points = Points { table, pool: &[] };
        let Scratch { kept, sums } = scratch;
        if sums.len() < chunks.len().min(Self::TOGETHER) {
            let any = C::one(self.isa);
            sums.resize(chunks.len().min(Self::TOGETHER), [(any, any); CHUNK_PAIRS]);
        }
        let mut next = chunks.as_flattened().chunks(C::BATCH).skip(1);
        for (chunks, out) in chunks.chunks(Self::TOGETHER).zip(out.chunks_mut(Self::TOGETHER)) {
            let sums = &mut sums[..chunks.len()];
            let pairs = chunks.as_flattened().chunks(C::BATCH);
            for (pairs, out) in pairs.zip(sums.as_flattened_mut().chunks_mut(C::BATCH)) {
                let next = next.next().unwrap_or_default();
                self.isa.run(Add { points, pairs, next, out, kept })?;
            }
            let mut step = 1;
            while step < CHUNK_PAIRS {
                self.isa.run(Merge { chunks, sums, step, kept })?;
                step *= 2;
            }
            self.isa.run(Store { sums, out });
        }
        Ok(())
    }

    fn double(self, rows: &mut [[RowOf<C::Curve>; WIDTH]], times: u32, scratch: &mut Scratch<C>) {
        for rows in rows.chunks_mut(C::BATCH) {
            for _ in 0..times {
                self.isa.run(Double { rows, kept: &mut scratch.kept });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::kernel::{Ref, CHUNK};
    use super::super::rows::Components;
    use super::*;
    use crate::lanes::testing::each_isa;
    use crate::lanes::{Lanes, Lanes2};
    use ark_bn254::Fr;
    use ark_ec::short_weierstrass::{Affine, Projective};
    use ark_ec::{CurveGroup, PrimeGroup};
    use ark_ff::Zero;

    /// Whether the sum of each chunk is right, or `None` if the kernel refuses to add them. Chunk k is
    /// made of the points `logs[8 k..8 k + 8]`, with signs.
    fn sums_are_right<C: Coordinate + 'static>(
        isa: C::Isa,
        logs: &[i64],
        negative: impl Fn(usize) -> bool,
    ) -> Option<bool> {
        let kernel = Vectors::<C>::new(isa);
        let point = |log: &i64| Projective::<C::Curve>::generator() * Fr::from(*log);
        let points: Vec<_> = logs.iter().map(point).collect();
        let table: Vec<_> = points.iter().map(|p| Vectors::<C>::write(&p.into_affine())).collect();
        let at = |index: usize| Ref::table(index, negative(index));
        let eight = |first: usize| -> Chunks {
            std::array::from_fn(|pair| {
                std::array::from_fn(|lane| {
                    let index = (first * WIDTH + lane) * CHUNK + 2 * pair;
                    [at(index), at(index + 1)]
                })
            })
        };
        let chunks: Vec<Chunks> = (0..logs.len() / CHUNK / WIDTH).map(eight).collect();
        let zero = <C::Scalar as Components>::ZERO_ROW;
        let mut out = vec![[zero; WIDTH]; chunks.len()];
        kernel.add_chunks(&table, &chunks, &mut out, &mut Scratch::default()).ok()?;
        let right =
            points.chunks(CHUNK).zip(out.as_flattened()).enumerate().all(|(k, (own, row))| {
                let signed = |(i, point): (usize, &Projective<C::Curve>)| {
                    if negative(k * CHUNK + i) != negative(k * CHUNK) {
                        -*point
                    } else {
                        *point
                    }
                };
                let mut sum = Projective::<C::Curve>::zero();
                own.iter().enumerate().map(signed).for_each(|point| sum += point);
                Affine::from(sum) == Vectors::<C>::read(row)
            });
        Some(right)
    }

    fn check<C: Coordinate + 'static>(isa: C::Isa, vectors: usize) {
        let logs: Vec<i64> =
            (1..=(vectors * WIDTH * CHUNK) as i64).map(|i| i * i * i + 5).collect();
        for sign in [|_| false, |i| i % 3 == 0, |i| i * i % 7 < 3, |_| true] {
            assert_eq!(sums_are_right::<C>(isa, &logs, sign), Some(true));
        }
        // Summands with one x, of either sign, on each level of a chunk.
        let first = 5 * CHUNK;
        for half in [1, 2, 4] {
            for sign in [1, -1] {
                let mut logs = logs.clone();
                let left: i64 = logs[first..first + half].iter().sum();
                let right: i64 = logs[first + half..first + 2 * half - 1].iter().sum();
                logs[first + 2 * half - 1] = sign * left - right;
                assert_eq!(sums_are_right::<C>(isa, &logs, |_| false), None, "{half} {sign}");
            }
        }
    }

    #[test]
    fn chunks_of_points_are_added_up_in_g1() {
        // More than are added up together, and a part of a batch.
        let many = Vectors::<Lanes<Fq, crate::lanes::Plain>>::TOGETHER + 3;
        each_isa!(isa => check::<Lanes<Fq, _>>(isa, 2));
        each_isa!(isa => {
            let logs: Vec<i64> = (1..=(many * WIDTH * CHUNK) as i64).map(|i| i * i + 1).collect();
            assert_eq!(sums_are_right::<Lanes<Fq, _>>(isa, &logs, |i| i % 5 < 2), Some(true));
        });
    }

    #[test]
    fn chunks_of_points_are_added_up_in_g2() {
        each_isa!(isa => check::<Lanes2<Fq, _>>(isa, 1));
    }
}
