//! One task's share of the sums, from references to what is left of each group.
//!
//! First go whole chunks of the table's points, whose tree is the same for all, then what is left, by
//! pairs, level by level.

use super::digits::Sorted;
use super::groups::Sums;
use super::kernel::{Chunks, Kernel, Pair, Points, Ref, RowOf, CHUNK, CHUNK_PAIRS, WIDTH};
use super::rows::Components;
use ark_ec::{AffineRepr, CurveConfig, CurveGroup};
use std::ops::Range;

/// Fewer pairs than this do not pay for an inversion.
const MIN_PAIRS: usize = 20;
/// Fewer vectors of chunks than this do not pay for theirs.
const MIN_VECTORS: usize = 8;
/// Pairs that are listed at a time.
const STEP: usize = 8;
/// What stands where no group reaches.
const NONE: Ref = Ref(0);

/// Memory for one task, kept from sum to sum.
pub struct Workspace<K: Kernel> {
    pool: Vec<[RowOf<K::Curve>; WIDTH]>,
    chunks: Vec<Chunks>,
    pairs: Vec<Pair>,
    /// The groups' references one after another, and room for a step beyond them.
    refs: Vec<Ref>,
    /// As many, for the next level.
    next: Vec<Ref>,
    /// The groups, each with how many references it has.
    lengths: Vec<(u32, u32)>,
    scratch: K::Scratch,
}

impl<K: Kernel> Default for Workspace<K> {
    fn default() -> Self {
        Self {
            pool: Vec::new(),
            chunks: Vec::new(),
            pairs: Vec::new(),
            refs: Vec::new(),
            next: Vec::new(),
            lengths: Vec::new(),
            scratch: K::Scratch::default(),
        }
    }
}

/// The pairs from a reference on.
#[inline(always)]
fn pairs_at<const COUNT: usize>(refs: &[Ref], from: usize) -> [Pair; COUNT] {
    let mut out = [[NONE; 2]; COUNT];
    out.as_flattened_mut().copy_from_slice(&refs[from..from + 2 * COUNT]);
    out
}

