//! The flags of clone(2): a 64-bit set with the kernel's names, in the order in which strace prints them.
//!
//! The decision behind it: the set is a number with names, and one table says how each flag is printed.

use crate::words::Text;
use linux_raw_sys::general as kernel;

bitflags::bitflags! {
    /// A set of CLONE_* flags; the exit signal, the low byte of clone(2)'s first argument, is not among them.
    #[derive(Clone, Copy, PartialEq, Eq)]
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

/// The number of each flag's bit and its name without CLONE_, in strace's order.
pub static NAMES: [(u8, Text); 11] = [
    name(Flags::VM, Text::FlagVm),
    name(Flags::FS, Text::FlagFs),
    name(Flags::FILES, Text::FlagFiles),
    name(Flags::SIGHAND, Text::FlagSighand),
    name(Flags::PARENT, Text::FlagParent),
    name(Flags::THREAD, Text::FlagThread),
    name(Flags::SYSVSEM, Text::FlagSysvsem),
    name(Flags::SETTLS, Text::FlagSettls),
    name(Flags::PARENT_SETTID, Text::FlagParentSettid),
    name(Flags::CHILD_CLEARTID, Text::FlagChildCleartid),
    name(Flags::NEWUSER, Text::FlagNewuser),
];

const fn name(flag: Flags, text: Text) -> (u8, Text) {
    (flag.bits().trailing_zeros() as u8, text)
}
