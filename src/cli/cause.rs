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
use linux_raw_sys::errno as kernel;

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

/// Why the kernel refuses: the step and the errno that it speaks of (0: any), the check, and what to say.
struct Cause(At, u8, fn() -> bool, Text);

/// The definite causes first, those that are only likely after them.
static CAUSES: [Cause; 10] = [
    Cause(At::Root, kernel::ENOENT as u8, || file::open(c"/proc/self", file::O_PATH).ok().is_none(), Text::NoProc),
    Cause(At::Call, kernel::EPERM as u8, || ids::getuid().and_then(ids::keep_uid).is(Errno::EINVAL), Text::Unmapped),
    Cause(At::Call, kernel::EPERM as u8, || file::is_mount_root(c"/") == Some(false), Text::Chroot),
    Cause(
        At::Call,
        kernel::EPERM as u8,
        || begins(c"/proc/sys/kernel/unprivileged_userns_clone", b'0'),
        Text::Unprivileged,
    ),
    Cause(At::Root, 0, || begins(c"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", b'1'), Text::Apparmor),
    Cause(At::Call, kernel::ENOSPC as u8, || begins(c"/proc/sys/user/max_user_namespaces", b'0'), Text::NoneAllowed),
    Cause(At::Call, kernel::ENOSPC as u8, || true, Text::LimitReached),
    Cause(At::Call, kernel::EAGAIN as u8, || true, Text::LimitTasks),
    Cause(At::Any, kernel::ENOMEM as u8, || true, Text::LimitMemory),
    Cause(At::Any, 0, || process::seccomp_mode() == Answer(2), Text::Seccomp),
];

/// The first row that speaks of this failure and holds here.
pub fn find(failure: Failure) -> Option<Text> {
    let at = match failure.step {
        Text::Call => At::Call,
        Text::Killed | Text::AtGuard => return None,
        step if root::is_step(step) => At::Root,
        _ => At::Any,
    };
    let speaks = |cause: &&Cause| {
        (cause.0 == at || cause.0 == At::Any) && (cause.1 == 0 || usize::from(cause.1) == failure.errno.number())
    };
    CAUSES.iter().filter(speaks).find(|cause| (cause.2)()).map(|cause| cause.3)
}

/// Whether a small file begins with this byte.
fn begins(path: &CStr, byte: u8) -> bool {
    let mut room = [0; 1];
    file::open(path, file::O_RDONLY).and_then(|fd| {
        let read = file::read(fd, &mut room);
        // A failed close loses nothing of what was read.
        let _ = file::close(fd);
        read
    }) == Answer(1)
        && room[0] == byte
}
