//! The pages for people: one for each task.

#[cfg(feature = "laboratory")]
use super::print::tell;
use super::print::{column, count, end, line, say};
use crate::clone::flags::{Flags, NAMES};
use crate::clone::task::{Api, Plan, Task};
use crate::witness::board::Side;
use crate::witness::resource::RESOURCES;
use crate::witness::root;
use crate::witness::trial::Trial;
use crate::words::Text;
use core::sync::atomic::Ordering::Relaxed;

/// Where the flag that decides about a resource begins, and the words about it.
const FLAG: usize = 19;
static COLUMNS: [u8; 4] = [34, 42, 53, 64];

/// Where a task's first facts begin.
static IDS: [u8; 6] = [11, 19, 27, 35, 47, 59];

/// The flags by the kernel's names, then the exit signal, as strace prints them.
pub fn flags(plan: &Plan) {
    let mut glue = Text::FlagPrefix;
    for (bit, name) in &NAMES {
        if plan.flags.bits() >> bit & 1 != 0 {
            say(glue);
            say(*name);
            glue = Text::FlagGlue;
        }
    }
    if plan.exit_signal != 0 {
        say(if glue == Text::FlagGlue { Text::SignalGlue } else { Text::SignalAlone });
    }
}

/// The call as strace spells it, up to its result.
pub fn call(task: &Task) {
    let plan = task.plan;
    if plan.api == Api::Fork {
        return say(Text::CallFork);
    }
    let stack = task.stack.map_or(0, |stack| stack.pointer());
    say(Text::CallClone);
    count(if stack == 0 { Text::Null } else { Text::Address }, stack);
    say(Text::CallFlags);
    flags(plan);
    if plan.flags.contains(Flags::PARENT_SETTID) {
        count(Text::ParentTid, task.tids.parent_tid.load(Relaxed) as usize);
    }
    if plan.flags.contains(Flags::SETTLS) {
        count(Text::Tls, stack);
    }
    if plan.flags.contains(Flags::CHILD_CLEARTID) {
        count(Text::ChildTid, task.tids.child_tid.as_ptr() as usize);
    }
    say(Text::CallEnd);
}

/// The call and its result.
pub fn call_made(task: &Task) {
    say(Text::Indent);
    call(task);
    count(Text::CallResult, task.tid);
    end();
}

/// Who the two tasks are, and each resource with its two witnesses.
pub fn facts(trial: &Trial) {
    line(Text::IdsHead);
    ids(Text::IdsParent, trial.board.parent());
    ids(Text::IdsChild, trial.board.child());
    if trial.task.plan.flags.contains(Flags::NEWUSER) {
        becoming_root(trial);
    }
    line(Text::ResourcesHead);
    for (resource, words) in RESOURCES.iter().zip(&trial.words) {
        say(Text::Indent);
        say(resource.name);
        column(FLAG);
        say(Text::FlagPrefix);
        say(resource.flag);
        for (word, begin) in words.iter().zip(&COLUMNS) {
            column(usize::from(*begin));
            say(*word);
        }
        end();
    }
}

fn ids(name: Text, side: Side) {
    say(name);
    for (fact, begin) in side.0.iter().zip(&IDS) {
        column(usize::from(*begin));
        count(Text::Number, fact.load(Relaxed));
    }
    end();
}

/// The steps of the child in its user namespace, each with its result.
fn becoming_root(trial: &Trial) {
    line(Text::RootHead);
    for step in &root::STEPS {
        say(Text::Indent);
        say(Text::Indent);
        say(step.name);
        if let Some(text) = step.text {
            count(text, trial.board.parent().get(step.outer).0);
        }
        count(Text::CallResult, trial.board.child().get(step.result).0);
        end();
    }
}

/// The child's stack as it was built, from its top down.
#[cfg(feature = "laboratory")]
pub fn stack(task: &Task) {
    let Some(stack) = task.stack else { return line(Text::StackCopied) };
    let word = |place| stack.pointer() + place * size_of::<usize>();
    let size = stack.top() - stack.base();
    let numbers = [stack.top(), word(3), word(2), word(1), word(0), stack.base(), size, stack.guard];
    tell(Text::StackBuilt, &numbers);
    end();
}
