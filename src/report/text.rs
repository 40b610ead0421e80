//! The pages for people: one for each task.

use super::print::Printer;
use crate::clone::flags::Flags;
use crate::clone::task::{Api, Call, Plan};
use crate::witness::board::{Facts, Word};
use crate::witness::resource::RESOURCES;
use crate::witness::root;
use crate::witness::trial::Trial;
use crate::witness::verdict::Tally;
use core::sync::atomic::Ordering::Relaxed;
use linux_raw_sys::general::SIGCHLD;

/// Where the columns of a resource's row begin.
const RESOURCE_COLUMNS: [usize; 4] = [19, 28, 39, 50];

/// Where the columns of a task's ids end, in the order of [`Word`].
const ID_COLUMNS: [usize; 6] = [18, 26, 34, 46, 58, 67];

/// The flags by the kernel's names, then the exit signal, as strace prints them.
pub fn flags(out: &mut Printer, plan: Plan) {
    let mut glue = "CLONE_";
    for (name, _) in plan.flags.iter_names() {
        out.text(glue).text(name);
        glue = "|CLONE_";
    }
    if plan.exit_signal == SIGCHLD {
        out.text(if plan.flags.is_empty() {
            "SIGCHLD"
        } else {
            "|SIGCHLD"
        });
    }
}

/// The call as strace spells it, up to its result.
pub fn call(out: &mut Printer, call: &Call) {
    if call.plan.api == Api::Fork {
        out.text("fork()");
        return;
    }
    let (parent_tid, child_tid) = call.tids.addresses();
    match call.stack {
        Some(stack) => out.say("clone(child_stack=$, flags=", &[stack.pointer()]),
        None => out.text("clone(child_stack=NULL, flags="),
    };
    flags(out, call.plan);
    if call.plan.flags.contains(Flags::PARENT_SETTID) {
        match call.tids.parent_tid.load(Relaxed) {
            0 => out.say(", parent_tid=$", &[parent_tid]), // nothing was stored: there is no task
            tid => out.say(", parent_tid=[#]", &[tid as usize]),
        };
    }
    if call.plan.flags.contains(Flags::SETTLS) {
        out.say(", tls=$", &[call.tls()]);
    }
    if call.plan.flags.contains(Flags::CHILD_CLEARTID) {
        out.say(", child_tidptr=$", &[child_tid]);
    }
    out.text(")");
}

/// The call and its result.
pub fn call_made(out: &mut Printer, trial: &Trial) {
    out.text("  ");
    call(out, &trial.call);
    out.say(" = #", &[trial.tid]).end();
}

/// Who the two tasks are, and each resource with its two witnesses.
pub fn facts(out: &mut Printer, trial: &Trial) {
    out.text("               ppid     pid     tid         uid         gid  counter")
        .end();
    ids(out, "  parent", &trial.parent);
    ids(out, "  child", &trial.child);
    if trial.call.plan.flags.contains(Flags::NEWUSER) {
        becoming_root(out, trial);
    }
    out.text("  resource")
        .words(
            &RESOURCE_COLUMNS,
            &["asked", "kernel", "behaviour", "verdict"],
        )
        .end();
    for (place, (resource, seen)) in RESOURCES.iter().zip(&trial.seen).enumerate() {
        let asked = resource.asked(trial.call.plan.flags).word();
        let words = [
            asked,
            seen.kernel_word(),
            seen.behaviour_word(),
            trial.verdict(place).word(),
        ];
        out.text("  ")
            .text(resource.name)
            .words(&RESOURCE_COLUMNS, &words)
            .end();
    }
    out.end();
}

fn ids(out: &mut Printer, name: &str, facts: &Facts) {
    out.text(name);
    for (id, column) in facts.0.iter().zip(ID_COLUMNS) {
        out.right(*id, column);
    }
    out.end();
}

/// The steps of the child in its user namespace, each with its result.
fn becoming_root(out: &mut Printer, trial: &Trial) {
    out.text("  then the child makes itself root of its user namespace:")
        .end();
    for (word, step) in &root::STEPS {
        out.text("    ").text(step.name);
        let outer = match word {
            Word::UidMap => trial.parent.get(Word::Euid).ok(),
            Word::GidMap => trial.parent.get(Word::Egid).ok(),
            _ => None,
        };
        if let Some(outer) = outer {
            out.say(" \"0 # 1\"", &[outer]);
        }
        out.say(" = #", &[trial.child.0[*word as usize]]).end();
    }
}

/// Whether the two ways to make a process show the same.
pub fn agreement(out: &mut Printer, same: bool) {
    out.text("  clone(SIGCHLD) and fork(2) ")
        .text(if same { "agree" } else { "differ" });
    out.text(" in all that was seen").end();
}

/// The count of the facts.
pub fn tally(out: &mut Printer, tally: Tally) {
    let numbers = [tally.proven, tally.unknown, tally.wrong];
    out.say("# facts proven, # unknown, # not as claimed", &numbers)
        .end();
}

/// The child's stack as it was built, from its top down.
#[cfg(feature = "laboratory")]
pub fn stack(out: &mut Printer, call: &Call) {
    let Some(stack) = call.stack else {
        out.text("    its stack is a copy of the parent's, used from where the parent called")
            .end();
        return;
    };
    out.say("    $  top of the stack\n", &[stack.top()]);
    for (place, word) in WORDS.iter().enumerate().rev() {
        out.say("    $  ", &[stack.pointer() + place * size_of::<usize>()])
            .text(word)
            .text("\n");
    }
    out.say(
        "    $  base: # bytes may be used from here up\n",
        &[stack.base(), stack.top() - stack.base()],
    );
    out.say(
        "    $  guard: # bytes that may not be touched",
        &[stack.guard, stack.base() - stack.guard],
    )
    .end();
}

/// The words of [`clone::raw`](crate::clone::raw), lowest address first.
#[cfg(feature = "laboratory")]
static WORDS: [&str; 4] = [
    "entry: the function that the child calls; here it starts",
    "argument: the board",
    "the number of the call that ends it, exit or exit_group",
    "0: the end of the frames",
];
