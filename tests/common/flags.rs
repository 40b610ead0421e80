//! All flags of clone(2) and clone3(2), by the kernel's headers and not by the program's own table.

use linux_raw_sys::general as kernel;

/// The names without CLONE_, and the bits; those without a name in older headers by their numbers.
#[rustfmt::skip]
pub const FLAGS: [(&str, u64); 31] = [
    ("VM", kernel::CLONE_VM as u64), ("FS", kernel::CLONE_FS as u64), ("FILES", kernel::CLONE_FILES as u64),
    ("SIGHAND", kernel::CLONE_SIGHAND as u64), ("PIDFD", kernel::CLONE_PIDFD as u64),
    ("PTRACE", kernel::CLONE_PTRACE as u64), ("VFORK", kernel::CLONE_VFORK as u64),
    ("PARENT", kernel::CLONE_PARENT as u64), ("THREAD", kernel::CLONE_THREAD as u64),
    ("NEWNS", kernel::CLONE_NEWNS as u64), ("SYSVSEM", kernel::CLONE_SYSVSEM as u64),
    ("SETTLS", kernel::CLONE_SETTLS as u64), ("PARENT_SETTID", kernel::CLONE_PARENT_SETTID as u64),
    ("CHILD_CLEARTID", kernel::CLONE_CHILD_CLEARTID as u64), ("DETACHED", kernel::CLONE_DETACHED as u64),
    ("UNTRACED", kernel::CLONE_UNTRACED as u64), ("CHILD_SETTID", kernel::CLONE_CHILD_SETTID as u64),
    ("NEWCGROUP", kernel::CLONE_NEWCGROUP as u64), ("NEWUTS", kernel::CLONE_NEWUTS as u64),
    ("NEWIPC", kernel::CLONE_NEWIPC as u64), ("NEWUSER", kernel::CLONE_NEWUSER as u64),
    ("NEWPID", kernel::CLONE_NEWPID as u64), ("NEWNET", kernel::CLONE_NEWNET as u64), ("IO", kernel::CLONE_IO as u64),
    ("NEWTIME", kernel::CLONE_NEWTIME as u64), ("CLEAR_SIGHAND", kernel::CLONE_CLEAR_SIGHAND),
    ("INTO_CGROUP", kernel::CLONE_INTO_CGROUP), ("AUTOREAP", 1 << 34), ("NNP", 1 << 35),
    ("PIDFD_AUTOKILL", 1 << 36), ("EMPTY_MNTNS", 1 << 37),
];
