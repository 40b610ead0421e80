//! What the kernel refuses: one table, in the order of the kernel's checks.
//!
//! A rule about flags is data (two flags together, or one without the other), so the table can be printed and
//! explained, and flags can be amended by it. Only a condition on more than flags is a function. The first rule that
//! holds is the kernel's answer.

use crate::clone::call::{Api, Call, StackOf};
use crate::clone::flags::{By, FLAGS, Flags, NAMESPACES, OF_CLONE3, Version};
use crate::error::Failure;
use crate::host::namespace::is_chroot;
use crate::host::place::Place;
use crate::host::probe;
use crate::sys::{Errno, Fd, RawFd, Result as SysResult, file, ids};
use core::cell::Cell;
use core::ffi::CStr;
use core::sync::atomic::AtomicU32;

/// The condition of a rule.
pub enum When {
    /// Both flags are set.
    Together(Flags, Flags),
    /// The first flag is set and the second is not.
    Without(Flags, Flags),
    /// A different condition, and the flag that would help (empty if none would).
    If(fn(&Question) -> bool, Flags),
}

/// A reason to refuse a call.
pub struct Rule {
    /// A letter for the stage of the kernel's work, and a number within it: `D10`.
    pub id: &'static str,
    /// The calls to which the rule applies.
    pub calls: &'static [By],
    /// The errno; none for the errno of a filter.
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

/// The input of a rule: a call and a place, and what the kernel has answered so far.
pub struct Question<'a> {
    call: &'a Call,
    place: &'a Place,
    /// The kernel's answer to the call's namespaces, once asked.
    of_namespaces: Cell<Option<SysResult<()>>>,
    /// The kernel's answer to the namespaces and ids, once asked.
    of_ids: Cell<Option<SysResult<()>>>,
    /// The failure that kept the kernel from being asked, if any.
    failure: Cell<Option<Failure>>,
}

/// The rules' answer to a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Prediction {
    /// The index of the rule that holds; none if no rule does.
    pub rule: Option<usize>,
    /// The predicted errno; none for success.
    pub errno: Option<Errno>,
}

