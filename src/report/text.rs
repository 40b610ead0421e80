//! The pages for people: one for each task.

use super::print::Printer;
use crate::clone::flags::Flags;
use crate::clone::task::{Api, Plan, Task};
use crate::witness::board::{IDS, Side};
use crate::witness::resource::COUNT;
use crate::witness::root;
use crate::witness::trial::Trial;
use crate::witness::verdict::Tally;
use bitflags::Flags as _;
use core::sync::atomic::Ordering::Relaxed;
use linux_raw_sys::general::SIGCHLD;

/// Where the columns of a resource's row begin.
const ROW: [usize; 6] = [1, 18, 33, 41, 52, 63];

/// Where the columns of a task's ids end.
const ID_ENDS: [usize; 6] = [18, 26, 34, 46, 58, 67];

/// The flags by the kernel's names, then the exit signal, as strace prints them.
pub fn flags(out: &mut Printer, plan: Plan) {
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
    if task.plan.api == Api::Fork {
        out.text("fork()");
        return;
    }
    let stack = task.stack.map_or(0, |stack| stack.pointer());
    out.say(if stack == 0 { "clone(child_stack=NULL, flags=" } else { "clone(child_stack=$, flags=" }, &[stack]);
    flags(out, task.plan);
    let tid = task.tids.parent_tid.load(Relaxed) as usize;
    let (parent_tid, child_tid) = (task.tids.parent_tid.as_ptr() as usize, task.tids.child_tid.as_ptr() as usize);
    let words = [
        // With no task nothing was stored, and the address is all there is to show.
        (Flags::PARENT_SETTID, if tid == 0 { ", parent_tid=$" } else { ", parent_tid=[#]" }, tid.max(parent_tid)),
        (Flags::SETTLS, ", tls=$", stack),
        (Flags::CHILD_CLEARTID, ", child_tidptr=$", child_tid),
    ];
    for (flag, template, number) in words {
        if task.plan.flags.contains(flag) {
            out.say(template, &[number]);
        }
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
pub fn facts(out: &mut Printer, trial: &Trial) {
    out.text("               ppid     pid     tid         uid         gid  counter").end();
    ids(out, "  parent", trial.board.parent());
    ids(out, "  child", trial.board.child());
    if trial.task.plan.flags.contains(Flags::NEWUSER) {
        becoming_root(out, trial);
    }
    out.words(&ROW, &["resource", "decided by", "asked", "kernel", "behaviour", "verdict"]).end();
    for place in 0..COUNT {
        out.words(&ROW, &trial.row(place)).end();
    }
}

fn ids(out: &mut Printer, name: &str, side: Side) {
    out.text(name);
    for (word, end) in IDS.into_iter().zip(ID_ENDS) {
        out.right(side.get(word).0, end);
    }
    out.end();
}

/// The steps of the child in its user namespace, each with its result.
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
pub fn tally(out: &mut Printer, tally: Tally) {
    let numbers = [tally.proven, tally.unknown, tally.wrong];
    out.say("# facts proven, # unknown, # not as claimed", &numbers).end();
}

/// The child's stack as it was built, from its top down.
#[cfg(feature = "laboratory")]
pub fn stack(out: &mut Printer, task: &Task) {
    let Some(stack) = task.stack else {
        out.text("    stack: a copy of the parent's, used on from where the parent called").end();
        return;
    };
    let word = |place| stack.pointer() + place * size_of::<usize>();
    let numbers = [stack.top(), word(3), word(2), word(1), word(0), stack.base(), stack.top() - stack.base(), stack.guard];
    out.say(
        "    $  top of the stack
    $  0: the end of the frames
    $  the number of the child's last call, exit or exit_group
    $  its argument: the board
    $  its entry: here the child starts
    $  base: # bytes may be used above
    $  guard: a page that may not be touched",
        &numbers,
    )
    .end();
}
