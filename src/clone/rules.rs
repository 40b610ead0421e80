//! What the kernel refuses: one table, in the order in which it looks.
//!
//! The decision behind it: a rule about flags is data (two flags together, or one without the other), so that the table
//! can be printed, explained and mended as it stands; only what depends on more than flags is a function. The first rule
//! that holds is the kernel's answer.

use super::call::{Api, Call, StackOf};
use super::flags::{CLONE, CLONE3, FLAGS, Flags, NAMESPACES};
use super::place::{self, Place};
use super::task::Failure;
use crate::sys::{Answer, Errno, file, ids};
use crate::words::Text;
use core::cell::Cell;
use core::ffi::CStr;
use core::sync::atomic::AtomicU32;
use linux_raw_sys::errno as kernel;

/// When a rule holds.
pub enum When {
    /// Both flags are there.
    Together(Flags, Flags),
    /// The first is there, and the second is not.
    Without(Flags, Flags),
    /// Something else, and the flag that would help.
    If(fn(&Question) -> bool, Flags),
}

/// A reason to refuse.
pub struct Rule {
    /// Its stage, a letter, and its number there.
    id: [u8; 2],
    /// The calls that it is about: [`CLONE`], [`CLONE3`].
    pub calls: u8,
    /// The answer; 0 for that of a filter.
    errno: u8,
    /// When it holds, as small as it gets, see [`Rule::when`]: the numbers of two bits, and a check.
    bits: [u8; 2],
    check: fn(&Question) -> bool,
    /// The sentence that explains it.
    pub why: Text,
    /// The kernel that brought it, and the first that has it no more: two numbers each, 0 for always.
    pub range: [[u8; 2]; 2],
    /// The function of the kernel.
    pub source: Text,
}

/// What the rules are asked.
pub struct Question<'a> {
    call: &'a Call,
    place: &'a Place,
    /// What the kernel has said to the namespaces of the call, and to its ids too, if it was asked.
    said: [Cell<Option<Answer>>; 2],
    /// Why the kernel could not be asked, if so.
    failure: Cell<Option<Failure>>,
}

/// What the rules say.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// The number of the rule that holds, if one does.
    pub rule: Option<usize>,
    /// The refusal; none: accepted.
    pub errno: Option<Errno>,
}

const BOTH: u8 = CLONE | CLONE3;
const ALWAYS: [[u8; 2]; 2] = [[0; 2]; 2];
/// Since 7.1.
const NEW: [[u8; 2]; 2] = [[7, 1], [0; 2]];

const fn rule(id: &[u8; 2], calls: u8, errno: u32, when: When, why: Text, source: Text) -> Rule {
    let (one, other, check) = match when {
        When::Together(one, other) => (one, bit(other), never as fn(&Question) -> bool),
        When::Without(one, other) => (one, bit(other) | WITHOUT, never as fn(&Question) -> bool),
        When::If(check, helps) => (NONE, bit(helps), check),
    };
    Rule { id: *id, calls, errno: errno as u8, bits: [bit(one), other], check, why, range: ALWAYS, source }
}

/// The number of a set's one bit; 64 if it is empty.
const fn bit(flags: Flags) -> u8 {
    flags.bits().trailing_zeros() as u8
}

/// The second flag is the one that is missing.
const WITHOUT: u8 = 0x80;

fn never(_: &Question) -> bool {
    false
}

const fn ranged(range: [[u8; 2]; 2], rule: Rule) -> Rule {
    Rule { range, ..rule }
}

use When::{If, Together, Without};
use kernel::{E2BIG, EACCES, EAGAIN, EBADF, EEXIST, EINVAL, ENOMEM, ENOSPC, ENOSYS, EPERM};

const NONE: Flags = Flags::empty();

