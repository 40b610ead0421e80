//! Why the kernel refuses a step on this machine: found by looking, and only after a refusal.
//!
//! One table. A row is the cause if it names the failed step and its errno, and if its check, which looks at this
//! machine now, holds. The first such row is reported; if there is none, nothing is guessed.

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
        /// The reason for a refusal.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Reason {
            $($(#[$about])* $name,)*
        }

        impl Reason {
            /// The cause, and what to try; a `*` stands for the kind of namespace, if that is known.
            const fn texts(self) -> [&'static str; 2] {
                match self {
                    $(Self::$name => [$cause, $remedy],)*
                }
            }
        }
    };
}

reasons! {
    /// proc(5) is not mounted.
    NoProc "/proc is not mounted" "mount -t proc proc /proc"
    /// newuidmap(1) is not installed.
    NoHelper "newuidmap is not installed" "apt-get install uidmap"
    /// subuid(5) or subgid(5) has no block for the caller.
    NoBlock "/etc/subuid or /etc/subgid has no block for this user"
        "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER"
    /// newuidmap(1) or newgidmap(1) did not write the map.
    HelperSays "newuidmap or newgidmap refused, see above" "compare with /etc/subuid and /etc/subgid"
    /// The process is not dumpable.
    NotReadable "this file may be executed but not read, so /proc/self is root's" "chmod +r chimera"
    /// The caller's id is not mapped in its user namespace.
    Unmapped "the caller's uid is not mapped in its user namespace" "write its uid_map first"
    /// The caller's root directory is not the root of a mount.
    Chroot "the caller is in a chroot" "run it outside"
    /// A sysctl of Debian kernels.
    Unprivileged "kernel.unprivileged_userns_clone is 0" "sysctl -w kernel.unprivileged_userns_clone=1"
    /// seccomp(2), or a tracer.
    Seccomp "a seccomp filter or a tracer forbids it" "docker run --security-opt seccomp=unconfined"
    /// The call needs privileges, and no user namespace was requested.
    NoRights "only root may, or root of a new user namespace" "add --map-root-user"
    /// setgroups(2) is denied after a map of one id.
    GroupsDenied "setgroups is denied with a map of one id" "map more: --map-auto"
    /// The program's id is not mapped.
    NoSuchId "the id is not mapped in the new user namespace" "map it: --map-users, --map-groups"
    /// The limit for a kind of namespace is 0.
    NoneAllowed "user.max_*_namespaces is 0" "sysctl -w user.max_*_namespaces=10000"
    /// A limit of namespaces(7) or user_namespaces(7) is reached.
    LimitReached "nested 32 deep, or user.max_*_namespaces is used up" "run it further out"
    /// The kernel lacks CONFIG_USER_NS.
    NotBuilt "this kernel has no user namespaces" "use one with CONFIG_USER_NS"
    /// Ids in /proc are those of another PID namespace.
    OtherTasks "/proc shows the tasks of another PID namespace"
        "mount -t proc proc /proc, in a mount namespace of its own"
    /// Only root of the PID namespace can mount its proc(5).
    ProcOfOthers "proc of the caller's PID namespace is not this root's" "add --pid"
    /// A partly covered proc(5) cannot be mounted again.
    ProcCovered "parts of /proc are covered by other mounts" "docker run --security-opt systempaths=unconfined"
    /// AppArmor: root of a new user namespace has no privileges, or the namespace is refused.
    Apparmor "AppArmor restricts unprivileged user namespaces"
        "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
    /// SELinux, in enforcing mode.
    Selinux "SELinux forbids it" "ausearch -m avc -c chimera"
    /// The pids controller of cgroups(7).
    LimitCgroup "too many tasks: pids.max of the cgroup is reached" "raise pids.max"
    /// kernel.threads-max.
    LimitKernel "too many tasks: kernel.threads-max is reached" "sysctl -w kernel.threads-max=200000"
    /// RLIMIT_NPROC.
    LimitUser "too many tasks: RLIMIT_NPROC is reached" "ulimit -u unlimited"
    /// A limit on tasks that cannot be identified.
    LimitTasks "too many tasks, or no id is left" "sysctl -w kernel.pid_max=4194304"
    /// The call succeeded without making the namespaces.
    FlagIgnored "a flag of the call was ignored" "chimera clone container"
    /// ENOMEM.
    LimitMemory "no memory" "ulimit -v unlimited"
}

