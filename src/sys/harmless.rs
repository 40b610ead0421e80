//! System calls in a form that every kernel refuses, or that changes nothing but the caller's own: any other answer is
//! that of a filter, or of a tracer. A child makes them, because a filter may kill the caller.

use super::filter::{avoid, is_avoided};
use super::{Errno, done};
use linux_raw_sys::general::{CLONE_NEWIPC, CLONE_NEWUTS, MAP_ANONYMOUS, MAP_PRIVATE, P_PID};
use linux_raw_sys::prctl::{PR_SET_CHILD_SUBREAPER, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, PR_SET_PDEATHSIG};
use linux_raw_sys::ptrace::PTRACE_SEIZE;
use sc::nr;

/// All bits: an id that does not exist, a size that is too large, a descriptor that is not open.
const NONE: usize = usize::MAX;
/// Of no signal, no clock, and no choice of prctl(2).
const BEYOND: usize = 0x7fff;
/// The id of no task: ids are lower, pid_max of proc(5).
const NO_TASK: usize = i32::MAX as usize;

macro_rules! calls {
    ($($(#[$about:meta])* $name:ident $number:expr, [$($argument:expr),*], $answer:expr;)*) => {
        /// A system call that is asked in vain.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Harmless {
            $($(#[$about])* $name,)*
        }

        impl Harmless {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The number of the call, its arguments, and the errno of a kernel; none for success.
            const fn form(self) -> (usize, [usize; 5], Option<Errno>) {
                match self {
                    $(Self::$name => ($number, arguments(&[$($argument),*]), $answer),)*
                }
            }
        }
    };
}

/// Five arguments, of which those that are not given are 0.
const fn arguments(given: &[usize]) -> [usize; 5] {
    let mut all = [0; 5];
    let (first, _) = all.split_at_mut(given.len());
    first.copy_from_slice(given);
    all
}

calls! {
    /// chroot(2) without a path.
    Chroot nr::CHROOT, [], Some(Errno::EFAULT);
    /// chdir(2) without a path.
    Chdir nr::CHDIR, [], Some(Errno::EFAULT);
    /// mount(2) without a path.
    Mount nr::MOUNT, [], Some(Errno::EFAULT);
    /// fsopen(2) with flags that do not exist; the kernel looks at the privileges first.
    Fsopen nr::FSOPEN, [0, BEYOND], Some(Errno::EINVAL);
    /// move_mount(2) with flags that do not exist; the kernel looks at the privileges first.
    MoveMount nr::MOVE_MOUNT, [NONE, 0, NONE, 0, BEYOND << 16], Some(Errno::EINVAL);
    /// sethostname(2) with a name that is too long; the kernel looks at the privileges first.
    Sethostname nr::SETHOSTNAME, [0, NONE], Some(Errno::EINVAL);
    /// setgroups(2) with too many; the kernel looks at the privileges first.
    Setgroups nr::SETGROUPS, [NONE], Some(Errno::EINVAL);
    /// setgid(2) to no id.
    Setgid nr::SETGID, [NONE], Some(Errno::EINVAL);
    /// setuid(2) to no id.
    Setuid nr::SETUID, [NONE], Some(Errno::EINVAL);
    /// setns(2) of no descriptor.
    Setns nr::SETNS, [NONE], Some(Errno::EBADF);
    /// lseek(2) of no descriptor.
    Lseek nr::LSEEK, [NONE], Some(Errno::EBADF);
    /// memfd_create(2) with flags that do not exist.
    Memfd nr::MEMFD_CREATE, [0, BEYOND], Some(Errno::EINVAL);
    /// setresuid(2) that keeps all ids.
    Setresuid nr::SETRESUID, [NONE, NONE, NONE], None;
    /// capget(2) without a header.
    Capget nr::CAPGET, [], Some(Errno::EFAULT);
    /// capset(2) without a header.
    Capset nr::CAPSET, [], Some(Errno::EFAULT);
    /// prctl(2) that neither sets no_new_privs nor says so.
    Renounce nr::PRCTL, [PR_SET_NO_NEW_PRIVS as usize], Some(Errno::EINVAL);
    /// prctl(2) with no choice of PR_SET_DUMPABLE.
    Dumpable nr::PRCTL, [PR_SET_DUMPABLE as usize, BEYOND], Some(Errno::EINVAL);
    /// prctl(2) with no signal for the parent's end.
    DeathSignal nr::PRCTL, [PR_SET_PDEATHSIG as usize, BEYOND], Some(Errno::EINVAL);
    /// prctl(2) that makes the caller no subreaper.
    Subreaper nr::PRCTL, [PR_SET_CHILD_SUBREAPER as usize], None;
    /// arch_prctl(2) of no register.
    ArchPrctl nr::ARCH_PRCTL, [BEYOND], Some(Errno::EINVAL);
    /// rt_sigprocmask(2) with sets of no size.
    Block nr::RT_SIGPROCMASK, [], Some(Errno::EINVAL);
    /// rt_sigpending(2) into no memory.
    Pending nr::RT_SIGPENDING, [0, 8], Some(Errno::EFAULT);
    /// clock_gettime(2) of no clock.
    Clock nr::CLOCK_GETTIME, [BEYOND], Some(Errno::EINVAL);
    /// getrandom(2) with flags that do not exist.
    Random nr::GETRANDOM, [0, 0, BEYOND], Some(Errno::EINVAL);
    /// mmap(2) of nothing.
    Mmap nr::MMAP, [0, 0, 0, (MAP_PRIVATE | MAP_ANONYMOUS) as usize, NONE], Some(Errno::EINVAL);
    /// mprotect(2) of an odd address.
    Mprotect nr::MPROTECT, [1, 1], Some(Errno::EINVAL);
    /// madvise(2) of nothing.
    Madvise nr::MADVISE, [], None;
    /// execve(2) without a path.
    Execve nr::EXECVE, [], Some(Errno::EFAULT);
    /// readlink(2) into no memory.
    Readlink nr::READLINK, [], Some(Errno::EINVAL);
    /// stat(2) without a path.
    Stat nr::STAT, [], Some(Errno::EFAULT);
    /// statx(2) with flags that do not exist.
    Statx nr::STATX, [NONE, 0, BEYOND << 16], Some(Errno::EINVAL);
    /// getxattr(2) without a path.
    Getxattr nr::GETXATTR, [], Some(Errno::EFAULT);
    /// open_tree(2) with flags that do not exist.
    OpenTree nr::OPEN_TREE, [NONE, 0, BEYOND << 16], Some(Errno::EINVAL);
    /// umask(2), in the caller alone.
    Umask nr::UMASK, [0o77], None;
    /// poll(2) of nothing, without waiting.
    Poll nr::POLL, [], None;
    /// fcntl(2) of no descriptor.
    Fcntl nr::FCNTL, [NONE], Some(Errno::EBADF);
    /// eventfd2(2) with flags that do not exist.
    Event nr::EVENTFD2, [0, BEYOND], Some(Errno::EINVAL);
    /// socket(2) of no type.
    Socket nr::SOCKET, [1, BEYOND], Some(Errno::EINVAL);
    /// bind(2) of no descriptor.
    Bind nr::BIND, [NONE], Some(Errno::EBADF);
    /// getppid(2)
    Getppid nr::GETPPID, [], None;
    /// getuid(2)
    Getuid nr::GETUID, [], None;
    /// getgid(2)
    Getgid nr::GETGID, [], None;
    /// geteuid(2)
    Geteuid nr::GETEUID, [], None;
    /// getegid(2)
    Getegid nr::GETEGID, [], None;
    /// uname(2) into no memory.
    Uname nr::UNAME, [], Some(Errno::EFAULT);
    /// prlimit(2) of no resource.
    Prlimit nr::PRLIMIT64, [0, BEYOND], Some(Errno::EINVAL);
    /// ioprio_get(2) of nobody.
    IoprioGet nr::IOPRIO_GET, [BEYOND], Some(Errno::EINVAL);
    /// ioprio_set(2) of nobody.
    IoprioSet nr::IOPRIO_SET, [BEYOND], Some(Errno::EINVAL);
    /// kcmp(2) of tasks that do not exist.
    Kcmp nr::KCMP, [NO_TASK, NO_TASK], Some(Errno::ESRCH);
    /// tgkill(2) of a task that does not exist.
    Tgkill nr::TGKILL, [NO_TASK, NO_TASK], Some(Errno::ESRCH);
    /// ptrace(2) of a task that does not exist.
    Seize nr::PTRACE, [PTRACE_SEIZE as usize, NO_TASK], Some(Errno::ESRCH);
    /// pidfd_open(2) with flags that do not exist.
    PidfdOpen nr::PIDFD_OPEN, [NO_TASK, BEYOND], Some(Errno::EINVAL);
    /// waitid(2) for no event.
    Waitid nr::WAITID, [P_PID as usize, NO_TASK], Some(Errno::EINVAL);
    /// semget(2) of a negative number of semaphores.
    Semget nr::SEMGET, [0, NONE], Some(Errno::EINVAL);
    /// semop(2) of no set.
    Semop nr::SEMOP, [NONE], Some(Errno::EINVAL);
    /// semctl(2) of no set.
    Semctl nr::SEMCTL, [NONE], Some(Errno::EINVAL);
    /// unshare(2) of an IPC namespace, by the caller alone.
    UnshareIpc nr::UNSHARE, [CLONE_NEWIPC as usize], None;
    /// unshare(2) of a UTS namespace, by the caller alone.
    UnshareUts nr::UNSHARE, [CLONE_NEWUTS as usize], None;
}

impl Harmless {
    /// The calls that the program can do without; none of them is needed to make a task, to wait for it, or to report.
    pub const DISPENSABLE: &[Self] = &[
        Self::Dumpable,
        Self::DeathSignal,
        Self::Subreaper,
        Self::ArchPrctl,
        Self::Sethostname,
        Self::Setuid,
        Self::Setresuid,
        Self::Capget,
        Self::Pending,
        Self::Clock,
        Self::Madvise,
        Self::Readlink,
        Self::Stat,
        Self::Statx,
        Self::Getxattr,
        Self::OpenTree,
        Self::Umask,
        Self::Poll,
        Self::Fcntl,
        Self::Event,
        Self::Socket,
        Self::Bind,
        Self::Getppid,
        Self::Getuid,
        Self::Getgid,
        Self::Geteuid,
        Self::Getegid,
        Self::Uname,
        Self::Prlimit,
        Self::IoprioGet,
        Self::IoprioSet,
        Self::Kcmp,
        Self::Tgkill,
        Self::Seize,
        Self::PidfdOpen,
        Self::Waitid,
        Self::Semget,
        Self::Semop,
        Self::Semctl,
        Self::UnshareIpc,
        Self::UnshareUts,
    ];

    /// Makes the call. Returns the errno that is not the kernel's own; none for the kernel's answer.
    pub fn foreign_answer(self) -> Option<Errno> {
        let (number, [a, b, c, d, e], own) = self.form();
        if is_avoided(number) {
            return Some(Errno::ENOSYS);
        }
        // SAFETY: all pointers are null, so that nothing is read or written; the kernel refuses the call, or has
        // nothing to change but the caller's own.
        let answer = done(unsafe { sc::platform::syscall5(number, a, b, c, d, e) });
        answer.err().filter(|errno| Some(*errno) != own)
    }

    /// Avoids the call, whatever its arguments, from now on, in this process and in those that it makes.
    pub fn avoid(self) {
        avoid(self.form().0);
    }
}
