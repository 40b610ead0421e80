//! The records: what the tasks of each protocol leave for each other.

use super::fact::{Fact, FailedStep};
use core::sync::atomic::{AtomicU64, Ordering::Acquire, Ordering::Release};

/// A type that can lie on a shared page.
///
/// # Safety
/// The type must consist only of atomics, and zeroed memory must be a valid value of it: an empty record.
pub unsafe trait Record: Sync + 'static {
    /// Empties the record.
    fn wipe(&self);
}

// SAFETY: two atomics; zeros are an absent fact.
unsafe impl Record for Fact {
    fn wipe(&self) {
        Fact::wipe(self);
    }
}

// SAFETY: an atomic; zero means no failure.
unsafe impl Record for FailedStep {
    fn wipe(&self) {
        FailedStep::wipe(self);
    }
}

// SAFETY: consists only of records.
unsafe impl<R: Record, const N: usize> Record for [R; N] {
    fn wipe(&self) {
        for record in self {
            record.wipe();
        }
    }
}

/// 64 bits that one task leaves for another: flags, or a signal set.
pub struct Bits(AtomicU64);

impl Bits {
    /// Leaves the bits.
    pub fn put(&self, bits: u64) {
        self.0.store(bits, Release);
    }

    /// The bits; 0 if none were left.
    pub fn get(&self) -> u64 {
        self.0.load(Acquire)
    }
}

// SAFETY: an atomic; zero is the empty set.
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

        // SAFETY: consists only of records.
        unsafe impl Record for $name {
            fn wipe(&self) {
                $(Record::wipe(&self.$field);)*
            }
        }
    )*};
}

/// How many rules there are at most.
pub const MOST_RULES: usize = 64;

