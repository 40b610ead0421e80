//! The few doors of the kernel that the storm goes through itself and nix does not open: one small function each.

use nix::errno::Errno;
use nix::libc::{self, c_int, c_long};
use nix::sys::signal::{SigSet, Signal};
use nix::unistd::{ForkResult, Pid, fork};
use std::ffi::CString;
use std::os::fd::RawFd;
use std::time::Duration;

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself, with this status.
    Status(i32),
    /// By this signal.
    Signal(i32),
}

impl End {
    /// Reads the word of wait(2); none if it tells of a stop.
    pub fn read(word: c_int) -> Option<Self> {
        if libc::WIFEXITED(word) {
            return Some(Self::Status(libc::WEXITSTATUS(word)));
        }
        libc::WIFSIGNALED(word).then(|| Self::Signal(libc::WTERMSIG(word)))
    }
}

impl std::fmt::Display for End {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Self::Status(status) => write!(formatter, "status {status}"),
            Self::Signal(signal) => write!(formatter, "signal {signal}"),
        }
    }
}

/// Runs `child` in a new process, which never returns from it; the answer is its id.
pub fn spawn(child: impl FnOnce() -> i32) -> nix::Result<Pid> {
    // SAFETY: the processes of the storm that fork have one thread, so the child may do whatever its parent may.
    match unsafe { fork() }? {
        ForkResult::Parent { child } => Ok(child),
        ForkResult::Child => leave(child()),
    }
}

/// Ends this process without a destructor or a handler of the C library.
pub fn leave(status: i32) -> ! {
    // SAFETY: it takes a number and ends the process.
    unsafe { libc::_exit(status) }
}

/// Sleeps until a signal comes.
pub fn pause() {
    // SAFETY: it takes nothing.
    unsafe { libc::pause() };
}

/// The next news of any child or traced task: its id and the word of wait(2). None if there is none now.
pub fn news() -> Option<(i32, c_int)> {
    let mut word = 0;
    // SAFETY: the word is ours, and outlives the call.
    let task = unsafe { libc::waitpid(-1, &raw mut word, libc::__WALL | libc::WNOHANG) };
    (task > 0).then_some((task, word))
}

/// The same, waiting for it.
pub fn wait_for_news() -> Option<(i32, c_int)> {
    let mut word = 0;
    // SAFETY: the word is ours, and outlives the call.
    let task = unsafe { libc::waitpid(-1, &raw mut word, libc::__WALL) };
    (task > 0).then_some((task, word))
}

/// Waits for one child to end.
pub fn wait_for(child: Pid) -> Option<End> {
    loop {
        let mut word = 0;
        // SAFETY: the word is ours, and outlives the call.
        let task = unsafe { libc::waitpid(child.as_raw(), &raw mut word, 0) };
        match task {
            -1 if Errno::last() == Errno::EINTR => {}
            -1 => return None,
            _ => return End::read(word),
        }
    }
}

/// A set of one signal.
fn set_of(signal: c_int) -> SigSet {
    let mut set = SigSet::empty();
    set.add(Signal::try_from(signal).expect("a signal with a name"));
    set
}

/// Blocks a signal, for [`await_signal`].
pub fn block(signal: c_int) {
    set_of(signal).thread_block().expect("a set of signals may be blocked");
}

/// Waits until a blocked signal comes or came since the last time, and not longer than `most`; whether it did.
pub fn await_signal(signal: c_int, most: Duration) -> bool {
    let set = set_of(signal);
    let time = libc::timespec { tv_sec: most.as_secs() as i64, tv_nsec: i64::from(most.subsec_nanos()) };
    // SAFETY: set and time outlive the call, and there may be no place for the details.
    unsafe { libc::sigtimedwait(set.as_ref(), std::ptr::null_mut(), &raw const time) == signal }
}

/// The same for the news of a child.
pub fn await_children(most: Duration) {
    await_signal(libc::SIGCHLD, most);
}

/// Sends a signal; whether there was a receiver.
pub fn send(task: i32, signal: c_int) -> bool {
    // SAFETY: it takes numbers alone.
    unsafe { libc::kill(task, signal) == 0 }
}

/// Sends a signal to the one task of this id.
pub fn send_to_task(task: i32, signal: c_int) {
    // SAFETY: it takes numbers alone.
    unsafe { libc::syscall(libc::SYS_tkill, task, signal) };
}

/// What a signal does is what it does to a program that says nothing of it.
pub fn act_by_default(signal: c_int) {
    // SAFETY: no handler is set, but taken away.
    unsafe { libc::signal(signal, libc::SIG_DFL) };
}

/// The same for all signals, whatever this program's caller has ignored.
pub fn act_by_default_always() {
    (1..libc::SIGRTMIN()).for_each(act_by_default); // KILL and STOP cannot be otherwise
}

