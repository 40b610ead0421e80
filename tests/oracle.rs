//! The oracle itself: that it says what is known of the kernel, in every place, and that no set harms it.
//!
//! What is held here is the man page's and the kernel's own, and nothing of the program under
//! test is asked. So where the program and the oracle disagree, one of them can be believed.

mod common;

use common::oracle::{Answer, Set, ask, word};
use common::place::{HERE, PLACES, Place};
use common::skip::skip;
use common::who::may_be_root;
use nix::libc;
use std::collections::BTreeSet;

const CHLD: u64 = libc::SIGCHLD as u64;
const VM: u64 = libc::CLONE_VM as u64;
const FS: u64 = libc::CLONE_FS as u64;
const SIGHAND: u64 = libc::CLONE_SIGHAND as u64;
const PIDFD: u64 = libc::CLONE_PIDFD as u64;
const VFORK: u64 = libc::CLONE_VFORK as u64;
const PARENT: u64 = libc::CLONE_PARENT as u64;
const THREAD: u64 = libc::CLONE_THREAD as u64;
const NEWNS: u64 = libc::CLONE_NEWNS as u64;
const SETTID: u64 = libc::CLONE_PARENT_SETTID as u64;
const NEWUTS: u64 = libc::CLONE_NEWUTS as u64;
const NEWUSER: u64 = libc::CLONE_NEWUSER as u64;
const CLEAR_SIGHAND: u64 = 1 << 32;

fn clone(flags: u64, exit_signal: u64) -> Set {
    Set { clone3: false, flags, exit_signal }
}

fn clone3(flags: u64, exit_signal: u64) -> Set {
    Set { clone3: true, flags, exit_signal }
}

/// What every user is told, wherever nothing is in the way.
const KNOWN: [(u64, u64, &str, &str); 14] = [
    (0, CHLD, "OK", "OK"),
    (VM, CHLD, "OK", "OK"),
    (VM | VFORK, CHLD, "OK", "OK"),
    (VM | SIGHAND | THREAD, 0, "OK", "OK"),
    (VM | SIGHAND | THREAD, CHLD, "OK", "EINVAL"),
    (SIGHAND, CHLD, "EINVAL", "EINVAL"),
    (VM | THREAD, 0, "EINVAL", "EINVAL"),
    (NEWNS | FS, CHLD, "EINVAL", "EINVAL"),
    (NEWUSER | FS, CHLD, "EINVAL", "EINVAL"),
    (PIDFD, CHLD, "OK", "OK"),
    (PIDFD | SETTID, CHLD, "EINVAL", "OK"),
    (0, 256, "OK", "EINVAL"), // to clone(2) it is CLONE_VM
    (CLEAR_SIGHAND, CHLD, "OK", "OK"),
    (1 << 63, CHLD, "OK", "EINVAL"),
];

fn words(answers: Vec<Answer>) -> Vec<String> {
    answers.into_iter().map(word).collect()
}

#[test]
fn what_is_known_of_both_calls() {
    let sets = KNOWN.iter().flat_map(|(flags, signal, ..)| [clone(*flags, *signal), clone3(*flags, *signal)]);
    let told: Vec<_> = KNOWN.iter().flat_map(|(.., of_clone, of_clone3)| [*of_clone, *of_clone3]).collect();
    assert_eq!(words(ask(&HERE, &sets.collect::<Vec<_>>())), told);
}

/// What each place is known for: its name, and what it says to a plain fork, PARENT, NEWUTS, NEWUSER and clone3(2).
const OF_PLACES: [(&str, [&str; 5]); 6] = [
    ("here", ["OK", "OK", "OK", "OK", "OK"]),
    ("as nobody", ["OK", "OK", "EPERM", "OK", "OK"]),
    ("in a chroot", ["OK", "OK", "OK", "EPERM", "OK"]),
    ("as process 1", ["OK", "EINVAL", "OK", "OK", "OK"]),
    ("in a container", ["OK", "OK", "EPERM", "EPERM", "ENOSYS"]),
    ("with no task left", ["EAGAIN"; 5]),
];

#[test]
fn what_each_place_is_known_for() {
    if !common::is_root() {
        return skip("what is known is what root is told");
    }
    if !may_be_root(Some(65534)) {
        return;
    }
    let sets = [clone(0, CHLD), clone(PARENT, CHLD), clone(NEWUTS, CHLD), clone(NEWUSER, CHLD), clone3(0, CHLD)];
    for (place, (name, told)) in PLACES.iter().zip(OF_PLACES) {
        assert_eq!(place.name, name);
        assert_eq!(words(ask(place, &sets)), told, "{name}");
    }
}

/// Every exit signal of every kind of task: those that kill and those that stop hit whoever asks.
#[test]
fn no_exit_signal_harms_it() {
    let kinds = [0, VM, VFORK, VM | VFORK, PARENT, VM | SIGHAND | THREAD];
    let sets: Vec<_> = kinds.iter().flat_map(|flags| (0..65).map(|signal| clone(*flags, signal))).collect();
    assert!(ask(&HERE, &sets).iter().all(Result::is_ok));
}

/// All sets of three flags of clone(2) are answered, and nothing is left of them: not a task, not a descriptor.
#[test]
fn thousands_of_sets_are_answered() {
    let bits: Vec<u64> = (8..32).map(|bit| 1 << bit).collect();
    let mut sets = BTreeSet::new();
    for one in &bits {
        bits.iter().for_each(|two| sets.extend(bits.iter().map(|three| one | two | three)));
    }
    assert_eq!(sets.len(), 24 + 276 + 2024);
    let asked: Vec<_> = sets.into_iter().map(|flags| clone(flags, CHLD)).collect();
    let again = |place: &Place| ask(place, &asked);
    assert_eq!(again(&HERE), again(&HERE), "the same each time");
}
