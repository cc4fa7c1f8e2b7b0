//! Where memory comes from.
//!
//! A proof takes and gives back some megabytes in large pieces, which the C library's allocator returns
//! to the system each time. A process that forked in the middle of a proof may not use this one in the
//! child, nor may the child prove: threads do not survive a fork.

use libmimalloc_sys::{mi_option_set_default, mi_option_t, mi_option_use_numa_nodes};
use std::sync::Once;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// `mi_option_purge_delay`, for which the crate has no name: it stands before a named one.
const PURGE_DELAY: mi_option_t = 15;
const _: () = assert!(PURGE_DELAY + 1 == mi_option_use_numa_nodes, "options have moved");

/// Milliseconds from the first piece that is given back to a later use of the allocator that returns all
/// that is free then: proofs some seconds apart find it again.
const KEPT: std::ffi::c_long = 60_000;

/// Has memory kept for [`KEPT`], unless the environment says otherwise (`MIMALLOC_PURGE_DELAY`).
pub fn keep_memory() {
    static DONE: Once = Once::new();
    // SAFETY: a known option is set to a number, once, before this library has threads.
    DONE.call_once(|| unsafe { mi_option_set_default(PURGE_DELAY, KEPT) });
}
