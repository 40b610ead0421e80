//! The page of a mode's task: the call, both tasks' ids, and each resource with its two witnesses.

use crate::clone::call::{Api, Call};
use crate::clone::flags::Flags;
use crate::clone::stack::{HIGHEST, SIZE};
use crate::clone::task::Task;
use crate::experiment::findings::{Findings, Identity, RootStep};
use crate::host::cause;
use crate::report::show::{ExitSignal, flags};
use crate::sys::Pid;
use crate::sys::memory::PAGE;
use crate::text::{Hex, Show, Sink, Tab, out};
use crate::witness::root::Writes;
use core::sync::atomic::Ordering::Relaxed;

/// Prints the page; `with_stack` adds the stack as it was built.
pub fn page(out: &mut dyn Sink, findings: &Findings, with_stack: bool) {
    out!(out, "  ", call(&findings.task), " = ", findings.task.tid.map_or(0, Pid::number), "\n");
    if with_stack {
        stack(out, &findings.task);
    }
    out!(out, Tab, "ppid", Tab, "pid", Tab, "tid", Tab, "uid", Tab, "gid", Tab, "counter\n");
    out!(out, "  parent", findings.parent, "\n  child", findings.child, "\n");
    if let Some(steps) = &findings.root {
        out!(out, "  then the child:\n");
        for step in steps {
            out!(out, "    ", step);
            if let Some(told) = step.failure.and_then(|failure| cause::find(failure, findings.task.call.flags)) {
                out!(out, ": ", told.cause());
            }
            out!(out, "\n");
        }
    }
    out!(out, "  resource", Tab, "CLONE_", Tab, "asked", Tab, "kernel", Tab, "behaviour", Tab, "verdict\n");
    for (resource, row) in findings.resources() {
        let (asked, kernel, behaviour) = (row.asked.name(), row.kernel.of_kernel(), row.behaviour.of_behaviour());
        out!(out, "  ", resource.name, Tab, resource.flag, Tab, asked, Tab, kernel, Tab, behaviour);
        out!(out, Tab, row.verdict.name(), "\n");
    }
}

/// The columns of a task's ids; `null` for an unknown one.
impl Show for Identity {
    fn show(&self, out: &mut dyn Sink) {
        out!(out, Tab, self.ppid, Tab, self.pid, Tab, self.tid, Tab, self.uid, Tab, self.gid, Tab, self.counter);
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
    AsStrace(task)
}

struct AsStrace<'a>(&'a Task<'a>);

impl Show for AsStrace<'_> {
    fn show(&self, out: &mut dyn Sink) {
        match self.0.call.api {
            Api::Fork => out!(out, "fork()"),
            Api::Clone => clone(out, self.0),
            Api::Clone3 => clone3(out, self.0),
        }
    }
}

/// clone(2) with the arguments that the flags use.
fn clone(out: &mut dyn Sink, task: &Task) {
    let call = task.call;
    out!(out, "clone(child_stack=");
    match task.child_stack {
        stack @ 1.. if call.has_stack() => out!(out, Hex(stack)),
        _ => out!(out, "NULL"),
    }
    out!(out, ", flags=", flags(call));
    if call.flags.intersects(Flags::PARENT_SETTID | Flags::PIDFD) {
        out!(out, ", parent_tid=[", task.tids.parent_tid.load(Relaxed), "]");
    }
    tls(out, task);
    if call.flags.intersects(Flags::CHILD_CLEARTID | Flags::CHILD_SETTID) {
        out!(out, ", child_tidptr=", Hex(task.tids.child_tid.as_ptr() as usize));
    }
    out!(out, ")");
}

/// The FS base, if the flags use it.
fn tls(out: &mut dyn Sink, task: &Task) {
    if task.call.flags.contains(Flags::SETTLS) {
        out!(out, ", tls=", Hex(task.tls()));
    }
}

/// clone3(2): the members of its struct that the flags use, and its size.
fn clone3(out: &mut dyn Sink, task: &Task) {
    let call = task.call;
    let is_asked = |flag| call.flags.intersects(flag);
    out!(out, "clone3({flags=", flags(call));
    if is_asked(Flags::PIDFD) {
        out!(out, ", pidfd=", Hex(task.pidfd_address()));
    }
    if is_asked(Flags::CHILD_SETTID | Flags::CHILD_CLEARTID) {
        out!(out, ", child_tid=", Hex(task.tids.child_tid.as_ptr() as usize));
    }
    if is_asked(Flags::PARENT_SETTID) {
        out!(out, ", parent_tid=", Hex(task.tids.parent_tid.as_ptr() as usize));
    }
    out!(out, ", exit_signal=", ExitSignal(call.exit_signal));
    clone3_stack(out, task);
    tls(out, task);
    set_tid(out, call);
    if is_asked(Flags::INTO_CGROUP) {
        out!(out, ", cgroup=", call.cgroup);
    }
    out!(out, "}, ", call.size, ")");
}

/// The stack of clone3(2): its lowest address and its size.
fn clone3_stack(out: &mut dyn Sink, task: &Task) {
    match task.child_stack {
        stack @ 1.. if task.call.has_stack() => {
            let size = task.call.room_below(HIGHEST);
            out!(out, ", stack=", Hex(stack - size), ", stack_size=", Hex(size));
        }
        _ => out!(out, ", stack=NULL, stack_size=0"),
    }
}

/// The requested ids, if any.
fn set_tid(out: &mut dyn Sink, call: &Call) {
    let mut glue = ", set_tid=[";
    for id in call.set_tid {
        out!(out, glue, id.load(Relaxed));
        glue = ", ";
    }
    if !call.set_tid.is_empty() {
        out!(out, "], set_tid_size=", call.set_tid.len());
    }
}

/// The child's stack as it was built, from the top down, each word with its address.
fn stack(out: &mut dyn Sink, task: &Task) {
    let Some(frame) = &task.frame else { return out!(out, "    a copy of its maker's\n") };
    let words = frame.words();
    let top = task.child_stack + size_of_val(frame);
    out!(out, "    ", Hex(top), " top\n");
    for (place, (name, word)) in words.iter().enumerate().rev() {
        out!(out, "    ", Hex(task.child_stack + place * size_of::<usize>()), ": ", Hex(*word), " ", *name, "\n");
    }
    out!(out, "    ", Hex(top - SIZE), " base\n    ", Hex(top - SIZE - PAGE), " guard\n");
}
