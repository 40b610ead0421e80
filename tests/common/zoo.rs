//! A zoo: tasks of all kinds, each made to share what its kind shares, and alive until this is dropped.
//!
//! The keeper is a child of the test; all others are made by it with clone(2) itself. Between fork and end only system
//! calls are made, because the test has threads. All are one process group, which is killed in the end.

use super::deadline;
use nix::libc::{self, c_int, c_long, c_void};
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::wait::waitpid;
use nix::unistd::{ForkResult, Pid, fork};
use std::ffi::{CStr, CString};
use std::path::Path;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicI32, AtomicPtr, Ordering::SeqCst};

/// Who lives in the zoo.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(usize)]
pub enum Animal {
    /// The process that makes all others.
    Keeper,
    /// A thread as a C library makes it.
    Thread,
    /// A thread with files and directories of its own.
    Bare,
    /// A thread that left the keeper's file table by unshare(2).
    Unsharer,
    /// A thread that waits in vfork(2).
    Vforker,
    /// For whom it waits.
    VforkChild,
    /// A process with the keeper's memory.
    Chimera,
    /// A process with the keeper's file table.
    Files,
    /// A process with the keeper's directories.
    Fs,
    /// A process with nearly all, as LinuxThreads made threads.
    LinuxThread,
    /// A process with the keeper's memory that is executing a program.
    Executing,
    /// A process whose first task has ended.
    Headless,
    /// The task that lives there.
    Survivor,
    /// A process that has ended.
    Zombie,
    /// A process whose end is told by no signal, with the keeper's I/O context.
    Io,
    /// A process whose children are to be in a new PID namespace.
    Expecting,
    /// Children in a new namespace.
    User,
    Mnt,
    Uts,
    Ipc,
    Net,
    PidSpace,
    Cgroup,
    /// A process whose children are to be in a new time namespace.
    Time,
    /// A process of another user, and one that is not dumpable as well.
    OtherUser,
    NotDumpable,
}

use Animal::*;

/// All that every user can make.
pub const OF_ALL: [Animal; 15] = [
    Keeper,
    Thread,
    Bare,
    Unsharer,
    Vforker,
    VforkChild,
    Chimera,
    Files,
    Fs,
    LinuxThread,
    Executing,
    Headless,
    Survivor,
    Zombie,
    Io,
];

/// All that only root can make.
pub const OF_ROOT: [Animal; 11] = [Expecting, User, Mnt, Uts, Ipc, Net, PidSpace, Cgroup, Time, OtherUser, NotDumpable];

/// The other user.
pub const USER: u32 = 1000;

const COUNT: usize = OF_ALL.len() + OF_ROOT.len();

/// What all see: the ids, and whether each has done what it is to do.
struct Board {
    ids: [AtomicI32; COUNT],
    ready: [AtomicI32; COUNT],
}

static BOARD: AtomicPtr<Board> = AtomicPtr::new(null_mut());

/// The program that [`Executing`] is about to become: it can be opened when the keeper gives up its lease.
static PROGRAM: AtomicPtr<libc::c_char> = AtomicPtr::new(null_mut());

/// A zoo.
pub struct Zoo {
    board: &'static Board,
    keeper: Pid,
    program: CString,
}