impl Prediction {
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

use When::{If, Together, Without};

const NONE: Flags = Flags::empty();
const E2BIG: Errno = Errno::E2BIG;
const EACCES: Errno = Errno::EACCES;
const EAGAIN: Errno = Errno::EAGAIN;
const EBADF: Errno = Errno::EBADF;
const EEXIST: Errno = Errno::EEXIST;
const EINVAL: Errno = Errno::EINVAL;
const ENOMEM: Errno = Errno::ENOMEM;
const ENOSPC: Errno = Errno::ENOSPC;
const ENOSYS: Errno = Errno::ENOSYS;
const EPERM: Errno = Errno::EPERM;

/// All rules.
#[rustfmt::skip]
pub static RULES: [Rule; 50] = [
    rule("A0", BOTH, None, If(|q| q.place.is_here && q.filtered().is_some(), NONE), "a seccomp filter or the kernel does not let the call in", "seccomp", "fork"),
    rule("A0", CLONE3, Some(ENOSYS), If(|q| !q.place.is_here, NONE), "a seccomp filter or the kernel does not let the call in", "seccomp", "fs --clone3").until(5, 3),
    rule("A1", CLONE3, Some(E2BIG), If(|q| q.call.size > 4096, NONE), "the struct is longer than a page", "copy_clone_args_from_user", "fs --clone3 --size 4097"),
    rule("A2", CLONE3, Some(EINVAL), If(|q| q.call.size < 64, NONE), "the struct is shorter than its first version", "copy_clone_args_from_user", "fs --clone3 --size 63"),
    rule("A5", CLONE3, Some(EINVAL), If(|q| q.set_tid().len() > 32, NONE), "at most 32 ids, one a level", "copy_clone_args_from_user", "fs --clone3 --set-tid 1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1"),
    rule("A6", CLONE3, Some(EINVAL), If(|q| (65..73).contains(&q.call.size) && !q.call.set_tid.is_empty(), NONE), "the struct is too short to count the ids", "copy_clone_args_from_user", "fs --clone3 --set-tid 1 --size 72"),
    rule("A7", CLONE3, Some(EINVAL), If(|q| q.call.exit_signal > 255 || q.call.exit_signal > 64 && q.checks_signals(), NONE), "there is no such signal", "copy_clone_args_from_user", "fs --clone3 --exit-signal 65"),
    rule("A8", CLONE3, Some(EINVAL), If(|q| q.has(Flags::INTO_CGROUP) && q.call.size < 88, NONE), "the struct is too short to name a cgroup", "copy_clone_args_from_user", "INTO_CGROUP --clone3 --size 80"),
    rule("B1", CLONE3, Some(EINVAL), If(|q| q.has_unknown_flag(), NONE), "this kernel does not know a flag of the set", "clone3_args_valid", "0x8000000000000000 --clone3"),
    rule("B2", CLONE3, Some(EINVAL), If(|q| q.call.flags.bits() & 0x40_007f != 0, NONE), "CLONE_DETACHED and the exit signal's bits are no flags of clone3", "clone3_args_valid", "DETACHED --clone3"),
    rule("B3", CLONE3, Some(EINVAL), Together(Flags::SIGHAND, Flags::CLEAR_SIGHAND), "a shared table of handlers cannot be cleared for one", "clone3_args_valid", "VM|SIGHAND|CLEAR_SIGHAND --clone3"),
    rule("B4", CLONE3, Some(EINVAL), If(|q| q.call.exit_signal != 0 && q.call.flags.intersects(Flags::THREAD.union(Flags::PARENT)), NONE), "a thread or a sibling has no exit signal of its own", "clone3_args_valid", "PARENT --clone3"),
    rule("B5", CLONE3, Some(EINVAL), If(|q| matches!(q.call.stack, StackOf::Own(0..16)), NONE), "a stack needs a size", "clone3_args_valid", "VM --clone3 --stack 0"),
    rule("C1", CLONE, Some(EINVAL), Together(Flags::PIDFD, Flags::PARENT_SETTID), "descriptor and id would be stored in one word", "kernel_clone", "PIDFD|PARENT_SETTID").since(5, 2),
    rule("C2", CLONE, Some(EINVAL), If(|q| q.call.signal_number() > 64 && q.checks_signals(), NONE), "there is no such signal", "kernel_clone", "VM|65"),
    rule("D1", BOTH, Some(EINVAL), Together(Flags::NEWNS, Flags::FS), "other mounts need a root and cwd of their own", "copy_process", "NEWNS|FS"),
    rule("D1", CLONE3, Some(EINVAL), Together(Flags::EMPTY_MNTNS, Flags::FS), "other mounts need a root and cwd of their own", "copy_process", "EMPTY_MNTNS|FS --clone3").since(7, 1),
    rule("D2", BOTH, Some(EINVAL), Together(Flags::NEWUSER, Flags::FS), "another user namespace may not share root and cwd", "copy_process", "NEWUSER|FS"),
    rule("D3", BOTH, Some(EINVAL), Without(Flags::THREAD, Flags::SIGHAND), "a thread shares the signal handlers of its group", "copy_process", "VM|CLONE_THREAD"),
    rule("D4", BOTH, Some(EINVAL), Without(Flags::SIGHAND, Flags::VM), "handlers are addresses in the shared memory", "copy_process", "SIGHAND"),
    rule("D5", BOTH, Some(EINVAL), If(|q| q.has(Flags::PARENT) && q.place.is_here && q.is_process_1(), NONE), "process 1 has no sibling in its namespace", "copy_process", "PARENT"),
    rule("D6", BOTH, Some(EINVAL), Together(Flags::THREAD, Flags::NEWUSER), "a thread group lies in one user and one PID namespace", "copy_process", "thread|NEWUSER"),
    rule("D6", BOTH, Some(EINVAL), Together(Flags::THREAD, Flags::NEWPID), "a thread group lies in one user and one PID namespace", "copy_process", "thread|NEWPID"),
    rule("D6", BOTH, Some(EINVAL), If(|q| q.has(Flags::THREAD) && q.are_children_elsewhere(), NONE), "a thread group lies in one user and one PID namespace", "copy_process", "thread"),
    rule("D7", BOTH, Some(EINVAL), Together(Flags::PIDFD, Flags::DETACHED), "the bit is kept free beside a descriptor", "copy_process", "PIDFD|DETACHED").since(5, 2),
    rule("D7", BOTH, Some(EINVAL), If(|q| q.has(Flags::PIDFD.union(Flags::THREAD)) && q.lacks_thread_pidfd(), NONE), "before 6.9 a thread has no descriptor", "copy_process", "thread|PIDFD"),
    rule("D8", CLONE3, Some(EINVAL), Together(Flags::AUTOREAP, Flags::THREAD), "it excludes threads, siblings and exit signals", "copy_process", "thread|AUTOREAP --clone3").since(7, 1),
    rule("D8", CLONE3, Some(EINVAL), Together(Flags::AUTOREAP, Flags::PARENT), "it excludes threads, siblings and exit signals", "copy_process", "PARENT|AUTOREAP|0 --clone3").since(7, 1),
    rule("D8", CLONE3, Some(EINVAL), If(|q| q.has(Flags::AUTOREAP) && q.call.exit_signal != 0, NONE), "it excludes threads, siblings and exit signals", "copy_process", "AUTOREAP --clone3").since(7, 1),
    rule("D10", CLONE3, Some(EINVAL), Together(Flags::NNP, Flags::THREAD), "privileges are those of the process, not of a thread", "copy_process", "thread|NNP --clone3").since(7, 1),
    rule("D11", CLONE3, Some(EINVAL), Without(Flags::PIDFD_AUTOKILL, Flags::PIDFD), "who is killed by a close must have a descriptor and no zombie", "copy_process", "PIDFD_AUTOKILL --clone3").since(7, 1),
    rule("D11", CLONE3, Some(EINVAL), Without(Flags::PIDFD_AUTOKILL, Flags::AUTOREAP), "who is killed by a close must have a descriptor and no zombie", "copy_process", "PIDFD_AUTOKILL|PIDFD --clone3").since(7, 1),
    rule("D12", CLONE3, Some(EPERM), If(|q| q.has(Flags::PIDFD_AUTOKILL) && !q.has(Flags::NNP) && !q.place.is_privileged(), Flags::NNP), "killing a privileged task needs CAP_SYS_ADMIN or CLONE_NNP", "copy_process", "PIDFD_AUTOKILL|PIDFD|AUTOREAP|0 --clone3").since(7, 1),
    rule("E4", BOTH, Some(ENOSPC), If(|q| q.has(Flags::NEWUSER) && q.is_refused(Errno::ENOSPC), NONE), "a limit: user.max_*_namespaces, or 32 levels", "create_user_ns", "NEWUSER"),
    rule("E5", BOTH, Some(EPERM), If(|q| q.is_user_refused() && is_chroot(), NONE), "the caller is in a chroot", "create_user_ns", "NEWUSER"),
    rule("E6", BOTH, Some(EPERM), If(|q| q.is_user_refused() && ids::is_unmapped(), NONE), "the caller's ids have no name in its user namespace", "create_user_ns", "NEWUSER"),
    rule("E7", BOTH, Some(EPERM), If(|q| q.is_user_refused(), NONE), "a security module or sysctl forbids it", "create_user_ns", "NEWUSER"),
    rule("E7", BOTH, Some(EACCES), If(|q| q.is_refused(Errno::EACCES), NONE), "a security module or sysctl forbids it", "create_user_ns", "NEWUSER"),
    rule("E8", BOTH, Some(EAGAIN), If(|q| q.is_refused(Errno::EAGAIN), NONE), "too many tasks: RLIMIT_NPROC, threads-max or pids.max", "copy_process", "fork"),
    rule("F1", BOTH, Some(EPERM), If(|q| q.needs_rights(), Flags::NEWUSER), "needs CAP_SYS_ADMIN, which a new user namespace gives", "copy_namespaces", "NEWUTS"),
    rule("F2", BOTH, Some(EINVAL), Together(Flags::NEWIPC, Flags::SYSVSEM), "semaphore undos belong to one IPC namespace", "copy_namespaces", "NEWIPC|SYSVSEM"),
    rule("F3", BOTH, Some(ENOSPC), If(|q| q.is_refused(Errno::ENOSPC), NONE), "a limit: user.max_*_namespaces, or 32 levels", "copy_namespaces", "NEWUTS"),
    rule("F3", BOTH, Some(EINVAL), If(|q| q.is_refused(Errno::EINVAL), NONE), "not built in, or PID namespaces differ", "copy_namespaces", "NEWUTS"),
    rule("F4", BOTH, Some(EPERM), If(|q| q.has(Flags::SETTLS) && q.call.tls.is_some_and(|tls| tls >= 0x7fff_ffff_f000), NONE), "the address is the kernel's", "copy_thread", "SETTLS --tls 0xffffffffffffffff"),
    rule("F5", CLONE3, Some(EINVAL), If(|q| q.are_ids_refused(Errno::EINVAL), NONE), "an id is out of range, or there are too many", "alloc_pid", "fs --clone3 --set-tid 0"),
    rule("F5", CLONE3, Some(EPERM), If(|q| !q.set_tid().is_empty() && !q.place.is_privileged() || q.are_ids_refused(Errno::EPERM), NONE), "choosing ids needs CAP_CHECKPOINT_RESTORE", "alloc_pid", "fs --clone3 --set-tid 2"),
    rule("F5", CLONE3, Some(EEXIST), If(|q| q.are_ids_refused(Errno::EEXIST), NONE), "the id is taken", "alloc_pid", "fs --clone3 --set-tid 1"),
    rule("F6", BOTH, Some(ENOMEM), If(|q| q.is_refused(Errno::ENOMEM), NONE), "the PID namespace has lost its process 1", "alloc_pid", "fork"),
    rule("F8", CLONE3, Some(EBADF), If(|q| q.has(Flags::INTO_CGROUP) && q.is_no_cgroup(), NONE), "no such open cgroup of version 2", "cgroup_css_set_fork", "INTO_CGROUP --clone3"),
    rule("F8", CLONE3, Some(EACCES), If(|q| q.has(Flags::INTO_CGROUP) && q.may_not_enter_cgroup(), NONE), "the cgroup may not be written to", "cgroup_css_set_fork", "INTO_CGROUP --clone3"),
];

impl Question<'_> {
    fn has(&self, flags: Flags) -> bool {
        self.call.flags.contains(flags)
    }

