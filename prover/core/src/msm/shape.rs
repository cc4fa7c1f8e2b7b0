//! How scalars are cut into windows, and which multiples of the points are kept for that.
//!
//! A scalar's window w holds `bits` bits; its digit d adds `d * 2^(bits * w) * P`. With the multiples
//! `2^(bits * stride * j) * P` in memory, window `stride * j + t` adds row j of the point to bucket d
//! of set t, and the sum is `sum over t of 2^(bits * t) * (sum over d of d * bucket d of set t)`.
//! With stride 1 one set of buckets serves all windows and nothing is doubled; with the largest
//! stride the points themselves are the only row, and it is the usual bucket method.

use super::digits::windows;
use super::kernel::{Ref, WIDTH};
use crate::error::{demand, Result};

const WINDOWS: std::ops::RangeInclusive<u32> = 4..=17;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Points, a multiple of `WIDTH`.
    pub points: usize,
    pub bits: u32,
    pub stride: u32,
}

impl Shape {
    /// The shape of the least expected work within `budget` rows. `density`: how many full-size
    /// scalars are as much work as one point's scalar is expected to be.
    pub fn choose(points: usize, density: f64, budget: usize) -> Self {
        let points = points.next_multiple_of(WIDTH);
        let all = WINDOWS
            .flat_map(|bits| (1..=windows(bits)).map(move |stride| Self { points, bits, stride }));
        let fits = |shape: &Self| {
            let rows = shape.rows();
            rows < Ref::LIMIT && (shape.levels() == 1 || rows <= budget)
        };
        let work = |shape: &Self| (shape.work(density) * 16.0) as u64;
        all.filter(fits).min_by_key(work).unwrap_or(Self { points, bits: 8, stride: 32 })
    }

    /// A shape that [`Self::choose`] can make; refuses others.
    pub fn checked(points: usize, bits: u32, stride: u32) -> Result<Self> {
        let out = Self { points, bits, stride };
        let possible = points.is_multiple_of(WIDTH)
            && WINDOWS.contains(&bits)
            && (1..=windows(bits)).contains(&stride)
            && points < Ref::LIMIT
            && out.rows() < Ref::LIMIT;
        demand(possible, "the table has a shape that no table has")?;
        Ok(out)
    }

    /// Expected additions: one a digit, two a bucket, and about thirty a set for its last sums.
    fn work(&self, density: f64) -> f64 {
        let digits = self.points as f64 * density * f64::from(windows(self.bits));
        let buckets = 2.0 * (self.buckets() as f64).min(digits);
        let last = f64::from(self.stride) * 20.0 * f64::from(1 << (self.bits / 2));
        digits + buckets + last
    }

    /// Rows of one point.
    pub fn levels(&self) -> usize {
        windows(self.bits).div_ceil(self.stride) as usize
    }

    pub fn rows(&self) -> usize {
        self.points * self.levels()
    }

    /// Bits from row to row.
    pub fn step(&self) -> u32 {
        self.bits * self.stride
    }

    pub fn set_buckets(&self) -> usize {
        1 << (self.bits - 1)
    }

    pub fn buckets(&self) -> usize {
        self.set_buckets() * self.stride as usize
    }

    /// For each window the first bucket of its set and its row of point 0.
    pub fn places(&self) -> Vec<(u32, u32)> {
        let place = |window: u32| {
            let (level, set) = (window / self.stride, window % self.stride);
            (set << (self.bits - 1), level * self.points as u32)
        };
        (0..windows(self.bits)).map(place).collect()
    }
}