impl Zoo {
    /// Makes one; with `as_root` those too that only root can make. The file is new, and everybody may execute it.
    pub fn new(program: &Path, as_root: bool) -> Self {
        std::fs::write(program, "#!/bin/true\n").expect("a file");
        std::fs::set_permissions(program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("rights");
        let program = CString::new(program.to_str().expect("UTF-8")).expect("no zero");
        let page = map(4096, libc::MAP_SHARED).cast::<Board>();
        // SAFETY: zeroes are a valid board, which is never unmapped.
        let board: &'static Board = unsafe { &*page };
        // SAFETY: the child makes system calls alone.
        let keeper = match unsafe { fork() }.expect("a process") {
            ForkResult::Child => {
                BOARD.store(page, SeqCst);
                PROGRAM.store(program.as_ptr().cast_mut(), SeqCst);
                keep(as_root)
            }
            ForkResult::Parent { child } => child,
        };
        board.ids[Keeper as usize].store(keeper.as_raw(), SeqCst);
        let zoo = Self { board, keeper, program };
        for animal in OF_ALL.iter().chain(OF_ROOT.iter().filter(|_| as_root)) {
            deadline::until(&format!("{animal:?} is ready"), || {
                (board.ready[*animal as usize].load(SeqCst) != 0).then_some(())
            });
        }
        for animal in [Zombie, Headless] {
            deadline::until("it has ended", || (zoo.state(animal) == 'Z').then_some(()));
        }
        deadline::until("it waits", || (zoo.state(Vforker) == 'D').then_some(()));
        zoo
    }

    /// The id of a task.
    pub fn id(&self, animal: Animal) -> i32 {
        self.board.ids[animal as usize].load(SeqCst)
    }

    fn state(&self, animal: Animal) -> char {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.id(animal))).unwrap_or_default();
        stat.rsplit(") ").next().and_then(|rest| rest.chars().next()).unwrap_or('?')
    }
}

impl Drop for Zoo {
    fn drop(&mut self) {
        let _ = killpg(self.keeper, Signal::SIGKILL);
        let _ = kill(self.keeper, Signal::SIGKILL);
        let _ = waitpid(self.keeper, None);
        let _ = std::fs::remove_file(self.program.to_str().unwrap_or_default());
    }
}

fn board() -> &'static Board {
    // SAFETY: it is set before any task is made, and never unmapped.
    unsafe { &*BOARD.load(SeqCst) }
}

/// New memory; panics if there is none.
fn map(size: usize, kind: c_int) -> *mut c_void {
    let rights = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: a new mapping.
    let memory = unsafe { libc::mmap(null_mut(), size, rights, kind | libc::MAP_ANONYMOUS, -1, 0) };
    assert!(memory != libc::MAP_FAILED, "memory");
    memory
}

/// A system call without memory; the C library's own would speak for all threads.
fn call(number: c_long, argument: c_long) -> c_long {
    // SAFETY: no memory is passed.
    unsafe { libc::syscall(number, argument, 0, 0, 0) }
}

fn name(name: &CStr) {
    // SAFETY: the kernel reads a string that ends with a zero byte.
    unsafe { libc::prctl(libc::PR_SET_NAME, name.as_ptr()) };
}

/// Is ready, and waits for ever.
fn stay(animal: Animal) -> ! {
    board().ready[animal as usize].store(1, SeqCst);
    loop {
        call(libc::SYS_pause, 0);
    }
}

/// The keeper: makes all others.
fn keep(as_root: bool) -> ! {
    let parents_end = libc::SIGKILL as c_long;
    // SAFETY: no memory is passed.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, parents_end) };
    // SAFETY: likewise.
    unsafe { libc::setpgid(0, 0) };
    // SAFETY: SIG_IGN runs no code. The kernel tells by SIGIO that the lease is in somebody's way.
    unsafe { libc::signal(libc::SIGIO, libc::SIG_IGN) };
    name(c"keeper");
    // SAFETY: the path ends with a zero byte.
    let file = unsafe { libc::open(PROGRAM.load(SeqCst), libc::O_RDWR | libc::O_CLOEXEC) };
    // SAFETY: no memory is passed.
    unsafe { libc::fcntl(file, libc::F_SETLEASE, libc::F_WRLCK) };
    const THREAD: c_int =
        libc::CLONE_VM | libc::CLONE_FS | libc::CLONE_FILES | libc::CLONE_SIGHAND | libc::CLONE_THREAD;
    const SIGNAL: c_int = libc::SIGCHLD;
    for (animal, flags) in [
        (Thread, THREAD | libc::CLONE_SYSVSEM),
        (Bare, libc::CLONE_VM | libc::CLONE_SIGHAND | libc::CLONE_THREAD),
        (Unsharer, THREAD),
        (Vforker, THREAD),
        (Chimera, libc::CLONE_VM | SIGNAL),
        (Files, libc::CLONE_FILES | SIGNAL),
        (Fs, libc::CLONE_FS | SIGNAL),
        (LinuxThread, libc::CLONE_VM | libc::CLONE_FS | libc::CLONE_FILES | libc::CLONE_SIGHAND | SIGNAL),
        (Executing, libc::CLONE_VM | SIGNAL),
        (Headless, SIGNAL),
        (Zombie, SIGNAL),
    ] {
        make(animal, flags);
    }
    if as_root {
        for (animal, flags) in [
            (Expecting, 0),
            (User, libc::CLONE_NEWUSER),
            (Mnt, libc::CLONE_NEWNS),
            (Uts, libc::CLONE_NEWUTS),
            (Ipc, libc::CLONE_NEWIPC),
            (Net, libc::CLONE_NEWNET),
            (PidSpace, libc::CLONE_NEWPID),
            (Cgroup, libc::CLONE_NEWCGROUP),
            (Time, 0),
            (OtherUser, 0),
            (NotDumpable, 0),
        ] {
            make(animal, flags | SIGNAL);
        }
    }
    // Whoever is made from now on gets an I/O context too: the keeper's, or one like it.
    // SAFETY: no memory is passed.
    unsafe { libc::syscall(libc::SYS_ioprio_set, 1, 0, 2 << 13 | 4) };
    make(Io, libc::CLONE_IO);
    stay(Keeper)
}

