//! What in this place makes the kernel refuse: found by looking, and only after a refusal.
//!
//! The decision behind it: one table. A row is the cause if it speaks of the step that failed and of its errno and
//! if its check, which looks at this place now, holds. The first such row is told; if there is none, nothing is
//! guessed.

use crate::clone::task::Failure;
use crate::sys::{Answer, Errno, file, ids, process};
use crate::witness::root;
use crate::words::Text;
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
struct Cause(At, Errno, fn() -> bool, Text);

/// The definite causes first, those that are only likely after them.
static CAUSES: [Cause; 13] = [
    Cause(At::Root, Errno::ENOENT, || file::open(c"/proc/self", file::O_PATH).ok().is_none(), Text::NoProc),
    Cause(At::Call, Errno::EPERM, || ids::getuid().and_then(ids::keep_uid).is(Errno::EINVAL), Text::Unmapped),
    Cause(At::Call, Errno::EPERM, || file::is_mount_root(c"/") == Some(false), Text::Chroot),
    Cause(
        At::Call,
        Errno::EPERM,
        || first_byte(c"/proc/sys/kernel/unprivileged_userns_clone") == Some(b'0'),
        Text::Unprivileged,
    ),
    Cause(At::Root, Errno::EPERM, is_restricted, Text::Apparmor),
    Cause(At::Root, Errno::EACCES, is_restricted, Text::Apparmor),
    Cause(
        At::Call,
        Errno::ENOSPC,
        || first_byte(c"/proc/sys/user/max_user_namespaces") == Some(b'0'),
        Text::NoneAllowed,
    ),
    Cause(At::Call, Errno::ENOSPC, || true, Text::LimitReached),
    Cause(At::Call, Errno::EAGAIN, || process::is_limited(process::RLIMIT_NPROC), Text::LimitTasks),
    Cause(At::Any, Errno::ENOMEM, || process::is_limited(process::RLIMIT_AS), Text::LimitMemory),
    Cause(At::Any, Errno::EPERM, is_filtered, Text::Seccomp),
    Cause(At::Any, Errno::EACCES, is_filtered, Text::Seccomp),
    Cause(At::Any, Errno::ENOSYS, is_filtered, Text::Seccomp),
];

/// The first row that speaks of this failure and holds here.
pub fn find(failure: Failure) -> Option<Text> {
    let at = match failure.step {
        Text::Call => At::Call,
        step if root::is_step(step) => At::Root,
        _ => At::Any,
    };
    let speaks = |cause: &&Cause| (cause.0 == at || cause.0 == At::Any) && cause.1 == failure.errno;
    CAUSES.iter().filter(speaks).find(|cause| (cause.2)()).map(|cause| cause.3)
}

fn is_restricted() -> bool {
    first_byte(c"/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == Some(b'1')
}

fn is_filtered() -> bool {
    process::seccomp_mode() == Answer(2)
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
