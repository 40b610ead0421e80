//! The pages for people: one for each task.

use super::print::Printer;
use crate::clone::flags::Flags;
use crate::clone::task::{Api, Plan, Task};
use crate::witness::board::Side;
use crate::witness::resource::RESOURCES;
use crate::witness::root;
use crate::witness::trial::Trial;
use crate::witness::verdict::{self, Tally};
use bitflags::Flags as _;
use core::sync::atomic::Ordering::Relaxed;
use linux_raw_sys::general::SIGCHLD;

/// Where the flag that decides about a resource begins, and the words about it.
const FLAG: usize = 19;
static COLUMNS: [usize; verdict::COLUMNS] = [34, 42, 53, 64];

/// Where the columns of a task's first facts end.
static ID_ENDS: [usize; 6] = [18, 26, 34, 46, 58, 67];

/// The flags by the kernel's names, then the exit signal, as strace prints them.
pub fn flags(out: &mut Printer, plan: &Plan) {
    let mut glue = "CLONE_";
    for flag in Flags::FLAGS {
        if plan.flags.contains(*flag.value()) {
            out.text(glue).text(flag.name());
            glue = "|CLONE_";
        }
    }
    if plan.exit_signal == SIGCHLD {
        out.text(if plan.flags.is_empty() { "SIGCHLD" } else { "|SIGCHLD" });
    }
}

/// The call as strace spells it, up to its result.
pub fn call(out: &mut Printer, task: &Task) {
    let plan = task.plan;
    if plan.api == Api::Fork {
        out.text("fork()");
        return;
    }
    let stack = task.stack.map_or(0, |stack| stack.pointer());
    out.say(if stack == 0 { "clone(child_stack=NULL, flags=" } else { "clone(child_stack=0x$, flags=" }, &[stack]);
    flags(out, plan);
    if plan.flags.contains(Flags::PARENT_SETTID) {
        match task.tids.parent_tid.load(Relaxed) as usize {
            // Without a task nothing was stored: the address is all there is to show.
            0 => out.say(", parent_tid=0x$", &[task.tids.parent_tid.as_ptr() as usize]),
            tid => out.say(", parent_tid=[#]", &[tid]),
        };
    }
    if plan.flags.contains(Flags::SETTLS) {
        out.say(", tls=0x$", &[stack]);
    }
    if plan.flags.contains(Flags::CHILD_CLEARTID) {
        out.say(", child_tidptr=0x$", &[task.tids.child_tid.as_ptr() as usize]);
    }
    out.byte(b')');
}

/// The call and its result.
pub fn call_made(out: &mut Printer, task: &Task) {
    out.text("  ");
    call(out, task);
    out.say(" = #", &[task.tid]).end();
}

/// Who the two tasks are, and each resource with its two witnesses.
#[inline(never)]
pub fn facts(out: &mut Printer, trial: &Trial) {
    out.text("               ppid     pid     tid         uid         gid  counter").end();
    ids(out, "  parent", trial.board.parent());
    ids(out, "  child", trial.board.child());
    if trial.task.plan.flags.contains(Flags::NEWUSER) {
        becoming_root(out, trial);
    }
    out.text("  resource         decided by     asked   kernel     behaviour  verdict").end();
    for (place, resource) in RESOURCES.iter().enumerate() {
        out.text("  ").text(resource.name).column(FLAG).text(resource.flag);
        for (column, begin) in COLUMNS.iter().enumerate() {
            out.column(*begin).text(trial.word(place, column));
        }
        out.end();
    }
}

fn ids(out: &mut Printer, name: &str, side: Side) {
    out.text(name);
    for (fact, end) in side.0.iter().zip(&ID_ENDS) {
        out.right(fact.load(Relaxed), *end);
    }
    out.end();
}

/// The steps of the child in its user namespace, each with its result.
#[inline(never)]
fn becoming_root(out: &mut Printer, trial: &Trial) {
    out.text("  and then, by itself:").end();
    for row in &root::STEPS {
        out.text("    ").text(row.step.name).say(row.text, &[trial.board.parent().get(row.outer).0]);
        out.say(" = #", &[trial.board.child().get(row.result).0]).end();
    }
}

/// Whether the two ways to make a process show the same.
pub fn agreement(out: &mut Printer, same: bool) {
    out.text("  fork(2) shows the same facts as clone(SIGCHLD): ").text(if same { "yes" } else { "no" }).end();
}

/// The count of the facts.
pub fn tally(out: &mut Printer, tally: &Tally) {
    out.say("# facts proven, # not as claimed, # unknown", &tally.0).end();
}

/// The child's stack as it was built, from its top down.
#[cfg(feature = "laboratory")]
#[inline(never)]
pub fn stack(out: &mut Printer, task: &Task) {
    let Some(stack) = task.stack else {
        out.text("    stack: a copy of the parent's, used on from where the parent called").end();
        return;
    };
    let word = |place| stack.pointer() + place * size_of::<usize>();
    let numbers = [stack.top(), word(3), word(2), word(1), word(0), stack.base(), stack.top() - stack.base(), stack.guard];
    out.say(
        "    0x$  top of the stack
    0x$  0: the end of the frames
    0x$  the number of the child's last call, exit or exit_group
    0x$  its argument: the board
    0x$  its entry: here the child starts
    0x$  base: # bytes may be used above
    0x$  guard: a page that may not be touched",
        &numbers,
    )
    .end();
}
