//! Sums of groups of affine points by trees: pairs of all groups are added level by level, many
//! additions sharing one inversion.
//!
//! An affine addition costs six products with a shared inversion, ten or more without.

use super::digits::Sorted;
use super::kernel::{Kernel, Pair, Points, Ref, RowOf, WIDTH};
use super::rows::Components;
use ark_ec::{AffineRepr, CurveConfig, CurveGroup};
use rayon::prelude::*;
use std::sync::Mutex;

/// References that one task adds up: half as many sums, of one cache line each, about fill the second
/// cache.
const SEGMENT: usize = 32768;
/// Fewer pairs than this do not pay for an inversion.
const MIN_PAIRS: u32 = 48;
/// Smaller tasks do not pay for their inversions.
const MIN_SEGMENT: usize = 2048;

/// Sums of groups that are not at infinity; a group may have several.
pub struct Sums<R> {
    pub groups: Vec<u32>,
    pub rows: Vec<R>,
}

/// Memory for one task, kept from sum to sum.
pub struct Workspace<K: Kernel> {
    pool: Vec<[RowOf<K::Curve>; WIDTH]>,
    pairs: Vec<Pair>,
    refs: Vec<Ref>,
    next: Vec<Ref>,
    lengths: Vec<(u32, u32)>,
    scratch: K::Scratch,
}

impl<K: Kernel> Default for Workspace<K> {
    fn default() -> Self {
        Self {
            pool: Vec::new(),
            pairs: Vec::new(),
            refs: Vec::new(),
            next: Vec::new(),
            lengths: Vec::new(),
            scratch: K::Scratch::default(),
        }
    }
}

/// Workspaces that no task uses at the moment.
pub struct Workspaces<K: Kernel>(Mutex<Vec<Workspace<K>>>);

impl<K: Kernel> Default for Workspaces<K> {
    fn default() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

impl<K: Kernel> Workspaces<K> {
    pub fn with<T>(&self, work: impl FnOnce(&mut Workspace<K>) -> T) -> T {
        let idle = self.0.lock().ok().and_then(|mut idle| idle.pop());
        let mut own = idle.unwrap_or_default();
        let out = work(&mut own);
        if let Ok(mut idle) = self.0.lock() {
            idle.push(own);
        }
        out
    }
}

/// Adds up the points of each group.
pub fn sums<K: Kernel>(
    kernel: K,
    table: &[RowOf<K::Curve>],
    sorted: &Sorted,
    spaces: &Workspaces<K>,
) -> Sums<RowOf<K::Curve>> {
    let total = sorted.len();
    let share = total.div_ceil(2 * rayon::current_num_threads());
    let own = share.clamp(MIN_SEGMENT, SEGMENT);
    let segments: Vec<Sums<_>> = (0..total.div_ceil(own))
        .into_par_iter()
        .map(|segment| {
            let (start, end) = (segment * own, total.min((segment + 1) * own));
            spaces.with(|space| space.sums(kernel, table, sorted, start, end))
        })
        .collect();
    let count = segments.iter().map(|segment| segment.rows.len()).sum();
    let mut out = Sums { groups: Vec::with_capacity(count), rows: Vec::with_capacity(count) };
    for segment in segments {
        out.groups.extend(segment.groups);
        out.rows.extend(segment.rows);
    }
    out
}

impl<K: Kernel> Workspace<K> {
    fn sums(
        &mut self,
        kernel: K,
        table: &[RowOf<K::Curve>],
        sorted: &Sorted,
        start: usize,
        end: usize,
    ) -> Sums<RowOf<K::Curve>> {
        self.refs.clear();
        self.refs.extend(sorted.slice(start, end));
        self.lengths.clear();
        self.lengths.extend(sorted.buckets(start, end));
        let mut used = 0;
        while self.pair_up(kernel, table, used) {
            let dead = self.add(kernel, table, used);
            used += self.pairs.len() / WIDTH;
            std::mem::swap(&mut self.refs, &mut self.next);
            if !dead.is_empty() {
                self.bury(&dead);
            }
        }
        let points = Points { table, pool: self.pool.as_flattened() };
        let read = |at: Ref| {
            let row = points.get(at);
            if at.is_negative() {
                <K::Curve as CurveConfig>::BaseField::negated_row(row)
            } else {
                *row
            }
        };
        let repeat = |(group, length): &(u32, u32)| std::iter::repeat_n(*group, *length as usize);
        Sums {
            groups: self.lengths.iter().flat_map(repeat).collect(),
            rows: self.refs.iter().map(|at| read(*at)).collect(),
        }
    }

