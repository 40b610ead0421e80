//! Error numbers: what the calls that make tasks mean by each, and the rules that lead to it.

use super::topic::{Kind, Plain, Topic, Visit};
use crate::rules::rule::RULES;
use crate::sys::Errno;
use crate::text::{Show, Sink, out};

/// An errno, and what it means where tasks are made.
struct Row {
    errno: Errno,
    plain: Plain,
}

const fn row(errno: Errno, text: &'static str, examples: &'static [&'static str]) -> Row {
    Row { errno, plain: Plain::new(text, examples, &["rules", "clone(2)", "errno(3)"]) }
}

/// Those that the calls return, or that a step around them often has.
#[rustfmt::skip]
static TEXTS: [Row; 23] = [
    row(Errno::EINVAL, "The flags contradict each other, or one of them needs another that is missing. It is the answer to most wrong sets of flags; the kernel does not say which flag it minds, `chimera rules FLAGS` does. It may also mean that the kernel does not have what was asked for.", &["rules THREAD"]),
    row(Errno::EPERM, "A right is missing: CAP_SYS_ADMIN for a new namespace, or the right to make a user namespace here. A setting, a chroot, a security module or a seccomp filter may be the cause, which `chimera doctor` finds.", &["rules NEWUTS --unprivileged"]),
    row(Errno::EAGAIN, "There are too many tasks: for the user (ulimit -u), for the cgroup (pids.max), or for the machine. To try again helps only after some have ended.", &["explain E8"]),
    row(Errno::ENOMEM, "There is no memory for the new task; or, not to be guessed from the name, the PID namespace that it would be in has lost its process 1.", &["explain F6"]),
    row(Errno::ENOSPC, "A limit on namespaces is reached: their number (user.max_user_namespaces and its kin) or how deep they lie in one another. It has nothing to do with disks.", &["explain E4"]),
    row(Errno::EUSERS, "Linux 3.11 to 4.8 said so where user namespaces lay too deep in one another. Later kernels say ENOSPC.", &["explain ENOSPC"]),
    row(Errno::EBUSY, "With CLONE_INTO_CGROUP: the cgroup hands on controllers to those below it, so it takes no tasks.", &["explain F8"]),
    row(Errno::EBADF, "With CLONE_INTO_CGROUP: the descriptor is not that of a cgroup. From close(2): the descriptor is not open, which is how a witness sees that the other task has closed it.", &["rules INTO_CGROUP --clone3"]),
    row(Errno::EACCES, "With CLONE_INTO_CGROUP: the caller may not write to the cgroup. With CLONE_NEWUSER: a security module refuses.", &["explain E7"]),
    row(Errno::EOPNOTSUPP, "With CLONE_INTO_CGROUP: the cgroup takes no processes, because it is of the type domain invalid.", &["explain F8"]),
    row(Errno::ENOENT, "With CLONE_INTO_CGROUP: the cgroup was removed, or is outside of the caller's cgroup namespace. From other steps: a file is not there.", &["explain F8"]),
    row(Errno::EEXIST, "With chosen ids (set_tid): another task has the id.", &["rules fs --clone3 --set-tid 1"]),
    row(Errno::E2BIG, "From clone3(2): the structure is longer than a page, or has something in a part that this kernel does not know. From execve(2): too many or too long arguments.", &["rules fs --clone3 --size 4097"]),
    row(Errno::EFAULT, "An address is not the caller's: of the structure of clone3(2), of its list of ids, or where the pidfd is to be stored. chimera passes only addresses of its own.", &["rules PIDFD"]),
    row(Errno::ENOSYS, "The kernel does not have the call, or a seccomp filter pretends so. Old kernels and containers say it to clone3(2); C libraries then use clone(2).", &["rules fs --clone3 --kernel 5.2"]),
    row(Errno::EINTR, "A deadly signal arrived while the task was being made. Other signals restart the call without a trace, except in strace, which shows ERESTARTNOINTR.", &["rules fork"]),
    row(Errno::ECHILD, "From a call that waits: the task is not a child of the caller. That is how the kernel's witness sees that a new task has another parent.", &["clone PARENT"]),
    row(Errno::ESRCH, "There is no such task, or not in that thread group. That is how the kernel's witness sees that a new task is a process of its own.", &["fork"]),
    row(Errno::EIO, "In messages of chimera: a step succeeded, but what it should have changed is as before.", &["run -r -- true"]),
    row(Errno::ECANCELED, "In messages of chimera: the step was not taken, because one before it failed.", &["user"]),
    row(Errno::EMFILE, "The process has as many files open as its limit allows (ulimit -n).", &["doctor"]),
    row(Errno::EROFS, "The file system is mounted read-only; in containers often /proc.", &["doctor"]),
    row(Errno::EADDRINUSE, "The name is taken. That is how a witness sees that both tasks are in one network namespace.", &["clone fork"]),
];

/// Each errno of a rule has its text.
const _: () = {
    let mut place = 0;
    while place < RULES.len() {
        if let Some(errno) = RULES[place].errno {
            let mut other = 0;
            while other < TEXTS.len() && TEXTS[other].errno.number() != errno.number() {
                other += 1;
            }
            assert!(other < TEXTS.len(), "the errno of a rule has no text");
        }
        place += 1;
    }
};

/// What is said of all others.
const OTHERS: Plain = Plain::new(
    "An error number of Linux that the calls which make tasks do not return. A step before or after them may.",
    &["rules --help"],
    &["errno(3)"],
);

/// The highest number of an errno with a name.
const LAST: usize = 133;

/// Passes on all errnos: those with a text of their own, then the others.
pub fn each(visit: &mut Visit) {
    for Row { errno, plain } in &TEXTS {
        pass_on(*errno, plain, visit);
    }
    for errno in (1..=LAST).filter_map(Errno::new).filter(|errno| TEXTS.iter().all(|row| row.errno != *errno)) {
        pass_on(errno, &OTHERS, &mut |topic| visit(&Topic { is_listed: false, ..*topic }));
    }
}

/// Passes on an errno.
fn pass_on(errno: Errno, plain: &Plain, visit: &mut Visit) {
    if let Some((name, text)) = errno.name() {
        plain.visit_with(Kind::Errno, ("", name), &[], &Facts { errno, text }, visit);
    }
}

/// The number and the text of an errno, and the rules that lead to it.
struct Facts {
    errno: Errno,
    text: &'static str,
}

impl Show for Facts {
    fn show(&self, out: &mut dyn Sink) {
        out!(out, " Its number is ", self.errno.number(), ", its text \"", self.text, "\".");
        let mut glue = " Rules: ";
        let mut last = "";
        for rule in RULES.iter().filter(|rule| rule.errno == Some(self.errno)) {
            if rule.id != last {
                out!(out, glue, rule.id);
                (glue, last) = (", ", rule.id);
            }
        }
        out!(out, if last.is_empty() { "" } else { "." });
    }
}
