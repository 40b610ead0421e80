//! Kernels that are none: qemu's user mode and gVisor.
//!
//! What these do is known from their sources, and stands here as what may be said of a flag in
//! them. Whatever they accept without doing it must not be called honoured; what cannot be seen there is unknown.

use crate::common::skip::{has, is_installed, skip, skip_part};
use crate::common::{command, elf};
use serde_json::Value;

/// Sets that need nothing which only some users have.
const SETS: [&str; 26] = [
    "fork",
    "vfork",
    "VFORK",
    "chimera",
    "thread",
    "pthread",
    "user",
    "container",
    "VM|FS|FILES",
    "PARENT",
    "NEWPID",
    "IO|SYSVSEM",
    "PIDFD",
    "PTRACE",
    "UNTRACED",
    "VM|UNTRACED",
    "FS|FILES|UNTRACED",
    "SETTLS",
    "CHILD_SETTID",
    "PARENT_SETTID",
    "NEWNET",
    "NEWUTS",
    "NEWIPC",
    "NEWNS",
    "0",
    "VM|KILL",
];

/// What a sandbox does not do although it may accept the flag.
struct Sandbox {
    name: &'static str,
    program: &'static str,
    options: &'static [&'static str],
    /// The flags that it accepts and ignores.
    ignores: &'static [&'static str],
}

const SANDBOXES: [Sandbox; 2] = [
    // Whatever asks for a child that sleeps gets a plain fork.
    Sandbox {
        name: "qemu",
        program: "qemu-x86_64-static",
        options: &[],
        ignores: &["CLONE_VFORK", "CLONE_VM", "CLONE_PARENT_SETTID", "CLONE_IO"],
    },
    Sandbox {
        name: "gVisor",
        program: "runsc",
        options: &["--rootless", "--network=none", "--ignore-cgroups", "do"],
        ignores: &["CLONE_PARENT", "CLONE_PIDFD", "CLONE_SYSVSEM", "CLONE_IO"],
    },
];

/// Runs chimera in a sandbox.
fn run(sandbox: &Sandbox, words: &[&str]) -> crate::common::Run {
    let all = [sandbox.options, &[elf().to_str().expect("UTF-8")], words].concat();
    crate::common::run(command(sandbox.program, &all))
}

/// Whether programs can be run in it here.
fn starts(sandbox: &Sandbox) -> bool {
    run(sandbox, &["--version"]).status == Some(0)
}

/// Holds what is said of each flag against what the sandbox does.
fn check(sandbox: &Sandbox, set: &str, options: &[&str], faults: &mut Vec<String>) {
    let words = [&["clone", set, "--json"], options].concat();
    let ran = run(sandbox, &words);
    let Ok(object) = serde_json::from_str::<Value>(&ran.out) else {
        return faults.push(format!("{}: {words:?}: no JSON: {ran:?}", sandbox.name));
    };
    let (outcome, status) = (object["outcome"].as_str().unwrap_or_default(), ran.status);
    if ["crashed", "hung"].contains(&outcome) || ran.signal.is_some() {
        faults.push(format!("{}: {words:?}: {outcome}, status {status:?}", sandbox.name));
    }
    for row in object["resources"].as_array().expect("resources") {
        let flag = row["flag"].as_str().expect("a flag");
        let is_ignored = sandbox.ignores.contains(&flag) && row["asked"] != "copied" && set != "pthread";
        let is_asked =
            set.split('|').any(|word| flag == format!("CLONE_{word}")) || set == "vfork" && flag != "CLONE_PARENT";
        match row["verdict"].as_str().expect("a verdict") {
            "honoured" if is_ignored && is_asked => faults.push(format!("{}: {set}: {flag} is honoured", sandbox.name)),
            "not-honoured" if !is_ignored => faults.push(format!("{}: {set}: {row}", sandbox.name)),
            _ => {}
        }
    }
}

/// All sets in one sandbox.
fn hold(sandbox: &Sandbox) {
    if !has(sandbox.program) {
        return;
    }
    if !starts(sandbox) {
        return skip(format!("{} does not start here", sandbox.program));
    }
    let mut faults = Vec::new();
    for set in SETS {
        check(sandbox, set, &[], &mut faults);
    }
    check(sandbox, "VM|VFORK|CLEAR_SIGHAND", &["--clone3"], &mut faults);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn qemu_is_seen_through() {
    hold(&SANDBOXES[0]);
}

#[test]
fn gvisor_is_seen_through() {
    hold(&SANDBOXES[1]);
}

/// What the doctor has tried there is what `run` can do there.
#[test]
fn doctor_and_run_agree() {
    for sandbox in &SANDBOXES {
        if !is_installed(sandbox.program) || !starts(sandbox) {
            skip_part(format!("{}: it is not installed, or does not start here", sandbox.program));
            continue;
        }
        let ran = run(sandbox, &["doctor", "--json"]);
        let object: Value = serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:#?}"));
        let tries = object["tries"].as_array().expect("tries");
        for tried in tries {
            let is_possible = match tried["result"].as_str() {
                Some("OK") => true,
                Some("absent") => continue,
                _ => false,
            };
            let options: Vec<&str> = tried["options"].as_str().expect("options").split(' ').collect();
            let ran = run(sandbox, &[&["run"], &options[..], &["/usr/bin/id", "-u"]].concat());
            assert_eq!(ran.status == Some(0) && ran.out == "0\n", is_possible, "{}: {tried}: {ran:#?}", sandbox.name);
            assert_eq!(ran.err.is_empty(), is_possible, "{}: {tried}: {ran:#?}", sandbox.name);
            let is_usable = object["verdict"] == "usable";
            assert!(tried["kind"] != "user" || is_usable == is_possible, "{}: {object:#}", sandbox.name);
        }
    }
}
