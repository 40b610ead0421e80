//! What the kernel refuses: one table, in the order of the kernel's checks.
//!
//! A rule about flags is data (two flags together, or one without the other), so the table can be printed and
//! explained, and flags can be amended by it. Only a condition on more than flags is a function. The first rule that
//! holds is the kernel's answer.

use super::expected::Expected;
use super::question::{NOT_OF_CLONE3, Question};
use crate::clone::call::{Call, StackOf};
use crate::clone::flags::{By, Flags, NAMESPACES, OF_CLONE3, Version};
use crate::error::Failure;
use crate::host::cgroup::Entry;
use crate::host::place::Place;
use crate::sys::{Errno, Signal, ids};

/// The condition of a rule.
pub enum When {
    /// The first flag is set, and one of the others.
    Together(Flags, Flags),
    /// The first flag is set, and one of the others is not.
    Without(Flags, Flags),
    /// A different condition, and what helps.
    If(fn(&Question) -> bool, &'static [Change]),
}

/// A change to a call that helps against a rule.
#[derive(Clone, Copy)]
pub enum Change {
    /// Sets all these flags.
    Add(Flags),
    /// Clears all these flags.
    Drop(Flags),
    /// Clears one of these flags.
    DropOne(Flags),
    /// This exit signal; none for no signal.
    ExitSignal(Option<Signal>),
    /// clone3(2) instead of clone(2).
    Clone3,
}

/// A reason to refuse a call.
pub struct Rule {
    /// A letter for the stage of the kernel's work, and a number within it: `D10`.
    pub id: &'static str,
    /// The calls to which the rule applies.
    pub calls: &'static [By],
    /// The errno; none for that of a filter or a security module.
    pub errno: Option<Errno>,
    /// The condition.
    pub when: When,
    /// The first kernel version with the rule; [`Version::UNKNOWN`] if all known versions have it.
    pub since: Version,
    /// The first kernel version without the rule; none if no version dropped it.
    pub until: Option<Version>,
    /// The explanation.
    pub why: &'static str,
    /// The kernel function that checks this.
    pub source: &'static str,
    /// The smallest call that triggers the rule, as arguments of `chimera clone`; some rules also need a particular
    /// environment.
    pub provoke: &'static str,
}

/// The rules' answer to a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Prediction {
    /// The index of the rule that holds; none if no rule does.
    pub rule: Option<usize>,
    /// What is expected.
    pub expected: Expected,
}

impl Prediction {
    /// No rule holds.
    pub const MADE: Self = Self { rule: None, expected: Expected::Made };

    /// The rule that holds; none if no rule does.
    pub fn rule(self) -> Option<&'static Rule> {
        self.rule.and_then(|number| RULES.get(number))
    }
}

const BOTH: &[By] = &[By::Clone, By::Clone3];
const CLONE: &[By] = &[By::Clone];
const CLONE3: &[By] = &[By::Clone3];

const fn rule(
    id: &'static str,
    calls: &'static [By],
    errno: Option<Errno>,
    when: When,
    why: &'static str,
    source: &'static str,
    provoke: &'static str,
) -> Rule {
    Rule { id, calls, errno, when, since: Version::UNKNOWN, until: None, why, source, provoke }
}

impl Rule {
    const fn since(mut self, major: u8, minor: u8) -> Self {
        self.since = Version::new(major, minor);
        self
    }

    const fn until(mut self, major: u8, minor: u8) -> Self {
        self.until = Some(Version::new(major, minor));
        self
    }
}

use Change::{Add, Clone3, Drop, DropOne, ExitSignal};
use When::{If, Together, Without};

const E2BIG: Option<Errno> = Some(Errno::E2BIG);
const EACCES: Option<Errno> = Some(Errno::EACCES);
const EAGAIN: Option<Errno> = Some(Errno::EAGAIN);
const EBADF: Option<Errno> = Some(Errno::EBADF);
const EBUSY: Option<Errno> = Some(Errno::EBUSY);
const EEXIST: Option<Errno> = Some(Errno::EEXIST);
const EINVAL: Option<Errno> = Some(Errno::EINVAL);
const ENOENT: Option<Errno> = Some(Errno::ENOENT);
const ENOMEM: Option<Errno> = Some(Errno::ENOMEM);
const ENOSPC: Option<Errno> = Some(Errno::ENOSPC);
const ENOSYS: Option<Errno> = Some(Errno::ENOSYS);
const EOPNOTSUPP: Option<Errno> = Some(Errno::EOPNOTSUPP);
const EPERM: Option<Errno> = Some(Errno::EPERM);

