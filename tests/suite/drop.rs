//! Flags that are silently taken out of the call: each that can be seen at all is reported as not honoured, by name.
//!
//! For every flag a set that is accepted with it and without it; the same line is run as it is,
//! where it must be honoured, and under a tracer that drops the one flag, where that flag must be named and no other may
//! be called honoured wrongly.

use crate::common::group::Group;
use crate::common::skip::skip_part;
use crate::common::{chimera, is_root, run, tracer};
use nix::libc;
use serde_json::Value;

/// A flag: its name, its bit, what else is in the set, and more words.
type Row = (&'static str, u64, &'static str, &'static [&'static str]);

const CLONE3: &[&str] = &["--clone3"];

#[rustfmt::skip]
const FLAGS: &[Row] = &[
    ("VM", libc::CLONE_VM as u64, "SIGCHLD", &[]),
    ("VM", libc::CLONE_VM as u64, "SIGCHLD", CLONE3),
    ("FS", libc::CLONE_FS as u64, "VM", &[]),
    ("FS", libc::CLONE_FS as u64, "SIGCHLD", CLONE3),
    ("FILES", libc::CLONE_FILES as u64, "SIGCHLD", &[]),
    ("SIGHAND", libc::CLONE_SIGHAND as u64, "VM", &[]),
    ("PIDFD", libc::CLONE_PIDFD as u64, "SIGCHLD", &[]),
    ("PIDFD", libc::CLONE_PIDFD as u64, "VM", CLONE3),
    ("VFORK", libc::CLONE_VFORK as u64, "SIGCHLD", &[]),
    ("VFORK", libc::CLONE_VFORK as u64, "VM", CLONE3),
    ("PARENT", libc::CLONE_PARENT as u64, "SIGCHLD", &[]),
    ("THREAD", libc::CLONE_THREAD as u64, "VM|SIGHAND", &[]),
    ("THREAD", libc::CLONE_THREAD as u64, "VM|SIGHAND", CLONE3),
    ("NEWNS", libc::CLONE_NEWNS as u64, "NEWUSER", &[]),
    ("SYSVSEM", libc::CLONE_SYSVSEM as u64, "SIGCHLD", &[]),
    ("SETTLS", libc::CLONE_SETTLS as u64, "SIGCHLD", &[]),
    ("SETTLS", libc::CLONE_SETTLS as u64, "VM", CLONE3),
    ("PARENT_SETTID", libc::CLONE_PARENT_SETTID as u64, "SIGCHLD", &[]),
    ("CHILD_CLEARTID", libc::CLONE_CHILD_CLEARTID as u64, "SIGCHLD", &[]),
    ("CHILD_CLEARTID", libc::CLONE_CHILD_CLEARTID as u64, "VM", CLONE3),
    ("CHILD_SETTID", libc::CLONE_CHILD_SETTID as u64, "SIGCHLD", &[]),
    ("NEWCGROUP", libc::CLONE_NEWCGROUP as u64, "NEWUSER", &[]),
    ("NEWUTS", libc::CLONE_NEWUTS as u64, "NEWUSER", &[]),
    ("NEWIPC", libc::CLONE_NEWIPC as u64, "NEWUSER", &[]),
    ("NEWUSER", libc::CLONE_NEWUSER as u64, "SIGCHLD", &[]),
    ("NEWUSER", libc::CLONE_NEWUSER as u64, "VM", CLONE3),
    ("NEWPID", libc::CLONE_NEWPID as u64, "NEWUSER", &[]),
    ("NEWNET", libc::CLONE_NEWNET as u64, "NEWUSER", &[]),
    ("IO", 0x8000_0000, "SIGCHLD", &[]),
    ("NEWTIME", 0x80, "NEWUSER", CLONE3),
    ("CLEAR_SIGHAND", 1 << 32, "SIGCHLD", CLONE3),
];

