//! A task in words: its call as strace prints it, its stack as it was built, and the steps by which it becomes root.

use crate::clone::call::{Api, Call};
use crate::clone::flags::Flags;
use crate::clone::stack::{HIGHEST, SIZE};
use crate::clone::task::Task;
use crate::experiment::findings::{CallResult, Findings, RootStep};
use crate::host::cause;
use crate::report::names::{Id, Names};
use crate::report::show::{ExitSignal, flags};
use crate::report::table::note;
use crate::sys::memory::PAGE;
use crate::text::table::{Column, table};
use crate::text::{Hex, Joined, Show, Sink, With, Wrapped, out};
use crate::witness::root::Writes;
use core::sync::atomic::Ordering::Relaxed;

/// Prints the steps by which the child becomes root of its user namespace.
pub fn steps(out: &mut dyn Sink, findings: &Findings) {
    let Some(steps) = &findings.root else { return };
    note(out, "Then the child becomes root of its user namespace:");
    for step in steps {
        let told = step.failure.and_then(|failure| cause::find(failure, findings.task.call.flags));
        let line = With(|out: &mut dyn Sink| match told {
            Some(told) => out!(out, step, ": ", told.cause()),
            None => out!(out, step),
        });
        out!(out, "    ", Wrapped { text: line, indent: 6 }, "\n");
    }
}

impl Show for RootStep {
    fn show(&self, out: &mut dyn Sink) {
        out!(out, self.step.name());
        if !matches!(self.writes, Writes::Nothing) {
            out!(out, " \"", Written(self), "\"");
        }
        match self.result {
            Ok(result) => out!(out, " = ", result),
            Err(errno) => out!(out, " = -1 ", errno),
        }
    }
}

/// What a step writes: `deny`, or a map as in `0 1000 1`.
pub struct Written<'a>(pub &'a RootStep);

impl Show for Written<'_> {
    fn show(&self, out: &mut dyn Sink) {
        match self.0.writes {
            Writes::Nothing => {}
            Writes::Deny => out!(out, "deny"),
            Writes::User | Writes::Group => out!(out, "0 ", self.0.outer, " 1"),
        }
    }
}

/// The call as strace prints it, without the result.
pub fn call<'a>(task: &'a Task) -> impl Show + use<'a> {
    AsStrace { task, names: Names::default() }
}

/// The call and its result, as strace prints them.
pub fn answered<'a>(findings: &'a Findings, names: Names) -> impl Show + use<'a> {
    With(move |out: &mut dyn Sink| {
        out!(out, AsStrace { task: &findings.task, names }, " = ");
        match (findings.result, findings.task.tid) {
            (CallResult::Refused(errno), _) => out!(out, "-1 ", errno),
            (_, Some(tid)) => out!(out, names.id(Some(tid.number()))),
            (_, None) => out!(out, "?"),
        }
    })
}

struct AsStrace<'a> {
    task: &'a Task<'a>,
    names: Names,
}

impl Show for AsStrace<'_> {
    fn show(&self, out: &mut dyn Sink) {
        match self.task.call.api {
            Api::Fork => out!(out, "fork()"),
            Api::Clone => self.clone(out),
            Api::Clone3 => self.clone3(out),
        }
    }
}

impl AsStrace<'_> {
    /// clone(2) with the arguments that the flags use.
    fn clone(&self, out: &mut dyn Sink) {
        let (call, task, names) = (self.task.call, self.task, self.names);
        out!(out, "clone(child_stack=");
        match task.child_stack {
            stack @ 1.. if call.has_stack() => out!(out, names.stack(stack)),
            _ => out!(out, "NULL"),
        }
        out!(out, ", flags=", flags(call));
        if call.flags.intersects(Flags::PARENT_SETTID | Flags::PIDFD) {
            let stored = task.tids.parent_tid.load(Relaxed) as usize;
            let is_id = !call.flags.contains(Flags::PIDFD);
            let stored = if is_id { names.id(Some(stored)) } else { Id::Number(Some(stored)) };
            out!(out, ", parent_tid=[", stored, "]");
        }
        self.tls(out);
        if call.flags.intersects(Flags::CHILD_CLEARTID | Flags::CHILD_SETTID) {
            out!(out, ", child_tidptr=", names.address(task.tids.child_tid.as_ptr() as usize));
        }
        out!(out, ")");
    }

    /// The FS base, if the flags use it.
    fn tls(&self, out: &mut dyn Sink) {
        if self.task.call.flags.contains(Flags::SETTLS) {
            out!(out, ", tls=", self.names.address(self.task.tls()));
        }
    }

    /// clone3(2): the members of its struct that the flags use, and its size.
    fn clone3(&self, out: &mut dyn Sink) {
        let (call, task, names) = (self.task.call, self.task, self.names);
        let is_asked = |flag| call.flags.intersects(flag);
        out!(out, "clone3({flags=", flags(call));
        if is_asked(Flags::PIDFD) {
            out!(out, ", pidfd=", names.address(task.pidfd_address()));
        }
        if is_asked(Flags::CHILD_SETTID | Flags::CHILD_CLEARTID) {
            out!(out, ", child_tid=", names.address(task.tids.child_tid.as_ptr() as usize));
        }
        if is_asked(Flags::PARENT_SETTID) {
            out!(out, ", parent_tid=", names.address(task.tids.parent_tid.as_ptr() as usize));
        }
        out!(out, ", exit_signal=", ExitSignal(call.exit_signal));
        self.clone3_stack(out);
        self.tls(out);
        set_tid(out, call);
        if is_asked(Flags::INTO_CGROUP) {
            out!(out, ", cgroup=", call.cgroup);
        }
        out!(out, "}, ", call.size, ")");
    }

    /// The stack of clone3(2): its lowest address and its size.
    fn clone3_stack(&self, out: &mut dyn Sink) {
        match self.task.child_stack {
            stack @ 1.. if self.task.call.has_stack() => {
                let size = self.task.call.room_below(HIGHEST);
                out!(out, ", stack=", self.names.stack(stack - size), ", stack_size=", Hex(size));
            }
            _ => out!(out, ", stack=NULL, stack_size=0"),
        }
    }
}

/// The requested ids, if any.
fn set_tid(out: &mut dyn Sink, call: &Call) {
    if !call.set_tid.is_empty() {
        let ids = Joined(", ", call.set_tid.iter().map(|id| id.load(Relaxed)));
        out!(out, ", set_tid=[", ids, "], set_tid_size=", call.set_tid.len());
    }
}

/// The columns about a stack.
static OF_STACKS: [Column; 3] = [Column::text("address"), Column::text("word"), Column::prose("what")];

/// Prints the child's stack as it was built, from the top down, each word with its address.
pub fn stack(out: &mut dyn Sink, task: &Task, names: Names) {
    let Some(frame) = &task.frame else { return note(out, "The child's stack is a copy of its parent's.") };
    let words = frame.words();
    let top = task.child_stack + size_of_val(frame);
    note(out, "The child's stack as it was built, from the top down:");
    table(out, &OF_STACKS, &|row| {
        row(&[&names.place(top, top), &"", &"top"]);
        for (place, (name, word)) in words.iter().enumerate().rev() {
            let address = task.child_stack + place * size_of::<usize>();
            row(&[&names.place(address, top), &names.word(*word), name]);
        }
        row(&[&names.place(top - SIZE, top), &"", &"base, the lowest address that may be used"]);
        row(&[&names.place(top - SIZE - PAGE, top), &"", &"guard page, which nobody may touch"]);
    });
}
