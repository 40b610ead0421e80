//! The leaf of each rule: one table, in the order of [`RULES`](crate::rules::rule::RULES).
//!
//! Each flag of the two calls matters: without it, one of the two answers is another one. So the calls are smaller than
//! those that `chimera rules` shows where a flag there only makes a set of flags that can be written.

use super::asking::Amended::{Call as Other, Less, More};
use super::asking::{Row, row};
use super::here::{
    CASES_OF_SIGNALS, all_or_none, filtered, not_writable, or_thread_pidfd, out_of_namespace, own_cgroup,
    prepared_cgroup, unless_elsewhere,
};
use super::namespaces::{CASES_OF_LIMITS, elsewhere, none_of_a_kind, process_1, process_1_ended};
use super::users::{in_chroot, no_rights, no_rights_needed, no_task_left, no_user_left, privileged, unmapped};
use crate::clone::call::{Api, Call, StackOf};
use crate::clone::flags::{Flags, NAMESPACES};
use crate::host::cgroup::Entry;
use crate::rules::rule::RULES;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// The id of every process 1, one time more than there may be ids. What is not zero at the start would cost a page of
/// the file, so [`write_ids`] writes it.
static ONES: [AtomicU32; 33] = [const { AtomicU32::new(0) }; _];
/// As many ids as there may be, so more than there are PID namespaces.
static MOST: &[AtomicU32] = ONES.split_at(32).0;
/// One id.
static ONE: &[AtomicU32] = ONES.split_at(1).0;
/// An id that process 1 of a new PID namespace has not.
static TWO: [AtomicU32; 1] = [AtomicU32::new(0)];
/// No id.
static ZERO: [AtomicU32; 1] = [AtomicU32::new(0)];

/// Writes the ids of the calls.
pub fn write_ids() {
    ONES.iter().for_each(|id| id.store(1, Relaxed));
    TWO.iter().for_each(|id| id.store(2, Relaxed));
}

/// No flags.
const NONE: Flags = Flags::empty();
/// What a thread needs besides.
const OF_THREAD: Flags = Flags::VM.union(Flags::SIGHAND);
/// A thread.
const THREAD: Flags = OF_THREAD.union(Flags::THREAD);
/// What gives the right to an id, and the PID namespace in which it is 1.
const OWN_IDS: Flags = Flags::NEWUSER.union(Flags::NEWPID);
/// A flag that no kernel has.
const UNKNOWN: Flags = Flags::from_bits_retain(1 << 63);

const fn clone(flags: Flags) -> Call {
    Call::usual(Api::Clone, flags)
}

const fn clone3(flags: Flags) -> Call {
    Call::usual(Api::Clone3, flags)
}

/// clone3(2) without an exit signal.
const fn silent(flags: Flags) -> Call {
    Call::new(Api::Clone3, flags, None)
}

/// clone3(2) with a struct of this size.
const fn sized(size: usize, flags: Flags) -> Call {
    Call { size, ..clone3(flags) }
}

/// clone3(2) with these ids.
const fn with(set_tid: &'static [AtomicU32], flags: Flags) -> Call {
    Call { set_tid, ..clone3(flags) }
}

/// The call with this exit signal, which is none.
const fn ending(exit_signal: u64, call: Call) -> Call {
    Call { exit_signal, ..call }
}