/// The namespaces that need privileges.
const PRIVILEGED: Flags = NAMESPACES.difference(Flags::NEWUSER);
/// The flags of a task that has no exit signal of its own.
const SILENT: Flags = Flags::THREAD.union(Flags::PARENT);
/// What makes the id 1 the task's, and the right to choose it.
const OWN_IDS: Flags = Flags::NEWUSER.union(Flags::NEWPID);
/// The first address that is the kernel's: TASK_SIZE_MAX on x86-64.
const OF_THE_KERNEL: usize = 0x7fff_ffff_f000;

const SIGCHLD: Change = ExitSignal(Some(Signal::CHLD));
const NO_SIGNAL: Change = ExitSignal(None);
const NOT_USER: &[Change] = &[Drop(Flags::NEWUSER)];
const NOT_INTO: &[Change] = &[Drop(Flags::INTO_CGROUP)];

/// All rules.
#[rustfmt::skip]
pub static RULES: [Rule; 55] = [
    rule("A0", CLONE3, ENOSYS, If(|q| q.lacks_clone3(), &[]), "clone3 came with Linux 5.3", "the table of calls", "fs --clone3").until(5, 3),
    rule("A0", BOTH, None, If(|q| q.filtered().is_some(), &[]), "a seccomp filter, or a kernel without the call, does not let it in", "seccomp", "fork"),
    rule("A1", CLONE3, E2BIG, If(|q| q.call.size > 4096, &[]), "the structure is longer than a page", "copy_clone_args_from_user", "fs --clone3 --size 4097"),
    rule("A2", CLONE3, EINVAL, If(|q| q.call.size < 64, &[]), "the structure is shorter than its first version", "copy_clone_args_from_user", "fs --clone3 --size 63"),
    rule("A4", CLONE3, E2BIG, If(|q| q.has_unknown_member(), &[]), "the structure of this kernel is shorter: ids came with Linux 5.5, the cgroup with 5.7", "copy_clone_args_from_user", "INTO_CGROUP --clone3").until(5, 7),
    rule("A5", CLONE3, EINVAL, If(|q| q.set_tid().len() > 32, &[]), "at most 32 ids may be chosen, one for each level of PID namespaces", "copy_clone_args_from_user", "fs --clone3 --set-tid 1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1").since(5, 5),
    rule("A6", CLONE3, EINVAL, If(|q| (65..73).contains(&q.call.size) && !q.call.set_tid.is_empty(), &[]), "the structure is too short to say how many ids there are", "copy_clone_args_from_user", "fs --clone3 --set-tid 1 --size 72").since(5, 5),
    rule("A7", CLONE3, EINVAL, If(|q| q.is_no_signal(), &[SIGCHLD, NO_SIGNAL]), "there is no such signal", "copy_clone_args_from_user", "fs --clone3 --exit-signal 65"),
    rule("A8", CLONE3, EINVAL, If(|q| q.has(Flags::INTO_CGROUP) && q.call.size < 88, NOT_INTO), "the structure is too short to name a cgroup", "copy_clone_args_from_user", "INTO_CGROUP --clone3 --size 80").since(5, 7),
    rule("B1", CLONE3, EINVAL, If(|q| q.has_unknown_flag(), &[DropOne(OF_CLONE3)]), "this kernel does not know a flag of the set", "clone3_args_valid", "0x8000000000000000 --clone3"),
    rule("B2", CLONE3, EINVAL, If(|q| q.has_any(NOT_OF_CLONE3), &[Drop(NOT_OF_CLONE3)]), "CLONE_DETACHED and the exit signal's bits are no flags of clone3", "clone3_args_valid", "DETACHED --clone3"),
    rule("B3", CLONE3, EINVAL, Together(Flags::SIGHAND, Flags::CLEAR_SIGHAND), "a table of handlers that both tasks share cannot be cleared for one of them", "clone3_args_valid", "VM|SIGHAND|CLEAR_SIGHAND --clone3"),
    rule("B4", CLONE3, EINVAL, If(|q| q.call.exit_signal != 0 && q.has_any(SILENT), &[NO_SIGNAL, Drop(SILENT)]), "a thread or a sibling has no exit signal of its own", "clone3_args_valid", "PARENT --clone3"),
    rule("B5", CLONE3, EINVAL, If(|q| matches!(q.call.stack, StackOf::Own(0..16)), &[]), "a stack needs an address and a size", "clone3_args_valid", "VM --clone3 --stack 0"),
    rule("C1", CLONE, EINVAL, Together(Flags::PIDFD, Flags::PARENT_SETTID), "clone(2) has one address for both the descriptor and the id", "kernel_clone", "PIDFD|PARENT_SETTID").since(5, 2),
    rule("C2", CLONE, EINVAL, If(|q| q.is_no_signal(), &[SIGCHLD, Clone3]), "there is no such signal", "kernel_clone", "VM|65"),
    rule("D1", BOTH, EINVAL, Together(Flags::FS, Flags::NEWNS.union(Flags::EMPTY_MNTNS)), "a task with mounts of its own needs a root and a working directory of its own", "copy_process", "NEWNS|FS"),
    rule("D2", BOTH, EINVAL, Together(Flags::NEWUSER, Flags::FS), "tasks in different user namespaces may not share root and working directory", "copy_process", "NEWUSER|FS"),
    rule("D3", BOTH, EINVAL, Without(Flags::THREAD, Flags::SIGHAND), "a thread shares the signal handlers of its group", "copy_process", "VM|CLONE_THREAD"),
    rule("D4", BOTH, EINVAL, Without(Flags::SIGHAND, Flags::VM), "handlers are addresses in the shared memory", "copy_process", "SIGHAND"),
    rule("D5", BOTH, EINVAL, If(|q| q.has(Flags::PARENT) && q.is_process_1(), &[Drop(Flags::PARENT)]), "process 1 of a PID namespace may have no sibling", "copy_process", "PARENT"),
    rule("D6", BOTH, EINVAL, Together(Flags::THREAD, OWN_IDS), "all threads of a process are in one user namespace and one PID namespace", "copy_process", "thread|NEWUSER"),
    rule("D6", BOTH, EINVAL, If(|q| q.has(Flags::THREAD) && q.are_children_elsewhere(), &[Drop(Flags::THREAD)]), "the caller's children go to another PID namespace, where its thread cannot be", "copy_process", "thread"),
    rule("D7", BOTH, EINVAL, Together(Flags::PIDFD, Flags::DETACHED), "beside CLONE_PIDFD the bit of CLONE_DETACHED is reserved for later use", "copy_process", "PIDFD|DETACHED").since(5, 2),
    rule("D7", BOTH, EINVAL, If(|q| q.has(Flags::PIDFD.union(Flags::THREAD)) && q.lacks_thread_pidfd(), &[Drop(Flags::PIDFD)]), "before 6.9 a thread has no descriptor", "copy_process", "thread|PIDFD").since(5, 2),
    rule("D8", CLONE3, EINVAL, Together(Flags::AUTOREAP, SILENT), "a task that the kernel reaps is neither a thread nor a sibling", "copy_process", "thread|AUTOREAP --clone3").since(7, 1),
    rule("D8", CLONE3, EINVAL, If(|q| q.has(Flags::AUTOREAP) && q.call.exit_signal != 0, &[NO_SIGNAL]), "a task that the kernel reaps has no exit signal", "copy_process", "AUTOREAP --clone3").since(7, 1),
    rule("D10", CLONE3, EINVAL, Together(Flags::NNP, Flags::THREAD), "CLONE_NNP is for a new process, not for a thread", "copy_process", "thread|NNP --clone3").since(7, 1),
    rule("D11", CLONE3, EINVAL, Without(Flags::PIDFD_AUTOKILL, Flags::PIDFD.union(Flags::AUTOREAP)), "a task that a close kills must have a descriptor and leave no zombie", "copy_process", "PIDFD_AUTOKILL --clone3").since(7, 1),
    rule("D12", CLONE3, EPERM, If(|q| q.has(Flags::PIDFD_AUTOKILL) && !q.has(Flags::NNP) && !q.place.is_privileged(), &[Add(Flags::NNP)]), "killing a privileged task needs CAP_SYS_ADMIN or CLONE_NNP", "copy_process", "PIDFD_AUTOKILL|PIDFD|AUTOREAP|0 --clone3").since(7, 1),
    rule("E4", BOTH, ENOSPC, If(|q| q.is_user_refused(Errno::ENOSPC), NOT_USER), "a limit: user.max_user_namespaces, or 32 levels of user namespaces", "create_user_ns", "NEWUSER"),
    rule("E5", BOTH, EPERM, If(|q| q.is_user_refused(Errno::EPERM) && q.is_chroot(), NOT_USER), "the caller is in a chroot", "create_user_ns", "NEWUSER"),
    rule("E6", BOTH, EPERM, If(|q| q.is_user_refused(Errno::EPERM) && ids::is_unmapped(), NOT_USER), "the caller's user or group id is not mapped in its user namespace", "create_user_ns", "NEWUSER"),
    rule("E7", BOTH, EPERM, If(|q| q.is_user_refused(Errno::EPERM), NOT_USER), "a security module or sysctl forbids it", "create_user_ns", "NEWUSER"),
    rule("E7", BOTH, EACCES, If(|q| q.is_user_refused(Errno::EACCES), NOT_USER), "a security module forbids it", "create_user_ns", "NEWUSER"),
    rule("E8", BOTH, EAGAIN, If(|q| q.is_refused(Errno::EAGAIN), &[]), "too many tasks: RLIMIT_NPROC, kernel.threads-max, or no id is left", "copy_process", "fork"),
    rule("F1", BOTH, EPERM, If(|q| q.needs_rights(), &[Add(Flags::NEWUSER), Drop(PRIVILEGED)]), "needs CAP_SYS_ADMIN, which a new user namespace gives", "copy_namespaces", "NEWUTS"),
    rule("F1", BOTH, EPERM, If(|q| q.has(Flags::NEWUSER) && q.is_refused(Errno::EPERM), &[Drop(PRIVILEGED)]), "a security module denies CAP_SYS_ADMIN to root of the new user namespace", "copy_namespaces", "NEWUSER|NEWUTS"),
    rule("F2", BOTH, EINVAL, Together(Flags::NEWIPC, Flags::SYSVSEM), "semaphore undos belong to one IPC namespace", "copy_namespaces", "NEWIPC|SYSVSEM"),
    rule("F3", BOTH, ENOSPC, If(|q| q.is_refused(Errno::ENOSPC), &[DropOne(PRIVILEGED)]), "a limit: user.max_*_namespaces, or 32 levels of PID namespaces", "copy_namespaces", "NEWUTS"),
    rule("F3", BOTH, EINVAL, If(|q| q.is_refused(Errno::EINVAL), &[DropOne(NAMESPACES)]), "the kernel has no such namespaces, or the caller's children are to be in another PID namespace", "copy_namespaces", "NEWUTS"),
    rule("F4", BOTH, EPERM, If(|q| q.has(Flags::SETTLS) && q.call.tls.is_some_and(|tls| tls >= OF_THE_KERNEL), &[Drop(Flags::SETTLS)]), "the address is the kernel's", "copy_thread", "SETTLS --tls 0xffffffffffffffff"),
    rule("F5", CLONE3, EINVAL, If(|q| q.has_too_many_ids(), &[Add(Flags::NEWPID)]), "there are more ids than PID namespaces", "alloc_pid", "fs --clone3 --set-tid 1,1").since(5, 5),
    rule("F5", CLONE3, EINVAL, If(|q| q.is_first_not_1(), &[Drop(Flags::NEWPID)]), "the first process of a PID namespace has the id 1", "alloc_pid", "NEWUSER|NEWPID --clone3 --set-tid 2").since(5, 5),
    rule("F5", CLONE3, EINVAL, If(|q| q.is_id_out_of_range(), &[]), "an id is out of range: from 1, below kernel.pid_max", "alloc_pid", "fs --clone3 --set-tid 0").since(5, 5),
    rule("F5", CLONE3, EPERM, If(|q| q.may_not_choose(), &[Add(OWN_IDS)]), "choosing an id needs CAP_CHECKPOINT_RESTORE in the owner of its PID namespace", "alloc_pid", "fs --clone3 --set-tid 2").since(5, 5),
    rule("F5", CLONE3, EEXIST, If(|q| q.are_ids_refused(Errno::EEXIST), &[Add(Flags::NEWPID)]), "the id is taken", "alloc_pid", "fs --clone3 --set-tid 1").since(5, 5),
    rule("F6", BOTH, ENOMEM, If(|q| q.is_refused(Errno::ENOMEM), &[]), "the PID namespace has lost its process 1", "alloc_pid", "fork"),
    rule("F8", CLONE3, EBADF, If(|q| q.is_cgroup_refused(Entry::NoCgroup), NOT_INTO), "no such open cgroup of version 2", "cgroup_css_set_fork", "INTO_CGROUP --clone3").since(5, 7),
    rule("F8", CLONE3, ENOENT, If(|q| q.is_cgroup_refused(Entry::Removed), NOT_INTO), "the cgroup was removed", "cgroup_css_set_fork", "INTO_CGROUP --clone3").since(5, 7),
    rule("F8", CLONE3, EACCES, If(|q| q.is_cgroup_refused(Entry::NotWritable), NOT_INTO), "cgroup.procs may not be written, of the cgroup or of the nearest one that is above it and the caller", "cgroup_css_set_fork", "INTO_CGROUP --clone3").since(5, 7),
    rule("F8", CLONE3, ENOENT, If(|q| q.is_cgroup_refused(Entry::OutOfNamespace), NOT_INTO), "the cgroup is not in the caller's cgroup namespace, and the mount has nsdelegate", "cgroup_css_set_fork", "INTO_CGROUP --clone3").since(5, 7),
    rule("F8", CLONE3, EOPNOTSUPP, If(|q| q.is_cgroup_refused(Entry::NotOfDomain), NOT_INTO), "the type of the cgroup is domain invalid, or it is another thread's domain", "cgroup_css_set_fork", "INTO_CGROUP --clone3").since(5, 7),
    rule("F8", CLONE3, EBUSY, If(|q| q.is_cgroup_refused(Entry::Controlled), NOT_INTO), "the cgroup hands on domain controllers, so it takes no task", "cgroup_css_set_fork", "INTO_CGROUP --clone3").since(5, 7),
    rule("F8", BOTH, EAGAIN, If(|q| q.is_cgroup_full(), NOT_INTO), "pids.max of the cgroup, or of one above it, is reached", "pids_can_fork", "fork"),
];

