//! What in this place makes the kernel refuse: found by looking, and only after a refusal.
//!
//! The decision behind it: one table. A row is the cause if it speaks of the step that failed and of its errno and
//! if its check, which looks at this place now, holds. The first such row is told; if there is none, nothing is
//! guessed.

use crate::clone::call::{Api, Call};
use crate::clone::flags::{Flags, KINDS};
use crate::clone::place;
use crate::clone::task::{Failure, by_child};
use crate::sys::proc::{self, Line};
use crate::sys::{Answer, Errno, control, file, ids, limit, namespace, privilege, process};
use crate::words::Text;
use core::ffi::CStr;
use core::ops::RangeInclusive;
use linux_raw_sys::errno as kernel;

/// Why the kernel refuses: the first and the last of the steps that it speaks of, the errno (0: any), the check, what to
/// say, and what to do about it.
struct Cause(Text, Text, u8, fn(Flags) -> bool, Text, Text);

/// The call that makes the namespaces.
const CALL: RangeInclusive<Text> = Text::Call..=Text::StepUnshare;
/// What follows in a new user namespace.
const ROOT: RangeInclusive<Text> = Text::RootSetgroups..=Text::StepProc;
/// One of the id maps.
const MAPS: RangeInclusive<Text> = Text::RootSetgroups..=Text::RootGidMap;
/// The maps themselves, which a helper may have written.
const RANGES: RangeInclusive<Text> = Text::RootUidMap..=Text::RootGidMap;
/// From the mounts to the ids of the program.
const PROGRAM: RangeInclusive<Text> = Text::StepPropagation..=Text::StepSetuid;
/// Its groups, and its ids.
const GROUPS: RangeInclusive<Text> = Text::StepSetgroups..=Text::StepSetgroups;
const IDS: RangeInclusive<Text> = Text::StepSetgid..=Text::StepSetuid;
/// The proc file system.
const PROC: RangeInclusive<Text> = Text::StepProc..=Text::StepProc;
/// Whether a number in /proc names the task that a call means by it.
const TASKS: RangeInclusive<Text> = Text::StepTasks..=Text::StepTasks;
/// Whether the namespaces are new.
const NEW: RangeInclusive<Text> = Text::StepNew..=Text::StepNew;
/// A call that makes a task.
const MAKES: RangeInclusive<Text> = Text::Call..=Text::StepSleeper;
/// Each step.
const ALL: RangeInclusive<Text> = Text::Call..=Text::StepRenounce;

const fn at(steps: RangeInclusive<Text>, errno: u32, check: fn(Flags) -> bool, say: Text, remedy: Text) -> Cause {
    Cause(*steps.start(), *steps.end(), errno as u8, check, say, remedy)
}

/// The definite causes first, those that are only likely after them.
#[rustfmt::skip]
static CAUSES: [Cause; 29] = [
    at(MAPS, kernel::ENOENT, |_| file::open(c"/proc/self", file::O_PATH).is_error(), Text::NoProc, Text::NoProcTry),
    at(RANGES, kernel::ENOENT, |_| file::open(c"/usr/bin/newuidmap", file::O_PATH).is_error(), Text::NoHelper, Text::NoHelperTry),
    at(RANGES, kernel::ENOENT, |_| true, Text::NoBlock, Text::NoBlockTry),
    at(RANGES, kernel::ECHILD, |_| true, Text::HelperSays, Text::HelperSaysTry),
    at(MAPS, kernel::EACCES, |_| control::dumpable() != Answer(1), Text::NotReadable, Text::NotReadableTry),
    at(CALL, kernel::EPERM, |_| ids::is_unmapped(), Text::Unmapped, Text::UnmappedTry),
    at(CALL, kernel::EPERM, |_| file::is_chroot(), Text::Chroot, Text::ChrootTry),
    at(CALL, kernel::EPERM, |_| begins(c"/proc/sys/kernel/unprivileged_userns_clone", b"0"), Text::Unprivileged, Text::UnprivilegedTry),
    at(CALL, 0, is_filtered, Text::Seccomp, Text::SeccompTry),
    at(CALL, kernel::EPERM, |flags| !flags.contains(Flags::NEWUSER), Text::NoRights, Text::NoRightsTry),
    at(PROGRAM, kernel::EPERM, |flags| !flags.contains(Flags::NEWUSER), Text::NoRights, Text::NoRightsTry),
    at(GROUPS, kernel::EPERM, |_| true, Text::GroupsDenied, Text::GroupsDeniedTry),
    at(IDS, kernel::EINVAL, |_| true, Text::NoSuchId, Text::NoSuchIdTry),
    at(CALL, kernel::ENOSPC, |flags| none_allowed(flags).is_some(), Text::NoneAllowed, Text::NoneAllowedTry),
    at(CALL, kernel::ENOSPC, |_| true, Text::LimitReached, Text::LimitReachedTry),
    at(CALL, kernel::EINVAL, |flags| flags.contains(Flags::NEWUSER) && file::inode(c"/proc/self/ns/user").is_error(), Text::NotBuilt, Text::NotBuiltTry),
    at(TASKS, 0, |_| true, Text::OtherTasks, Text::OtherTasksTry),
    at(PROC, kernel::EPERM, |flags| !flags.contains(Flags::NEWPID), Text::ProcOfOthers, Text::ProcOfOthersTry),
    at(PROC, kernel::EPERM, |_| is_proc_covered(), Text::ProcCovered, Text::ProcCoveredTry),
    at(ROOT, 0, |_| is_apparmor(), Text::Apparmor, Text::ApparmorTry),
    at(CALL, kernel::EACCES, |_| is_apparmor(), Text::Apparmor, Text::ApparmorTry),
    at(CALL, kernel::EACCES, |_| begins(c"/sys/fs/selinux/enforce", b"1"), Text::Selinux, Text::SelinuxTry),
    at(MAKES, kernel::EAGAIN, |_| limit::is_cgroup_full(), Text::LimitCgroup, Text::LimitCgroupTry),
    at(MAKES, kernel::EAGAIN, |_| limit::is_kernel_full(), Text::LimitKernel, Text::LimitKernelTry),
    at(MAKES, kernel::EAGAIN, |_| limit::tasks().is_some() && privilege::is_administrator() == Some(false), Text::LimitUser, Text::LimitUserTry),
    at(MAKES, kernel::EAGAIN, |_| true, Text::LimitTasks, Text::LimitTasksTry),
    at(NEW, kernel::EIO, |_| true, Text::FlagIgnored, Text::FlagIgnoredTry),
    at(ALL, kernel::ENOMEM, |_| true, Text::LimitMemory, Text::LimitMemoryTry),
    at(ALL, kernel::EPERM, |_| process::seccomp_mode() == Answer(2), Text::Seccomp, Text::SeccompTry),
];

