//! Sums of groups of affine points by trees: pairs of all groups are added level by level, many
//! additions sharing one inversion.
//!
//! An affine addition costs six products with a shared inversion, ten or more without.

use super::digits::Sorted;
use super::kernel::{Kernel, RowOf};
use super::workspace::Workspace;
use rayon::prelude::*;
use std::sync::Mutex;

/// References that one task adds up: half as many sums, of one cache line each, about fill the second
/// cache.
const SEGMENT: usize = 32768;
/// Smaller tasks do not pay for their inversions.
const MIN_SEGMENT: usize = 2048;

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
