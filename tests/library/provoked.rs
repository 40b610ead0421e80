//! The smallest call that provokes each rule, as the table of rules has it.
//!
//! The words are read by the parser of `chimera clone`, and the call is judged on kernels of every
//! version there was, by root and by others. So a rule that another one hides, or that the words do not meet, is seen, and
//! so is one that is said to have come or gone with another kernel than it did. What takes a place of its own besides (a
//! filter, a limit, a chroot) is not asked of the kernel here: the suite makes those places.

use chimera::check::rules::{ROWS, leaf, write_ids};
use chimera::cli::call::parse;
use chimera::cli::options::Program;
use chimera::cli::{clone, rules};
use chimera::clone::call::{Api, Call};
use chimera::clone::flags::Version;
use chimera::host::place::Place;
use chimera::rules::rule::{RULES, Rule, When, predict};
use chimera::rules::spelling;
use chimera::sys::Errno;
use std::collections::HashSet;

/// Kernels with their two numbers, the oldest first: all since flags of clone(2) are what they are.
fn kernels() -> Vec<Version> {
    let series = [(2, 6..=6), (3, 0..=19), (4, 0..=20), (5, 0..=19), (6, 0..=19), (7, 0..=2)];
    series.into_iter().flat_map(|(major, minors)| minors.map(move |minor| Version::new(major, minor))).collect()
}

/// The rules that hold in a place of their own alone, by their names and answers; none for that of a filter.
const OF_PLACES: [(&str, Option<Errno>); 17] = [
    ("A0", None),
    ("D5", Some(Errno::EINVAL)),
    ("E4", Some(Errno::ENOSPC)),
    ("E5", Some(Errno::EPERM)),
    ("E6", Some(Errno::EPERM)),
    ("E7", Some(Errno::EPERM)),
    ("E7", Some(Errno::EACCES)),
    ("E8", Some(Errno::EAGAIN)),
    ("F3", Some(Errno::ENOSPC)),
    ("F3", Some(Errno::EINVAL)),
    ("F5", Some(Errno::EEXIST)),
    ("F6", Some(Errno::ENOMEM)),
    ("F8", Some(Errno::EACCES)),
    ("F8", Some(Errno::ENOENT)),
    ("F8", Some(Errno::EOPNOTSUPP)),
    ("F8", Some(Errno::EBUSY)),
    ("F8", Some(Errno::EAGAIN)),
];

/// Those that the kernel alone can tell, though they are about arguments.
const OF_THE_KERNEL: [(&str, &str); 3] =
    [("D6", "thread"), ("F1", "NEWUSER|NEWUTS"), ("F5", "fs --clone3 --set-tid 1,1")];

/// The rules that are about rights: they hold for a caller without any, and for no other.
const OF_RIGHTS: [(&str, Option<Errno>); 3] =
    [("D12", Some(Errno::EPERM)), ("F1", Some(Errno::EPERM)), ("F5", Some(Errno::EPERM))];

/// Rules that came or went with a kernel, which is known by looking here and by the version elsewhere.
const CAME: [(&str, &str, Version); 1] = [("C2", "VM|65", Version::new(7, 1))];
const WENT: [(&str, &str, Version); 1] = [("D7", "thread|PIDFD", Version::new(6, 9))];

fn has_place(rule: &Rule) -> bool {
    OF_PLACES.contains(&(rule.id, rule.errno)) || OF_THE_KERNEL.contains(&(rule.id, rule.provoke))
}

/// The call that provokes a rule.
fn call(rule: &Rule) -> Call {
    let words = rule.provoke.split(' ').map(str::as_bytes);
    let asked = parse(clone::OPTIONS, Program::BehindDashes, words)
        .unwrap_or_else(|misuse| panic!("{}: {misuse:?}", rule.provoke));
    assert!(asked.failure.is_none() && asked.command.is_none(), "{}", rule.provoke);
    asked.call
}

/// Whether a call is refused by this very rule.
fn is_refused_by(number: usize, call: &Call, version: Version, is_unprivileged: bool) -> bool {
    let place = Place { version, is_here: false, is_unprivileged };
    let predicted = predict(call, &place).expect("no kernel is asked");
    let is_meant = predicted.rule == Some(number);
    assert!(!is_meant || predicted.expected.errno() == RULES[number].errno, "{}: {predicted:?}", RULES[number].id);
    is_meant
}

/// The kernel that brought the call of a rule, if that is known.
fn brought(table: &[(&str, &str, Version)], rule: &Rule) -> Option<Version> {
    table.iter().find(|(id, words, _)| (*id, *words) == (rule.id, rule.provoke)).map(|(.., version)| *version)
}

