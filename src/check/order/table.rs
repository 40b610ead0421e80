//! The faults, in the order in which the kernel meets them: copy_clone_args_from_user, clone3_args_valid, kernel_clone,
//! and copy_process of kernel/fork.c.

use super::fault::{Fault, is_read};
use crate::check::case::What;
use crate::check::own::Rights;
use crate::clone::attempt::{Attempt, Pointer};
use crate::clone::call::{Api, NO_CGROUP};
use crate::clone::flags::Flags;
use crate::sys::memory::PAGE;
use crate::sys::{Errno, Signal};

/// A fault of the flags alone, for both calls.
const fn flags(of_clone: &'static str, of_clone3: &'static str, rule: &'static str, flags: Flags) -> Fault {
    Fault {
        of_clone,
        of_clone3,
        rule,
        errno: Errno::EINVAL,
        flags,
        without: Flags::empty(),
        rights: Rights::Own,
        argument: (What::Flags, 0),
        give: |_, _| {},
        has: |_| true,
    }
}

/// A fault of clone3(2) in an argument.
const fn argument(of_clone3: &'static str, rule: &'static str, errno: Errno, argument: (What, u64)) -> Fault {
    Fault { errno, argument, ..flags("", of_clone3, rule, Flags::empty()) }
}

/// The size of a struct that has all that is known of it, and 8 bytes more.
const LONGER: usize = 96;

