//! Sums of groups of affine points by trees: pairs of all groups are added level by level, many
//! additions sharing one inversion.
//!
//! An affine addition costs six products with a shared inversion, ten or more without.

use super::digits::Sorted;
use super::kernel::{Kernel, RowOf};
use super::workspace::Workspace;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, OnceLock};

/// References that one task adds up: half as many sums, of one cache line each, about fill the second
/// cache.
const SEGMENT: usize = 32768;
/// Smaller tasks do not pay for their inversions.
const MIN_SEGMENT: usize = 2048;
/// Nor do, of a long list, tasks smaller than this.
const MIN_SHARE: usize = 8192;

/// Sums of groups that are not at infinity; a group may have several.
pub struct Sums<R> {
    pub groups: Vec<u32>,
    pub rows: Vec<R>,
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

/// What each task adds up: equal shares, or of a long list less and less towards the end, so that threads
/// finish at about one time.
fn segments(total: usize) -> Vec<Range<usize>> {
    let shares = 2 * rayon::current_num_threads();
    let equal = total.div_ceil(shares).max(MIN_SEGMENT);
    let least = if equal <= SEGMENT { equal } else { MIN_SHARE };
    let mut out = Vec::new();
    let mut start = 0;
    while start < total {
        let own = (total - start).div_ceil(shares).clamp(least, SEGMENT);
        out.push(start..total.min(start + own));
        start += own;
    }
    out
}

/// Adds up the points of each group.
pub fn sums<K: Kernel>(
    kernel: K,
    table: &[RowOf<K::Curve>],
    sorted: &Sorted,
    spaces: &Workspaces<K>,
) -> Sums<RowOf<K::Curve>> {
    let segments = segments(sorted.len());
    let done: Vec<_> = segments.iter().map(|_| OnceLock::new()).collect();
    // In this order, whoever is free: rayon would hand out halves of the list.
    let next = AtomicUsize::new(0);
    let take = || {
        let index = next.fetch_add(1, Relaxed);
        segments.get(index).zip(done.get(index))
    };
    let work = |_| {
        while let Some((segment, place)) = take() {
            let sums = spaces.with(|space| space.sums(kernel, table, sorted, segment.clone()));
            let first = place.set(sums).is_ok();
            debug_assert!(first, "a segment was added up twice");
        }
    };
    let tasks = rayon::current_num_threads().min(segments.len());
    (0..tasks).into_par_iter().with_max_len(1).for_each(work);
    let done: Vec<Sums<_>> = done.into_iter().filter_map(OnceLock::into_inner).collect();
    debug_assert_eq!(done.len(), segments.len());
    let count = done.iter().map(|sums| sums.rows.len()).sum();
    let mut out = Sums { groups: Vec::with_capacity(count), rows: Vec::with_capacity(count) };
    for sums in done {
        out.groups.extend(sums.groups);
        out.rows.extend(sums.rows);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_share_out_the_whole_list() {
        for threads in [1, 2, 3, 8] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let around = |n: usize| [n.saturating_sub(1), n, n + 1];
            let ends =
                [0, MIN_SEGMENT, SEGMENT, 2 * threads * SEGMENT, 7 * threads * SEGMENT + 999];
            for total in ends.into_iter().flat_map(around) {
                let own = pool.install(|| segments(total));
                let mut next = 0;
                for segment in &own {
                    assert!(segment.start == next && segment.end > next, "{threads} {total}");
                    assert!(segment.len() <= SEGMENT);
                    next = segment.end;
                }
                assert_eq!(next, total);
                // Only what is left over at the end is small.
                let rest = own.len().saturating_sub(1);
                assert!(own[..rest].iter().all(|segment| segment.len() >= MIN_SEGMENT));
            }
        }
    }
}