    /// The requested namespaces, as far as this call can request them.
    fn namespaces(&self) -> Flags {
        let all = self.call.flags & NAMESPACES;
        if self.call.api == Api::Clone3 { all } else { all - OF_CLONE3 }
    }

    /// Keeps a failure, so that `predict` can return it instead of an answer based on missing facts.
    fn ok_or_keep<T>(&self, answer: Result<T, Failure>) -> Option<T> {
        answer.inspect_err(|failure| self.failure.set(Some(*failure))).ok()
    }

    /// The errno that a filter returns instead of the kernel; none if no filter intervenes.
    fn filtered(&self) -> Option<Errno> {
        self.ok_or_keep(probe::filtered(self.call)).flatten()
    }

    /// The kernel's answer to a call with these flags, ids and exit signal, and nothing else that could be refused.
    fn probe(&self, api: Api, flags: Flags, signal: u64, ids: &'static [AtomicU32]) -> Option<SysResult<()>> {
        self.ok_or_keep(probe::probe(api, flags, signal, ids))
    }

    /// The kernel's answer to the namespaces and these ids, and nothing else that could be refused. The kernel is asked
    /// once for each `kept`.
    fn ask_once(&self, kept: &Cell<Option<SysResult<()>>>, ids: &'static [AtomicU32]) -> Option<SysResult<()>> {
        if !self.place.is_here {
            return None;
        }
        let said = kept.get().or_else(|| self.probe(self.call.api, self.namespaces(), 0, ids))?;
        kept.set(Some(said));
        Some(said)
    }