/// All rules.
#[rustfmt::skip]
pub static RULES: [Rule; 50] = [
    rule(b"A0", BOTH, 0, If(|q| q.place.is_here && q.filtered().is_some(), NONE), Text::RuleFilter, Text::InSeccomp),
    ranged([[0; 2], [5, 3]], rule(b"A0", CLONE3, ENOSYS, If(|q| !q.place.is_here, NONE), Text::RuleFilter, Text::InSeccomp)),
    rule(b"A1", CLONE3, E2BIG, If(|q| q.call.size > 4096, NONE), Text::RuleLong, Text::InCopyArgs),
    rule(b"A2", CLONE3, EINVAL, If(|q| q.call.size < 64, NONE), Text::RuleShort, Text::InCopyArgs),
    rule(b"A5", CLONE3, EINVAL, If(|q| q.set_tid().len() > 32, NONE), Text::RuleManyIds, Text::InCopyArgs),
    rule(b"A6", CLONE3, EINVAL, If(|q| (65..73).contains(&q.call.size) && !q.call.set_tid.is_empty(), NONE), Text::RuleNoIdsField, Text::InCopyArgs),
    rule(b"A7", CLONE3, EINVAL, If(|q| q.call.exit_signal > 255 || q.call.exit_signal > 64 && q.knows_signals(), NONE), Text::RuleSignal, Text::InCopyArgs),
    rule(b"A8", CLONE3, EINVAL, If(|q| q.has(Flags::INTO_CGROUP) && q.call.size < 88, NONE), Text::RuleNoCgroupField, Text::InCopyArgs),
    rule(b"B1", CLONE3, EINVAL, If(|q| q.unknown(), NONE), Text::RuleUnknown, Text::InValid),
    rule(b"B2", CLONE3, EINVAL, If(|q| q.call.flags.bits() & 0x40_007f != 0, NONE), Text::RuleCsignal, Text::InValid),
    rule(b"B3", CLONE3, EINVAL, Together(Flags::SIGHAND, Flags::CLEAR_SIGHAND), Text::RuleClear, Text::InValid),
    rule(b"B4", CLONE3, EINVAL, If(|q| q.call.exit_signal != 0 && q.call.flags.intersects(Flags::THREAD.union(Flags::PARENT)), NONE), Text::RuleSignalless, Text::InValid),
    rule(b"B5", CLONE3, EINVAL, If(|q| matches!(q.call.stack, StackOf::Own(0..16)), NONE), Text::RuleNoRoom, Text::InValid),
    ranged([[5, 2], [0; 2]], rule(b"C1", CLONE, EINVAL, Together(Flags::PIDFD, Flags::PARENT_SETTID), Text::RuleOneWord, Text::InKernelClone)),
    rule(b"C2", CLONE, EINVAL, If(|q| q.call.signal() > 64 && q.knows_signals(), NONE), Text::RuleSignal, Text::InKernelClone),
    rule(b"D1", BOTH, EINVAL, Together(Flags::NEWNS, Flags::FS), Text::RuleFsNs, Text::InCopyProcess),
    ranged(NEW, rule(b"D1", CLONE3, EINVAL, Together(Flags::EMPTY_MNTNS, Flags::FS), Text::RuleFsNs, Text::InCopyProcess)),
    rule(b"D2", BOTH, EINVAL, Together(Flags::NEWUSER, Flags::FS), Text::RuleFsUser, Text::InCopyProcess),
    rule(b"D3", BOTH, EINVAL, Without(Flags::THREAD, Flags::SIGHAND), Text::RuleThread, Text::InCopyProcess),
    rule(b"D4", BOTH, EINVAL, Without(Flags::SIGHAND, Flags::VM), Text::RuleSighand, Text::InCopyProcess),
    rule(b"D5", BOTH, EINVAL, If(|q| q.has(Flags::PARENT) && q.place.is_here && ids::getpid() == Answer(1), NONE), Text::RuleInit, Text::InCopyProcess),
    rule(b"D6", BOTH, EINVAL, Together(Flags::THREAD, Flags::NEWUSER), Text::RuleThreadNs, Text::InCopyProcess),
    rule(b"D6", BOTH, EINVAL, Together(Flags::THREAD, Flags::NEWPID), Text::RuleThreadNs, Text::InCopyProcess),
    rule(b"D6", BOTH, EINVAL, If(|q| q.has(Flags::THREAD) && q.children_elsewhere(), NONE), Text::RuleThreadNs, Text::InCopyProcess),
    ranged([[5, 2], [0; 2]], rule(b"D7", BOTH, EINVAL, Together(Flags::PIDFD, Flags::DETACHED), Text::RuleDetached, Text::InCopyProcess)),
    rule(b"D7", BOTH, EINVAL, If(|q| q.has(Flags::PIDFD.union(Flags::THREAD)) && q.no_thread_descriptor(), NONE), Text::RuleThreadFd, Text::InCopyProcess),
    ranged(NEW, rule(b"D8", CLONE3, EINVAL, Together(Flags::AUTOREAP, Flags::THREAD), Text::RuleAutoreap, Text::InCopyProcess)),
    ranged(NEW, rule(b"D8", CLONE3, EINVAL, Together(Flags::AUTOREAP, Flags::PARENT), Text::RuleAutoreap, Text::InCopyProcess)),
    ranged(NEW, rule(b"D8", CLONE3, EINVAL, If(|q| q.has(Flags::AUTOREAP) && q.call.exit_signal != 0, NONE), Text::RuleAutoreap, Text::InCopyProcess)),
    ranged(NEW, rule(b"D\x0a", CLONE3, EINVAL, Together(Flags::NNP, Flags::THREAD), Text::RuleNnp, Text::InCopyProcess)),
    ranged(NEW, rule(b"D\x0b", CLONE3, EINVAL, Without(Flags::PIDFD_AUTOKILL, Flags::PIDFD), Text::RuleAutokill, Text::InCopyProcess)),
    ranged(NEW, rule(b"D\x0b", CLONE3, EINVAL, Without(Flags::PIDFD_AUTOKILL, Flags::AUTOREAP), Text::RuleAutokill, Text::InCopyProcess)),
    ranged(NEW, rule(b"D\x0c", CLONE3, EPERM, If(|q| q.has(Flags::PIDFD_AUTOKILL) && !q.has(Flags::NNP) && !q.place.is_privileged(), Flags::NNP), Text::RuleAutokillNnp, Text::InCopyProcess)),
    rule(b"E4", BOTH, ENOSPC, If(|q| q.has(Flags::NEWUSER) && q.is_refused(Errno::ENOSPC), NONE), Text::RuleLimit, Text::InUserNs),
    rule(b"E5", BOTH, EPERM, If(|q| q.user_refused() && file::is_chroot(), NONE), Text::RuleChroot, Text::InUserNs),
    rule(b"E6", BOTH, EPERM, If(|q| q.user_refused() && ids::is_unmapped(), NONE), Text::RuleUnmapped, Text::InUserNs),
    rule(b"E7", BOTH, EPERM, If(|q| q.user_refused(), NONE), Text::RuleModule, Text::InUserNs),
    rule(b"E7", BOTH, EACCES, If(|q| q.is_refused(Errno::EACCES), NONE), Text::RuleModule, Text::InUserNs),
    rule(b"E8", BOTH, EAGAIN, If(|q| q.is_refused(Errno::EAGAIN), NONE), Text::RuleTasks, Text::InCopyProcess),
    rule(b"F1", BOTH, EPERM, If(|q| q.needs_rights(), Flags::NEWUSER), Text::RuleRights, Text::InNamespaces),
    rule(b"F2", BOTH, EINVAL, Together(Flags::NEWIPC, Flags::SYSVSEM), Text::RuleIpc, Text::InNamespaces),
    rule(b"F3", BOTH, ENOSPC, If(|q| q.is_refused(Errno::ENOSPC), NONE), Text::RuleLimit, Text::InNamespaces),
    rule(b"F3", BOTH, EINVAL, If(|q| q.is_refused(Errno::EINVAL), NONE), Text::RuleNotBuilt, Text::InNamespaces),
    rule(b"F4", BOTH, EPERM, If(|q| q.has(Flags::SETTLS) && q.call.tls.is_some_and(|tls| tls >= 0x7fff_ffff_f000), NONE), Text::RuleTls, Text::InCopyThread),
    rule(b"F5", CLONE3, EINVAL, If(|q| q.are_ids_refused(Errno::EINVAL), NONE), Text::RuleIds, Text::InAllocPid),
    rule(b"F5", CLONE3, EPERM, If(|q| !q.set_tid().is_empty() && !q.place.is_privileged() || q.are_ids_refused(Errno::EPERM), NONE), Text::RuleIdsRight, Text::InAllocPid),
    rule(b"F5", CLONE3, EEXIST, If(|q| q.are_ids_refused(Errno::EEXIST), NONE), Text::RuleTaken, Text::InAllocPid),
    rule(b"F6", BOTH, ENOMEM, If(|q| q.is_refused(Errno::ENOMEM), NONE), Text::RuleDeadInit, Text::InAllocPid),
    rule(b"F8", CLONE3, EBADF, If(|q| q.has(Flags::INTO_CGROUP) && q.is_no_cgroup(), NONE), Text::RuleCgroup, Text::InCgroup),
    rule(b"F8", CLONE3, EACCES, If(|q| q.has(Flags::INTO_CGROUP) && q.may_not_enter_cgroup(), NONE), Text::RuleCgroupRight, Text::InCgroup),
];

