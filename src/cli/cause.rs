//! What in this place makes the kernel refuse: found by looking, and only after a refusal.
//!
//! The decision behind it: one table. A row is the cause if it speaks of the step that failed and of its errno and
//! if its check, which looks at this place now, holds. The first such row is told; if there is none, nothing is
//! guessed.

use crate::clone::task::Failure;
use crate::sys::{Answer, Errno, file, ids, proc, process};
use crate::words::Text;
use core::ffi::CStr;
use linux_raw_sys::errno as kernel;

/// Why the kernel refuses: the first and the last of the steps that it speaks of, the errno (0: any), the check, and
/// what to say.
struct Cause(Text, Text, u8, fn() -> bool, Text);

const fn at_call(errno: u32, check: fn() -> bool, say: Text) -> Cause {
    Cause(Text::Call, Text::Call, errno as u8, check, say)
}

const fn at_root(errno: u32, check: fn() -> bool, say: Text) -> Cause {
    Cause(Text::RootSetgroups, Text::RootSethostname, errno as u8, check, say)
}

const fn anywhere(errno: u32, check: fn() -> bool, say: Text) -> Cause {
    Cause(Text::Call, Text::RootSethostname, errno as u8, check, say)
}

/// The definite causes first, those that are only likely after them.
static CAUSES: [Cause; 10] = [
    at_root(kernel::ENOENT, || file::open(c"/proc/self", file::O_PATH).ok().is_none(), Text::NoProc),
    at_call(kernel::EPERM, || ids::getuid().and_then(ids::keep_uid).is(Errno::EINVAL), Text::Unmapped),
    at_call(kernel::EPERM, || file::is_mount_root(c"/") == Some(false), Text::Chroot),
    at_call(kernel::EPERM, || begins(c"/proc/sys/kernel/unprivileged_userns_clone", b'0'), Text::Unprivileged),
    at_root(0, || begins(c"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", b'1'), Text::Apparmor),
    at_call(kernel::ENOSPC, || begins(c"/proc/sys/user/max_user_namespaces", b'0'), Text::NoneAllowed),
    at_call(kernel::ENOSPC, || true, Text::LimitReached),
    at_call(kernel::EAGAIN, || true, Text::LimitTasks),
    anywhere(kernel::ENOMEM, || true, Text::LimitMemory),
    anywhere(0, || process::seccomp_mode() == Answer(2), Text::Seccomp),
];

/// The first row that speaks of this failure and holds here.
pub fn find(failure: Failure) -> Option<Text> {
    let speaks = |Cause(first, last, errno, ..): &&Cause| {
        let steps = *first as u16..=*last as u16;
        steps.contains(&(failure.step as u16)) && (*errno == 0 || usize::from(*errno) == failure.errno.number())
    };
    CAUSES.iter().filter(speaks).find(|cause| (cause.3)()).map(|cause| cause.4)
}

/// Whether a small file begins with this byte.
fn begins(path: &CStr, byte: u8) -> bool {
    proc::read(path, &mut [0; 1]) == [byte]
}
