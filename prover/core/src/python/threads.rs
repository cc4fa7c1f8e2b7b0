//! Where the threads of a proof run.

/// Turned off by 0, for a process that shares its processors with others that prove.
#[cfg(target_os = "linux")]
const VARIABLE: &str = "ZKMARGIN_SPREAD_THREADS";

/// Gives each thread a processor of its own, once, if there are several and as many threads.
///
/// Threads that wake up for a proof are otherwise sometimes put on one processor, and stay there for
/// most of a proof that takes some milliseconds.
#[cfg(target_os = "linux")]
pub fn spread() {
    static DONE: std::sync::Once = std::sync::Once::new();
    DONE.call_once(|| {
        let wanted = std::env::var_os(VARIABLE).is_none_or(|value| value != "0");
        let processors = core_affinity::get_core_ids().unwrap_or_default();
        if wanted && processors.len() > 1 && processors.len() == rayon::current_num_threads() {
            rayon::broadcast(|thread| core_affinity::set_for_current(processors[thread.index()]));
        }
    });
}

#[cfg(not(target_os = "linux"))]
pub fn spread() {}
