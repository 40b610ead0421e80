//! The system calls by name, and with which errnos each may fail: one line a call.
//!
//! The errnos are those of the call's page in section 2 of the manual that a caller cannot rule out by its arguments
//! alone, and [`ALWAYS`] come on top of them: a filter or a security module may answer any call with EPERM, a kernel
//! without the call answers ENOSYS, and what sleeps or allocates may say EINTR or ENOMEM. EPIPE is left out: a reader
//! that has gone has seen what it wanted.

use nix::errno::Errno;
use nix::libc::{self, c_long};

/// Every call is made to fail with these.
pub const ALWAYS: [i32; 4] = [libc::EPERM, libc::EINTR, libc::ENOMEM, libc::ENOSYS];

/// A call: its name, its number, and its own errnos.
pub struct Call(pub &'static str, pub c_long, pub &'static [i32]);

use libc::{
    E2BIG, EACCES, EAGAIN, EBADF, EBUSY, ECHILD, ECONNREFUSED, EEXIST, EFAULT, EINVAL, EIO, ELOOP, EMFILE, ENFILE,
    ENODEV, ENOENT, ENOEXEC, ENOSPC, ENOTDIR, ENOTTY, EOPNOTSUPP, EOVERFLOW, EROFS, ESRCH, ETIMEDOUT, ETXTBSY, EUSERS,
};