/// The object that a run has printed.
fn object(run: &crate::common::Run) -> Value {
    serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {run:#?}"))
}

/// The verdict about a flag.
fn verdict(object: &Value, flag: &str) -> String {
    let rows = object["resources"].as_array().expect("resources");
    let row = rows.iter().find(|row| row["flag"] == format!("CLONE_{flag}").as_str());
    row.map_or("no row".into(), |row| row["verdict"].as_str().expect("a verdict").into())
}

#[test]
fn a_dropped_flag_is_not_honoured_by_name() {
    let mut faults = Vec::new();
    for (flag, bit, others, options) in FLAGS {
        let set = format!("CLONE_{flag}|{others}");
        let words = [&["clone", set.as_str(), "--json"], *options].concat();
        let plain = run(chimera(&words)).nothing_left();
        if plain.status == Some(3) && !is_root() {
            skip_part(format!("{set}: not allowed here"));
            continue;
        }
        let dropped = tracer::run_without(chimera(&words), *bit).nothing_left();
        let (before, after) = (object(&plain), object(&dropped));
        let seen = [
            (plain.status, before["outcome"].as_str().unwrap_or(""), verdict(&before, flag)),
            (dropped.status, after["outcome"].as_str().unwrap_or(""), verdict(&after, flag)),
        ];
        let wanted = [(Some(0), "honoured", "honoured".into()), (Some(1), "not-honoured", "not-honoured".into())];
        if seen != wanted {
            faults.push(format!("{words:?}: {seen:?}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The signal of the child's end is a part of the call too.
#[test]
fn another_exit_signal_is_not_honoured() {
    for (set, options) in [("SIGUSR1", &[][..]), ("VM|SIGUSR1", &[]), ("FS|SIGUSR1", CLONE3)] {
        let words = [&["clone", set, "--json"], options].concat();
        let plain = object(&run(chimera(&words)).clean(0));
        let other = tracer::run_with(chimera(&words), |call| {
            // The examiner's own call has SIGCHLD.
            if call.exit_signal == libc::SIGUSR1 as u64 {
                call.exit_signal = libc::SIGUSR2 as u64;
            }
        });
        let row = |object: &Value| {
            let rows = object["resources"].as_array().expect("resources");
            rows.iter().find(|row| row["flag"] == "exit_signal").expect("a row")["verdict"].clone()
        };
        let changed = object(&other);
        assert_eq!((row(&plain), plain["outcome"].clone()), ("honoured".into(), "honoured".into()), "{words:?}");
        assert_eq!((row(&changed), other.status), ("not-honoured".into(), Some(1)), "{words:?}: {other:#?}");
        other.nothing_left();
    }
}

/// A child that was to begin in another group, and has not.
#[test]
fn a_dropped_cgroup_is_not_honoured() {
    let Some(group) = Group::new() else { return };
    let words = ["clone", "INTO_CGROUP", "--clone3", "--cgroup", group.path(), "--json"];
    let dropped = tracer::run_without(chimera(&words), 1 << 33);
    let said = (dropped.status, verdict(&object(&dropped), "INTO_CGROUP"));
    assert_eq!(said, (Some(1), "not-honoured".into()), "{dropped:#?}");
}

/// A tracer that takes nothing out changes nothing: whatever is proven without it is proven under it.
#[test]
fn a_tracer_alone_changes_nothing() {
    for set in ["fork", "vfork", "chimera", "thread", "pthread", "VM|FS|FILES|SIGHAND", "PARENT", "VFORK|CHILD_SETTID"]
    {
        let run = tracer::run_without(chimera(&["clone", set, "--json"]), 0).clean(0);
        assert_eq!(object(&run)["outcome"], "honoured", "{set}: {run:#?}");
    }
}

/// A tracer that follows every task traces the child with CLONE_PTRACE and without, so that nothing can be said of that
/// flag; a child that was not to be traced and is, is seen.
#[test]
fn flags_about_tracers_under_a_tracer() {
    let words = |flag| ["clone", flag, "--json"];
    let dropped = tracer::run_without(chimera(&words("PTRACE")), libc::CLONE_PTRACE as u64).nothing_left();
    assert_eq!((dropped.status, verdict(&object(&dropped), "PTRACE")), (Some(4), "unknown".into()), "{dropped:#?}");
    let dropped = tracer::run_without(chimera(&words("UNTRACED")), libc::CLONE_UNTRACED as u64).nothing_left();
    assert_eq!(
        (dropped.status, verdict(&object(&dropped), "UNTRACED")),
        (Some(1), "not-honoured".into()),
        "{dropped:#?}"
    );
    let kept = tracer::run_without(chimera(&words("UNTRACED")), 0).clean(0);
    assert_eq!(verdict(&object(&kept), "UNTRACED"), "honoured");
}

/// A namespace that is not new is not worked in: `run` says so, and the doctor does not call it made.
#[test]
fn a_namespace_that_is_none_is_told() {
    if !crate::common::who::may_be_root(None) {
        return;
    }
    for (kind, option, flag) in [
        ("user", "-r", libc::CLONE_NEWUSER),
        ("mnt", "-rm", libc::CLONE_NEWNS),
        ("uts", "-ru", libc::CLONE_NEWUTS),
        ("ipc", "-ri", libc::CLONE_NEWIPC),
        ("net", "-rn", libc::CLONE_NEWNET),
        ("pid", "-rp", libc::CLONE_NEWPID),
        ("cgroup", "-rC", libc::CLONE_NEWCGROUP),
    ] {
        let ran = tracer::run_without(chimera(&["run", option, "-f", "true"]), flag as u64).nothing_left();
        assert_eq!((ran.status, ran.out.as_str()), (Some(125), ""), "{kind}: {ran:#?}");
        assert!(ran.err.starts_with("chimera: look whether the namespaces are new: EIO"), "{kind}: {ran:#?}");
        assert!(ran.err.contains("a flag of the call was ignored"), "{kind}: {ran:#?}");
    }
    // The doctor makes what `run` makes without `-f`, and only for a PID namespace that is a clone.
    let ran = tracer::run_without(chimera(&["doctor", "--json"]), libc::CLONE_NEWPID as u64).nothing_left();
    let value = object(&ran);
    let tries = value["tries"].as_array().expect("tries");
    let tried = tries.iter().find(|row| row["kind"] == "pid").expect("the kind");
    assert_eq!((ran.status, tried["result"].as_str()), (Some(0), Some("EIO")), "{ran:#?}");
}
