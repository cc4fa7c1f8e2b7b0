//! The transforms of the quotient, eight values at a time.
//!
//! A polynomial's values on the domain are taken to its coefficients by an inverse transform
//! (decimation in frequency, natural to bit-reversed order), scaled as the basis says, and taken to
//! values by a forward transform (decimation in time, bit-reversed to natural order): no reordering.
//! Both halves of the domain are handled from the first inverse to the last forward layer before the
//! layer above goes on, so small blocks stay in the cache.
//!
//! Scaling. Values come with radix 2^256 and are multiplied with radix 2^260. A value v in memory is
//! v 2^256; a product of two is u v 2^252. Twiddle factors have radix 2^260 and change nothing.
//!
//! Bounds. Twiddle factors are below 7/6 r. Going down, values are below 5/4 r. Going up,
//! layer k adds less than 2 r: values stay below (2 k + 2) r, at most 56 r for the largest domain of
//! 2^27.
#![allow(clippy::needless_range_loop)]

use super::fft::Basis;
use crate::error::{Error, Result};
use crate::lanes::{Isa, Lanes, Task, LANES};
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, FftField, Field};
use rayon::prelude::*;

pub(super) type Vector<I> = Lanes<Fr, I>;

/// Vectors that lanes are swapped with: a leaf of the recursion.
const LEAF: usize = LANES;
/// Vectors of a block that one task transforms, 80 KB.
const BLOCK: usize = 256;
/// Vectors that a parallel task handles at least.
pub(super) const MIN_TASK: usize = 256;

/// Values as vectors, wiped when dropped.
pub(super) struct Lane<I: Isa>(pub(super) Vec<Vector<I>>);

impl<I: Isa> Drop for Lane<I> {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(Lanes::wipe);
    }
}

pub struct Vectors<I: Isa> {
    pub(super) isa: I,
    inverse: Twiddles<I>,
    forward: Twiddles<I>,
    pub(super) basis: Basis,
    /// The scaling of coefficients in the order of the leaves.
    pub(super) scale: Vec<Vector<I>>,
}

/// Powers of a root.
struct Twiddles<I: Isa> {
    /// For each layer, largest first: as many powers as half a block has values.
    layers: Vec<Vec<Vector<I>>>,
    /// Powers of the root of order 8, each in all lanes.
    leaf: [Vector<I>; LEAF],
}

impl<I: Isa> Twiddles<I> {
    fn new(isa: I, order: usize, root: Fr) -> Self {
        let layer = |log: u32| {
            let vectors = (order / 2 / LANES) >> log;
            isa.run(Powers { factor: root.pow([1 << log]), vectors })
        };
        let layers = (0..).take_while(|log| (order / 2) >> log >= LANES).map(layer).collect();
        let leaf = powers(Fr::ONE, root.pow([(order / LEAF) as u64]), LEAF);
        Self { layers, leaf: std::array::from_fn(|i| Lanes::splat(isa, leaf[i])) }
    }

    /// The layer that combines halves of this many vectors.
    fn of(&self, half: usize) -> &[Vector<I>] {
        let largest = self.layers[0].len();
        &self.layers[(largest / half).trailing_zeros() as usize]
    }
}

fn powers(first: Fr, factor: Fr, count: usize) -> Vec<Fr> {
    std::iter::successors(Some(first), |power| Some(*power * factor)).take(count).collect()
}

/// The powers of a factor from 0 upwards, eight a vector. They are products of reduced values, so
/// below 7/6 r, like all that values are multiplied with here: 2 / 84 + 8/7.
struct Powers {
    factor: Fr,
    vectors: usize,
}

impl<I: Isa> Task<I> for Powers {
    type Output = Vec<Vector<I>>;

    #[inline(always)]
    fn run(self, isa: I) -> Vec<Vector<I>> {
        let first = powers(Fr::ONE, self.factor, LANES);
        let mut vector = Lanes::from_array(isa, std::array::from_fn(|lane| first[lane]));
        let step = Lanes::splat(isa, self.factor.pow([LANES as u64]));
        let mut out = Vec::with_capacity(self.vectors);
        for _ in 0..self.vectors {
            out.push(vector);
            vector = vector.mul(step);
        }
        out
    }
}

/// The scaling of coefficients: coefficient i, by `root^i / order` or by `i / order^2`, stands at
/// bit-reversed place i, and within a leaf places are transposed. So a leaf's number gives the low bits of
/// i, and the place within it the high ones.
struct Scale {
    order: usize,
    /// Of the odd half, or none for the derivative.
    root: Option<Fr>,
}

impl<I: Isa> Task<I> for Scale {
    type Output = Vec<Vector<I>>;

