//! Rights: capget(2), capset(2), and the ambient set of prctl(2).

use super::{Result, done};
use linux_raw_sys::general::{
    __user_cap_data_struct, __user_cap_header_struct, _LINUX_CAPABILITY_VERSION_3, CAP_LAST_CAP, CAP_SYS_ADMIN,
};
use linux_raw_sys::prctl::{PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE};
use sc::syscall;

/// The three sets of a task: capabilities 0 to 31, and 32 to 63.
type Sets = [__user_cap_data_struct; 2];

/// For the calling task. On the stack, for there are kernels that write to it.
const HEADER: __user_cap_header_struct = __user_cap_header_struct { version: _LINUX_CAPABILITY_VERSION_3, pid: 0 };

/// capget(2) of the caller.
fn sets() -> Result<Sets> {
    let mut header = HEADER;
    let mut sets = [__user_cap_data_struct { effective: 0, permitted: 0, inheritable: 0 }; 2];
    // SAFETY: the kernel reads one header, to which it may write, and writes two structs, as this version says.
    done(unsafe { syscall!(CAPGET, &raw mut header, sets.as_mut_ptr()) })?;
    Ok(sets)
}

/// Whether the caller has CAP_SYS_ADMIN in its user namespace; none if that is not to be learned.
pub fn is_administrator() -> Option<bool> {
    sets().ok().map(|sets| sets[0].effective >> CAP_SYS_ADMIN & 1 != 0)
}

/// Makes all that is permitted ambient too: a program that is executed by another user than root keeps it.
pub fn keep() -> Result<()> {
    let mut sets = sets()?;
    for set in &mut sets {
        set.inheritable = set.permitted;
    }
    let mut header = HEADER;
    // SAFETY: the kernel reads one header, to which it may write, and two structs.
    done(unsafe { syscall!(CAPSET, &raw mut header, sets.as_ptr()) })?;
    for capability in 0..=CAP_LAST_CAP {
        if sets[capability as usize / 32].permitted >> (capability % 32) & 1 != 0 {
            // SAFETY: no memory is passed.
            done(unsafe { syscall!(PRCTL, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) })?;
        }
    }
    Ok(())
}