/// The table, in the order of the alphabet.
#[rustfmt::skip]
pub const CALLS: &[Call] = &[
    Call("access", libc::SYS_access, &[EACCES, ENOENT, ELOOP]),
    Call("arch_prctl", libc::SYS_arch_prctl, &[EINVAL, ENODEV]),
    Call("bind", libc::SYS_bind, &[EACCES, EINVAL]),
    Call("brk", libc::SYS_brk, &[]),
    Call("capget", libc::SYS_capget, &[EFAULT, EINVAL, ESRCH]),
    Call("capset", libc::SYS_capset, &[EFAULT, EINVAL]),
    Call("chdir", libc::SYS_chdir, &[EACCES, EIO, ENOENT, ENOTDIR]),
    Call("chroot", libc::SYS_chroot, &[EACCES, EIO, ENOENT, ENOTDIR]),
    Call("clock_gettime", libc::SYS_clock_gettime, &[EINVAL]),
    Call("clock_nanosleep", libc::SYS_clock_nanosleep, &[EINVAL]),
    Call("clone", libc::SYS_clone, &[EAGAIN, EINVAL, ENOSPC, EUSERS]),
    Call("clone3", libc::SYS_clone3, &[EAGAIN, EINVAL, E2BIG, EBUSY, EEXIST, ENOSPC, EOPNOTSUPP]),
    Call("close", libc::SYS_close, &[EBADF, EIO]),
    Call("close_range", libc::SYS_close_range, &[EMFILE]),
    Call("connect", libc::SYS_connect, &[EACCES, EAGAIN, ECONNREFUSED]),
    Call("dup", libc::SYS_dup, &[EBADF, EMFILE]),
    Call("dup2", libc::SYS_dup2, &[EBADF, EBUSY, EMFILE]),
    Call("dup3", libc::SYS_dup3, &[EBADF, EBUSY, EMFILE]),
    Call("epoll_create1", libc::SYS_epoll_create1, &[EMFILE, ENFILE]),
    Call("epoll_ctl", libc::SYS_epoll_ctl, &[EBADF, EEXIST, EINVAL]),
    Call("epoll_wait", libc::SYS_epoll_wait, &[EBADF, EINVAL]),
    Call("eventfd2", libc::SYS_eventfd2, &[EINVAL, EMFILE, ENFILE]),
    Call("execve", libc::SYS_execve, &[EACCES, EAGAIN, E2BIG, EIO, ENOENT, ENOEXEC, ETXTBSY]),
    Call("execveat", libc::SYS_execveat, &[EACCES, EAGAIN, E2BIG, ENOENT, ENOEXEC]),
    Call("exit", libc::SYS_exit, &[]),
    Call("exit_group", libc::SYS_exit_group, &[]),
    Call("faccessat2", libc::SYS_faccessat2, &[EACCES, ENOENT]),
    Call("fchdir", libc::SYS_fchdir, &[EACCES, EBADF, ENOTDIR]),
    Call("fcntl", libc::SYS_fcntl, &[EACCES, EAGAIN, EBADF, EINVAL, EMFILE]),
    Call("fork", libc::SYS_fork, &[EAGAIN]),
    Call("fsconfig", libc::SYS_fsconfig, &[EINVAL, EBUSY]),
    Call("fsmount", libc::SYS_fsmount, &[EINVAL, EBUSY, EMFILE]),
    Call("fsopen", libc::SYS_fsopen, &[ENODEV, EMFILE]),
    Call("fstat", libc::SYS_fstat, &[EBADF, EOVERFLOW]),
    Call("fstatfs", libc::SYS_fstatfs, &[EBADF, EIO]),
    Call("ftruncate", libc::SYS_ftruncate, &[EINVAL, EIO]),
    Call("futex", libc::SYS_futex, &[EAGAIN, EFAULT, EINVAL, ETIMEDOUT]),
    Call("getcpu", libc::SYS_getcpu, &[EFAULT]),
    Call("getcwd", libc::SYS_getcwd, &[ENOENT]),
    Call("getdents64", libc::SYS_getdents64, &[EBADF, EINVAL, ENOENT]),
    Call("getegid", libc::SYS_getegid, &[]),
    Call("geteuid", libc::SYS_geteuid, &[]),
    Call("getgid", libc::SYS_getgid, &[]),
    Call("getgroups", libc::SYS_getgroups, &[EFAULT, EINVAL]),
    Call("getpgrp", libc::SYS_getpgrp, &[]),
    Call("getpgid", libc::SYS_getpgid, &[ESRCH]),
    Call("getpid", libc::SYS_getpid, &[]),
    Call("getppid", libc::SYS_getppid, &[]),
    Call("getpriority", libc::SYS_getpriority, &[EACCES, ESRCH]),
    Call("getrandom", libc::SYS_getrandom, &[EAGAIN, EFAULT]),
    Call("getresgid", libc::SYS_getresgid, &[EFAULT]),
    Call("getresuid", libc::SYS_getresuid, &[EFAULT]),
    Call("getrlimit", libc::SYS_getrlimit, &[EINVAL]),
    Call("getrusage", libc::SYS_getrusage, &[EINVAL]),
    Call("getsid", libc::SYS_getsid, &[ESRCH]),
    Call("gettid", libc::SYS_gettid, &[]),
    Call("getuid", libc::SYS_getuid, &[]),
    Call("getxattr", libc::SYS_getxattr, &[libc::ENODATA, EOPNOTSUPP]),
    Call("ioctl", libc::SYS_ioctl, &[EBADF, EINVAL, EIO, ENOTTY]),
    Call("ioprio_get", libc::SYS_ioprio_get, &[EINVAL, ESRCH]),
    Call("ioprio_set", libc::SYS_ioprio_set, &[EINVAL, ESRCH]),
    Call("kcmp", libc::SYS_kcmp, &[EINVAL, ESRCH]),
    Call("kill", libc::SYS_kill, &[EINVAL, ESRCH]),
    Call("lseek", libc::SYS_lseek, &[EBADF, EINVAL]),
    Call("lstat", libc::SYS_lstat, &[EACCES, ENOENT, ELOOP]),
    Call("madvise", libc::SYS_madvise, &[EACCES, EAGAIN, EINVAL]),
    Call("mincore", libc::SYS_mincore, &[EAGAIN, EINVAL]),
    Call("mkdir", libc::SYS_mkdir, &[EACCES, EEXIST, ENOENT, ENOSPC, EROFS]),
    Call("mlock", libc::SYS_mlock, &[EAGAIN, EINVAL]),
    Call("mmap", libc::SYS_mmap, &[EAGAIN, EINVAL, EEXIST]),
    Call("mount", libc::SYS_mount, &[EACCES, EBUSY, EINVAL, ENODEV, ENOENT]),
    Call("mount_setattr", libc::SYS_mount_setattr, &[EINVAL, EBUSY]),
    Call("move_mount", libc::SYS_move_mount, &[EINVAL, ENOENT]),
    Call("mprotect", libc::SYS_mprotect, &[EACCES, EAGAIN, EINVAL]),
    Call("mremap", libc::SYS_mremap, &[EAGAIN, EFAULT, EINVAL]),
    Call("msgctl", libc::SYS_msgctl, &[EACCES, EINVAL]),
    Call("msgget", libc::SYS_msgget, &[EACCES, ENOENT, ENOSPC]),
    Call("munmap", libc::SYS_munmap, &[EINVAL]),
    Call("nanosleep", libc::SYS_nanosleep, &[EINVAL]),
    Call("newfstatat", libc::SYS_newfstatat, &[EACCES, ENOENT, ELOOP]),
    Call("open", libc::SYS_open, &[EACCES, EMFILE, ENFILE, ENOENT]),
    Call("open_tree", libc::SYS_open_tree, &[EACCES, EMFILE, ENOENT]),
    Call("openat", libc::SYS_openat, &[EACCES, EMFILE, ENFILE, ENOENT]),
    Call("openat2", libc::SYS_openat2, &[EACCES, EMFILE, ENOENT, E2BIG]),
    Call("pause", libc::SYS_pause, &[]),
    Call("perf_event_open", libc::SYS_perf_event_open, &[EACCES, EINVAL, ENOENT]),
    Call("personality", libc::SYS_personality, &[EINVAL]),
    Call("pidfd_getfd", libc::SYS_pidfd_getfd, &[EMFILE, ESRCH]),
    Call("pidfd_open", libc::SYS_pidfd_open, &[EINVAL, EMFILE, ESRCH]),
    Call("pidfd_send_signal", libc::SYS_pidfd_send_signal, &[EINVAL, ESRCH]),
    Call("pipe2", libc::SYS_pipe2, &[EMFILE, ENFILE]),
    Call("pivot_root", libc::SYS_pivot_root, &[EBUSY, EINVAL]),
    Call("poll", libc::SYS_poll, &[EAGAIN, EINVAL]),
    Call("ppoll", libc::SYS_ppoll, &[EAGAIN, EINVAL]),
    Call("prctl", libc::SYS_prctl, &[EACCES, EBUSY, EINVAL]),
    Call("pread64", libc::SYS_pread64, &[EAGAIN, EIO]),
    Call("prlimit64", libc::SYS_prlimit64, &[EINVAL, ESRCH]),
    Call("process_vm_readv", libc::SYS_process_vm_readv, &[EFAULT, ESRCH]),
    Call("ptrace", libc::SYS_ptrace, &[EBUSY, EIO, ESRCH]),
    Call("pwrite64", libc::SYS_pwrite64, &[EAGAIN, EIO]),
    Call("read", libc::SYS_read, &[EACCES, EAGAIN, EIO]),
    Call("readlink", libc::SYS_readlink, &[EACCES, ENOENT]),
    Call("readlinkat", libc::SYS_readlinkat, &[EACCES, ENOENT]),
    Call("rmdir", libc::SYS_rmdir, &[EBUSY, ENOENT]),
    Call("rt_sigaction", libc::SYS_rt_sigaction, &[EINVAL]),
    Call("rt_sigpending", libc::SYS_rt_sigpending, &[EFAULT]),
    Call("rt_sigprocmask", libc::SYS_rt_sigprocmask, &[EINVAL]),
    Call("rt_sigqueueinfo", libc::SYS_rt_sigqueueinfo, &[EAGAIN, ESRCH]),
    Call("rt_sigreturn", libc::SYS_rt_sigreturn, &[]),
    Call("rt_sigsuspend", libc::SYS_rt_sigsuspend, &[EFAULT]),
    Call("rt_sigtimedwait", libc::SYS_rt_sigtimedwait, &[EAGAIN, EINVAL]),
    Call("rt_tgsigqueueinfo", libc::SYS_rt_tgsigqueueinfo, &[EAGAIN, ESRCH]),
    Call("sched_getaffinity", libc::SYS_sched_getaffinity, &[EINVAL, ESRCH]),
    Call("sched_setaffinity", libc::SYS_sched_setaffinity, &[EINVAL, ESRCH]),
    Call("sched_yield", libc::SYS_sched_yield, &[]),
    Call("seccomp", libc::SYS_seccomp, &[EACCES, EFAULT, EINVAL]),
    Call("semctl", libc::SYS_semctl, &[EACCES, EINVAL, libc::EIDRM]),
    Call("semget", libc::SYS_semget, &[EACCES, ENOENT, ENOSPC]),
    Call("semop", libc::SYS_semop, &[EAGAIN, libc::EIDRM, EINVAL]),
    Call("semtimedop", libc::SYS_semtimedop, &[EAGAIN, libc::EIDRM, EINVAL]),
    Call("set_tid_address", libc::SYS_set_tid_address, &[]),
    Call("setgid", libc::SYS_setgid, &[EINVAL]),
    Call("setgroups", libc::SYS_setgroups, &[EINVAL]),
    Call("sethostname", libc::SYS_sethostname, &[EINVAL]),
    Call("setns", libc::SYS_setns, &[EBADF, EINVAL, ESRCH]),
    Call("setpgid", libc::SYS_setpgid, &[EACCES, EINVAL, ESRCH]),
    Call("setresgid", libc::SYS_setresgid, &[EAGAIN, EINVAL]),
    Call("setresuid", libc::SYS_setresuid, &[EAGAIN, EINVAL]),
    Call("setsid", libc::SYS_setsid, &[]),
    Call("setuid", libc::SYS_setuid, &[EAGAIN, EINVAL]),
    Call("shmat", libc::SYS_shmat, &[EACCES, EINVAL]),
    Call("shmctl", libc::SYS_shmctl, &[EACCES, EINVAL]),
    Call("shmget", libc::SYS_shmget, &[EACCES, ENOENT, ENOSPC]),
    Call("sigaltstack", libc::SYS_sigaltstack, &[EINVAL]),
    Call("signalfd4", libc::SYS_signalfd4, &[EINVAL, EMFILE, ENFILE]),
    Call("socket", libc::SYS_socket, &[EACCES, EMFILE, libc::EAFNOSUPPORT]),
    Call("socketpair", libc::SYS_socketpair, &[EMFILE, EOPNOTSUPP]),
    Call("stat", libc::SYS_stat, &[EACCES, ENOENT, ELOOP]),
    Call("statfs", libc::SYS_statfs, &[EACCES, EIO, ENOENT]),
    Call("statx", libc::SYS_statx, &[EACCES, EINVAL, ENOENT]),
    Call("sysinfo", libc::SYS_sysinfo, &[EFAULT]),
    Call("tgkill", libc::SYS_tgkill, &[EAGAIN, EINVAL, ESRCH]),
    Call("timerfd_create", libc::SYS_timerfd_create, &[EMFILE]),
    Call("timerfd_settime", libc::SYS_timerfd_settime, &[EINVAL]),
    Call("tkill", libc::SYS_tkill, &[EINVAL, ESRCH]),
    Call("umask", libc::SYS_umask, &[]),
    Call("umount2", libc::SYS_umount2, &[EAGAIN, EBUSY, EINVAL, ENOENT]),
    Call("uname", libc::SYS_uname, &[EFAULT]),
    Call("unlink", libc::SYS_unlink, &[EACCES, ENOENT]),
    Call("unshare", libc::SYS_unshare, &[EINVAL, ENOSPC, EUSERS]),
    Call("vfork", libc::SYS_vfork, &[EAGAIN]),
    Call("wait4", libc::SYS_wait4, &[ECHILD, EINVAL]),
    Call("waitid", libc::SYS_waitid, &[ECHILD, EINVAL]),
    Call("write", libc::SYS_write, &[EAGAIN, EIO, ENOSPC]),
    Call("writev", libc::SYS_writev, &[EAGAIN, EIO, ENOSPC]),
];

