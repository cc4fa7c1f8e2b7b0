//! Where memory comes from.
//!
//! A proof takes and gives back some megabytes in large pieces, which the C library's allocator returns
//! to the system each time. A process that forked in the middle of a proof may not use this one in the
//! child, nor may the child prove: threads do not survive a fork.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// `mi_option_purge_delay`, for which the crate has no name.
const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;

/// How long memory that was given back is kept, in milliseconds: proofs some seconds apart find it again.
const KEPT: std::ffi::c_long = 60_000;

/// Has memory kept for [`KEPT`], unless the environment says otherwise (`MIMALLOC_PURGE_DELAY`).
pub fn keep_memory() {
    // SAFETY: a known option; a number is set, while the module is loaded and has no threads yet.
    unsafe { libmimalloc_sys::mi_option_set_default(PURGE_DELAY, KEPT) }
}
