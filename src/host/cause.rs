//! What in this place makes the kernel refuse: found by looking, and only after a refusal.
//!
//! One table. A row is the cause if it speaks of the step that failed and of its errno, and if its check, which looks at this
//! place now, holds. The first such row is told; where there is none, nothing is guessed.

use super::limits::{self, Used};
use super::proc::{self, Line};
use super::{namespace, probe};
use crate::clone::call::{Api, Call};
use crate::clone::flags::{Flags, Kind};
use crate::clone::task::by_child;
use crate::error::{Failure, Step};
use crate::sys::{Errno, control, file, ids, namespace as calls, privilege};
use crate::text::Show;
use core::ffi::CStr;

macro_rules! reasons {
    ($($(#[$about:meta])* $name:ident $cause:literal $remedy:literal)*) => {
        /// Why the kernel refuses.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Reason {
            $($(#[$about])* $name,)*
        }

        impl Reason {
            /// The cause, and what to try; a `*` stands for the kind of namespace, where that is known.
            const fn texts(self) -> [&'static str; 2] {
                match self {
                    $(Self::$name => [$cause, $remedy],)*
                }
            }
        }
    };
}

reasons! {
    /// There is no proc(5).
    NoProc "/proc is not mounted" "mount -t proc proc /proc"
    /// There is no newuidmap(1).
    NoHelper "newuidmap is not installed" "apt-get install uidmap"
    /// subuid(5) names no ids for the caller.
    NoBlock "/etc/subuid or /etc/subgid has no block for this user"
        "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER"
    /// newuidmap(1) did not write the map.
    HelperSays "newuidmap or newgidmap refused, see above" "compare with /etc/subuid and /etc/subgid"
    /// The process is not dumpable.
    NotReadable "this file may be executed but not read, so /proc/self is root's" "chmod +r chimera"
    /// The caller's id has no name.
    Unmapped "the caller's uid is not mapped in its user namespace" "write its uid_map first"
    /// The caller's root directory is none of a mount.
    Chroot "the caller is in a chroot" "run it outside"
    /// A sysctl of Debian.
    Unprivileged "kernel.unprivileged_userns_clone is 0" "sysctl -w kernel.unprivileged_userns_clone=1"
    /// seccomp(2).
    Seccomp "a seccomp filter or a tracer forbids it" "docker run --security-opt seccomp=unconfined"
    /// No user namespace was asked for.
    NoRights "only root may, or root of a new user namespace" "add --map-root-user"
    /// setgroups(2) after a map of one id.
    GroupsDenied "setgroups is denied with a map of one id" "map more: --map-auto"
    /// The program's id has no name.
    NoSuchId "the id is not mapped in the new user namespace" "map it: --map-users, --map-groups"
    /// A limit of a kind of namespace is 0.
    NoneAllowed "user.max_*_namespaces is 0" "sysctl -w user.max_*_namespaces=10000"
    /// Another limit of namespaces(7) or user_namespaces(7).
    LimitReached "nested 32 deep, or user.max_*_namespaces is used up" "run it further out"
    /// CONFIG_USER_NS.
    NotBuilt "this kernel has no user namespaces" "use one with CONFIG_USER_NS"
    /// Numbers in /proc are those of other tasks.
    OtherTasks "/proc shows the tasks of another PID namespace"
        "mount -t proc proc /proc, in a mount namespace of its own"
    /// proc(5) can be mounted by root of the PID namespace alone.
    ProcOfOthers "proc of the caller's PID namespace is not this root's" "add --pid"
    /// A proc(5) of which something is hidden may not be mounted anew.
    ProcCovered "parts of /proc are covered by other mounts" "docker run --security-opt systempaths=unconfined"
    /// The root of a new user namespace has no rights, or there is no such namespace at all.
    Apparmor "AppArmor restricts unprivileged user namespaces"
        "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
    /// SELinux enforces.
    Selinux "SELinux forbids it" "ausearch -m avc -c chimera"
    /// cgroups(7).
    LimitCgroup "too many tasks: pids.max of the cgroup is reached" "raise pids.max"
    /// kernel.threads-max.
    LimitKernel "too many tasks: kernel.threads-max is reached" "sysctl -w kernel.threads-max=200000"
    /// RLIMIT_NPROC.
    LimitUser "too many tasks: RLIMIT_NPROC is reached" "ulimit -u unlimited"
    /// A limit of tasks that cannot be seen.
    LimitTasks "too many tasks, or no id is left" "sysctl -w kernel.pid_max=4194304"
    /// The namespaces are the old ones.
    FlagIgnored "a flag of the call was ignored" "chimera clone container"
    /// ENOMEM.
    LimitMemory "no memory" "ulimit -v unlimited"
}

/// A row: when it holds, and what it tells.
struct Cause {
    /// The steps that it speaks of.
    steps: &'static [Step],
    /// The errno that it speaks of; none is any.
    errno: Option<Errno>,
    /// Looks whether it holds; the flags are those of the call.
    check: fn(Flags) -> bool,
    /// What is told.
    reason: Reason,
}

/// The call that makes the namespaces.
const CALL: &[Step] = &[Step::Call, Step::Unshare];
/// The maps themselves, which a helper may have written.
const RANGES: &[Step] = &[Step::UidMap, Step::GidMap];
/// All that has to do with the id maps.
const MAPS: &[Step] = &[Step::WriteSetgroups, Step::ProveNew, Step::ProveTasks, Step::UidMap, Step::GidMap];
/// What root of a new user namespace does there.
#[rustfmt::skip]
const ROOT: &[Step] = &[
    Step::WriteSetgroups, Step::ProveNew, Step::ProveTasks, Step::UidMap, Step::GidMap, Step::Getuid, Step::Getgid,
    Step::SetuidRoot, Step::UnshareUts, Step::NameHost, Step::Propagation, Step::Sethostname, Step::Chroot, Step::Chdir,
    Step::MountProc,
];
/// From the mounts to the ids of the program.
#[rustfmt::skip]
const PROGRAM: &[Step] = &[
    Step::Propagation, Step::Sethostname, Step::Chroot, Step::Chdir, Step::MountProc, Step::Offsets, Step::Setgroups,
    Step::Setgid, Step::Setuid,
];
/// A call that makes a task.
#[rustfmt::skip]
const MAKES: &[Step] = &[
    Step::Call, Step::Unshare, Step::Subject, Step::Alone, Step::Helper, Step::Program, Step::Kind, Step::Sleeper,
];

const fn at(steps: &'static [Step], errno: Errno, check: fn(Flags) -> bool, reason: Reason) -> Cause {
    Cause { steps, errno: Some(errno), check, reason }
}

/// The same of any errno.
const fn always(steps: &'static [Step], check: fn(Flags) -> bool, reason: Reason) -> Cause {
    Cause { steps, errno: None, check, reason }
}

/// The definite causes first, those that are only likely after them.
#[rustfmt::skip]
static CAUSES: [Cause; 29] = [
    at(MAPS, Errno::ENOENT, |_| is_missing(c"/proc/self"), Reason::NoProc),
    at(RANGES, Errno::ENOENT, |_| is_missing(c"/usr/bin/newuidmap"), Reason::NoHelper),
    at(RANGES, Errno::ENOENT, |_| true, Reason::NoBlock),
    at(RANGES, Errno::ECHILD, |_| true, Reason::HelperSays),
    at(MAPS, Errno::EACCES, |_| control::is_dumpable() != Ok(true), Reason::NotReadable),
    at(CALL, Errno::EPERM, |_| ids::is_unmapped(), Reason::Unmapped),
    at(CALL, Errno::EPERM, |_| namespace::is_chroot(), Reason::Chroot),
    at(CALL, Errno::EPERM, |_| begins(c"/proc/sys/kernel/unprivileged_userns_clone", b"0"), Reason::Unprivileged),
    always(CALL, is_filtered, Reason::Seccomp),
    at(CALL, Errno::EPERM, is_without_user, Reason::NoRights),
    at(PROGRAM, Errno::EPERM, is_without_user, Reason::NoRights),
    at(&[Step::Setgroups], Errno::EPERM, |_| true, Reason::GroupsDenied),
    at(&[Step::Setgid, Step::Setuid], Errno::EINVAL, |_| true, Reason::NoSuchId),
    at(CALL, Errno::ENOSPC, |flags| none_allowed(flags).is_some(), Reason::NoneAllowed),
    at(CALL, Errno::ENOSPC, |_| true, Reason::LimitReached),
    at(CALL, Errno::EINVAL, |flags| !is_without_user(flags) && file::inode(c"/proc/self/ns/user").is_err(), Reason::NotBuilt),
    always(&[Step::ProveTasks], |_| true, Reason::OtherTasks),
    at(&[Step::MountProc], Errno::EPERM, |flags| !flags.contains(Flags::NEWPID), Reason::ProcOfOthers),
    at(&[Step::MountProc], Errno::EPERM, |_| is_proc_covered(), Reason::ProcCovered),
    always(ROOT, |_| is_apparmor(), Reason::Apparmor),
    at(CALL, Errno::EACCES, |_| is_apparmor(), Reason::Apparmor),
    at(CALL, Errno::EACCES, |_| begins(c"/sys/fs/selinux/enforce", b"1"), Reason::Selinux),
    at(MAKES, Errno::EAGAIN, |_| limits::tasks_of_cgroup().is_some_and(Used::is_full), Reason::LimitCgroup),
    at(MAKES, Errno::EAGAIN, |_| limits::tasks_of_kernel().is_some_and(Used::is_full), Reason::LimitKernel),
    at(MAKES, Errno::EAGAIN, |_| limits::tasks_of_user().is_some() && privilege::is_administrator() == Some(false), Reason::LimitUser),
    at(MAKES, Errno::EAGAIN, |_| true, Reason::LimitTasks),
    at(&[Step::ProveNew], Errno::EIO, |_| true, Reason::FlagIgnored),
    at(Step::ALL, Errno::ENOMEM, |_| true, Reason::LimitMemory),
    at(Step::ALL, Errno::EPERM, |_| control::seccomp_mode() == Ok(2), Reason::Seccomp),
];

/// What is told of a refusal: the cause, and what to try.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Told {
    /// Why the kernel refuses.
    pub reason: Reason,
    /// The kind of namespace of which there may be none.
    kind: Option<Kind>,
}

impl Told {
    /// The cause.
    pub fn cause(self) -> impl Show + Copy {
        let [cause, _] = self.reason.texts();
        self.name_kind(cause)
    }

    /// What to try.
    pub fn remedy(self) -> impl Show + Copy {
        let [_, remedy] = self.reason.texts();
        self.name_kind(remedy)
    }

    /// A text, with the kind in its place.
    fn name_kind(self, text: &'static str) -> (&'static str, &'static str, &'static str) {
        match self.kind.zip(text.split_once('*')) {
            Some((kind, (before, behind))) => (before, kind.name(), behind),
            None => (text, "", ""),
        }
    }
}

/// The first row that speaks of this failure and holds here. The flags are those of the call, for the namespaces among them.
pub fn find(failure: Failure, flags: Flags) -> Option<Told> {
    let speaks = |cause: &&Cause| {
        cause.steps.contains(&failure.step) && (cause.errno.is_none() || cause.errno == failure.errno())
    };
    let reason = CAUSES.iter().filter(speaks).find(|cause| (cause.check)(flags))?.reason;
    Some(Told { reason, kind: if reason == Reason::NoneAllowed { none_allowed(flags) } else { None } })
}

/// Whether the flags ask for no user namespace, in which every caller has rights.
fn is_without_user(flags: Flags) -> bool {
    !flags.contains(Flags::NEWUSER)
}

/// Whether AppArmor leaves the root of a new user namespace without its rights, or refuses to make one.
fn is_apparmor() -> bool {
    begins(c"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", b"1")
}

/// Whether a filter answers the call, which is asked in a way that the kernel itself refuses with EINVAL.
pub fn is_filtered(flags: Flags) -> bool {
    let call = Call::usual(Api::Clone, flags & !Flags::VM);
    matches!(probe::filtered(&call), Ok(Some(_))) || is_unshare_filtered(flags)
}

/// The same of unshare(2), asked with a flag that it does not know; by a child, for there are kernels that take it.
fn is_unshare_filtered(flags: Flags) -> bool {
    let asked = flags.bits() as usize | 1;
    by_child(|| matches!(calls::unshare(asked), Err(Errno::EPERM | Errno::ENOSYS)).into()) == Ok(1)
}

/// The first kind of namespace among the flags of which there may be none.
fn none_allowed(flags: Flags) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| flags.contains(kind.flag()) && limits::namespaces(*kind) == Some(0))
}

/// Whether something is mounted over a part of the proc file system, as container engines do: such a one may not be mounted
/// anew.
fn is_proc_covered() -> bool {
    // The fifth word is where it is mounted, proc_pid_mountinfo(5).
    let covers = |line: Line| line.part(4, b" ").is_some_and(|place| place.starts_with(b"/proc/"));
    proc::find(c"/proc/self/mountinfo", &mut { covers }) == Ok(true)
}

/// Whether a path leads nowhere that can be seen.
fn is_missing(path: &CStr) -> bool {
    file::open(path, file::O_PATH).is_err()
}

/// Whether a line of a small file begins so.
fn begins(path: &CStr, beginning: &[u8]) -> bool {
    proc::find(path, &mut |line| line.after(beginning).is_some()) == Ok(true)
}