/// All faults.
pub static FAULTS: [Fault; 36] = [
    Fault {
        give: |attempt, _| attempt.call.size = PAGE + 1,
        has: |attempt| attempt.call.size > PAGE,
        ..argument("clone3.long", "A1", Errno::E2BIG, (What::Size, PAGE as u64 + 1))
    },
    Fault {
        give: |attempt, _| attempt.call.size = 63,
        has: |attempt| attempt.call.size < 64,
        ..argument("clone3.short", "A2", Errno::EINVAL, (What::Size, 63))
    },
    Fault {
        give: |attempt, _| attempt.structure = Pointer::Unmapped,
        has: |attempt| attempt.structure.fixed().is_some(),
        ..argument("clone3.unmapped", "A3", Errno::EFAULT, (What::Struct, 8))
    },
    Fault {
        give: |attempt, edge| {
            attempt.structure = Pointer::Edge(edge, LONGER - 8);
            attempt.call.size = LONGER;
        },
        has: |attempt| matches!(attempt.structure, Pointer::Edge(_, room) if room < attempt.call.size),
        ..argument("clone3.cut", "A3", Errno::EFAULT, (What::Size, LONGER as u64))
    },
    Fault {
        give: |attempt, _| {
            attempt.call.size = PAGE;
            attempt.odd_byte = Some(PAGE - 1);
        },
        has: |attempt| is_read(attempt, PAGE) && attempt.odd_byte.is_some(),
        ..argument("clone3.tail", "A4", Errno::E2BIG, (What::OddByte, PAGE as u64 - 1))
    },
    Fault {
        give: |attempt, _| attempt.set_tid_size = Some(33),
        has: |attempt| is_read(attempt, 80) && attempt.set_tid_size > Some(32),
        ..argument("clone3.many-ids", "A5", Errno::EINVAL, (What::SetTidSize, 33))
    },
    Fault {
        give: |attempt, _| {
            attempt.set_tid = Some(Pointer::Null);
            attempt.set_tid_size = Some(1);
        },
        has: |attempt| is_read(attempt, 80) && is_null(attempt.set_tid) && attempt.set_tid_size != Some(0),
        ..argument("clone3.null-ids", "A6", Errno::EINVAL, (What::SetTidSize, 1))
    },
    Fault {
        give: |attempt, _| attempt.call.exit_signal = 256,
        has: |attempt| is_read(attempt, 64) && attempt.call.exit_signal > 64,
        ..argument("clone3.no-signal", "A7", Errno::EINVAL, (What::ExitSignal, 256))
    },
    Fault {
        flags: Flags::INTO_CGROUP,
        give: |attempt, _| attempt.call.cgroup = 1 << 31,
        has: |attempt| is_read(attempt, 88) && attempt.call.cgroup > NO_CGROUP,
        ..argument("clone3.no-descriptor", "A8", Errno::EINVAL, (What::Cgroup, 1 << 31))
    },
    Fault {
        give: |attempt, _| {
            attempt.set_tid = Some(Pointer::Unmapped);
            attempt.set_tid_size = Some(1);
        },
        has: |attempt| {
            let is_nowhere = attempt.set_tid.and_then(Pointer::fixed).is_some() && !is_null(attempt.set_tid);
            is_read(attempt, 80) && is_nowhere && attempt.set_tid_size != Some(0)
        },
        ..argument("clone3.unmapped-ids", "A9", Errno::EFAULT, (What::SetTid, 8))
    },
    flags("", "clone3.unknown-flag", "B1", Flags::from_bits_retain(1 << 63)),
    flags("", "clone3.detached", "B2", Flags::DETACHED),
    flags("", "clone3.signal-bit", "B2", Flags::from_bits_retain(1)),
    flags("", "clone3.kept-and-cleared", "B3", Flags::SIGHAND.union(Flags::CLEAR_SIGHAND)),
    Fault { flags: Flags::PARENT, ..signal("clone3.signal-of-sibling", "B4") },
    Fault { flags: Flags::THREAD, ..signal("clone3.signal-of-thread", "B4") },
    Fault {
        give: |attempt, _| attempt.stack = Some([PAGE, 0]),
        has: |attempt| is_read(attempt, 64) && attempt.stack == Some([PAGE, 0]),
        ..argument("clone3.half-stack", "B5", Errno::EINVAL, (What::StackSize, 0))
    },
    Fault {
        give: |attempt, _| attempt.pidfd = None,
        has: |attempt| attempt.call.api == Api::Clone || is_one_word(attempt),
        ..flags("clone.one-word", "clone3.one-word", "C1", Flags::PIDFD.union(Flags::PARENT_SETTID))
    },
    flags("clone.mounts-and-root", "clone3.mounts-and-root", "D1", Flags::NEWNS.union(Flags::FS)),
    flags("clone.user-and-root", "clone3.user-and-root", "D2", Flags::NEWUSER.union(Flags::FS)),
    Fault { without: Flags::SIGHAND, ..flags("clone.thread-alone", "clone3.thread-alone", "D3", Flags::THREAD) },
    Fault { without: Flags::VM, ..flags("clone.handlers-alone", "clone3.handlers-alone", "D4", Flags::SIGHAND) },
    flags("clone.thread-and-user", "clone3.thread-and-user", "D6", THREAD.union(Flags::NEWUSER)),
    flags("clone.thread-and-ids", "clone3.thread-and-ids", "D6", THREAD.union(Flags::NEWPID)),
    flags("clone.detached", "", "D7", Flags::PIDFD.union(Flags::DETACHED)),
    Fault { flags: Flags::AUTOREAP, ..signal("clone3.signal-of-reaped", "D8") },
    flags("", "clone3.privileges-of-thread", "D10", THREAD.union(Flags::NNP)),
    Fault {
        without: Flags::PIDFD.union(Flags::AUTOREAP),
        ..flags("", "clone3.kill-without-descriptor", "D11", Flags::PIDFD_AUTOKILL)
    },
    Fault {
        errno: Errno::EPERM,
        rights: Rights::Unmapped,
        ..flags("clone.unmapped-user", "clone3.unmapped-user", "E6", Flags::NEWUSER)
    },
    Fault {
        errno: Errno::EAGAIN,
        rights: Rights::NoTask,
        ..flags("clone.too-many-tasks", "clone3.too-many-tasks", "E8", Flags::empty())
    },
    Fault {
        errno: Errno::EPERM,
        rights: Rights::None,
        without: Flags::NEWUSER,
        ..flags("clone.no-rights", "clone3.no-rights", "F1", Flags::NEWUTS)
    },
    Fault {
        rights: Rights::All,
        ..flags("clone.semaphores", "clone3.semaphores", "F2", Flags::NEWIPC.union(Flags::SYSVSEM))
    },
    Fault {
        errno: Errno::EPERM,
        argument: (What::Tls, u64::MAX),
        give: |attempt, _| attempt.call.tls = Some(usize::MAX),
        has: |attempt| attempt.call.tls == Some(usize::MAX),
        ..flags("clone.tls", "clone3.tls", "F4", Flags::SETTLS)
    },
    Fault {
        give: |attempt, _| {
            attempt.set_tid = Some(Pointer::Own);
            attempt.set_tid_size = Some(1);
        },
        has: |attempt| is_read(attempt, 80) && matches!(attempt.set_tid, Some(Pointer::Own)),
        ..argument("clone3.id-0", "F5", Errno::EINVAL, (What::SetTid, 0))
    },
    Fault {
        errno: Errno::EFAULT,
        argument: (What::Pidfd, 8),
        give: |attempt, _| {
            attempt.parent_tid = Pointer::Unmapped;
            attempt.pidfd = Some(Pointer::Unmapped);
        },
        has: |attempt| {
            let of_clone3 = if attempt.call.api == Api::Clone3 { attempt.pidfd } else { None };
            of_clone3.unwrap_or(attempt.parent_tid).fixed().is_some()
        },
        ..flags("clone.descriptor", "clone3.descriptor", "F7", Flags::PIDFD)
    },
    Fault {
        flags: Flags::INTO_CGROUP,
        has: |attempt| is_read(attempt, 88) && attempt.call.cgroup == NO_CGROUP,
        ..argument("clone3.cgroup", "F8", Errno::EBADF, (What::Cgroup, NO_CGROUP))
    },
];

/// The flags of a thread, with all that it needs.
const THREAD: Flags = Flags::THREAD.union(Flags::SIGHAND).union(Flags::VM);

/// A fault of a task that may have no exit signal.
const fn signal(of_clone3: &'static str, rule: &'static str) -> Fault {
    Fault {
        give: |attempt, _| attempt.call.exit_signal = Signal::CHLD.number() as u64,
        has: |attempt| is_read(attempt, 64) && attempt.call.exit_signal != 0,
        ..argument(of_clone3, rule, Errno::EINVAL, (What::ExitSignal, Signal::CHLD.number() as u64))
    }
}

/// Whether a pointer is null.
fn is_null(pointer: Option<Pointer>) -> bool {
    pointer.and_then(Pointer::fixed) == Some(0)
}

/// Whether the descriptor and the id of a call to clone3(2) have one address.
fn is_one_word(attempt: &Attempt) -> bool {
    let at = attempt.parent_tid.fixed();
    attempt.pidfd.is_none_or(|pidfd| at.is_some() && pidfd.fixed() == at)
}
