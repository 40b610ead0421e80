//! The flags of clone(2) and clone3(2): a 64-bit set with the kernel's names, in the order in which strace prints them.
//!
//! The decision behind it: the set is a number with names, and one table says of each flag all that is ever told of it.

use crate::words::Text;
use linux_raw_sys::general as kernel;

bitflags::bitflags! {
    /// A set of CLONE_* flags; the exit signal, the low byte of clone(2)'s first argument, is not among them.
    #[derive(Clone, Copy, PartialEq, Eq, Default)]
    pub struct Flags: u64 {
        /// The same address space.
        const VM = kernel::CLONE_VM as u64;
        /// The same root directory, working directory and umask.
        const FS = kernel::CLONE_FS as u64;
        /// The same table of file descriptors.
        const FILES = kernel::CLONE_FILES as u64;
        /// The same table of signal handlers.
        const SIGHAND = kernel::CLONE_SIGHAND as u64;
        /// The caller gets a descriptor of the new task.
        const PIDFD = kernel::CLONE_PIDFD as u64;
        /// The caller's tracer traces the new task too.
        const PTRACE = kernel::CLONE_PTRACE as u64;
        /// The caller sleeps until the new task ends or executes a program.
        const VFORK = kernel::CLONE_VFORK as u64;
        /// The caller's parent is the new task's parent too.
        const PARENT = kernel::CLONE_PARENT as u64;
        /// The same thread group.
        const THREAD = kernel::CLONE_THREAD as u64;
        /// A new mount namespace.
        const NEWNS = kernel::CLONE_NEWNS as u64;
        /// The same list of System V semaphore adjustments.
        const SYSVSEM = kernel::CLONE_SYSVSEM as u64;
        /// The new task's thread-local storage: on x86-64 the base of FS.
        const SETTLS = kernel::CLONE_SETTLS as u64;
        /// The new task's id is stored in the caller's memory.
        const PARENT_SETTID = kernel::CLONE_PARENT_SETTID as u64;
        /// At the new task's end a word is zeroed and its futex woken.
        const CHILD_CLEARTID = kernel::CLONE_CHILD_CLEARTID as u64;
        /// Nothing any more: clone(2) ignores it, clone3(2) refuses it.
        const DETACHED = kernel::CLONE_DETACHED as u64;
        /// A tracer's options do not make it trace the new task.
        const UNTRACED = kernel::CLONE_UNTRACED as u64;
        /// The new task's id is stored in its own memory.
        const CHILD_SETTID = kernel::CLONE_CHILD_SETTID as u64;
        /// A new cgroup namespace.
        const NEWCGROUP = kernel::CLONE_NEWCGROUP as u64;
        /// A new UTS namespace: host and domain name.
        const NEWUTS = kernel::CLONE_NEWUTS as u64;
        /// A new IPC namespace.
        const NEWIPC = kernel::CLONE_NEWIPC as u64;
        /// A new user namespace.
        const NEWUSER = kernel::CLONE_NEWUSER as u64;
        /// A new PID namespace.
        const NEWPID = kernel::CLONE_NEWPID as u64;
        /// A new network namespace.
        const NEWNET = kernel::CLONE_NEWNET as u64;
        /// The same I/O context.
        const IO = kernel::CLONE_IO as u64;
        /// A new time namespace. In clone(2) the bit belongs to the exit signal.
        const NEWTIME = kernel::CLONE_NEWTIME as u64;
        /// All signal handlers to their defaults.
        const CLEAR_SIGHAND = kernel::CLONE_CLEAR_SIGHAND;
        /// A place in a given cgroup.
        const INTO_CGROUP = kernel::CLONE_INTO_CGROUP;
        /// Neither a zombie nor a signal at the end.
        const AUTOREAP = 1 << 34;
        /// No new privileges from the start.
        const NNP = 1 << 35;
        /// Killed when the descriptor of CLONE_PIDFD is closed.
        const PIDFD_AUTOKILL = 1 << 36;
        /// A new mount namespace with one empty root.
        const EMPTY_MNTNS = 1 << 37;
    }
}

/// What pthread_create(3) of the usual C library asks for.
pub const PTHREAD: Flags = Flags::VM
    .union(Flags::FS)
    .union(Flags::FILES)
    .union(Flags::SIGHAND)
    .union(Flags::THREAD)
    .union(Flags::SYSVSEM)
    .union(Flags::SETTLS)
    .union(Flags::PARENT_SETTID)
    .union(Flags::CHILD_CLEARTID);

/// A row of [`FLAGS`]: the flag, the calls, the kernel, the name, what it does.
macro_rules! flag {
    ($flag:ident $call:ident $(| $more:ident)? $since:literal $name:ident $about:ident) => {
        Flag {
            bit: Flags::$flag.bits().trailing_zeros() as u8,
            calls: $call $(| $more)?,
            since: version(stringify!($since)),
            name: Text::$name,
            about: Text::$about,
        }
    };
}

/// `5.10` as two numbers.
const fn version(text: &str) -> [u8; 2] {
    let (text, mut numbers, mut part, mut place) = (text.as_bytes(), [0; 2], 0, 0);
    while place < text.len() {
        match text[place] {
            b'.' => part += 1,
            digit => numbers[part] = numbers[part] * 10 + digit - b'0',
        }
        place += 1;
    }
    numbers
}

