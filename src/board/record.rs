//! The records: what the tasks of each protocol leave for each other.

use super::fact::{Fact, FailedStep};
use core::sync::atomic::{AtomicU64, Ordering::Acquire, Ordering::Release};

/// What can stand on a shared page.
///
/// # Safety
/// The type must consist of atomics alone, and zeroed memory must be a value of it: one in which nothing has been left.
pub unsafe trait Record: Sync + 'static {
    /// Takes back all that was left.
    fn wipe(&self);
}

// SAFETY: two atomics, of which zeros are a fact that was never left.
unsafe impl Record for Fact {
    fn wipe(&self) {
        Fact::wipe(self);
    }
}

// SAFETY: an atomic, of which a zero is no failure.
unsafe impl Record for FailedStep {
    fn wipe(&self) {
        FailedStep::wipe(self);
    }
}

// SAFETY: records alone.
unsafe impl<R: Record, const N: usize> Record for [R; N] {
    fn wipe(&self) {
        for record in self {
            record.wipe();
        }
    }
}

/// 64 bits that one task leaves for another: flags, or a set of signals.
pub struct Bits(AtomicU64);

impl Bits {
    /// Leaves them.
    pub fn put(&self, bits: u64) {
        self.0.store(bits, Release);
    }

    /// Those that were left; none is 0.
    pub fn get(&self) -> u64 {
        self.0.load(Acquire)
    }
}

// SAFETY: an atomic, of which a zero is no bit.
unsafe impl Record for Bits {
    fn wipe(&self) {
        self.put(0);
    }
}

