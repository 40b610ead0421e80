//! Rights: capget(2), capset(2), and the ambient set of prctl(2).

use super::Answer;
use linux_raw_sys::general::{
    __user_cap_data_struct, __user_cap_header_struct, _LINUX_CAPABILITY_VERSION_3, CAP_LAST_CAP, CAP_SYS_ADMIN,
};
use linux_raw_sys::prctl::{PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE};
use sc::syscall;

/// The three sets of a task: capabilities 0 to 31, and 32 to 63.
type Sets = [__user_cap_data_struct; 2];

static HEADER: __user_cap_header_struct = __user_cap_header_struct { version: _LINUX_CAPABILITY_VERSION_3, pid: 0 };

/// capget(2) of the caller; a refusal counts as none.
fn sets() -> Sets {
    let mut sets = [__user_cap_data_struct { effective: 0, permitted: 0, inheritable: 0 }; 2];
    // SAFETY: the kernel reads one header and writes two structs, as this version says.
    let _ = Answer(unsafe { syscall!(CAPGET, &raw const HEADER, sets.as_mut_ptr()) });
    sets
}

/// Whether the caller has CAP_SYS_ADMIN in its user namespace.
pub fn is_administrator() -> bool {
    sets()[0].effective >> CAP_SYS_ADMIN & 1 != 0
}

/// Makes all that is permitted ambient too: a program that is executed by another user than root keeps it.
pub fn keep() -> Answer {
    let mut sets = sets();
    sets.iter_mut().for_each(|set| set.inheritable = set.permitted);
    // SAFETY: the kernel reads one header and two structs.
    let mut kept = Answer(unsafe { syscall!(CAPSET, &raw const HEADER, sets.as_ptr()) });
    for capability in 0..=CAP_LAST_CAP {
        if kept.is_error() {
            return kept;
        }
        if sets[capability as usize / 32].permitted >> (capability % 32) & 1 != 0 {
            // SAFETY: no memory is passed.
            kept = Answer(unsafe { syscall!(PRCTL, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) });
        }
    }
    kept
}
