//! The flags of clone(2) and clone3(2): a 64-bit set with the kernel's names, in one table in strace's order.

use linux_raw_sys::general as kernel;

/// A kernel version.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Version {
    /// The major number.
    pub major: u8,
    /// The minor number.
    pub minor: u8,
}

impl Version {
    /// An unknown version, lower than any known one.
    pub const UNKNOWN: Self = Self { major: 0, minor: 0 };

    /// The first version with clone3(2).
    pub const WITH_CLONE3: Self = Self::new(5, 3);

    /// The version with these numbers.
    pub const fn new(major: u8, minor: u8) -> Self {
        Self { major, minor }
    }

    /// What `<` says, where a constant is made.
    const fn is_before(self, other: Self) -> bool {
        self.major < other.major || self.major == other.major && self.minor < other.minor
    }
}

/// A system call that takes CLONE_* flags.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// clone(2).
    Clone,
    /// clone3(2).
    Clone3,
    /// unshare(2).
    Unshare,
}

impl By {
    /// The name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clone => "clone",
            Self::Clone3 => "clone3",
            Self::Unshare => "unshare",
        }
    }
}

/// A flag of the kernel.
pub struct Flag {
    /// The bit.
    pub bit: Flags,
    /// The name without CLONE_.
    pub name: &'static str,
    /// The calls that accept the flag.
    pub calls: &'static [By],
    /// The first kernel version with the flag.
    pub since: Version,
    /// What the flag does.
    pub about: &'static str,
}

const CLONE: &[By] = &[By::Clone];
const CLONE3: &[By] = &[By::Clone3];
const CLONES: &[By] = &[By::Clone, By::Clone3];
const NOT_CLONE: &[By] = &[By::Clone3, By::Unshare];
const ALL: &[By] = &[By::Clone, By::Clone3, By::Unshare];