macro_rules! records {
    ($($(#[$about:meta])* $name:ident { $($(#[$what:meta])* $field:ident: $type:ty,)* })*) => {$(
        $(#[$about])*
        #[repr(C)]
        pub struct $name {
            $($(#[$what])* pub $field: $type,)*
        }

        // SAFETY: records alone.
        unsafe impl Record for $name {
            fn wipe(&self) {
                $(Record::wipe(&self.$field);)*
            }
        }
    )*};
}

records! {
    /// What each of two tasks leaves of itself, and of its acts on what they may share.
    Side {
        /// getppid(2).
        ppid: Fact,
        /// getpid(2).
        pid: Fact,
        /// gettid(2).
        tid: Fact,
        /// getuid(2).
        uid: Fact,
        /// getgid(2).
        gid: Fact,
        /// The counter in ordinary memory: the child raises it, the parent reads it.
        counter: Fact,
        /// Setting the user id that the task has already: EINVAL where the id has no name.
        keep_uid: Fact,
        /// The parent: the descriptor that it has opened for the child to close, and later how its own close went. The
        /// child: how its close went.
        file: Fact,
        /// umask(2), which answers the mask before.
        umask: Fact,
        /// The disposition of a signal before it was set.
        disposition: Fact,
        /// Setting the I/O priority; of the parent at last its own.
        io_priority: Fact,
        /// The parent: the id of a semaphore set. The child: how its raise went.
        semaphore: Fact,
        /// The disposition of a signal that has a handler.
        handled: Fact,
        /// PR_GET_NO_NEW_PRIVS.
        no_new_privileges: Fact,
        /// The base of FS.
        fs_base: Fact,
        /// Binding a socket to a name of the network namespace.
        socket: Fact,
        /// The parent: the inode of its UTS namespace, and later whether its host has our name. The child: sethostname(2).
        host: Fact,
        /// The parent: an open path. The child: copying the mounts of that path.
        mounts: Fact,
        /// Whether the task is at the root of its cgroup namespace.
        cgroup_root: Fact,
        /// The inode of /proc.
        proc: Fact,
    }

    /// The effective ids of the task that makes a user namespace: only these may be mapped in it without rights outside.
    Briefing {
        /// geteuid(2).
        euid: Fact,
        /// getegid(2).
        egid: Fact,
    }

    /// The steps by which a child becomes root of its new user namespace.
    Becoming {
        /// The ids outside, as the parent has left them.
        outer: Briefing,
        /// Writing `deny` to setgroups.
        setgroups: Fact,
        /// Writing uid_map.
        uid_map: Fact,
        /// Writing gid_map.
        gid_map: Fact,
        /// getuid(2).
        getuid: Fact,
        /// getgid(2).
        getgid: Fact,
        /// setuid(2) to 0.
        setuid: Fact,
        /// unshare(2) of a UTS namespace.
        unshare: Fact,
        /// sethostname(2) there, with the name read back.
        sethostname: Fact,
    }

    /// How examiner, subject and child know each other.
    Roles {
        /// The descriptor of the examiner's file, of which the child becomes the owner.
        owner: Fact,
        /// A descriptor of the examiner, which can be read when the examiner has ended.
        examiner: Fact,
        /// The id of the subject in its own PID namespace.
        subject: Fact,
        /// What the call under study answered the subject.
        result: Fact,
    }

    /// An experiment: of a mode, where the parent is examiner and subject at once, or of the laboratory.
    Experiment {
        /// The flags of the call.
        flags: Bits,
        /// The parent, or subject.
        parent: Side,
        /// The child.
        child: Side,
        /// Becoming root.
        becoming: Becoming,
        /// The three roles.
        roles: Roles,
        /// The number of the rule by which a refusal is predicted.
        rule: Fact,
        /// The errno that is predicted; 0 for success.
        predicted: Fact,
        /// Whether the subject slept in the call while the child was held.
        asleep: Fact,
        /// Whose turn it was when the subject came back from the call.
        returned: Fact,
        /// The word of CLONE_PARENT_SETTID after the call.
        parent_tid: Fact,
        /// The base of FS that was asked for.
        tls: Fact,
        /// Where the child's stack began.
        stack: Fact,
        /// The wait status of the child, as the subject got it.
        ended: Fact,
        /// Left when it is known that the child has ended.
        gone: Fact,
        /// Whether the exit signal has come.
        signal: Fact,
        /// Whether closing the child's descriptor killed the child.
        killed: Fact,
        /// The value of the semaphore after the child's end.
        undone: Fact,
        /// Whether the child's descriptor can be read after the child's end.
        descriptor: Fact,
        /// The inode of the IPC namespace that the subject has made for its semaphore.
        own_ipc: Fact,
        /// Left if the end of a plain child takes back what the child did to the semaphore.
        undo_works: Fact,
        /// The name of the subject's socket, a number.
        socket_name: Fact,
        /// The child: the address that CLONE_CHILD_CLEARTID set.
        tid_address: Fact,
        /// The child: what stood in the word of CLONE_CHILD_SETTID when the child began.
        tid_word: Fact,
        /// The child: writing the offsets of its time namespace.
        time_offset: Fact,
        /// The step of the subject that failed.
        failure: FailedStep,
    }

    /// `clone FLAGS -- CMD`.
    Executing {
        /// The flags of the call.
        flags: Bits,
        /// The signals that the program is to have blocked.
        mask: Bits,
        /// Becoming root.
        becoming: Becoming,
        /// The three roles.
        roles: Roles,
        /// The wait status of the program, as the subject got it.
        ended: Fact,
        /// The step that failed before execve(2).
        failure: FailedStep,
        /// The errno of execve(2).
        not_executed: Fact,
    }

    /// `run`: a program in namespaces of its own.
    Running {
        /// The namespaces of a trial.
        flags: Bits,
        /// The ids outside.
        outer: Briefing,
        /// The namespaces of the caller, by their inodes, in the order of the kinds.
        kinds: [Fact; 8],
        /// The signals that the program is to have blocked.
        mask: Bits,
        /// The descriptor of the terminal that the parent keeps.
        terminal: Fact,
        /// A descriptor of the parent, which can be read when the parent has ended.
        parent: Fact,
        /// What the helper's writing of the maps came to: users, groups.
        maps: [Fact; 2],
        /// The step that failed before execve(2).
        failure: FailedStep,
        /// The errno of execve(2).
        not_executed: Fact,
        /// The wait status of the program, as process 1 of its PID namespace got it.
        ended: Fact,
    }
}
