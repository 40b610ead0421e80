//! System calls that a seccomp filter answers by killing the caller, seccomp(2): this program does without them.
//!
//! A call that is avoided fails with ENOSYS and does not reach the kernel, so its caller learns as much as from a
//! kernel without the call: nothing. `host::filter` finds out in children which calls kill.

use super::Errno;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// The numbers of system calls that the program avoids, a bit each.
static AVOIDED: [AtomicU64; 8] = [const { AtomicU64::new(0) }; 8];
/// Whether there is such a call.
static IS_ANY: AtomicBool = AtomicBool::new(false);

/// What an avoided call returns.
pub(super) const REFUSED: usize = Errno::ENOSYS.number().wrapping_neg();

/// Whether the program avoids the call with this number.
#[inline]
pub(super) fn is_avoided(call: usize) -> bool {
    IS_ANY.load(Relaxed) && AVOIDED.get(call / 64).is_some_and(|calls| calls.load(Relaxed) >> (call % 64) & 1 != 0)
}

/// Avoids the call with this number from now on, in this process and in those that it makes.
pub(super) fn avoid(call: usize) {
    if let Some(calls) = AVOIDED.get(call / 64) {
        calls.fetch_or(1 << (call % 64), Relaxed);
        IS_ANY.store(true, Relaxed);
    }
}
