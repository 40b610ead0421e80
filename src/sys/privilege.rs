//! Capabilities: capget(2), capset(2), and the ambient set of prctl(2).

use super::{Result, done};
use linux_raw_sys::general::{
    __user_cap_data_struct, __user_cap_header_struct, _LINUX_CAPABILITY_VERSION_3, CAP_CHECKPOINT_RESTORE,
    CAP_LAST_CAP, CAP_SETFCAP, CAP_SETGID, CAP_SETUID, CAP_SYS_ADMIN, CAP_SYS_CHROOT, CAP_SYS_TIME,
};
use linux_raw_sys::prctl::{PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE};

/// The effective, permitted and inheritable sets of a task: capabilities 0 to 31, then 32 to 63.
type Sets = [__user_cap_data_struct; 2];

/// The header for the calling task. It is copied to the stack for each call because some kernels write to it.
const HEADER: __user_cap_header_struct = __user_cap_header_struct { version: _LINUX_CAPABILITY_VERSION_3, pid: 0 };

/// capget(2) of the caller.
fn sets() -> Result<Sets> {
    let mut header = HEADER;
    let mut sets = [__user_cap_data_struct { effective: 0, permitted: 0, inheritable: 0 }; 2];
    // SAFETY: the kernel reads (and may write) one header and writes two structs, as this version requires.
    done(unsafe { syscall!(CAPGET, &raw mut header, sets.as_mut_ptr()) })?;
    Ok(sets)
}

/// A capability, capabilities(7).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum Capability {
    /// The ids of new tasks.
    CheckpointRestore = CAP_CHECKPOINT_RESTORE,
    /// Capabilities of files, and a map of the user id 0 outside.
    Setfcap = CAP_SETFCAP,
    /// Group ids and lists of groups.
    Setgid = CAP_SETGID,
    /// User ids.
    Setuid = CAP_SETUID,
    /// chroot(2).
    SysChroot = CAP_SYS_CHROOT,
    /// Namespaces, mounts, host names, and much else.
    SysAdmin = CAP_SYS_ADMIN,
    /// Clocks.
    SysTime = CAP_SYS_TIME,
}

/// The names of all capabilities, by number, without `CAP_`.
#[rustfmt::skip]
pub static NAMES: [&str; CAP_LAST_CAP as usize + 1] = [
    "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
    "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
    "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
    "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
    "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
    "CHECKPOINT_RESTORE",
];

/// Whether the caller has a capability in its user namespace; none if capget(2) fails.
pub fn has(capability: Capability) -> Option<bool> {
    let number = capability as u32;
    sets().ok().map(|sets| sets[number as usize / 32].effective >> (number % 32) & 1 != 0)
}

/// Whether the caller has CAP_SYS_ADMIN in its user namespace; none if capget(2) fails.
pub fn is_administrator() -> Option<bool> {
    has(Capability::SysAdmin)
}

/// Whether the caller has CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN in its user namespace, one of which is needed to
/// choose an id; none if capget(2) fails.
pub fn may_choose_ids() -> Option<bool> {
    Some(has(Capability::CheckpointRestore)? || is_administrator()?)
}

/// Gives up a capability, or all; the user ids stay.
pub fn renounce(capability: Option<Capability>) -> Result<()> {
    let mut sets = sets()?;
    for (place, set) in sets.iter_mut().enumerate() {
        let lost = match capability.map(|capability| capability as u32) {
            Some(number) if number as usize / 32 == place => 1 << (number % 32),
            Some(_) => 0,
            None => u32::MAX,
        };
        set.effective &= !lost;
        set.permitted &= !lost;
        set.inheritable &= !lost;
    }
    set(&sets)
}

/// capset(2) of the caller.
fn set(sets: &Sets) -> Result<()> {
    let mut header = HEADER;
    // SAFETY: the kernel reads (and may write) one header and reads two structs.
    done(unsafe { syscall!(CAPSET, &raw mut header, sets.as_ptr()) })
}

/// Makes all permitted capabilities ambient too, so that a program executed by a user other than root keeps them.
pub fn keep() -> Result<()> {
    let mut sets = sets()?;
    for set in &mut sets {
        set.inheritable = set.permitted;
    }
    set(&sets)?;
    for capability in 0..=CAP_LAST_CAP {
        if sets[capability as usize / 32].permitted >> (capability % 32) & 1 != 0 {
            // SAFETY: no memory is passed.
            done(unsafe { syscall!(PRCTL, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) })?;
        }
    }
    Ok(())
}