/// Makes the set and the table, from one row per flag: its bit, the calls that accept it, its first kernel version,
/// what it does.
macro_rules! flags {
    ($($(#[$($doc:tt)*])* $name:ident = $bit:expr, $calls:ident, ($major:literal, $minor:literal), $about:literal;)*) => {
        bitflags::bitflags! {
            /// A set of CLONE_* flags, without the exit signal, the low byte of clone(2)'s first argument.
            #[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
            pub struct Flags: u64 {
                $($(#[$($doc)*])* const $name = $bit as u64;)*
            }
        }

        /// All flags, in strace's order.
        pub static FLAGS: &[Flag] = &[$(
            Flag {
                bit: Flags::$name,
                name: stringify!($name),
                calls: $calls,
                since: Version::new($major, $minor),
                about: $about,
            },
        )*];
    };
}

#[rustfmt::skip]
flags! {
    /// The same address space.
    VM = kernel::CLONE_VM, ALL, (2, 0), "one address space";
    /// The same root directory, working directory and umask.
    FS = kernel::CLONE_FS, ALL, (2, 0), "one cwd, root and umask";
    /// The same table of file descriptors.
    FILES = kernel::CLONE_FILES, ALL, (2, 0), "one table of descriptors";
    /// The same table of signal handlers.
    SIGHAND = kernel::CLONE_SIGHAND, ALL, (2, 0), "one table of signal handlers";
    /// The caller gets a descriptor of the new task.
    PIDFD = kernel::CLONE_PIDFD, CLONES, (5, 2), "the caller gets a descriptor";
    /// The caller's tracer traces the new task too.
    PTRACE = kernel::CLONE_PTRACE, CLONES, (2, 2), "the caller's tracer traces it too";
    /// The caller sleeps until the new task ends or executes a program.
    VFORK = kernel::CLONE_VFORK, CLONES, (2, 2), "the caller sleeps until exec or end";
    /// The caller's parent is the new task's parent too.
    PARENT = kernel::CLONE_PARENT, CLONES, (2, 3), "a sibling of the caller";
    /// The same thread group.
    THREAD = kernel::CLONE_THREAD, ALL, (2, 4), "in the caller's thread group";
    /// A new mount namespace.
    NEWNS = kernel::CLONE_NEWNS, ALL, (2, 4), "new mounts";
    /// The same list of System V semaphore adjustments.
    SYSVSEM = kernel::CLONE_SYSVSEM, ALL, (2, 5), "one list of semaphore undos";
    /// The new task's thread-local storage: on x86-64 the base of FS.
    SETTLS = kernel::CLONE_SETTLS, CLONES, (2, 5), "sets the base of FS";
    /// The new task's id is stored in the caller's memory.
    PARENT_SETTID = kernel::CLONE_PARENT_SETTID, CLONES, (2, 5), "id stored in the caller's memory";
    /// At the new task's end a word is zeroed and its futex woken.
    CHILD_CLEARTID = kernel::CLONE_CHILD_CLEARTID, CLONES, (2, 5), "id cleared and woken at its end";
    /// No effect: clone(2) ignores the flag, clone3(2) refuses it.
    DETACHED = kernel::CLONE_DETACHED, CLONE, (2, 5), "nothing; clone3 refuses it";
    /// A tracer's options do not make it trace the new task.
    UNTRACED = kernel::CLONE_UNTRACED, CLONES, (2, 5), "no tracer's option reaches it";
    /// The new task's id is stored in its own memory.
    CHILD_SETTID = kernel::CLONE_CHILD_SETTID, CLONES, (2, 5), "id stored in its own memory";
    /// A new cgroup namespace.
    NEWCGROUP = kernel::CLONE_NEWCGROUP, ALL, (4, 6), "new cgroup root";
    /// A new UTS namespace: host and domain name.
    NEWUTS = kernel::CLONE_NEWUTS, ALL, (2, 6), "new host name";
    /// A new IPC namespace.
    NEWIPC = kernel::CLONE_NEWIPC, ALL, (2, 6), "new System V IPC";
    /// A new user namespace.
    NEWUSER = kernel::CLONE_NEWUSER, ALL, (3, 8), "new ids and capabilities";
    /// A new PID namespace.
    NEWPID = kernel::CLONE_NEWPID, ALL, (2, 6), "process 1 of new ids";
    /// A new network namespace.
    NEWNET = kernel::CLONE_NEWNET, ALL, (2, 6), "new network";
    /// The same I/O context.
    IO = kernel::CLONE_IO, CLONES, (2, 6), "one I/O context";
    /// A new time namespace. In clone(2) the bit belongs to the exit signal.
    NEWTIME = kernel::CLONE_NEWTIME, NOT_CLONE, (5, 6), "new clock offsets";
    /// All signal handlers are reset to the default.
    CLEAR_SIGHAND = kernel::CLONE_CLEAR_SIGHAND, CLONE3, (5, 5), "handlers to default";
    /// The new task starts in a given cgroup.
    INTO_CGROUP = kernel::CLONE_INTO_CGROUP, CLONE3, (5, 7), "starts in --cgroup";
    /// The new task leaves no zombie and sends no signal at its end.
    AUTOREAP = 1u64 << 34, CLONE3, (7, 1), "no zombie, no signal";
    /// no_new_privs is set from the start.
    NNP = 1u64 << 35, CLONE3, (7, 1), "no new privileges";
    /// The new task is killed when the descriptor of CLONE_PIDFD is closed.
    PIDFD_AUTOKILL = 1u64 << 36, CLONE3, (7, 1), "killed as its descriptor closes";
    /// A new mount namespace that holds only an empty root.
    EMPTY_MNTNS = 1u64 << 37, CLONE3, (7, 1), "new mounts, one empty root";
}

/// The flag that came last, and the last such in the table.
pub const NEWEST: &Flag = newest();

const fn newest() -> &'static Flag {
    let mut newest = &FLAGS[0];
    let mut place = 1;
    while place < FLAGS.len() {
        let flag = &FLAGS[place];
        if !flag.since.is_before(newest.since) {
            newest = flag;
        }
        place += 1;
    }
    newest
}

/// The flags of clone(2): the bits of its first argument, of which the kernel reads 32, above the exit signal (CSIGNAL).
pub const LEGACY: Flags = Flags::from_bits_retain(0xffff_ff00);

/// The flags of pthread_create(3) in the usual C library: all that POSIX threads share (VM, FS, FILES, SIGHAND, THREAD,
/// SYSVSEM), an FS base for thread-local storage, the id for the caller, and a word that is cleared at the thread's
/// end.
pub const PTHREAD: Flags = Flags::VM
    .union(Flags::FS)
    .union(Flags::FILES)
    .union(Flags::SIGHAND)
    .union(Flags::THREAD)
    .union(Flags::SYSVSEM)
    .union(Flags::SETTLS)
    .union(Flags::PARENT_SETTID)
    .union(Flags::CHILD_CLEARTID);

/// The flags of a minimal thread. THREAD needs SIGHAND, which needs VM; CHILD_CLEARTID reports the thread's end, which
/// wait4(2) does not.
pub const THREAD: Flags = Flags::VM.union(Flags::SIGHAND).union(Flags::THREAD).union(Flags::CHILD_CLEARTID);

/// The flags of all namespaces.
pub const NAMESPACES: Flags = Flags::NEWNS
    .union(Flags::NEWCGROUP)
    .union(Flags::NEWUTS)
    .union(Flags::NEWIPC)
    .union(Flags::NEWUSER)
    .union(Flags::NEWPID)
    .union(Flags::NEWNET)
    .union(Flags::NEWTIME)
    .union(Flags::EMPTY_MNTNS);

/// The bits that clone(2) cannot take or interprets differently.
pub const OF_CLONE3: Flags = Flags::from_bits_retain(!0xffff_ffff).union(Flags::NEWTIME);

/// A kind of namespace, namespaces(7).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "each is the kind of its name")]
pub enum Kind {
    User,
    Mnt,
    Uts,
    Ipc,
    Net,
    Pid,
    Cgroup,
    Time,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 8] =
        [Self::User, Self::Mnt, Self::Uts, Self::Ipc, Self::Net, Self::Pid, Self::Cgroup, Self::Time];

    /// The name in proc(5).
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Mnt => "mnt",
            Self::Uts => "uts",
            Self::Ipc => "ipc",
            Self::Net => "net",
            Self::Pid => "pid",
            Self::Cgroup => "cgroup",
            Self::Time => "time",
        }
    }

    /// The flag that makes a new namespace of this kind.
    pub const fn flag(self) -> Flags {
        match self {
            Self::User => Flags::NEWUSER,
            Self::Mnt => Flags::NEWNS,
            Self::Uts => Flags::NEWUTS,
            Self::Ipc => Flags::NEWIPC,
            Self::Net => Flags::NEWNET,
            Self::Pid => Flags::NEWPID,
            Self::Cgroup => Flags::NEWCGROUP,
            Self::Time => Flags::NEWTIME,
        }
    }
}