    #[inline(always)]
    fn run(self, isa: I) -> Vec<Vector<I>> {
        let leaves = self.order / MIN_ORDER;
        let bits = leaves.trailing_zeros();
        let once = Fr::from(self.order as u64).inverse().unwrap_or(Fr::ONE);
        let (low, high) = match self.root {
            Some(root) => {
                let far = root.pow([leaves as u64]);
                (powers(once, root, leaves), powers(Fr::ONE, far, MIN_ORDER))
            }
            None => {
                let share = once.square();
                let far = share * Fr::from(leaves as u64);
                (multiples(share, leaves), multiples(far, MIN_ORDER))
            }
        };
        let within: [Vector<I>; LEAF] = std::array::from_fn(|i| {
            let place = |lane| reversed(lane * LANES + i, MIN_ORDER.trailing_zeros());
            Lanes::from_array(isa, std::array::from_fn(|lane| high[place(lane)]))
        });
        let one = Lanes::splat(isa, Fr::ONE);
        let mut out = Vec::with_capacity(self.order / LANES);
        for leaf in 0..leaves {
            let own = Lanes::splat(isa, low[reversed(leaf, bits)]);
            for i in 0..LEAF {
                out.push(match self.root {
                    Some(_) => within[i].mul(own),
                    // The sum's product by one is below 7/6 r, as the other is: 2 / 84 + 8/7.
                    None => within[i].add_raw(own).normal().mul(one),
                });
            }
        }
        out
    }
}

/// The multiples of a share from 0 upwards.
fn multiples(share: Fr, count: usize) -> Vec<Fr> {
    std::iter::successors(Some(Fr::ZERO), |last| Some(*last + share)).take(count).collect()
}

/// The lowest bits of an index in reversed order.
fn reversed(index: usize, bits: u32) -> usize {
    index.reverse_bits().checked_shr(usize::BITS - bits).unwrap_or(0)
}

/// The least order that is transformed in vectors.
pub const MIN_ORDER: usize = LEAF * LANES;

impl<I: Isa> Vectors<I> {
    pub fn new(isa: I, order: usize, basis: Basis) -> Result<Self> {
        let roots = (Fr::get_root_of_unity(order as u64), Fr::get_root_of_unity(2 * order as u64));
        let (Some(root), Some(doubled)) = roots else {
            return Err(Error::Format("the domain has no roots of unity".into()));
        };
        let backwards = root.inverse().unwrap_or(Fr::ONE);
        let odd = (basis == Basis::OddHalf).then_some(doubled);
        let (inverse, (forward, scale)) = rayon::join(
            || Twiddles::new(isa, order, backwards),
            || {
                let scale = || isa.run(Scale { order, root: odd });
                rayon::join(|| Twiddles::new(isa, order, root), scale)
            },
        );
        Ok(Self { isa, inverse, forward, basis, scale })
    }

    /// Values on the domain become values on the odd half of the doubled domain, or D's on the domain.
    pub(super) fn transform(&self, block: &mut [Vector<I>], first: usize) {
        let half = block.len() / 2;
        if block.len() <= BLOCK {
            return self.isa.run(Small { plan: self, block, first });
        }
        self.layer::<Down>(block, self.inverse.of(half));
        let (low, high) = block.split_at_mut(half);
        rayon::join(|| self.transform(low, first), || self.transform(high, first + half));
        self.layer::<Up>(block, self.forward.of(half));
    }

    fn layer<B: Butterfly<I>>(&self, block: &mut [Vector<I>], twiddles: &[Vector<I>]) {
        let (low, high) = block.split_at_mut(block.len() / 2);
        low.par_chunks_mut(MIN_TASK)
            .zip(high.par_chunks_mut(MIN_TASK))
            .zip(twiddles.par_chunks(MIN_TASK))
            .for_each(|((low, high), twiddles)| {
                let butterfly = std::marker::PhantomData::<B>;
                self.isa.run(Layer { low, high, twiddles, butterfly });
            });
    }
}

trait Butterfly<I: Isa>: Send + Sync {
    fn apply(low: &mut Vector<I>, high: &mut Vector<I>, twiddle: Vector<I>);
    /// With a twiddle factor of 1; going up, in the three lowest layers only.
    fn apply_one(low: &mut Vector<I>, high: &mut Vector<I>);
}

/// Decimation in frequency: values below 5/4 r in and out.
struct Down;

impl<I: Isa> Butterfly<I> for Down {
    #[inline(always)]
    fn apply(low: &mut Vector<I>, high: &mut Vector<I>, twiddle: Vector<I>) {
        let difference = low.sub::<2>(*high);
        *low = low.add_raw(*high).reduced();
        // Below 4 * 7/6 / 84 + 8/7.
        *high = difference.mul(twiddle);
    }