/// The stages of the kernel's work, in their order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Stage {
    /// A: clone3(2) copies its struct.
    Copying,
    /// B: clone3(2) looks at its arguments.
    Arguments,
    /// C: both calls look at theirs.
    Call,
    /// D: the flags alone.
    Flags,
    /// E: the task and its credentials.
    Task,
    /// F: what the task has.
    Parts,
}

impl Rule {
    /// The stage in which the kernel checks the rule: the letter of its name.
    pub fn stage(&self) -> Stage {
        match self.id.as_bytes().first() {
            Some(b'A') => Stage::Copying,
            Some(b'B') => Stage::Arguments,
            Some(b'C') => Stage::Call,
            Some(b'D') => Stage::Flags,
            Some(b'E') => Stage::Task,
            _ => Stage::Parts,
        }
    }

    /// Whether the rule applies to the call and its condition is met.
    fn holds(&self, question: &Question) -> bool {
        let version = question.place.version;
        let is_of_version =
            version == Version::UNKNOWN || version >= self.since && self.until.is_none_or(|until| version < until);
        if !is_of_version || !self.calls.contains(&question.call.api.by()) {
            return false;
        }
        match self.when {
            If(check, _) => check(question),
            Together(..) | Without(..) => self.is_of_flags(question.flags()),
        }
    }

    /// Whether these flags alone meet the condition.
    fn is_of_flags(&self, flags: Flags) -> bool {
        match self.when {
            Together(one, others) => flags.contains(one) && flags.intersects(others),
            Without(one, others) => flags.contains(one) && !flags.contains(others),
            If(..) => false,
        }
    }
}

/// The first rule that a call breaks by its flags alone, so in every place whose kernel has the rule.
pub fn of_flags(call: &Call) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.calls.contains(&call.api.by()) && rule.is_of_flags(call.flags))
}

/// Predicts the kernel's answer to a call in a place; a failure if the kernel could not be asked.
pub fn predict(call: &Call, place: &Place) -> Result<Prediction, Failure> {
    let question = Question::new(call, place);
    for (number, rule) in RULES.iter().enumerate() {
        let holds = rule.holds(&question);
        if let Some(failure) = question.take_failure() {
            return Err(failure);
        }
        if holds {
            let expected = rule.errno.map(Expected::Refused).or_else(|| question.filtered());
            return Ok(Prediction { rule: Some(number), expected: expected.unwrap_or(Expected::Made) });
        }
    }
    Ok(Prediction::MADE)
}
