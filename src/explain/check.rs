//! The words of `chimera check`: its groups, the results of leaves, why cases are skipped, and what sets cases apart.

use super::topic::{Kind, Plain, Topic, Visit};
use crate::check::case::What;
use crate::check::group::{GROUPS, Group};
use crate::check::skip::Skip;
use crate::check::step::Step;
use crate::clone::flags::Flags;
use crate::text::{Show, Sink, out};

/// What is said of a group, from its table.
struct About<'a>(&'a Group);

impl Show for About<'_> {
    fn show(&self, out: &mut dyn Sink) {
        let Self(group) = self;
        out!(out, "A group of `chimera check`: ", group.about, ". It asks ", group.cases(), " cases.");
        if !group.is_usual {
            out!(out, " It runs only if it is named.");
        }
    }
}

/// Passes on a group.
fn of_group(group: &Group, visit: &mut Visit) {
    visit(&Topic {
        kind: Kind::Group,
        name: ("", group.name),
        also: &[],
        text: &About(group),
        flags: Flags::empty(),
        witnesses: None,
        examples: &[&("check --list ", group.name)],
        see: &["check", "leaf"],
        is_listed: true,
    });
}

/// Why cases are skipped.
fn reason(skip: Skip) -> Plain {
    let (text, see): (_, &[&str]) = match skip {
        Skip::Filter => (
            "A reason of SKIP: a seccomp filter, or something else in the kernel's place, answers the call, or kills for it. So nothing is learned about the kernel.",
            &["seccomp", "SKIP"],
        ),
        Skip::Rights => {
            ("A reason of SKIP: the case needs a right that the caller does not have.", &["capability", "SKIP"])
        }
        Skip::UserNamespaces => (
            "A reason of SKIP: the case needs a user namespace, and the kernel makes none here. `chimera doctor` finds out why.",
            &["user namespace", "doctor"],
        ),
        Skip::Limit => (
            "A reason of SKIP: so many tasks or namespaces exist that the kernel makes no more, or none are allowed.",
            &["EAGAIN", "SKIP"],
        ),
        Skip::Since(_) => (
            "A reason of SKIP: what the case is about came with this version of Linux, and the running kernel is older.",
            &["since", "SKIP"],
        ),
        Skip::Until(_) => (
            "A reason of SKIP: what the case is about went with this version of Linux, and the running kernel is not older.",
            &["until", "SKIP"],
        ),
        Skip::NotHere => (
            "A reason of SKIP: the case needs something in the kernel's place, such as a seccomp filter or a security module, and there is none here.",
            &["seccomp", "SKIP"],
        ),
        Skip::Cgroup => (
            "A reason of SKIP: the case needs a cgroup that the caller has prepared, because a check changes none.",
            &["cgroup", "SKIP"],
        ),
        Skip::Proc => (
            "A reason of SKIP: the case needs files in /proc, and /proc is not there or shows another PID namespace.",
            &["proc(5)", "SKIP"],
        ),
        Skip::NoSecond => (
            "A reason of SKIP: the case asks which of two faults the kernel tells, and the second one is no fault here.",
            &["rule", "SKIP"],
        ),
        Skip::Unlimited => (
            "A reason of SKIP: `check --verdicts` relies on a limit that has room for no task, and the kernel made one all the same.",
            &["EAGAIN", "SKIP"],
        ),
        Skip::NoWitness => (
            "A reason of SKIP: what the case is about can be seen neither in the kernel's answers nor in the behaviour of the tasks here.",
            &["witness", "SKIP"],
        ),
    };
    Plain { text, examples: &["check --list"], see }
}

/// What stands before the value that sets a case apart, with its text.
struct Apart(What);

impl Show for Apart {
    fn show(&self, out: &mut dyn Sink) {
        out!(out, "In a `# case` line of `chimera check`, before a value: what sets the case apart from others.");
        out!(out, self.0.about());
    }
}

/// The results of leaves in objects.
const RESULTS: [(&str, &str); 3] = [
    (
        "pass",
        "The result of a leaf of `chimera check`: at least one case could be judged, and none deviates. In KTAP it is ok.",
    ),
    (
        "fail",
        "The result of a leaf of `chimera check`: at least one case deviates. In KTAP it is not ok, and the lines before it say which.",
    ),
    (
        "skip",
        "The result of a leaf of `chimera check`: no case could be judged here. In KTAP it is ok with # SKIP and the reason.",
    ),
];

/// Passes on all of them.
pub fn each(visit: &mut Visit) {
    GROUPS.iter().for_each(|group| of_group(group, visit));
    for (name, text) in RESULTS {
        let plain = Plain { text, examples: &["check pairs --json"], see: &["leaf", "KTAP", "deviation"] };
        plain.visit(Kind::Value, name, &[], visit);
    }
    for skip in Skip::all() {
        let version: &[&str] = match skip {
            Skip::Since(_) => &["since Linux [version]"],
            Skip::Until(_) => &["only before Linux [version]"],
            _ => &[],
        };
        reason(skip).visit(Kind::Reason, skip.text(), version, visit);
    }
    let steps: [&str; Step::ALL.len()] = core::array::from_fn(|place| Step::ALL[place].name());
    for what in What::ALL.iter().filter(|what| **what != What::Flags) {
        visit(&Topic {
            kind: Kind::Apart,
            name: ("", what.name()),
            also: if *what == What::Step { &steps } else { &[] },
            text: &Apart(*what),
            flags: Flags::empty(),
            witnesses: None,
            examples: &[&"check --list"],
            see: &["check", "deviation"],
            is_listed: true,
        });
    }
}
