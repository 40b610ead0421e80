//! The name /init: process 1 of a container is an ordinary program, whatever its name is.
//!
//! In a PID namespace of its own reboot(2) would not turn off this machine. It would kill process 1 of that namespace by
//! SIGINT, reboot(2), so it would be seen.

use crate::common::place::{HERE, PROCESS_1, ROOTLESS_PROCESS_1};
use crate::common::who::may_be_root;
use crate::common::{Run, run};
use std::os::unix::process::CommandExt;

/// Command lines, and what a page of each has.
const COMMANDS: [(&[&str], &str); 4] = [
    (&[], "same memory"),
    (&["rules", "THREAD"], "EINVAL"),
    (&["check", "pairs"], "clone.vm"),
    (&["--version"], "chimera "),
];

/// What does not change from run to run.
fn essence(run: &Run) -> (Option<i32>, Option<i32>, &str, usize) {
    (run.status, run.signal, &run.err, run.left.len())
}

#[test]
fn in_a_container_it_is_an_ordinary_program() {
    for place in [HERE, PROCESS_1, ROOTLESS_PROCESS_1] {
        if !place.is_possible() || place.name == ROOTLESS_PROCESS_1.name && !may_be_root(None) {
            continue;
        }
        for (words, text) in COMMANDS {
            let ordinary = place.run(words);
            let mut command = place.chimera(words);
            command.arg0("/init");
            let named = run(command);
            assert_eq!(essence(&named), essence(&ordinary), "{}: {words:?}", place.name);
            assert!(ordinary.out.contains(text) && named.out.contains(text), "{}: {words:?}: {named:#?}", place.name);
        }
    }
}