    #[inline(always)]
    fn apply_one(low: &mut Vector<I>, high: &mut Vector<I>) {
        // Between 3/4 r and 13/4 r.
        let difference = low.sub_raw::<2>(*high).reduced();
        *low = low.add_raw(*high).reduced();
        *high = difference;
    }
}

/// Decimation in time: values below k r in, below (k + 2) r out, for k up to 54.
struct Up;

impl<I: Isa> Butterfly<I> for Up {
    #[inline(always)]
    fn apply(low: &mut Vector<I>, high: &mut Vector<I>, twiddle: Vector<I>) {
        // Below 54 * 7/6 / 84 + 8/7.
        let turned = high.mul(twiddle);
        debug_assert!(turned.below(2));
        *high = low.sub::<2>(turned);
        *low = low.add_raw(turned).normal();
    }

    #[inline(always)]
    fn apply_one(low: &mut Vector<I>, high: &mut Vector<I>) {
        // Below 6 r before the third layer; adding r makes it a sum to reduce, below 7 r.
        let same = high.plus::<1>().reduced();
        *high = low.sub::<2>(same);
        *low = low.add_raw(same).normal();
    }
}

struct Layer<'a, B, I: Isa> {
    low: &'a mut [Vector<I>],
    high: &'a mut [Vector<I>],
    twiddles: &'a [Vector<I>],
    butterfly: std::marker::PhantomData<B>,
}

impl<I: Isa, B: Butterfly<I>> Task<I> for Layer<'_, B, I> {
    type Output = ();

    #[inline(always)]
    fn run(self, _: I) {
        for ((low, high), twiddle) in self.low.iter_mut().zip(self.high).zip(self.twiddles) {
            B::apply(low, high, *twiddle);
        }
    }
}

/// All layers of a small block.
struct Small<'a, I: Isa> {
    plan: &'a Vectors<I>,
    block: &'a mut [Vector<I>],
    /// The block's first vector.
    first: usize,
}

impl<I: Isa> Task<I> for Small<'_, I> {
    type Output = ();

    #[inline(always)]
    fn run(self, _: I) {
        let Self { plan, block, first } = self;
        let mut half = block.len() / 2;
        while half >= 1 {
            layer::<I, Down>(block, half, plan.inverse.of(half));
            half /= 2;
        }
        let scale = &plan.scale[first..first + block.len()];
        let (leaves, scales) = (block.as_chunks_mut::<LEAF>().0, scale.as_chunks::<LEAF>().0);
        for (leaf, scale) in leaves.iter_mut().zip(scales) {
            transform_leaf(leaf, scale, plan);
        }
        let mut half = 1;
        while half < block.len() {
            layer::<I, Up>(block, half, plan.forward.of(half));
            half *= 2;
        }
    }
}

#[inline(always)]
fn layer<I: Isa, B: Butterfly<I>>(block: &mut [Vector<I>], half: usize, twiddles: &[Vector<I>]) {
    for block in block.chunks_exact_mut(2 * half) {
        let (low, high) = block.split_at_mut(half);
        for ((low, high), twiddle) in low.iter_mut().zip(high).zip(twiddles) {
            B::apply(low, high, *twiddle);
        }
    }
}

/// The three layers below vectors, with lanes and vectors swapped, down and up again.
#[inline(always)]
fn transform_leaf<I: Isa>(
    leaf: &mut [Vector<I>; LEAF],
    scale: &[Vector<I>; LEAF],
    plan: &Vectors<I>,
) {
    Lanes::transpose(leaf);
    for half in [4, 2, 1] {
        leaf_layer::<I, Down>(leaf, half, &plan.inverse.leaf);
    }
    for i in 0..LEAF {
        leaf[i] = leaf[i].mul(scale[i]);
    }
    for half in [1, 2, 4] {
        leaf_layer::<I, Up>(leaf, half, &plan.forward.leaf);
    }
    Lanes::transpose(leaf);
}

#[inline(always)]
fn leaf_layer<I: Isa, B: Butterfly<I>>(
    leaf: &mut [Vector<I>; LEAF],
    half: usize,
    roots: &[Vector<I>; LEAF],
) {
    for block in leaf.chunks_exact_mut(2 * half) {
        let (low, high) = block.split_at_mut(half);
        B::apply_one(&mut low[0], &mut high[0]);
        for j in 1..half {
            B::apply(&mut low[j], &mut high[j], roots[j * (LEAF / 2 / half)]);
        }
    }
}