    /// Lists each group's pairs, to be written to the pool from vector `used` on, and what stands
    /// for the group afterwards. False, and nothing changed, if too few pairs are left.
    fn pair_up(&mut self, kernel: K, table: &[RowOf<K::Curve>], used: usize) -> bool {
        let count: u32 = self.lengths.iter().map(|(_, length)| length / 2).sum();
        if count < MIN_PAIRS {
            return false;
        }
        self.next.clear();
        self.pairs.clear();
        let mut place = used * WIDTH;
        let mut rest = &self.refs[..];
        for (_, length) in &mut self.lengths {
            let (own, others) = rest.split_at(*length as usize);
            rest = others;
            let (pairs, single) = own.as_chunks::<2>();
            // At first all points are the table's.
            if used == 0 && self.pairs.len() < K::UNASKED {
                pairs.as_flattened().iter().for_each(|at| kernel.ask(&table[at.index()]));
            }
            self.pairs.extend(pairs.iter().map(|[left, right]| (*left, *right)));
            let sum = |([left, _], place): (&[Ref; 2], usize)| {
                Ref::pool(place).negated_if(left.is_negative())
            };
            self.next.extend(pairs.iter().zip(place..).map(sum));
            self.next.extend_from_slice(single);
            place += pairs.len();
            *length = length.div_ceil(2);
        }
        // Whole vectors: the last pair is added again, to places that nothing names.
        if let Some(last) = self.pairs.last() {
            self.pairs.resize(self.pairs.len().next_multiple_of(WIDTH), *last);
        }
        true
    }

    /// Adds the pairs. Returns the places of sums at infinity.
    #[must_use]
    fn add(&mut self, kernel: K, table: &[RowOf<K::Curve>], used: usize) -> Vec<Ref> {
        let end = used + self.pairs.len() / WIDTH;
        if self.pool.len() < end {
            let zero = <<K::Curve as CurveConfig>::BaseField as Components>::ZERO_ROW;
            self.pool.resize(end, [zero; WIDTH]);
        }
        let (earlier, out) = self.pool.split_at_mut(used);
        let out = &mut out[..end - used];
        let points = Points { table, pool: earlier.as_flattened() };
        if kernel.add(points, self.pairs.as_chunks().0, out, &mut self.scratch).is_ok() {
            return Vec::new();
        }
        let special = take_special::<K>(points, &mut self.pairs);
        if special.len() < self.pairs.len() {
            let done = kernel.add(points, self.pairs.as_chunks().0, out, &mut self.scratch);
            debug_assert!(done.is_ok(), "a pair with equal x is left");
        }
        let mut dead = Vec::new();
        for (place, sum) in special {
            match sum {
                Some(sum) => out.as_flattened_mut()[place] = sum,
                None => dead.push(Ref::pool(used * WIDTH + place)),
            }
        }
        dead
    }

    /// Takes sums at infinity out of their groups; `dead` ascends.
    fn bury(&mut self, dead: &[Ref]) {
        let mut kept = Vec::with_capacity(self.refs.len());
        let mut rest = &self.refs[..];
        for (_, length) in &mut self.lengths {
            let (own, others) = rest.split_at(*length as usize);
            rest = others;
            let before = kept.len();
            let alive = |at: &&Ref| dead.binary_search(&at.negated_if(at.is_negative())).is_err();
            kept.extend(own.iter().filter(alive));
            *length = (kept.len() - before) as u32;
        }
        self.refs = kept;
    }
}

/// A pair's place and its sum, `None` for infinity.
type Special<R> = (usize, Option<R>);

/// The sums of the pairs with equal x, as a kernel would write them. Another pair takes their place,
/// if there is one.
fn take_special<K: Kernel>(
    points: Points<'_, RowOf<K::Curve>>,
    pairs: &mut [Pair],
) -> Vec<Special<RowOf<K::Curve>>> {
    let mut special = Vec::new();
    let mut ordinary = None;
    for (place, (left, right)) in pairs.iter().enumerate() {
        let relative = right.negated_if(left.is_negative());
        let (a, b) = (K::read(points.get(*left)), K::read_signed(points, relative));
        if a.x != b.x {
            ordinary = Some((*left, *right));
            continue;
        }
        let sum = (a + b).into_affine();
        special.push((place, (!sum.is_zero()).then(|| K::write(&sum))));
    }
    if let Some(ordinary) = ordinary {
        special.iter().for_each(|(place, _)| pairs[*place] = ordinary);
    }
    special
}