impl Question<'_> {
    fn has(&self, flags: Flags) -> bool {
        self.call.flags.contains(flags)
    }

    /// The namespaces that are asked for, as far as this call can ask for them.
    fn namespaces(&self) -> Flags {
        let all = self.call.flags & NAMESPACES;
        if self.call.api == Api::Clone3 { all } else { all - super::flags::OF_CLONE3 }
    }

    /// What was found out by asking the kernel; none, and the failure is kept, if it could not be asked.
    fn learned<T>(&self, answer: core::result::Result<T, Failure>) -> Option<T> {
        answer.inspect_err(|failure| self.failure.set(Some(*failure))).ok()
    }

    /// What a filter answers instead of the kernel.
    fn filtered(&self) -> Option<Errno> {
        self.learned(place::filtered(self.call)).flatten()
    }

    /// What the kernel says to a call with these flags, ids and exit signal alone.
    fn probe(&self, api: Api, flags: Flags, signal: u32, ids: &'static [AtomicU32]) -> Option<Answer> {
        self.learned(place::probe(api, flags, signal, ids))
    }

    /// What the kernel says to the namespaces and these ids, and to nothing else of what can be refused.
    fn said(&self, place: usize, ids: &'static [AtomicU32]) -> Option<Answer> {
        let cell = self.said.get(place).filter(|_| self.place.is_here)?;
        let said = cell.get().or_else(|| self.probe(self.call.api, self.namespaces(), 0, ids))?;
        cell.set(Some(said));
        Some(said)
    }

    /// Whether the kernel, asked for the namespaces, refuses with this errno.
    fn is_refused(&self, errno: Errno) -> bool {
        let refusal = Some(Answer::error(errno));
        // Where even the plain call is not understood, nothing is to be learned.
        self.said(0, &[]) == refusal && (errno != Errno::EINVAL || self.probe(self.call.api, NONE, 0, &[]) != refusal)
    }

    /// Whether the kernel, asked for the ids, refuses with this errno.
    fn are_ids_refused(&self, errno: Errno) -> bool {
        let ids = self.set_tid();
        !ids.is_empty() && self.said(1, ids) == Some(Answer::error(errno))
    }

    fn user_refused(&self) -> bool {
        self.has(Flags::NEWUSER) && self.is_refused(Errno::EPERM)
    }

    fn needs_rights(&self) -> bool {
        let asks = !self.namespaces().is_empty() && !self.has(Flags::NEWUSER);
        asks && (!self.place.is_privileged() || self.is_refused(Errno::EPERM))
    }

    /// Whether exit signals above 64 are refused: since 7.1 by clone(2), until then by clone3(2), and in kernels to which
    /// that was ported back.
    fn knows_signals(&self) -> bool {
        if !self.place.is_here {
            return self.call.api == Api::Clone3 || self.place.version >= [7, 1];
        }
        self.probe(self.call.api, NONE, self.call.signal() as u32, &[]) == Some(Answer::error(Errno::EINVAL))
    }

    fn no_thread_descriptor(&self) -> bool {
        if !self.place.is_here {
            return self.place.version < [6, 9];
        }
        let thread = Flags::SIGHAND | Flags::THREAD | Flags::CHILD_CLEARTID;
        self.probe(Api::Clone, thread, 0, &[]) == Some(Answer::error(Errno::EINVAL))
    }

    /// Whether clone3(2) does not know one of the flags that came after it, or of those that nobody knows.
    fn unknown(&self) -> bool {
        let late = self.call.flags & super::flags::OF_CLONE3;
        late.bits() != 0
            && if self.place.is_here {
                let mut asked = late;
                if late.contains(Flags::PIDFD_AUTOKILL) {
                    asked |= Flags::AUTOREAP | Flags::NNP;
                }
                self.probe(Api::Clone3, asked, 0, &[]) == Some(Answer::error(Errno::EINVAL))
            } else {
                let known = FLAGS.iter().filter(|flag| flag.since <= self.place.version);
                late.bits() & !known.fold(0, |all, flag| all | 1 << flag.bit) != 0
            }
    }

    /// Whether children are in another PID namespace than the caller; not if that cannot be seen.
    fn children_elsewhere(&self) -> bool {
        let own = || file::inode(c"/proc/self/ns/pid").ok();
        let Some(inode) = own().filter(|_| self.place.is_here) else { return false };
        let is_other = || match file::inode(c"/proc/self/ns/pid_for_children").split() {
            Ok(childrens) => childrens != inode,
            // The first process of that namespace is still to come.
            Err(errno) => errno == Errno::ENOENT,
        };
        // Read twice: where it is another each time, it says nothing.
        is_other() && own() == Some(inode) && is_other()
    }

    /// The ids that are asked for, if the struct is long enough to hold them.
    fn set_tid(&self) -> &'static [AtomicU32] {
        if self.call.size > 72 { self.call.set_tid } else { &[] }
    }

    /// Opens a file of the group, and closes it again.
    fn in_cgroup(&self, name: &CStr, how: u32) -> Answer {
        let opened = file::open_in(self.call.cgroup as usize, name, how);
        // A failed close loses nothing: nothing was written.
        let _ = opened.and_then(file::close);
        opened
    }

    /// Whether the descriptor is none, or not that of a group: no file that each group has is there.
    fn is_no_cgroup(&self) -> bool {
        [c"cgroup.controllers", c"cgroup.procs"].iter().all(|name| {
            let found = self.in_cgroup(name, file::O_PATH);
            [Errno::EBADF, Errno::ENOENT, Errno::ENOTDIR].iter().any(|errno| found.is(*errno))
        })
    }

    /// Whether the caller may not move tasks to the group, by two readings.
    fn may_not_enter_cgroup(&self) -> bool {
        let is_denied = || self.in_cgroup(c"cgroup.procs", file::O_WRONLY).is(Errno::EACCES);
        is_denied() && is_denied()
    }
}