/// Errnos that answer a question: whether there is such a child, such a task in the group, such an id in the map. Whoever
/// gives them instead of the kernel lies, and a verdict may follow that lie.
#[rustfmt::skip]
const LIES: &[(c_long, &[i32])] = &[
    (libc::SYS_wait4, &[ECHILD]),
    (libc::SYS_waitid, &[ECHILD]),
    (libc::SYS_kill, &[ESRCH]),
    (libc::SYS_tgkill, &[ESRCH]),
    (libc::SYS_setresuid, &[EINVAL]),
    (libc::SYS_setuid, &[EINVAL]),
    (libc::SYS_semop, &[EAGAIN, libc::EIDRM]),
    (libc::SYS_semctl, &[EINVAL, libc::EIDRM]),
];

/// Whether such an errno is one by which a kernel would tell something that is not so.
pub fn is_lie(call: c_long, errno: i32) -> bool {
    LIES.iter().any(|(lying, errnos)| *lying == call && errnos.contains(&errno))
}

/// The name of a call; one that is not in the table goes by its number.
pub fn name(number: c_long) -> String {
    CALLS.iter().find(|call| call.1 == number).map_or_else(|| number.to_string(), |call| call.0.into())
}

/// The number of a call as [`name`] gives it.
pub fn number(name: &str) -> Option<c_long> {
    CALLS.iter().find(|call| call.0 == name).map(|call| call.1).or_else(|| name.parse().ok())
}

/// All errnos that a call is made to fail with, each once.
pub fn of(number: c_long) -> Vec<i32> {
    let own = CALLS.iter().find(|call| call.1 == number).map_or(&[] as &[i32], |call| call.2);
    ALWAYS.iter().chain(own).copied().collect()
}

/// The name of an errno.
pub fn errno_name(errno: i32) -> String {
    format!("{:?}", Errno::from_raw(errno))
}

/// The errno of a name.
pub fn errno_number(name: &str) -> Option<i32> {
    (1..134).find(|errno| errno_name(*errno) == name)
}
