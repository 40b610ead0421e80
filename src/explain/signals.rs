//! The signals, which may stand among FLAGS as the exit signal, and by which a task may be killed.

use super::topic::{Kind, Plain, Visit};
use crate::rules::spelling::SIGNALS;
use crate::text::{Show, Sink, out};

/// The text of a signal, by its name without SIG.
#[rustfmt::skip]
fn plain(name: &str) -> Plain {
    let (text, examples): (&str, &'static [&'static str]) = match name {
        "CHLD" => ("The usual exit signal: the kernel sends it to the parent when a child ends. It is ignored by default, but wait(2) looks for children that would have sent it. fork(2) is clone(2) with this signal and no flag; without a signal in FLAGS chimera adds it.", &["fork", "clone SIGCHLD"]),
        "SEGV" => ("A task touched memory that it does not have, such as the guard page below its stack, and was killed.", &["clone VM --stack 10"]),
        "SYS" => ("A seccomp filter killed the task, because of a system call that it does not allow.", &["rules fork"]),
        "KILL" => ("Kills at once and cannot be caught. chimera ends with it the tasks of its own that hang.", &["rules 'fork|KILL'"]),
        "URG" => ("chimera uses it for the witness of signal handlers, because it is ignored by default and no task sends it here.", &["clone 'VM|SIGHAND'"]),
        "WINCH" => ("chimera uses it for the witness of CLONE_CLEAR_SIGHAND, with a handler that never runs.", &["clone CLEAR_SIGHAND --clone3"]),
        _ => ("A signal. Among FLAGS it is the exit signal: what the parent gets when the child ends.", &["rules --help"]),
    };
    Plain { text, examples, see: &["exit signal", "signal(7)"] }
}

/// Passes on all signals with a name, and the real-time signals as one.
pub fn each(visit: &mut Visit) {
    for (place, name) in SIGNALS.iter().enumerate() {
        plain(name).visit_with(Kind::Signal, ("SIG", *name), &[*name], &Number(place + 1), visit);
    }
    REAL_TIME.visit(Kind::Signal, "SIGRTMIN", &["SIGRT_[n]", "RTMIN", "SIGRTMIN+[n]"], visit);
}

const REAL_TIME: Plain = Plain::new(
    "The signals from 32 to 64 are real-time signals, without a meaning of their own. The kernel's first is 32, which is called SIGRTMIN here and in strace; the C library keeps two for itself and calls 34 SIGRTMIN. SIGRT_1 is 33, and so on.",
    &["rules 'fork|RTMIN'"],
    &["exit signal", "signal(7)"],
);

/// The number of a signal, as a sentence.
struct Number(usize);

impl Show for Number {
    fn show(&self, out: &mut dyn Sink) {
        out!(out, " Its number is ", self.0, ".");
    }
}
