//! Filters that kill the caller of a system call: a command that only looks survives them, and tells what it saw.

use crate::common::filter;
use crate::common::page;
use crate::common::skip::skip;
use crate::common::who::is_allowed;
use crate::common::{Run, before, chimera, run};
use nix::libc::{self, c_long};

/// Calls without which each command can do.
const DISPENSABLE: [(&str, c_long); 14] = [
    ("statx", libc::SYS_statx),
    ("prctl", libc::SYS_prctl),
    ("kcmp", libc::SYS_kcmp),
    ("stat", libc::SYS_stat),
    ("waitid", libc::SYS_waitid),
    ("tgkill", libc::SYS_tgkill),
    ("ioprio_set", libc::SYS_ioprio_set),
    ("pidfd_open", libc::SYS_pidfd_open),
    ("fcntl", libc::SYS_fcntl),
    ("eventfd2", libc::SYS_eventfd2),
    ("unshare", libc::SYS_unshare),
    ("semget", libc::SYS_semget),
    ("open_tree", libc::SYS_open_tree),
    ("uname", libc::SYS_uname),
];

/// A command under a filter that kills at this call.
fn under(call: c_long, words: &[&str]) -> Run {
    run(before::exec(chimera(words), move || filter::kill(call))).nothing_left()
}

#[test]
fn a_look_that_would_kill_is_not_taken() {
    let mut broken = Vec::new();
    for (name, call) in DISPENSABLE {
        for words in [&["fork"][..], &["thread"], &["rules", "VM"], &["clone", "VM"], &["clone", "sysvsem"]] {
            let run = under(call, words);
            if run.status != Some(0) || !run.err.is_empty() || run.out.contains("not-honoured") {
                broken.push(format!("{name}: {words:?}: {run:#?}"));
            }
        }
        if is_allowed(None) {
            let run = under(call, &["user"]);
            let is_told = page::rows(&run.out).values().all(|words| words[3] == "honoured");
            if run.status != Some(0) || !is_told {
                broken.push(format!("{name}: user: {run:#?}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// The call itself kills its caller: it has no result, and nothing is said to have been refused.
#[test]
fn a_call_that_kills_has_no_result() {
    let told = under(libc::SYS_fork, &["fork"]);
    assert_eq!((told.status, told.out.contains("fork(2): by fork(2)")), (Some(1), false), "{told:#?}");
    assert!(told.err.starts_with("chimera: fork(): SIGSYS"), "{told:#?}");
    let json = under(libc::SYS_fork, &["fork", "--json"]);
    let last: serde_json::Value = serde_json::from_str(json.out.lines().last().expect("an object")).expect("JSON");
    assert_eq!((&last["result"], &last["outcome"]), (&serde_json::Value::Null, &"crashed".into()), "{last}");
}

/// `clone .. -- CMD`: where the filter kills the task that makes the call, this is no end of CMD.
#[test]
fn a_call_that_kills_is_no_end_of_a_program() {
    if !is_allowed(None) {
        return skip("user namespaces are forbidden here");
    }
    let told = under(libc::SYS_clone3, &["clone", "user", "--clone3", "--", "true"]);
    assert_eq!((told.status, told.err.contains(": SIGSYS")), (Some(125), true), "{told:#?}");
}