/// Makes a task.
fn make(animal: Animal, flags: c_int) {
    const STACK: usize = 1 << 16;
    let stack = map(STACK, libc::MAP_PRIVATE);
    // SAFETY: within the mapping, and its end is aligned.
    let top = unsafe { stack.byte_add(STACK) };
    // SAFETY: the stack is the new task's own, and is never unmapped.
    let id = unsafe { libc::clone(be, top, flags, animal as usize as *mut c_void) };
    board().ids[animal as usize].store(id, SeqCst);
}

/// A new task: does what its kind does.
extern "C" fn be(number: *mut c_void) -> c_int {
    let number = number as usize;
    let Some(animal) = OF_ALL.iter().chain(&OF_ROOT).copied().find(|animal| *animal as usize == number) else {
        return 1;
    };
    let unshare = |flags: c_int| _ = call(libc::SYS_unshare, flags.into());
    match animal {
        Unsharer => unshare(libc::CLONE_FILES),
        Vforker => {
            board().ready[Vforker as usize].store(1, SeqCst);
            make(VforkChild, libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD);
        }
        VforkChild => board().ids[VforkChild as usize].store(call(libc::SYS_getpid, 0) as i32, SeqCst),
        Executing => {
            name(c"executing");
            board().ready[Executing as usize].store(1, SeqCst);
            let words = [PROGRAM.load(SeqCst).cast_const(), std::ptr::null()];
            // SAFETY: a path, and a list of words that ends with null.
            unsafe { libc::execve(words[0], words.as_ptr(), words[1..].as_ptr()) };
            stay(Executing);
        }
        Headless => {
            const ALL: c_int =
                libc::CLONE_VM | libc::CLONE_FS | libc::CLONE_FILES | libc::CLONE_SIGHAND | libc::CLONE_THREAD;
            make(Survivor, ALL);
            board().ready[Headless as usize].store(1, SeqCst);
            call(libc::SYS_exit, 0);
        }
        Zombie => {
            board().ready[Zombie as usize].store(1, SeqCst);
            call(libc::SYS_exit_group, 0);
        }
        Expecting => unshare(libc::CLONE_NEWPID),
        Time => unshare(0x80), // CLONE_NEWTIME
        OtherUser | NotDumpable => {
            call(libc::SYS_setgid, USER.into());
            call(libc::SYS_setuid, USER.into());
            let is_dumpable = c_long::from(animal == OtherUser);
            // SAFETY: no memory is passed.
            unsafe { libc::prctl(libc::PR_SET_DUMPABLE, is_dumpable) };
        }
        _ => {}
    }
    name(match animal {
        Chimera => c"chi) (mera",
        LinuxThread => c"linux\n\x1b[31m",
        _ => c"animal",
    });
    stay(animal)
}