records! {
    /// What each of the two tasks leaves about itself and about its acts on what they may share.
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
        /// The counter in ordinary memory: the child increments it, the parent reads it.
        counter: Fact,
        /// Setting the user id that the task already has: EINVAL if the id is not mapped.
        keep_uid: Fact,
        /// The parent: the descriptor opened for the child to close, and later the result of the parent's own close.
        /// The child: the result of its close.
        file: Fact,
        /// umask(2), which returns the previous mask.
        umask: Fact,
        /// The previous disposition of a signal.
        disposition: Fact,
        /// Setting the I/O priority; the parent later replaces this by its own priority.
        io_priority: Fact,
        /// The parent: the id of a semaphore set. The child: the result of raising the semaphore.
        semaphore: Fact,
        /// The disposition of a signal that has a handler.
        handled: Fact,
        /// PR_GET_NO_NEW_PRIVS.
        no_new_privileges: Fact,
        /// The child: PR_SET_KEEPCAPS, a change of its credentials. The parent: PR_GET_KEEPCAPS.
        keep_capabilities: Fact,
        /// The FS base.
        fs_base: Fact,
        /// Binding a socket to a name of the network namespace.
        socket: Fact,
        /// The parent: the inode of its UTS namespace, and later whether the host has the name that the child sets. The
        /// child: sethostname(2).
        host: Fact,
        /// The parent: a descriptor of an open path. The child: copying the mounts of that path.
        mounts: Fact,
        /// Whether the task is at the root of its cgroup namespace.
        cgroup_root: Fact,
        /// The inode of /proc.
        proc: Fact,
    }

    /// The effective ids of the task that makes a user namespace. Without privileges outside only these ids may be
    /// mapped.
    Briefing {
        /// geteuid(2).
        euid: Fact,
        /// getegid(2).
        egid: Fact,
    }

    /// The steps by which a child becomes root of its new user namespace.
    Becoming {
        /// The ids outside, left by the parent.
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
        /// sethostname(2) there, verified by uname(2).
        sethostname: Fact,
    }

    /// How examiner, subject and child know each other.
    Roles {
        /// The descriptor of the examiner's file, whose owner the child becomes.
        owner: Fact,
        /// A pidfd of the examiner, which becomes readable when the examiner ends.
        examiner: Fact,
        /// The id of the subject in its own PID namespace.
        subject: Fact,
        /// The result that the subject got from the call under study.
        result: Fact,
    }

    /// An experiment: a mode, where the parent is both examiner and subject, or the laboratory.
    Experiment {
        /// The flags of the call.
        flags: Bits,
        /// The parent, which is the subject in the laboratory.
        parent: Side,
        /// The child.
        child: Side,
        /// Becoming root.
        becoming: Becoming,
        /// The three roles.
        roles: Roles,
        /// The index of the rule that predicts a refusal.
        rule: Fact,
        /// What is predicted: an errno, 0 for a task, or the signal of a filter that kills.
        predicted: Fact,
        /// Left once the examiner has asked the kernel about subject and child.
        examined: Fact,
        /// Whether the subject slept in the call while the child was held.
        asleep: Fact,
        /// The turn when the subject returned from the call.
        returned: Fact,
        /// The word of CLONE_PARENT_SETTID after the call.
        parent_tid: Fact,
        /// The requested FS base.
        tls: Fact,
        /// The child's initial stack pointer.
        stack: Fact,
        /// The wait status of the child that the subject got.
        ended: Fact,
        /// Left once the child is known to have ended.
        gone: Fact,
        /// Whether the exit signal was received.
        signal: Fact,
        /// The blocked signals that the subject had received after the child's end.
        pending: Fact,
        /// Whether closing the child's descriptor killed the child.
        killed: Fact,
        /// The value of the semaphore after the child's end.
        undone: Fact,
        /// Whether the child's descriptor is readable after the child's end.
        descriptor: Fact,
        /// The inode of the IPC namespace that the subject made for its semaphore.
        own_ipc: Fact,
        /// Left if the kernel undoes a semaphore operation at the end of a plain child.
        undo_works: Fact,
        /// The number from which the name of the subject's socket is made.
        socket_name: Fact,
        /// The child: the address that CLONE_CHILD_CLEARTID set.
        tid_address: Fact,
        /// The child: the word of CLONE_CHILD_SETTID when the child started.
        tid_word: Fact,
        /// The child: writing the clock offsets of its time namespace.
        time_offset: Fact,
        /// The subject's step that failed.
        failure: FailedStep,
    }

    /// `clone FLAGS -- CMD`.
    Executing {
        /// The flags of the call.
        flags: Bits,
        /// The signal mask for the program.
        mask: Bits,
        /// Becoming root.
        becoming: Becoming,
        /// The three roles.
        roles: Roles,
        /// Left by the child once it runs.
        begun: Fact,
        /// The wait status of the program that the subject got.
        ended: Fact,
        /// The step that failed before execve(2).
        failure: FailedStep,
        /// The errno of execve(2).
        not_executed: Fact,
    }

    /// The reason for a refusal, as the process outside has found it.
    Finding {
        /// The index of the reason.
        reason: Fact,
        /// The caller's real user id.
        user: Fact,
        /// The first id in question.
        first: Fact,
        /// The number of ids in question.
        count: Fact,
    }

    /// A case of `check` whose answer is not the expected one.
    Deviation {
        /// The system call; 0 if the case is about another one.
        api: Bits,
        /// Its flags.
        flags: Bits,
        /// Its exit signal.
        exit_signal: Bits,
        /// The index of what distinguishes the case.
        what: Bits,
        /// The value of that.
        value: Bits,
        /// The index of the rule, plus one; 0 for none.
        rule: Bits,
        /// What was expected.
        want: Bits,
        /// What came.
        got: Bits,
    }

    /// A reason why cases of `check` could not be judged.
    Masking {
        /// The reason; 0 for none.
        reason: Bits,
        /// How many cases it concerns.
        cases: Bits,
    }

    /// A leaf of `check`.
    Checking {
        /// The number of the next case.
        next: Bits,
        /// How many cases have begun, in this worker or in one before.
        begun: Bits,
        /// How many cases had the expected answer.
        right: Bits,
        /// How many of these were refused, by the rule that is expected to refuse them.
        refused: [Bits; MOST_RULES],
        /// How many had another one.
        wrong: Bits,
        /// How many could not be judged.
        skipped: Bits,
        /// Why they could not.
        skips: [Masking; 4],
        /// The first cases with another answer.
        deviations: [Deviation; 8],
    }

    /// `run`: a program in namespaces of its own.
    Running {
        /// The index of the step that has begun.
        begun: Fact,
        /// The ids outside.
        outer: Briefing,
        /// The inodes of the caller's namespaces, in the order of `Kind::ALL`.
        kinds: [Fact; 8],
        /// The signal mask for the program.
        mask: Bits,
        /// The descriptor of the terminal that the parent keeps open.
        terminal: Fact,
        /// A pidfd of the parent, or the end of a pipe, which becomes readable when the parent ends.
        parent: Fact,
        /// The other end of that pipe, until the child has closed its copy.
        held: Fact,
        /// The inode of the time namespace that was made by unshare(2), and whose clocks are set.
        clocks: Fact,
        /// The descriptor of a new binfmt_misc, until it is mounted.
        binfmt: Fact,
        /// The results of the helper's map writes: users, groups.
        maps: [Fact; 2],
        /// The errno of executing newuidmap(1) or newgidmap(1).
        map_program: Fact,
        /// The file of the parent whose owner the program's process becomes.
        program: Fact,
        /// The kind of namespace that the helper keeps at a file, or has kept last.
        keeping: Fact,
        /// The result of keeping all of them.
        kept: Fact,
        /// Why those stay that the helper could not take away, in the order of `Kind::ALL`.
        stays: [Fact; 8],
        /// Why the helper was refused what it did, found by the helper.
        told: Finding,
        /// The step that failed before execve(2).
        failure: FailedStep,
        /// The errno of execve(2).
        not_executed: Fact,
        /// The wait status of the program that process 1 of its PID namespace got.
        ended: Fact,
    }
}
