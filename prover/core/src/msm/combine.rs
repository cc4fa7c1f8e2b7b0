//! From bucket sums to the sum of `digit * bucket`.
//!
//! A bucket's index within its set is `v = digit - 1 = high * side + low`. With R the sums over equal
//! `high` and C those over equal `low`,
//! `sum of (v + 1) bucket(v) = side * sum of high R(high) + sum of low C(low) + sum of R(high)`:
//! two additions a bucket, in trees, and few that must wait for each other.

use super::digits::Sorted;
use super::groups::{sums, Sums, Workspaces};
use super::kernel::{Kernel, RowOf};
use super::shape::Shape;
use ark_ec::short_weierstrass::Projective;
use ark_ff::{AdditiveGroup, Zero};

pub fn combine<K: Kernel>(
    kernel: K,
    buckets: &Sums<RowOf<K::Curve>>,
    shape: &Shape,
    spaces: &Workspaces<K>,
) -> Projective<K::Curve> {
    let low_bits = (shape.bits - 1) / 2;
    let side = 1u32 << low_bits;
    let highs = shape.set_buckets() / side as usize;
    let set_bits = shape.bits - 1;
    let high_key = |bucket: &u32| bucket >> low_bits;
    let low_key = |bucket: &u32| (bucket >> set_bits) << low_bits | bucket & (side - 1);
    let by_high = || {
        let keys = buckets.groups.iter().map(high_key);
        let sorted = Sorted::new(keys, highs * shape.stride as usize);
        weighted::<K>(&sums(kernel, &buckets.rows, &sorted, spaces), highs, shape.stride)
    };
    let by_low = || {
        let keys = buckets.groups.iter().map(low_key);
        let sorted = Sorted::new(keys, (side * shape.stride) as usize);
        weighted::<K>(&sums(kernel, &buckets.rows, &sorted, spaces), side as usize, shape.stride)
    };
    let (mut high, mut low) = rayon::join(by_high, by_low);
    let mut total = Projective::zero();
    while let (Some([weighted_high, plain]), Some([weighted_low, _])) = (high.pop(), low.pop()) {
        for _ in 0..if total.is_zero() { 0 } else { shape.bits } {
            total.double_in_place();
        }
        let mut own = weighted_high;
        for _ in 0..low_bits {
            own.double_in_place();
        }
        total += own + weighted_low + plain;
    }
    total
}

/// For each set of `size` groups the sum of `i * group i` and the sum of the groups.
fn weighted<K: Kernel>(
    sums: &Sums<RowOf<K::Curve>>,
    size: usize,
    sets: u32,
) -> Vec<[Projective<K::Curve>; 2]> {
    let mut groups = sums.groups.iter().zip(&sums.rows).rev().peekable();
    let mut out: Vec<_> = (0..sets as usize)
        .rev()
        .map(|set| {
            let mut running = Projective::<K::Curve>::zero();
            let mut weighted = Projective::<K::Curve>::zero();
            for index in (set * size..(set + 1) * size).rev() {
                while let Some((_, row)) = groups.next_if(|(group, _)| **group as usize == index) {
                    running += K::read(row);
                }
                if index > set * size {
                    weighted += running;
                }
            }
            [weighted, running]
        })
        .collect();
    out.reverse();
    out
}
