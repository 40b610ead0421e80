//! The pages for people: one for each task.

use super::print::{count, say, spell, tell};
use crate::clone::call::{Api, Call};
use crate::clone::flags::{Flags, NAMES};
use crate::clone::task::Task;
#[cfg(feature = "laboratory")]
use crate::clone::{raw, stack};
#[cfg(feature = "laboratory")]
use crate::sys::memory::PAGE;
use crate::witness::board::Side;
use crate::witness::resource::{RESOURCES, Resource};
use crate::witness::root;
use crate::witness::trial::Trial;
use crate::witness::verdict::Words;
use crate::words::Text;
use core::sync::atomic::Ordering::Relaxed;

/// What the words on a child's stack are.
#[cfg(feature = "laboratory")]
static WORDS: [Text; 4] = [Text::StackEntry, Text::StackArgument, Text::StackExit, Text::StackEnd];

/// The flags by the kernel's names, then the exit signal, as strace prints them.
pub fn flags(call: &Call) {
    let mut glue = Text::FlagPrefix;
    for (bit, name) in &NAMES {
        if call.flags.bits() >> bit & 1 != 0 {
            say(glue);
            say(*name);
            glue = Text::FlagGlue;
        }
    }
    if call.exit_signal != 0 {
        say(if glue == Text::FlagGlue { Text::SignalGlue } else { Text::SignalAlone });
    }
}

/// The call as strace spells it, up to its result.
pub fn call(task: &Task) {
    let plan = &task.call;
    if plan.api == Api::Fork {
        return say(Text::CallFork);
    }
    let stack = task.child_stack;
    count(if stack == 0 { Text::CallCopied } else { Text::CallStack }, stack);
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
}

/// Who the two tasks are, and each resource with its two witnesses.
pub fn facts(trial: &Trial) {
    say(Text::IdsHead);
    say(Text::IdsParent);
    ids(Text::Ids, trial.board.parent());
    say(Text::IdsChild);
    ids(Text::Ids, trial.board.child());
    if root::was_tried(trial.board) {
        becoming_root(trial);
    }
    say(Text::ResourcesHead);
    for (resource, words) in RESOURCES.iter().zip(&trial.words) {
        row(Text::Resource, resource, words);
    }
}

/// What is found out about a resource, in a text with six places.
pub fn row(text: Text, resource: &Resource, words: &Words) {
    let ([name, flag], [asked, kernel, behaviour, verdict]) = (resource.names, *words);
    spell(text, &[name, flag, asked, kernel, behaviour, verdict]);
}

/// A task's first six facts, in a text with as many places or fewer.
pub fn ids(text: Text, side: Side) {
    tell(text, &core::array::from_fn::<_, 6, _>(|place| side.0[place].load(Relaxed)));
}

/// The steps of the child in its user namespace, each with its result.
fn becoming_root(trial: &Trial) {
    say(Text::RootHead);
    for step in &root::STEPS {
        say(Text::Indent);
        say(Text::Indent);
        say(step.name);
        count(step.text, trial.board.parent().get(step.outer).0);
        count(Text::CallResult, trial.board.child().get(step.result).0);
    }
}

/// The child's stack as it was built, from its top down, each word with its address.
#[cfg(feature = "laboratory")]
pub fn stack(task: &Task) {
    if task.child_stack == 0 {
        return say(Text::StackCopied);
    }
    let top = task.child_stack + size_of::<raw::Words>();
    count(Text::StackTop, top);
    let mut place = top;
    for (word, name) in task.words.iter().zip(&WORDS).rev() {
        place -= size_of::<usize>();
        tell(Text::StackWord, &[place, *word]);
        say(*name);
    }
    tell(Text::StackBase, &[top - stack::SIZE, top - stack::SIZE - PAGE]);
}