impl<K: Kernel> Workspace<K> {
    /// Adds up the references between two positions.
    pub fn sums(
        &mut self,
        kernel: K,
        table: &[RowOf<K::Curve>],
        sorted: &Sorted,
        Range { start, end }: Range<usize>,
    ) -> Sums<RowOf<K::Curve>> {
        self.refs.clear();
        self.refs.extend(sorted.slice(start, end));
        self.refs.extend([NONE; 2 * STEP]);
        // Other tables' references would name points that this one does not have.
        self.next.clear();
        self.next.resize(self.refs.len(), NONE);
        self.lengths.clear();
        self.lengths.extend(sorted.buckets(start, end));
        let mut used = self.add_chunks(kernel, table);
        let mut first = true;
        while self.pair_up(kernel, table, used, first) {
            let dead = self.add(kernel, table, used);
            used += self.pairs.len() / WIDTH;
            std::mem::swap(&mut self.refs, &mut self.next);
            if !dead.is_empty() {
                self.bury(&dead);
            }
            first = false;
        }
        let points = Points { table, pool: self.pool.as_flattened() };
        let left = self.lengths.iter().map(|(_, length)| *length as usize).sum();
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
            rows: self.refs[..left].iter().map(|at| read(*at)).collect(),
        }
    }

    /// Puts the sums of each group's whole chunks in their place. Returns the vectors of the pool that
    /// they take: none, and nothing changed, if there are few or a sum within one has no slope.
    fn add_chunks(&mut self, kernel: K, table: &[RowOf<K::Curve>]) -> usize {
        let chunks: usize = self.lengths.iter().map(|(_, length)| *length as usize / CHUNK).sum();
        let vectors = chunks / WIDTH;
        if !K::CHUNKS || vectors < MIN_VECTORS {
            return 0;
        }
        self.list_chunks(kernel, table, vectors);
        self.make_room(vectors);
        let out = &mut self.pool[..vectors];
        if kernel.add_chunks(table, &self.chunks, out, &mut self.scratch).is_err() {
            return 0;
        }
        let mut rest = vectors * WIDTH;
        for (_, length) in &mut self.lengths {
            let own = (*length as usize / CHUNK).min(rest);
            rest -= own;
            *length -= (own * (CHUNK - 1)) as u32;
        }
        std::mem::swap(&mut self.refs, &mut self.next);
        vectors
    }

    /// Lists chunks, so many vectors of them, and the references that stand for the groups afterwards.
    fn list_chunks(&mut self, kernel: K, table: &[RowOf<K::Curve>], vectors: usize) {
        self.chunks.resize(vectors, [[[NONE; 2]; WIDTH]; CHUNK_PAIRS]);
        let (mut from, mut place, mut to) = (0, 0, 0);
        for (_, length) in &self.lengths {
            let end = from + *length as usize;
            let own = (*length as usize / CHUNK).min(vectors * WIDTH - place);
            for _ in 0..own {
                let chunk: [Pair; CHUNK_PAIRS] = pairs_at(&self.refs, from);
                if place * CHUNK_PAIRS < K::UNASKED {
                    chunk.as_flattened().iter().for_each(|at| kernel.ask(&table[at.index()]));
                }
                let eight = &mut self.chunks[place / WIDTH];
                for (pair, pairs) in chunk.iter().zip(eight) {
                    pairs[place % WIDTH] = *pair;
                }
                self.next[to] = Ref::pool(place).negated_if(chunk[0][0].is_negative());
                from += CHUNK;
                place += 1;
                to += 1;
            }
            // By steps: what is copied beyond the end, the next group overwrites.
            for at in (from..end).step_by(CHUNK) {
                let step: [Pair; CHUNK_PAIRS] = pairs_at(&self.refs, at);
                self.next[to + at - from..][..CHUNK].copy_from_slice(step.as_flattened());
            }
            to += end - from;
            from = end;
        }
    }

    fn make_room(&mut self, vectors: usize) {
        if self.pool.len() < vectors {
            let zero = <<K::Curve as CurveConfig>::BaseField as Components>::ZERO_ROW;
            self.pool.resize(vectors, [zero; WIDTH]);
        }
    }

    /// Lists each group's pairs, to be written to the pool from vector `used` on, and what stands
    /// for the group afterwards. False, and nothing changed, if too few pairs are left.
    ///
    /// By steps, too: most groups are shorter than one, so that a processor foresees where they end.
    fn pair_up(&mut self, kernel: K, table: &[RowOf<K::Curve>], used: usize, first: bool) -> bool {
        let count: usize = self.lengths.iter().map(|(_, length)| *length as usize / 2).sum();
        if count < MIN_PAIRS {
            return false;
        }
        self.pairs.resize(count + STEP, [NONE; 2]);
        let points = Points { table, pool: self.pool.as_flattened() };
        let (mut from, mut pair, mut to) = (0, 0, 0);
        for (_, length) in &mut self.lengths {
            let (half, single) = (*length as usize / 2, *length as usize % 2);
            for done in (0..half).step_by(STEP) {
                let step: [Pair; STEP] = pairs_at(&self.refs, from + 2 * done);
                if first && pair + done < K::UNASKED {
                    step.as_flattened().iter().for_each(|at| kernel.ask(points.get(*at)));
                }
                self.pairs[pair + done..][..STEP].copy_from_slice(&step);
                let place = used * WIDTH + pair + done;
                let sums: [Ref; STEP] = std::array::from_fn(|i| {
                    Ref::pool(place + i).negated_if(step[i][0].is_negative())
                });
                self.next[to + done..][..STEP].copy_from_slice(&sums);
            }
            self.next[to + half] = self.refs[from + 2 * half];
            from += 2 * half + single;
            pair += half;
            to += half + single;
            *length = (half + single) as u32;
        }
        // Whole vectors: the last pair is added again, to places that nothing names.
        self.pairs.truncate(count);
        if let Some(last) = self.pairs.last() {
            self.pairs.resize(count.next_multiple_of(WIDTH), *last);
        }
        true
    }

    /// Adds the pairs. Returns the places of sums at infinity.
    #[must_use]
    fn add(&mut self, kernel: K, table: &[RowOf<K::Curve>], used: usize) -> Vec<Ref> {
        let end = used + self.pairs.len() / WIDTH;
        self.make_room(end);
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
        kept.resize(self.refs.len(), NONE);
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
    for (place, [left, right]) in pairs.iter().enumerate() {
        let relative = right.negated_if(left.is_negative());
        let (a, b) = (K::read(points.get(*left)), K::read_signed(points, relative));
        if a.x != b.x {
            ordinary = Some([*left, *right]);
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
