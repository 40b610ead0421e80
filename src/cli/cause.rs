//! What in this place makes the kernel refuse: found by looking, and only after a refusal.
//!
//! The decision behind it: one table. A row is the cause if it speaks of the step that failed and of its errno and
//! if its check, which looks at this place now, holds. The first such row is told; if there is none, nothing is
//! guessed.

use crate::clone::task::{CALL, Failure};
use crate::sys::{Answer, Errno, file, ids, process};
use crate::witness::root;
use core::ffi::CStr;

/// Which step of the way a row speaks of.
#[derive(PartialEq, Eq)]
enum At {
    /// The call that makes the task.
    Call,
    /// What the child does to become root.
    Root,
    /// Any step.
    Any,
}

/// Why the kernel refuses, and what to do about it.
pub struct Cause {
    at: At,
    errnos: &'static [Errno],
    holds: fn() -> bool,
    /// The cause, in a line.
    pub text: &'static str,
    /// What to type or to change.
    pub remedy: &'static str,
}

/// The definite causes first, those that are only likely after them.
static CAUSES: [Cause; 11] = [
    Cause {
        at: At::Root,
        errnos: &[Errno::ENOENT],
        holds: || file::open(c"/proc/self", file::O_PATH).ok().is_none(),
        text: "no /proc is mounted here, and the maps are written through it",
        remedy: "mount -t proc proc /proc",
    },
    Cause {
        at: At::Call,
        errnos: &[Errno::EPERM],
        holds: || ids::getuid().and_then(ids::keep_uid).is(Errno::EINVAL),
        text: "the caller's own user id has no name in its user namespace (/proc/self/uid_map)",
        remedy: "write the map of the caller's namespace first",
    },
    Cause {
        at: At::Call,
        errnos: &[Errno::EPERM],
        holds: || file::is_mount_root(c"/") == Some(false),
        text: "the caller is in a chroot, from where no user namespace may be made",
        remedy: "call it outside of the chroot, or enter the folder with pivot_root(2) instead",
    },
    Cause {
        at: At::Call,
        errnos: &[Errno::EPERM],
        holds: || first_byte(c"/proc/sys/kernel/unprivileged_userns_clone") == Some(b'0'),
        text: "kernel.unprivileged_userns_clone is 0: only root may make user namespaces",
        remedy: "sysctl kernel.unprivileged_userns_clone=1",
    },
    Cause {
        at: At::Root,
        errnos: &[Errno::EPERM, Errno::EACCES],
        holds: || {
            first_byte(c"/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == Some(b'1')
        },
        text: "AppArmor takes the capabilities away (kernel.apparmor_restrict_unprivileged_userns is 1)",
        remedy: "sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for this file",
    },
    Cause {
        at: At::Call,
        errnos: &[Errno::ENOSPC, Errno::EUSERS],
        holds: || first_byte(c"/proc/sys/user/max_user_namespaces") == Some(b'0'),
        text: "user.max_user_namespaces is 0",
        remedy: "sysctl user.max_user_namespaces=10000",
    },
    Cause {
        at: At::Call,
        errnos: &[Errno::ENOSPC, Errno::EUSERS],
        holds: || true,
        text: "user.max_user_namespaces is reached here or in a namespace above, or they are nested 33 deep",
        remedy: "end other users of namespaces, or raise the limit",
    },
    Cause {
        at: At::Call,
        errnos: &[Errno::EINVAL],
        holds: || file::open(c"/proc/self/ns/user", file::O_PATH).is(Errno::ENOENT),
        text: "this kernel was built without user namespaces (CONFIG_USER_NS)",
        remedy: "use another kernel",
    },
    Cause {
        at: At::Call,
        errnos: &[Errno::EAGAIN],
        holds: || process::is_limited(process::RLIMIT_NPROC),
        text: "RLIMIT_NPROC: this user may have no more tasks",
        remedy: "ulimit -u unlimited",
    },
    Cause {
        at: At::Any,
        errnos: &[Errno::ENOMEM],
        holds: || process::is_limited(process::RLIMIT_AS),
        text: "RLIMIT_AS: this process may have no more memory",
        remedy: "ulimit -v unlimited",
    },
    Cause {
        at: At::Any,
        errnos: &[Errno::EPERM, Errno::EACCES, Errno::ENOSYS],
        holds: || process::seccomp_mode() == Answer(2),
        text: "a seccomp filter is on this task, as in a container",
        remedy: "docker run --security-opt seccomp=unconfined, or its like",
    },
];

/// The first row that speaks of this failure and holds here.
#[inline(never)]
pub fn find(failure: Failure) -> Option<&'static Cause> {
    let at = match failure.step {
        step if core::ptr::eq(step, &CALL) => At::Call,
        step if root::is_step(step) => At::Root,
        _ => At::Any,
    };
    let speaks = |cause: &&Cause| {
        (cause.at == at || cause.at == At::Any) && cause.errnos.contains(&failure.errno)
    };
    CAUSES.iter().filter(speaks).find(|cause| (cause.holds)())
}

/// The first byte of a small file.
fn first_byte(path: &CStr) -> Option<u8> {
    let mut room = [0; 1];
    let fd = file::open(path, file::O_RDONLY).ok()?;
    let read = file::read(fd, &mut room);
    // A failed close loses nothing of what was read.
    let _ = file::close(fd);
    (read == Answer(1)).then_some(room[0])
}