    /// Whether the kernel refuses the namespaces with this errno.
    fn is_refused(&self, errno: Errno) -> bool {
        let refusal = Some(Err(errno));
        // If the kernel refuses even the plain call, EINVAL says nothing about the namespaces.
        self.ask_once(&self.of_namespaces, &[]) == refusal
            && (errno != EINVAL || self.probe(self.call.api, NONE, 0, &[]) != refusal)
    }

    /// Whether the kernel refuses the ids with this errno.
    fn are_ids_refused(&self, errno: Errno) -> bool {
        let ids = self.set_tid();
        !ids.is_empty() && self.ask_once(&self.of_ids, ids) == Some(Err(errno))
    }

    /// Whether the caller is process 1 of its PID namespace.
    fn is_process_1(&self) -> bool {
        self.place.is_here && ids::getpid().is_ok_and(|pid| pid.number() == 1)
    }

    fn is_user_refused(&self) -> bool {
        self.has(Flags::NEWUSER) && self.is_refused(Errno::EPERM)
    }

    fn needs_rights(&self) -> bool {
        let asks = !self.namespaces().is_empty() && !self.has(Flags::NEWUSER);
        asks && (!self.place.is_privileged() || self.is_refused(Errno::EPERM))
    }

    /// Whether the kernel refuses exit signals above 64: clone3(2) does, clone(2) since 7.1 or with a backport.
    fn checks_signals(&self) -> bool {
        if !self.place.is_here {
            return self.call.api == Api::Clone3 || self.place.version >= Version::new(7, 1);
        }
        self.probe(self.call.api, NONE, self.call.signal_number(), &[]) == Some(Err(EINVAL))
    }

    fn lacks_thread_pidfd(&self) -> bool {
        if !self.place.is_here {
            return self.place.version < Version::new(6, 9);
        }
        let thread = Flags::SIGHAND | Flags::THREAD | Flags::CHILD_CLEARTID;
        self.probe(Api::Clone, thread, 0, &[]) == Some(Err(EINVAL))
    }