impl Rule {
    /// Its stage and its number there.
    pub fn id(&self) -> [u8; 2] {
        let [stage, number] = self.id;
        [stage, if number >= b'0' { number - b'0' } else { number }]
    }

    /// When it holds.
    pub fn when(&self) -> When {
        let [one, other] = self.bits.map(|bit| match 1u64.checked_shl((bit & !WITHOUT).into()) {
            Some(bits) => Flags::from_bits_retain(bits),
            None => NONE,
        });
        if one.is_empty() {
            When::If(self.check, other)
        } else if self.bits[1] < WITHOUT {
            When::Together(one, other)
        } else {
            When::Without(one, other)
        }
    }

    /// The refusal; none if it is that of a filter.
    pub fn errno(&self) -> Option<Errno> {
        (self.errno != 0).then(|| Errno::new(self.errno.into()))
    }

    /// Whether the kernel refuses by it.
    fn holds(&self, question: &Question) -> bool {
        let api = if question.call.api == Api::Clone3 { CLONE3 } else { CLONE };
        let [since, until] = self.range;
        let version = question.place.version;
        if self.calls & api == 0 || version < since || until != [0; 2] && version >= until {
            return false;
        }
        match self.when() {
            When::Together(one, other) => question.has(one.union(other)),
            When::Without(one, other) => question.has(one) && !question.has(other),
            When::If(check, _) => check(question),
        }
    }
}