/// The leaf of each rule.
#[rustfmt::skip]
pub static ROWS: [Row; RULES.len()] = [
    row("a0.without-clone3", clone3(NONE), Other(clone(NONE))),
    row("a0.filter", clone3(NONE), Other(clone(NONE))).by(2, filtered),
    row("a1.size-above-page", sized(4097, NONE), Other(clone3(NONE))),
    row("a2.size-below-first", sized(63, NONE), Other(sized(64, NONE))),
    row("a4.unknown-member", clone3(Flags::INTO_CGROUP), Less(Flags::INTO_CGROUP)),
    row("a5.too-many-ids", with(&ONES, NONE), Other(clone3(NONE))),
    row("a6.ids-without-number", Call { size: 72, ..with(ONE, NONE) }, Other(sized(72, NONE))),
    row("a7.no-signal", ending(65, clone3(NONE)), Other(clone3(NONE))),
    row("a8.no-room-for-cgroup", sized(80, Flags::INTO_CGROUP), Less(Flags::INTO_CGROUP)),
    row("b1.unknown-flag", clone3(UNKNOWN), Less(UNKNOWN)),
    row("b2.detached", clone3(Flags::DETACHED), Less(Flags::DETACHED)),
    row("b3.sighand-with-clear-sighand", clone3(Flags::VM), Less(Flags::CLEAR_SIGHAND)),
    row("b4.parent-with-signal", clone3(Flags::PARENT), Other(silent(Flags::PARENT))),
    row("b5.stack-without-size", Call { stack: StackOf::Own(0), ..clone3(NONE) }, Other(Call { stack: StackOf::Own(16), ..clone3(NONE) })),
    row("c1.pidfd-with-parent-settid", clone(NONE), Less(Flags::PARENT_SETTID)),
    row("c2.no-signal", ending(65, clone(NONE)), Other(clone(NONE))).by(CASES_OF_SIGNALS, all_or_none),
    row("d1.fs-with-newns", clone(NONE), Less(Flags::NEWNS)),
    row("d2.newuser-with-fs", clone(NONE), Less(Flags::NEWUSER)),
    row("d3.thread-without-sighand", clone(Flags::VM), More(Flags::SIGHAND)),
    row("d4.sighand-without-vm", clone(NONE), More(Flags::VM)),
    row("d5.parent-by-process-1", clone(Flags::PARENT), Less(Flags::PARENT)).by(2, process_1),
    row("d6.thread-with-newuser", clone(OF_THREAD), Less(Flags::NEWUSER)),
    row("d6.thread-elsewhere", clone(THREAD), Less(Flags::THREAD)).by(3, elsewhere),
    row("d7.pidfd-with-detached", clone(NONE), Less(Flags::DETACHED)),
    row("d7.pidfd-of-thread", clone(THREAD.union(Flags::PIDFD)), Less(Flags::PIDFD)).by(2, or_thread_pidfd),
    row("d8.autoreap-with-parent", silent(NONE), Less(Flags::PARENT)),
    row("d8.autoreap-with-signal", clone3(Flags::AUTOREAP), Other(silent(Flags::AUTOREAP))),
    row("d10.nnp-with-thread", silent(OF_THREAD), Less(Flags::NNP)),
    row("d11.autokill-alone", silent(NONE), More(Flags::PIDFD.union(Flags::AUTOREAP))).by(2, privileged),
    row("d12.autokill-without-rights", silent(Flags::PIDFD_AUTOKILL.union(Flags::PIDFD).union(Flags::AUTOREAP)), More(Flags::NNP)).by(2, no_rights_needed),
    row("e4.no-user-namespace-left", clone(Flags::NEWUSER), Less(Flags::NEWUSER)).by(4, no_user_left),
    row("e5.chroot", clone(Flags::NEWUSER), Less(Flags::NEWUSER)).by(3, in_chroot),
    row("e6.unmapped", clone(Flags::NEWUSER), Less(Flags::NEWUSER)).by(3, unmapped),
    row("e7.denied-eperm", clone(Flags::NEWUSER), Less(Flags::NEWUSER)).by(2, unless_elsewhere),
    row("e7.denied-eacces", clone(Flags::NEWUSER), Less(Flags::NEWUSER)).by(2, unless_elsewhere),
    row("e8.no-task-left", clone(NONE), Less(NONE)).by(2, no_task_left),
    row("f1.without-rights", clone(Flags::NEWUTS), More(Flags::NEWUSER)).by(2, no_rights),
    row("f1.without-rights-inside", clone(Flags::NEWUSER.union(Flags::NEWUTS)), Less(Flags::NEWUTS)).by(2, unless_elsewhere),
    row("f2.newipc-with-sysvsem", clone(NONE), Less(Flags::SYSVSEM)).by(2, privileged),
    row("f3.no-namespace-left", clone(Flags::NEWUTS), Less(Flags::NEWUTS)).by(CASES_OF_LIMITS, none_of_a_kind).and(NAMESPACES.difference(Flags::NEWUSER.union(Flags::EMPTY_MNTNS))),
    row("f3.newpid-elsewhere", clone(Flags::NEWPID), Less(Flags::NEWPID)).by(3, elsewhere),
    row("f4.address-of-kernel", Call { tls: Some(usize::MAX), ..clone(Flags::SETTLS) }, Other(clone(Flags::SETTLS))),
    row("f5.too-many-ids", with(MOST, NONE), Other(clone3(NONE))),
    row("f5.first-not-1", with(&TWO, Flags::NEWPID), Other(with(ONE, Flags::NEWPID))).by(2, privileged),
    row("f5.out-of-range", with(&ZERO, NONE), Other(clone3(NONE))),
    row("f5.without-rights", with(ONE, NONE), More(OWN_IDS)).by(2, no_rights),
    row("f5.taken", with(ONE, NONE), Other(with(&TWO, NONE))).by(2, process_1),
    row("f6.process-1-ended", clone(NONE), Less(NONE)).by(2, process_1_ended),
    row("f8.no-cgroup", clone3(Flags::INTO_CGROUP), Less(Flags::INTO_CGROUP)),
    row("f8.removed", clone3(Flags::INTO_CGROUP), Less(Flags::INTO_CGROUP)).by(2, prepared_cgroup),
    row("f8.not-writable", clone3(Flags::INTO_CGROUP), Less(Flags::INTO_CGROUP)).by(2, not_writable),
    row("f8.outside", clone3(Flags::INTO_CGROUP), Less(Flags::INTO_CGROUP)).by(2, out_of_namespace),
    row("f8.not-of-domain", clone3(Flags::INTO_CGROUP), Less(Flags::INTO_CGROUP)).by(2, |asking| own_cgroup(asking, Entry::NotOfDomain)),
    row("f8.controlled", clone3(Flags::INTO_CGROUP), Less(Flags::INTO_CGROUP)).by(2, |asking| own_cgroup(asking, Entry::Controlled)),
    row("f8.full", clone(NONE), Less(NONE)).by(2, prepared_cgroup),
];