/// Names this host, which is a namespace's.
pub fn set_host_name(name: &str) -> nix::Result<()> {
    // SAFETY: the name is read, and outlives the call.
    Errno::result(unsafe { libc::sethostname(name.as_ptr().cast(), name.len()) }).map(drop)
}

/// Whatever this process's parent is, its death kills this process.
pub fn die_with_parent() -> nix::Result<()> {
    // SAFETY: this option takes one number.
    Errno::result(unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) }).map(drop)
}

/// The signal that this process gets when its parent dies.
pub fn death_signal() -> c_int {
    let mut signal: c_int = 0;
    // SAFETY: this option takes the address of an int, which outlives the call.
    unsafe { libc::prctl(libc::PR_GET_PDEATHSIG, &raw mut signal) };
    signal
}

/// Makes a sleep end when it should, not up to 50 microseconds later.
pub fn sleep_exactly() {
    // SAFETY: this option takes one number.
    unsafe { libc::prctl(libc::PR_SET_TIMERSLACK, 1) };
}

/// Makes a mount and all below it read-only. A kernel before 5.12 cannot.
pub fn make_read_only(path: &str) -> nix::Result<()> {
    let path = CString::new(path).map_err(|_| Errno::EINVAL)?;
    let attributes = libc::mount_attr { attr_set: libc::MOUNT_ATTR_RDONLY, attr_clr: 0, propagation: 0, userns_fd: 0 };
    // SAFETY: the path and the struct outlive the call, and its size is given.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            path.as_ptr(),
            libc::AT_RECURSIVE,
            &raw const attributes,
            size_of::<libc::mount_attr>(),
        )
    };
    Errno::result(result).map(drop)
}

/// A new System V semaphore set of one, with this value.
pub fn new_semaphore(value: c_int) -> nix::Result<c_int> {
    // SAFETY: it takes numbers alone.
    let set = Errno::result(unsafe { libc::semget(libc::IPC_PRIVATE, 1, 0o600) })?;
    // SAFETY: SETVAL takes a number.
    Errno::result(unsafe { libc::semctl(set, 0, libc::SETVAL, value) })?;
    Ok(set)
}

/// The value of such a set.
pub fn semaphore_value(set: c_int) -> c_int {
    // SAFETY: GETVAL takes nothing.
    unsafe { libc::semctl(set, 0, libc::GETVAL) }
}

/// Removes a semaphore set, a shared memory segment or a message queue.
pub fn remove_ipc(kind: &str, id: c_int) {
    let null = std::ptr::null_mut();
    match kind {
        // SAFETY: IPC_RMID takes nothing.
        "sem" => _ = unsafe { libc::semctl(id, 0, libc::IPC_RMID) },
        // SAFETY: IPC_RMID looks at no place.
        "shm" => _ = unsafe { libc::shmctl(id, libc::IPC_RMID, null) },
        // SAFETY: IPC_RMID looks at no place.
        _ => _ = unsafe { libc::msgctl(id, libc::IPC_RMID, null.cast()) },
    }
}

/// Goes on in a stopped group, where the kernel shall tell of its end: PTRACE_LISTEN.
pub fn listen(task: i32) {
    let none = std::ptr::null_mut::<libc::c_void>();
    // SAFETY: this request uses neither address nor data.
    unsafe { libc::ptrace(libc::PTRACE_LISTEN, task, none, none) };
}

/// Executes a program; comes back only if that fails.
pub fn execute(path: &CString, arguments: &[CString], environment: &[CString]) -> Errno {
    nix::unistd::execve(path, arguments, environment).err().unwrap_or(Errno::UnknownErrno)
}

/// Puts a filter of seccomp(2) on this process.
pub fn set_filter(lines: &mut [libc::sock_filter]) -> nix::Result<()> {
    let program = libc::sock_fprog { len: lines.len() as u16, filter: lines.as_mut_ptr() };
    // SAFETY: the kernel copies the program, which outlives the call.
    let result = unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program) };
    Errno::result(result).map(drop)
}

/// Makes `from` be `to` as well, over an exec too.
pub fn duplicate(from: RawFd, to: RawFd) {
    // SAFETY: both are numbers; what `to` was is not used any more by this process.
    unsafe { libc::dup2(from, to) };
}

/// Every descriptor but 0, 1 and 2 is closed when this process, or one that it makes, executes a program.
pub fn close_at_exec() {
    // SAFETY: three numbers; nothing is closed here.
    unsafe { libc::syscall(libc::SYS_close_range, 3, u32::MAX, libc::CLOSE_RANGE_CLOEXEC) };
}

/// Whether there is something to be read, or an end, within this time.
pub fn is_readable(fd: RawFd, most: Duration) -> bool {
    let mut poll = libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
    // SAFETY: one struct, which outlives the call.
    unsafe { libc::poll(&raw mut poll, 1, most.as_millis() as c_int) > 0 }
}

/// Whether the effective user is root.
pub fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

/// The number of a call that no kernel has.
pub const NO_CALL: c_long = -1;