/// What the kernel will say to a call, in a place; a failure if that could not be found out.
pub fn predict(call: &Call, place: &Place) -> core::result::Result<Verdict, Failure> {
    let question = Question { call, place, said: [const { Cell::new(None) }; 2], failure: Cell::new(None) };
    for (number, rule) in RULES.iter().enumerate() {
        let holds = rule.holds(&question);
        let errno = if holds { rule.errno().or_else(|| question.filtered()) } else { None };
        if let Some(failure) = question.failure.take() {
            return Err(failure);
        }
        if holds {
            return Ok(Verdict { rule: Some(number), errno });
        }
    }
    Ok(Verdict { rule: None, errno: None })
}

/// The flags that are accepted in that place, with as few added or dropped as the rules ask for; none if no flag helps, and a
/// failure if that could not be found out.
pub fn amend(call: &Call, place: &Place) -> core::result::Result<Option<Flags>, Failure> {
    let mut call = *call;
    for _ in 0..16 {
        let Some(number) = predict(&call, place)?.rule else { return Ok(Some(call.flags)) };
        match RULES.get(number).map(Rule::when) {
            Some(When::Together(_, other)) => call.flags.remove(other),
            Some(When::Without(_, other)) => call.flags.insert(other),
            Some(When::If(_, helps)) if !helps.is_empty() => call.flags.insert(helps),
            _ => match without_one(&call, place, number)? {
                Some(flags) => call.flags = flags,
                None => return Ok(None),
            },
        }
    }
    Ok(None)
}

/// The flags but for the highest one without which another rule holds, or none; none if there is no such flag.
fn without_one(call: &Call, place: &Place, rule: usize) -> core::result::Result<Option<Flags>, Failure> {
    for bit in (0..64).rev() {
        let flags = call.flags - Flags::from_bits_retain(1 << bit);
        if flags != call.flags && predict(&Call { flags, ..*call }, place)?.rule != Some(rule) {
            return Ok(Some(flags));
        }
    }
    Ok(None)
}

/// The rule of this number.
pub fn numbered(number: usize) -> Option<&'static Rule> {
    RULES.get(number)
}