/// A row: when it applies, and the reason that it gives.
struct Cause {
    /// The steps to which the row applies.
    steps: &'static [Step],
    /// The errno to which the row applies; none for any.
    errno: Option<Errno>,
    /// Checks this machine. The flags are those of the call.
    check: fn(Flags) -> bool,
    /// The reason.
    reason: Reason,
}

/// The calls that make the namespaces.
const CALL: &[Step] = &[Step::Call, Step::Unshare];
/// Writing the maps, which the helper may do.
const RANGES: &[Step] = &[Step::UidMap, Step::GidMap];
/// All steps that concern the id maps.
const MAPS: &[Step] = &[Step::WriteSetgroups, Step::ProveNew, Step::ProveTasks, Step::UidMap, Step::GidMap];
/// All steps that root of a new user namespace takes there.
#[rustfmt::skip]
const ROOT: &[Step] = &[
    Step::WriteSetgroups, Step::ProveNew, Step::ProveTasks, Step::UidMap, Step::GidMap, Step::Getuid, Step::Getgid,
    Step::SetuidRoot, Step::UnshareUts, Step::NameHost, Step::Propagation, Step::Sethostname, Step::Chroot, Step::Chdir,
    Step::MountProc,
];
/// The steps from the mounts to the program's ids.
#[rustfmt::skip]
const PROGRAM: &[Step] = &[
    Step::Propagation, Step::Sethostname, Step::Chroot, Step::Chdir, Step::MountProc, Step::Offsets, Step::Setgroups,
    Step::Setgid, Step::Setuid,
];
/// The steps that make a task.
#[rustfmt::skip]
const MAKES: &[Step] = &[
    Step::Call, Step::Unshare, Step::Subject, Step::Alone, Step::Helper, Step::Program, Step::Kind, Step::Sleeper,
];

const fn on(steps: &'static [Step], errno: Errno, check: fn(Flags) -> bool, reason: Reason) -> Cause {
    Cause { steps, errno: Some(errno), check, reason }
}

/// A row for any errno.
const fn on_any(steps: &'static [Step], check: fn(Flags) -> bool, reason: Reason) -> Cause {
    Cause { steps, errno: None, check, reason }
}

/// Definite causes first, then the merely likely.
#[rustfmt::skip]
static CAUSES: [Cause; 29] = [
    on(MAPS, Errno::ENOENT, |_| is_missing(c"/proc/self"), Reason::NoProc),
    on(RANGES, Errno::ENOENT, |_| is_missing(c"/usr/bin/newuidmap"), Reason::NoHelper),
    on(RANGES, Errno::ENOENT, |_| true, Reason::NoBlock),
    on(RANGES, Errno::ECHILD, |_| true, Reason::HelperSays),
    on(MAPS, Errno::EACCES, |_| control::is_dumpable() != Ok(true), Reason::NotReadable),
    on(CALL, Errno::EPERM, |_| ids::is_unmapped(), Reason::Unmapped),
    on(CALL, Errno::EPERM, |_| namespace::is_chroot(), Reason::Chroot),
    on(CALL, Errno::EPERM, |_| begins(c"/proc/sys/kernel/unprivileged_userns_clone", b"0"), Reason::Unprivileged),
    on_any(CALL, is_filtered, Reason::Seccomp),
    on(CALL, Errno::EPERM, is_without_user, Reason::NoRights),
    on(PROGRAM, Errno::EPERM, is_without_user, Reason::NoRights),
    on(&[Step::Setgroups], Errno::EPERM, |_| true, Reason::GroupsDenied),
    on(&[Step::Setgid, Step::Setuid], Errno::EINVAL, |_| true, Reason::NoSuchId),
    on(CALL, Errno::ENOSPC, |flags| none_allowed(flags).is_some(), Reason::NoneAllowed),
    on(CALL, Errno::ENOSPC, |_| true, Reason::LimitReached),
    on(CALL, Errno::EINVAL, |flags| !is_without_user(flags) && file::inode(c"/proc/self/ns/user").is_err(), Reason::NotBuilt),
    on_any(&[Step::ProveTasks], |_| true, Reason::OtherTasks),
    on(&[Step::MountProc], Errno::EPERM, |flags| !flags.contains(Flags::NEWPID), Reason::ProcOfOthers),
    on(&[Step::MountProc], Errno::EPERM, |_| is_proc_covered(), Reason::ProcCovered),
    on_any(ROOT, |_| is_apparmor(), Reason::Apparmor),
    on(CALL, Errno::EACCES, |_| is_apparmor(), Reason::Apparmor),
    on(CALL, Errno::EACCES, |_| begins(c"/sys/fs/selinux/enforce", b"1"), Reason::Selinux),
    on(MAKES, Errno::EAGAIN, |_| limits::tasks_of_cgroup().is_some_and(Used::is_full), Reason::LimitCgroup),
    on(MAKES, Errno::EAGAIN, |_| limits::tasks_of_kernel().is_some_and(Used::is_full), Reason::LimitKernel),
    on(MAKES, Errno::EAGAIN, |_| limits::tasks_of_user().is_some() && privilege::is_administrator() == Some(false), Reason::LimitUser),
    on(MAKES, Errno::EAGAIN, |_| true, Reason::LimitTasks),
    on(&[Step::ProveNew], Errno::EIO, |_| true, Reason::FlagIgnored),
    on(Step::ALL, Errno::ENOMEM, |_| true, Reason::LimitMemory),
    on(Step::ALL, Errno::EPERM, |_| control::seccomp_mode() == Ok(2), Reason::Seccomp),
];

