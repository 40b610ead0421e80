//! The ways of `chimera run` into new namespaces: by clone(2), by unshare(2), and without what a filter forbids.
//!
//! Each way is made the only one by a filter, and the program must see the same as without a filter. What both ways are
//! refused for is told once.

use crate::common::filter::{self, Refusal};
use crate::common::running::Running;
use crate::common::who::{Who, everybody_allowed, may_be_root, run_as};
use crate::common::{before, chimera, run, until_gone};
use nix::libc;
use nix::sys::signal::Signal;
use std::process::Command;

/// The flags of new namespaces that clone(2) has.
const NAMESPACES: u32 = 0x7e02_0000;

/// What is refused, and the options that would make use of it.
type Way = (&'static [Refusal], &'static [&'static [&'static str]]);

const SUPERVISED: &[&[&str]] = &[
    &["-rf"],
    &["-rp", "--mount-proc"],
    &["-rpf", "--mount-proc"],
    &["-r", "--kill-child"],
    &["-rmupC"],
    &["-rmupCf", "--mount-proc", "--hostname", "inside"],
    &["-rT", "--boottime=100000000"],
    &["-rpT", "--boottime=100000000"],
    &["-rpfT", "--boottime=100000000", "--kill-child"],
];

const IN_PLACE: &[&[&str]] =
    &[&["-r"], &["-c"], &["-U"], &["-rm"], &["-rmuC"], &["-ru", "--hostname", "inside"], &["-r", "-w", "/usr"]];

const WAYS: &[Way] = &[
    (&[(libc::SYS_clone, NAMESPACES, libc::EPERM), (libc::SYS_clone3, 0, libc::ENOSYS)], SUPERVISED),
    (&[(libc::SYS_clone, NAMESPACES, libc::EACCES), (libc::SYS_clone3, 0, libc::EPERM)], SUPERVISED),
    (&[(libc::SYS_unshare, 0, libc::EPERM)], IN_PLACE),
    (&[(libc::SYS_unshare, 0, libc::ENOSYS)], IN_PLACE),
    (&[(libc::SYS_unshare, 0x1000_0000, libc::EACCES)], IN_PLACE),
    (&[(libc::SYS_clone3, 0, libc::ENOSYS)], &[&["-rT", "--monotonic=77777"], &["-rpT", "--monotonic=-1"]]),
    (&[(libc::SYS_pidfd_open, 0, libc::ENOSYS)], SUPERVISED),
    (&[(libc::SYS_pidfd_open, 0, libc::EPERM)], SUPERVISED),
];

/// A filter for these refusals, in the new process.
fn under(command: Command, refusals: &'static [Refusal]) -> Command {
    before::exec(command, move || match refusals {
        [one] => filter::refuse(&[*one]),
        [one, other] => filter::refuse(&[*one, *other]),
        _ => Err(nix::errno::Errno::EINVAL),
    })
}

/// A script under the program.
fn script(options: &[&str], text: &str) -> Command {
    chimera(&[&["run"], options, &["--", "sh", "-c", text]].concat())
}

/// Where the program is: its ids, its clocks, and which of its namespaces are not those of OUTER.
const PLACE: &str = "id -u; hostname; pwd; cat /proc/self/uid_map /proc/self/setgroups /proc/self/timens_offsets; \
    [ $$ -gt 1 ] || echo $$; for kind in user mnt uts ipc net pid cgroup time; do \
    case \"$OUTER\" in *\"$(readlink /proc/self/ns/$kind)\"*) ;; *) echo $kind ;; esac; done; exit 7";

/// The caller's namespaces.
fn outer() -> String {
    let link = |kind: &str| std::fs::read_link(format!("/proc/self/ns/{kind}")).expect("a link");
    let links = ["user", "mnt", "uts", "ipc", "net", "pid", "cgroup", "time"].map(link);
    links.map(|link| link.display().to_string()).join(" ")
}

/// The script that looks there, as `who`.
fn place(options: &[&str], who: Who) -> Command {
    let mut command = script(options, PLACE);
    command.env("OUTER", outer());
    run_as(command, who)
}

#[test]
fn each_way_leads_to_the_same_place() {
    let mut differ = Vec::new();
    for who in everybody_allowed() {
        for (refusals, lines) in WAYS {
            for options in *lines {
                let free = run(place(options, who)).nothing_left();
                let held = run(under(place(options, who), refusals)).nothing_left();
                if (free.status, &free.out, &free.err) != (held.status, &held.out, &held.err) || free.status != Some(7)
                {
                    differ.push(format!("{refusals:?} {options:?} as {who:?}: {free:#?} {held:#?}"));
                }
            }
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

/// Signals, stops and statuses come through as they do by the usual way.
#[test]
fn by_each_way_signals_reach_the_program() {
    if !may_be_root(None) {
        return;
    }
    for (refusals, lines) in WAYS {
        for options in *lines {
            for signal in [Signal::SIGTERM, Signal::SIGUSR1] {
                let name = &signal.as_str()["SIG".len()..];
                let text = format!("trap 'echo caught; exit 9' {name}; echo ready; while :; do sleep 0.01; done");
                let mut running = Running::start(under(script(options, &text), refusals));
                assert_eq!(running.line(), "ready\n", "{refusals:?} {options:?}");
                running.signal(signal);
                assert_eq!(running.finish().clean(9).out, "caught\n", "{refusals:?} {options:?}");
            }
        }
    }
}

/// Where it cannot be seen by a pidfd that chimera has ended, a pipe shows it.
#[test]
fn with_kill_child_nothing_is_left_by_any_way() {
    if !may_be_root(None) {
        return;
    }
    for (refusals, _) in WAYS {
        for options in [&["-r", "--kill-child"] as &[&str], &["-rp", "--kill-child"], &["-rpf", "--kill-child"]] {
            let mut running = Running::start(under(script(options, "echo ready; exec sleep 1000"), refusals));
            assert_eq!(running.line(), "ready\n", "{refusals:?} {options:?}");
            running.signal(Signal::SIGKILL);
            running.wait();
            until_gone(running.id(), |_| false);
        }
    }
}

/// A filter that takes both ways away is reported for the way that is tried first, and what the kernel refuses is not
/// tried again.
#[test]
fn a_refusal_of_both_ways_is_told_once() {
    const BOTH: &[Refusal] = &[(libc::SYS_clone, NAMESPACES, libc::EPERM), (libc::SYS_unshare, 0, libc::EACCES)];
    for (options, step, errno) in [
        ("-r", "unshare(CLONE_NEWUSER)", "EACCES"),
        ("-rf", "clone(child_stack=0x", "EPERM"),
        ("-rp", "clone(", "EPERM"),
    ] {
        let run = run(under(script(&[options], "true"), BOTH)).nothing_left();
        assert_eq!((run.status, run.err.matches("chimera: ").count()), (Some(125), 1), "{run:#?}");
        assert!(run.err.starts_with(&format!("chimera: {step}")) && run.err.contains(errno), "{run:#?}");
    }
}
