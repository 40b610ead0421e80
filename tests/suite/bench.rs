//! `chimera bench`: its lines, and many tasks at once. No time is asserted.
//!
//! What a machine needs for a task is its own affair; that a figure is what it is called, that
//! every task is made and reaped, and that a limit is told, is ours.

use crate::common::place::with_tasks;
use crate::common::running::Running;
use crate::common::skip::skip;
use crate::common::who::may_be_root;
use crate::common::{chimera, deadline, in_group, is_root, run, until_gone};
use nix::sys::signal::Signal;
use serde_json::Value;
use std::time::Duration;

/// Far more than all kinds take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// The lines of a run.
fn objects(words: &[&str]) -> Vec<Value> {
    let command = chimera(&[&["bench", "--json"], words].concat());
    let run = deadline::run_within(command, PATIENCE).expect("it ends").clean(0);
    run.out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

#[test]
fn each_line_is_an_object_that_holds_together() {
    let lines =
        objects(&["fork", "clone3", "vfork", "chimera", "sharing", "thread", "VM|FS|SIGUSR1", "--heap", "0,4M"]);
    assert_eq!(lines.len(), 7 * 3 * 2);
    for line in &lines {
        let number = |key: &str| line[key].as_u64().unwrap_or_else(|| panic!("{key}: {line}"));
        assert!(number("runs") >= 21, "{line}");
        assert!(
            0 < number("p10_ns") && number("p10_ns") <= number("p50_ns") && number("p50_ns") <= number("p99_ns"),
            "{line}"
        );
        let expected = number("p50_ns") as f64 / number("floor_p50_ns") as f64;
        let told = line["ratio"].as_f64().expect("a ratio");
        assert!((told - expected).abs() < 0.001, "{line}");
    }
    let has = |key: &str, value: Value| lines.iter().filter(|line| line[key] == value).count();
    assert_eq!((has("pinned", true.into()), has("heap_bytes", 0.into()), has("huge", true.into())), (21, 14, 14));
    assert_eq!(lines[6]["flags"], "CLONE_VM|CLONE_FS|SIGUSR1");
}

#[test]
fn each_kind_is_measured() {
    if !is_root() {
        return skip("only root may make each namespace without a user namespace");
    }
    let lines = objects(&[]);
    assert_eq!(lines.len(), 34);
    for line in &lines {
        // A kernel may lack a kind.
        assert!(line["p50_ns"].is_u64() || line["refused"] == "EINVAL", "{line}");
    }
}

#[test]
fn what_is_refused_is_told_and_the_rest_goes_on() {
    let lines = objects(&["THREAD", "chimera"]);
    assert_eq!((&lines[0]["refused"], &lines[0]["p50_ns"]), (&"EINVAL".into(), &Value::Null));
    assert!(lines[1]["p50_ns"].is_u64());
    let run = run(chimera(&["bench", "THREAD"])).nothing_left();
    assert!(run.status == Some(1) && run.out.contains("  THREAD  refused: clone: EINVAL, rule D3: "), "{run:#?}");
}

#[test]
fn thousands_are_alive_at_once_and_all_are_reaped() {
    for kind in ["thread", "chimera", "fork"] {
        let lines = objects(&[kind, "--tasks", "3000"]);
        assert!(lines.iter().all(|line| line["tasks"] == 3000 && line["p50_ns"].is_u64()), "{lines:#?}");
    }
}

#[test]
fn one_task_is_no_tasks() {
    let out = run(chimera(&["bench", "chimera", "--tasks", "1,2"])).clean(0).out;
    assert!(out.contains("on one processor, 1 task alive\n") && out.contains("processor, 2 tasks alive\n"), "{out}");
}

/// Whoever kills chimera ends its sleepers too.
#[test]
fn nothing_outlives_it() {
    for kind in ["chimera", "fork", "thread"] {
        let mut bench = Running::start(chimera(&["bench", kind, "--tasks", "300"]));
        let group = bench.id();
        if kind != "thread" {
            deadline::until(&format!("300 {kind}s"), || (in_group(group).len() >= 300).then_some(()));
        }
        bench.signal(Signal::SIGKILL);
        bench.wait();
        until_gone(group, |_| false);
    }
}

#[test]
fn at_the_limit_the_number_is_told_and_all_are_reaped() {
    if !is_root() {
        return skip("only root can be a user without other tasks");
    }
    for kind in ["thread", "chimera", "fork"] {
        let command = with_tasks(chimera(&["bench", kind, "--tasks", "100"]), 40);
        let run = run(command).nothing_left();
        assert_eq!(run.status, Some(1), "{run:#?}");
        let mut lines = run.err.lines();
        assert!(
            lines.next().is_some_and(|line| line.contains("EAGAIN") && line.contains("RLIMIT_NPROC is reached")),
            "{run:#?}"
        );
        assert_eq!((lines.next(), lines.next()), (Some("  try: ulimit -u unlimited"), Some("  39 tasks were alive")));
    }
}

/// Memory that is not there is not touched.
#[test]
fn a_heap_that_does_not_fit_is_refused() {
    let run = run(chimera(&["bench", "chimera", "--heap", "60000G"])).nothing_left();
    assert_eq!(run.status, Some(1), "{run:#?}");
    assert!(run.err.starts_with("chimera: mmap the heap: ENOMEM (Cannot allocate memory): no memory"), "{run:#?}");
}

#[test]
fn user_is_root_when_it_is_measured() {
    if may_be_root(None) {
        let lines = objects(&["user"]);
        assert!(lines.iter().all(|line| line["p50_ns"].is_u64()), "{lines:#?}");
    }
}

#[test]
fn nonsense_is_refused() {
    for words in [
        &["bench", "nonsense"] as &[&str],
        &["bench", "--heap"],
        &["bench", "--heap=much"],
        &["bench", "--tasks", "1x"],
        &["bench", "VM|PIDFD"],
        &["bench", "VM|KILL"],
        &["bench", "PARENT"],
    ] {
        let run = run(chimera(words)).nothing_left();
        assert_eq!((run.status, run.out.as_str()), (Some(2), ""), "{run:#?}");
    }
}
