//! Where the threads of a proof run.

use std::sync::Once;

/// Gives each thread a processor of its own, once, if there are as many threads as processors.
///
/// Threads that wake up for a proof are otherwise sometimes put on one processor, and stay there for
/// most of a proof that takes some milliseconds. A process with fewer threads leaves the choice to the
/// system: others like it may run beside it.
pub fn spread() {
    static DONE: Once = Once::new();
    DONE.call_once(|| {
        let processors = core_affinity::get_core_ids().unwrap_or_default();
        if processors.len() == rayon::current_num_threads() {
            rayon::broadcast(|thread| core_affinity::set_for_current(processors[thread.index()]));
        }
    });
}