    /// Whether clone3(2) does not know one of the call's flags beyond clone(2)'s.
    fn has_unknown_flag(&self) -> bool {
        let late = self.call.flags & OF_CLONE3;
        late.bits() != 0
            && if self.place.is_here {
                let mut asked = late;
                if late.contains(Flags::PIDFD_AUTOKILL) {
                    asked |= Flags::AUTOREAP | Flags::NNP;
                }
                self.probe(Api::Clone3, asked, 0, &[]) == Some(Err(EINVAL))
            } else {
                let known = FLAGS.iter().filter(|flag| flag.since <= self.place.version);
                !(late - known.fold(NONE, |all, flag| all | flag.bit)).is_empty()
            }
    }

    /// Whether children are made in a different PID namespace from the caller's.
    fn are_children_elsewhere(&self) -> bool {
        self.place.is_here && probe::are_children_elsewhere()
    }

    /// The requested ids, if the struct is long enough to hold them.
    fn set_tid(&self) -> &'static [AtomicU32] {
        if self.call.size > 72 { self.call.set_tid } else { &[] }
    }

    /// Opens a file of the cgroup. EBADF: the descriptor is invalid.
    fn in_cgroup(&self, name: &CStr, how: u32) -> SysResult<Fd> {
        let folder = RawFd::new(self.call.cgroup as usize).ok_or(Errno::EBADF)?;
        file::open_in(folder, name, how)
    }

    /// Whether the descriptor is invalid or not a cgroup's: files that every cgroup has are missing.
    fn is_no_cgroup(&self) -> bool {
        [c"cgroup.controllers", c"cgroup.procs"].iter().all(|name| {
            matches!(self.in_cgroup(name, file::O_PATH), Err(Errno::EBADF | Errno::ENOENT | Errno::ENOTDIR))
        })
    }

    /// Whether the caller may not move tasks to the cgroup, confirmed by a second attempt.
    fn may_not_enter_cgroup(&self) -> bool {
        let is_denied = || self.in_cgroup(c"cgroup.procs", file::O_WRONLY) == Err(EACCES);
        is_denied() && is_denied()
    }
}

impl Rule {
    /// Whether the rule applies to the call and its condition is met.
    fn holds(&self, question: &Question) -> bool {
        let version = question.place.version;
        if !self.calls.contains(&question.call.api.by())
            || version < self.since
            || self.until.is_some_and(|until| version >= until)
        {
            return false;
        }
        match self.when {
            When::Together(one, other) => question.has(one.union(other)),
            When::Without(one, other) => question.has(one) && !question.has(other),
            When::If(check, _) => check(question),
        }
    }
}

/// Predicts the kernel's answer to a call in a place; a failure if the kernel could not be asked.
pub fn predict(call: &Call, place: &Place) -> Result<Prediction, Failure> {
    let question =
        Question { call, place, of_namespaces: Cell::new(None), of_ids: Cell::new(None), failure: Cell::new(None) };
    for (number, rule) in RULES.iter().enumerate() {
        let holds = rule.holds(&question);
        let errno = if holds { rule.errno.or_else(|| question.filtered()) } else { None };
        if let Some(failure) = question.failure.take() {
            return Err(failure);
        }
        if holds {
            return Ok(Prediction { rule: Some(number), errno });
        }
    }
    Ok(Prediction { rule: None, errno: None })
}

/// Flags that would be accepted in that place, with as few additions and removals as the rules require; none if no
/// change of flags helps, and a failure if the kernel could not be asked.
pub fn amend(call: &Call, place: &Place) -> Result<Option<Flags>, Failure> {
    let mut call = *call;
    for _ in 0..16 {
        let Some(number) = predict(&call, place)?.rule else { return Ok(Some(call.flags)) };
        match RULES.get(number).map(|rule| &rule.when) {
            Some(When::Together(_, other)) => call.flags.remove(*other),
            Some(When::Without(_, other)) => call.flags.insert(*other),
            Some(When::If(_, helps)) if !helps.is_empty() => call.flags.insert(*helps),
            _ => match without_one(&call, place, number)? {
                Some(flags) => call.flags = flags,
                None => return Ok(None),
            },
        }
    }
    Ok(None)
}

/// The flags without the highest flag whose removal makes another rule hold, or no rule; none if there is no such flag.
fn without_one(call: &Call, place: &Place, rule: usize) -> Result<Option<Flags>, Failure> {
    for bit in (0..64).rev() {
        let flags = call.flags - Flags::from_bits_retain(1 << bit);
        if flags != call.flags && predict(&Call { flags, ..*call }, place)?.rule != Some(rule) {
            return Ok(Some(flags));
        }
    }
    Ok(None)
}
