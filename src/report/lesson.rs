//! The page of a mode's task, and what the modes have to say about it.

use crate::error::Step;
use crate::experiment::findings::{CallResult, Findings};
use crate::report::names::Names;
use crate::report::table::note;
use crate::report::{legend, outcome, table, task};
use crate::text::{Sink, Style, Styled, Wrapped, out};

/// What is said about a kind of task besides the findings.
pub struct Lesson {
    /// The task's name in the table of the tour.
    pub name: &'static str,
    /// What the task is, in a few words.
    title: &'static str,
    /// What is made, and why it is interesting.
    opening: &'static str,
    /// What a reader may ask about the page.
    notes: &'static [Note],
}

/// A paragraph below the tables, and for which findings it is true.
struct Note(fn(&Findings) -> bool, &'static str);

/// clone(2) as fork(2).
pub static FORK: Lesson = Lesson {
    name: "fork",
    title: "a copy of this process, made by clone(2)",
    opening: "\
The oldest way to make a process: the child begins as a copy of its parent, and from then on neither sees what the other \
one changes in its memory. The call returns twice, in the parent with the child's id and in the child with 0. The child stays in \
the namespaces of its parent.",
    notes: &[
        Note(
            is_made,
            "SIGCHLD is the signal that tells the parent of the child's end. No stack is passed, because the child \
                       goes on in its copy of the parent's stack.",
        ),
        Note(
            is_made,
            "The child's id need not be the parent's plus 1: every new task takes the next free id, whoever \
                       makes it, and so does the copy that chimera makes first where a seccomp filter is in force.",
        ),
    ],
};

/// fork(2) itself.
pub static REAL_FORK: Lesson = Lesson {
    name: "fork(2)",
    title: "the same, made by fork(2)",
    opening: "\
fork(2) takes no flags, and the kernel makes the same task as for clone(2) with SIGCHLD alone. So every row has to be the \
same as above.",
    notes: &[],
};

/// A process in the memory of its parent.
pub static CHIMERA: Lesson = Lesson {
    name: "chimera",
    title: "another process in the same memory",
    opening: "\
Neither a usual process nor a thread: with CLONE_VM and without CLONE_THREAD the child has a process id of its own, but no \
memory of its own. So the parent reads in its counter what the child has written.",
    notes: &[Note(
        is_made,
        "The child gets a stack of its own (child_stack), because two tasks that run on one stack would \
                       overwrite each other's return addresses. A copy, as in `chimera fork`, needs none.",
    )],
};

/// A thread with as few flags as possible.
pub static THREAD: Lesson = Lesson {
    name: "thread",
    title: "a thread with the fewest flags",
    opening: "\
A thread is a task of the same process: both tasks have one pid, and each has a tid of its own. CLONE_THREAD needs \
CLONE_SIGHAND, and that needs CLONE_VM; nothing else has to be shared, not even the open files.",
    notes: &[
        Note(
            is_made,
            "A signal to a process is handled in any of its threads, so they have one table of handlers; a handler \
                       is an address, so they have one memory.",
        ),
        Note(
            is_made,
            "wait(2) does not see threads. With CLONE_CHILD_CLEARTID the kernel clears a word \
                       when the thread has ended, and its maker waits for that.",
        ),
        Note(is_made, "The parent process is shared, because a process has one parent, whichever of its threads asks."),
    ],
};

/// A thread as the C library makes it.
pub static PTHREAD: Lesson = Lesson {
    name: "pthread",
    title: "a thread with the flags that pthread_create(3) uses",
    opening: "\
The C library asks for more: its threads also share the open files, the working directory and the undo list of \
semaphores, and each has thread-local storage. There is no C library here; the flags are the same.",
    notes: &[],
};

/// A process that becomes root of a user namespace.
pub static USER: Lesson = Lesson {
    name: "user",
    title: "a process that becomes root of a new user namespace",
    opening: "\
A user namespace has user ids of its own, and where it is allowed, making one needs no privilege. The child begins there \
without a user; then it writes which user outside is root inside, and is root, but in this namespace alone.",
    notes: &[
        Note(
            |findings| findings.child.uid == Some(65534),
            "The child read its uid before it had a map: 65534 stands for \
              all ids that have none in the namespace (the overflow id, user_namespaces(7)).",
        ),
        Note(
            |findings| findings.root.is_some(),
            "A map has three numbers: the first id inside, the first id outside, and \
              how many. An ordinary user has to write deny to setgroups before gid_map.",
        ),
        Note(
            |findings| findings.root.is_some() && findings.parent.uid == Some(0),
            "This run was root's, who stays user 0: \
              run `chimera user` as an ordinary user to see how another id becomes 0.",
        ),
    ],
};

/// Whether the task was made.
fn is_made(findings: &Findings) -> bool {
    findings.result == CallResult::Made
}

/// How much a page says.
#[derive(Clone, Copy)]
pub struct View {
    /// How ids and addresses are written.
    pub names: Names,
    /// Whether the stack is shown.
    pub has_stack: bool,
    /// Whether the words of the tables are explained.
    pub has_legend: bool,
    /// Whether the notes are printed.
    pub has_notes: bool,
}

/// Prints the page of a task.
pub fn page(out: &mut dyn Sink, lesson: &Lesson, findings: &Findings, view: View) {
    let View { names, has_stack, has_legend, has_notes } = view;
    let title = Wrapped { text: (lesson.name, ": ", lesson.title), indent: 2 };
    out!(out, Styled(Style::Strong, title), "\n");
    note(out, lesson.opening);
    out!(out, "\n  ", Wrapped { text: task::answered(findings, names), indent: 6 }, "\n");
    if findings.is_told() {
        tables(out, findings, names, [has_stack, has_legend]);
    } else if findings.failure.is_some_and(|failure| failure.step == Step::Call) {
        refusal(out, findings);
    }
    out!(out, "  ");
    outcome::outcome(out, findings);
    for Note(_, text) in lesson.notes.iter().filter(|note| has_notes && (note.0)(findings)) {
        note(out, *text);
    }
}

/// Prints what the rules say to a call that made no task.
fn refusal(out: &mut dyn Sink, findings: &Findings) {
    out!(out, "  ");
    outcome::prediction(out, findings);
    if let Some(rule) = findings.predicted.rule() {
        note(out, ("why: ", rule.why));
    }
}

/// Prints what was found out about a task that was made.
fn tables(out: &mut dyn Sink, findings: &Findings, names: Names, [has_stack, has_legend]: [bool; 2]) {
    if has_stack {
        task::stack(out, &findings.task, names);
    }
    out!(out, "\n");
    table::tasks(out, findings, names);
    if has_legend {
        legend::counter(out);
    }
    task::steps(out, findings);
    out!(out, "\n");
    table::resources(out, findings.resources());
    if has_legend {
        legend::witnesses(out);
    }
}