/// What is told of a refusal: the cause, what to try, and the kind of namespace that both speak of.
#[derive(Clone, Copy)]
pub struct Told {
    /// Why.
    pub cause: Text,
    /// What to try.
    pub remedy: Text,
    /// For their places.
    pub kind: Text,
}

/// The first row that speaks of this failure and holds here. `flags` are those of the call, for the namespaces among them.
pub fn find(failure: Failure, flags: Flags) -> Option<Told> {
    let speaks = |Cause(first, last, errno, ..): &&Cause| {
        let steps = *first as u16..=*last as u16;
        steps.contains(&(failure.step as u16)) && (*errno == 0 || usize::from(*errno) == failure.errno.number())
    };
    let Cause(.., cause, remedy) = CAUSES.iter().filter(speaks).find(|cause| (cause.3)(flags))?;
    Some(Told { cause: *cause, remedy: *remedy, kind: none_allowed(flags).unwrap_or(Text::Nothing) })
}

/// Whether AppArmor leaves the root of a new user namespace without its rights, or refuses to make one.
fn is_apparmor() -> bool {
    begins(c"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", b"1")
}

/// Whether a filter answers the call, which is asked in a way that the kernel itself refuses with EINVAL.
pub fn is_filtered(flags: Flags) -> bool {
    let call = Call::usual(Api::Clone, flags & !Flags::VM);
    matches!(place::filtered(&call), Ok(Some(_))) || is_unshare_filtered(flags)
}

/// The same of unshare(2), asked with a flag that it does not know; by a child, for there are kernels that take it.
fn is_unshare_filtered(flags: Flags) -> bool {
    let said = by_child(|| {
        let said = namespace::unshare(flags.bits() as usize | 1);
        (said.is(Errno::EPERM) || said.is(Errno::ENOSYS)).into()
    });
    said == Answer(1)
}

/// The first kind of namespace among the flags of which there may be none, by its name.
fn none_allowed(flags: Flags) -> Option<Text> {
    let is_zero = |kind: &Text| {
        limit::of_namespaces(kind.bytes(), &mut |path| Answer((proc::value(path) == Some(0)).into())) == Answer(1)
    };
    KINDS.iter().filter(|(flag, _)| flags.contains(*flag)).map(|(_, kind)| *kind).find(is_zero)
}

/// Whether something is mounted over a part of the proc file system, as container engines do: such a one may not be mounted
/// anew.
fn is_proc_covered() -> bool {
    // The fifth word is where it is mounted, proc_pid_mountinfo(5).
    let covers = |line: Line| line.part(4, b" ").is_some_and(|place| place.starts_with(b"/proc/"));
    proc::find(c"/proc/self/mountinfo", &mut { covers }) == Answer(1)
}

/// Whether a small file begins so.
fn begins(path: &CStr, beginning: &[u8]) -> bool {
    proc::find(path, &mut |line| line.after(beginning).is_some()) == Answer(1)
}