#[test]
fn each_rule_is_provoked_on_the_kernels_that_have_it_and_on_no_other() {
    for (number, rule) in RULES.iter().enumerate() {
        let (call, words) = (call(rule), format!("{} {:?}: {}", rule.id, rule.errno, rule.provoke));
        let holds = |version: &Version, unprivileged| is_refused_by(number, &call, *version, unprivileged);
        let of =
            |unprivileged| kernels().into_iter().filter(|version| holds(version, unprivileged)).collect::<Vec<_>>();
        let (roots, others) = (of(false), of(true));
        if has_place(rule) {
            assert_eq!((roots, others), (vec![], vec![]), "{words}: it takes a place of its own");
            continue;
        }
        let is_of_rights = OF_RIGHTS.contains(&(rule.id, rule.errno));
        assert_eq!(roots.is_empty(), is_of_rights, "{words}: by root on {roots:?}");
        // A caller without the right to a namespace is told that first.
        let is_late = rule.id == "F2";
        assert!(is_of_rights || is_late && others.is_empty() || roots == others, "{words}: rights do not matter");
        let held = if is_of_rights { others } else { roots };
        // No gap: from the kernel that brought it, or its call, up to the one that has it no more.
        let end = rule.until.or(brought(&WENT, rule));
        let first = held.first().copied().unwrap_or_else(|| panic!("{words}: nothing provokes it"));
        let right = kernels().into_iter().filter(|version| *version >= first && end.is_none_or(|end| *version < end));
        assert_eq!(held, right.collect::<Vec<_>>(), "{words}");
        if rule.since != Version::UNKNOWN || brought(&CAME, rule).is_some() {
            assert_eq!(first, brought(&CAME, rule).unwrap_or(rule.since), "{words}: it came with that kernel");
        } else if call.api != Api::Clone3 {
            assert_eq!(first, kernels()[0], "{words}: it was always there");
        } else if rule.id != "A0" {
            // clone3(2) came with 5.3, and some flags and members of its struct later.
            assert!((Version::new(5, 3)..=Version::new(7, 1)).contains(&first), "{words}: {first:?}");
        }
    }
}

/// The condition of a rule about flags is met by its own words, and by no smaller set of flags.
#[test]
fn no_flag_of_the_words_is_superfluous() {
    for (number, rule) in RULES.iter().enumerate() {
        let (When::Together(one, other) | When::Without(one, other)) = rule.when else { continue };
        let call = call(rule);
        let flags = call.flags.iter().filter(|flag| one.contains(*flag) || other.contains(*flag));
        for flag in flags {
            let less = Call { flags: call.flags - flag, ..call };
            let refused = kernels().into_iter().find(|version| is_refused_by(number, &less, *version, false));
            assert_eq!(refused, None, "{}: {} without {flag:?}", rule.id, rule.provoke);
        }
    }
}

#[test]
fn the_words_are_those_of_rules_too() {
    for rule in &RULES {
        let words = || rule.provoke.split(' ').map(str::as_bytes);
        let asked = parse(rules::OPTIONS, Program::Nowhere, words())
            .unwrap_or_else(|misuse| panic!("{}: {misuse:?}", rule.provoke));
        let ours = call(rule);
        let known =
            |call: &Call| (call.api, call.flags, call.exit_signal, call.stack, call.tls, call.cgroup, call.size);
        assert_eq!(known(&asked.call), known(&ours), "{}", rule.provoke);
        // The flags come first, and stand for themselves.
        let mut alone = Call::usual(ours.api, chimera::clone::flags::Flags::empty());
        assert_eq!(spelling::parse(&mut words().take(1), &mut alone), Ok(()), "{}", rule.provoke);
        assert_eq!(alone.flags, ours.flags, "{}", rule.provoke);
    }
}

#[test]
fn each_rule_has_a_leaf_of_check_with_a_name_of_its_own() {
    let leaves: Vec<_> = (0..).map_while(leaf).collect();
    assert_eq!(leaves.len(), RULES.len());
    let names: HashSet<_> = ROWS.iter().map(|row| row.name).collect();
    assert_eq!(names.len(), RULES.len(), "names are unique");
    for ((leaf, row), rule) in leaves.iter().zip(&ROWS).zip(&RULES) {
        assert_eq!((leaf.name.word, leaf.name.flag), (row.name, None));
        let (id, about) = row.name.split_once('.').expect("a rule and what it is about");
        assert_eq!(id.to_ascii_uppercase(), rule.id, "{}", row.name);
        let is_letter = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
        assert!(!about.is_empty() && about.bytes().all(is_letter), "{}", row.name);
    }
}

/// What `check` asks is what the rules say: the first call is refused by this very rule, the second is accepted, and
/// each of their flags is needed for that.
#[test]
fn the_calls_of_check_are_refused_by_their_rule_and_accepted_when_amended() {
    write_ids();
    for (number, (row, rule)) in ROWS.iter().zip(&RULES).enumerate() {
        let (provoking, amended) = (row.provoking(rule), row.amended(rule));
        let places = kernels().into_iter().flat_map(|version| [false, true].map(|rights| (version, rights)));
        let refused: Vec<_> =
            places.filter(|(version, rights)| is_refused_by(number, &provoking, *version, *rights)).collect();
        assert_eq!(refused.is_empty(), has_place(rule), "{}: provoked elsewhere", row.name);
        // Root may do more, and the newest kernel knows most.
        let rights = refused.iter().map(|(_, is_unprivileged)| *is_unprivileged).min();
        let Some((version, is_unprivileged)) = refused.iter().copied().rfind(|(_, is)| Some(*is) == rights) else {
            continue;
        };
        let place = Place { version, is_here: false, is_unprivileged };
        let errno = |call: &Call| predict(call, &place).expect("no kernel is asked").expected.errno();
        let is_late = rule.until.is_some_and(|until| until <= Version::new(5, 3));
        assert!(is_late || errno(&amended).is_none(), "{}: {:?}", row.name, errno(&amended));
        for flag in row.flags(rule).iter() {
            let [first, second] = [provoking, amended].map(|call| errno(&Call { flags: call.flags - flag, ..call }));
            let is_missed = first != errno(&provoking) || second != errno(&amended);
            assert!(is_missed, "{}: nobody would miss {flag:?}", row.name);
        }
    }
}