/// The explanation of a refusal: the reason, and what to try.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Told {
    /// The reason.
    pub reason: Reason,
    /// The kind of namespace whose limit is 0.
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

    /// Replaces the `*` of a text by the kind.
    fn name_kind(self, text: &'static str) -> (&'static str, &'static str, &'static str) {
        match self.kind.zip(text.split_once('*')) {
            Some((kind, (before, behind))) => (before, kind.name(), behind),
            None => (text, "", ""),
        }
    }
}

/// The first row that matches this failure and holds on this machine. The flags are those of the call; their namespaces
/// matter here.
pub fn find(failure: Failure, flags: Flags) -> Option<Told> {
    let speaks = |cause: &&Cause| {
        cause.steps.contains(&failure.step) && (cause.errno.is_none() || cause.errno == failure.errno())
    };
    let reason = CAUSES.iter().filter(speaks).find(|cause| (cause.check)(flags))?.reason;
    Some(Told { reason, kind: if reason == Reason::NoneAllowed { none_allowed(flags) } else { None } })
}

/// Whether the flags lack a user namespace, in which every caller has privileges.
fn is_without_user(flags: Flags) -> bool {
    !flags.contains(Flags::NEWUSER)
}

/// Whether AppArmor denies new user namespaces, or denies their root its privileges.
fn is_apparmor() -> bool {
    begins(c"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", b"1")
}

/// Whether a filter refuses the call or unshare(2). The call is made in a form that the kernel itself refuses with
/// EINVAL.
pub fn is_filtered(flags: Flags) -> bool {
    let call = Call::usual(Api::Clone, flags & !Flags::VM);
    matches!(probe::filtered(&call), Ok(Some(_))) || is_unshare_filtered(flags)
}

/// Whether a filter refuses unshare(2), which gets an unknown flag. A child asks, because some kernels ignore that flag
/// and unshare.
fn is_unshare_filtered(flags: Flags) -> bool {
    let asked = flags.bits() as usize | 1;
    by_child(|| matches!(calls::unshare(asked), Err(Errno::EPERM | Errno::ENOSYS)).into()) == Ok(1)
}

/// The first kind of namespace among the flags whose limit is 0.
fn none_allowed(flags: Flags) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| flags.contains(kind.flag()) && limits::namespaces(*kind) == Some(0))
}

/// Whether something is mounted over part of the proc file system, as container engines do: such a file system cannot
/// be mounted again.
fn is_proc_covered() -> bool {
    // The fifth field is the mount point, proc_pid_mountinfo(5).
    let covers = |line: Line| line.part(4, b" ").is_some_and(|place| place.starts_with(b"/proc/"));
    proc::find(c"/proc/self/mountinfo", &mut { covers }) == Ok(true)
}

/// Whether a path cannot be opened.
fn is_missing(path: &CStr) -> bool {
    file::open(path, file::O_PATH).is_err()
}

/// Whether a line of the file has this prefix.
fn begins(path: &CStr, beginning: &[u8]) -> bool {
    proc::find(path, &mut |line| line.after(beginning).is_some()) == Ok(true)
}