/// The flags of the exercise's bare thread; the last one tells when it is gone, for nobody can wait for a thread.
pub const THREAD: Flags = Flags::VM.union(Flags::SIGHAND).union(Flags::THREAD).union(Flags::CHILD_CLEARTID);

/// All namespaces.
pub const NAMESPACES: Flags = Flags::NEWNS
    .union(Flags::NEWCGROUP)
    .union(Flags::NEWUTS)
    .union(Flags::NEWIPC)
    .union(Flags::NEWUSER)
    .union(Flags::NEWPID)
    .union(Flags::NEWNET)
    .union(Flags::NEWTIME)
    .union(Flags::EMPTY_MNTNS);

/// The kinds of namespaces, each by its name in proc(5).
pub static KINDS: [(Flags, Text); 8] = [
    (Flags::NEWUSER, Text::User),
    (Flags::NEWNS, Text::KindMnt),
    (Flags::NEWUTS, Text::KindUts),
    (Flags::NEWIPC, Text::KindIpc),
    (Flags::NEWNET, Text::KindNet),
    (Flags::NEWPID, Text::KindPid),
    (Flags::NEWCGROUP, Text::KindCgroup),
    (Flags::NEWTIME, Text::KindTime),
];

/// What clone(2) has no room for, or reads as something else.
pub const OF_CLONE3: Flags = Flags::from_bits_retain(!0xffff_ffff).union(Flags::NEWTIME);

/// A flag of the kernel.
pub struct Flag {
    /// The number of its bit.
    pub bit: u8,
    /// The calls that know it: [`CLONE`], [`CLONE3`], [`UNSHARE`].
    pub calls: u8,
    /// The kernel that brought it: two numbers.
    pub since: [u8; 2],
    /// Its name without CLONE_.
    pub name: Text,
    /// What it does.
    pub about: Text,
}

/// clone(2), see [`Flag::calls`].
pub const CLONE: u8 = 1;
/// clone3(2), see [`Flag::calls`].
pub const CLONE3: u8 = 2;
/// unshare(2), see [`Flag::calls`].
pub const UNSHARE: u8 = 4;
const CLONES: u8 = CLONE | CLONE3;
const ALL: u8 = CLONES | UNSHARE;

/// All flags, in strace's order.
#[rustfmt::skip]
pub static FLAGS: &[Flag] = &[
    flag!(VM ALL 2.0 FlagVm AboutVm),
    flag!(FS ALL 2.0 FlagFs AboutFs),
    flag!(FILES ALL 2.0 FlagFiles AboutFiles),
    flag!(SIGHAND ALL 2.0 FlagSighand AboutSighand),
    flag!(PIDFD CLONES 5.2 FlagPidfd AboutPidfd),
    flag!(PTRACE CLONES 2.2 FlagPtrace AboutPtrace),
    flag!(VFORK CLONES 2.2 FlagVfork AboutVfork),
    flag!(PARENT CLONES 2.3 FlagParent AboutParent),
    flag!(THREAD ALL 2.4 FlagThread AboutThreadGroup),
    flag!(NEWNS ALL 2.4 FlagNewns AboutNewns),
    flag!(SYSVSEM ALL 2.5 FlagSysvsem AboutSysvsem),
    flag!(SETTLS CLONES 2.5 FlagSettls AboutSettls),
    flag!(PARENT_SETTID CLONES 2.5 FlagParentSettid AboutParentSettid),
    flag!(CHILD_CLEARTID CLONES 2.5 FlagChildCleartid AboutChildCleartid),
    flag!(DETACHED CLONE 2.5 FlagDetached AboutDetached),
    flag!(UNTRACED CLONES 2.5 FlagUntraced AboutUntraced),
    flag!(CHILD_SETTID CLONES 2.5 FlagChildSettid AboutChildSettid),
    flag!(NEWCGROUP ALL 4.6 FlagNewcgroup AboutNewcgroup),
    flag!(NEWUTS ALL 2.6 FlagNewuts AboutNewuts),
    flag!(NEWIPC ALL 2.6 FlagNewipc AboutNewipc),
    flag!(NEWUSER ALL 3.8 FlagNewuser AboutNewuser),
    flag!(NEWPID ALL 2.6 FlagNewpid AboutNewpid),
    flag!(NEWNET ALL 2.6 FlagNewnet AboutNewnet),
    flag!(IO CLONES 2.6 FlagIo AboutIo),
    flag!(NEWTIME CLONE3 | UNSHARE 5.6 FlagNewtime AboutNewtime),
    flag!(CLEAR_SIGHAND CLONE3 5.5 FlagClearSighand AboutClearSighand),
    flag!(INTO_CGROUP CLONE3 5.7 FlagIntoCgroup AboutIntoCgroup),
    flag!(AUTOREAP CLONE3 7.1 FlagAutoreap AboutAutoreap),
    flag!(NNP CLONE3 7.1 FlagNnp AboutNnp),
    flag!(PIDFD_AUTOKILL CLONE3 7.1 FlagPidfdAutokill AboutPidfdAutokill),
    flag!(EMPTY_MNTNS CLONE3 7.1 FlagEmptyMntns AboutEmptyMntns),
];
