//! The pages for people: one for each task.

use super::print::{count, facts as facts_of, say, spell};
use super::print::{tell, until};
use crate::clone::call::{Api, Call};
use crate::clone::flags::{FLAGS, Flags};
use crate::clone::rules::Rule;
use crate::clone::task::Task;
use crate::clone::{raw, stack};
use crate::scan::parts;
use crate::sys::memory::PAGE;
use crate::sys::{Answer, Pid};
use crate::witness::board::Side;
use crate::witness::resource::{RESOURCES, Resource};
use crate::witness::root;
use crate::witness::trial::Trial;
use crate::witness::verdict::Words;
use crate::words::Text;
use core::sync::atomic::Ordering::Relaxed;

/// What the words on a child's stack are.
static WORDS: [Text; 4] = [Text::StackEntry, Text::StackArgument, Text::StackExit, Text::StackEnd];

/// A set by the kernel's names, what has none in hex; answers whether there was anything.
pub fn names(set: Flags, nameless: Flags) -> bool {
    let mut rest = set.bits();
    let mut glue = Text::Nothing;
    let mut join = || say(core::mem::replace(&mut glue, Text::Glue));
    for flag in FLAGS.iter().filter(|flag| (set - nameless).bits() >> flag.bit & 1 != 0) {
        rest ^= 1 << flag.bit;
        join();
        say(Text::FlagPrefix);
        say(flag.name);
    }
    if rest != 0 {
        join();
        count(Text::Hex, rest as usize);
    }
    !set.is_empty()
}

/// The flags, then the exit signal of clone(2), all as strace prints them: it has no name for CLONE_DETACHED.
pub fn flags(call: &Call) {
    let is_set = names(call.flags, Flags::DETACHED);
    let has_signal = call.exit_signal != 0 && call.api != Api::Clone3;
    if is_set && has_signal {
        say(Text::Glue);
    }
    if has_signal {
        signal(call.exit_signal as usize);
    } else if !is_set && call.api != Api::Fork {
        say(Text::Zero);
    }
}

/// A rule's letter and number.
pub fn rule(rule: &Rule) {
    let [stage, number] = rule.id();
    until(0, &[stage]);
    count(Text::Number, number.into());
}

/// A signal by its name, or its number if it has none.
pub fn signal(number: usize) {
    match number {
        17 => say(Text::SignalChild),
        1..=31 => {
            say(Text::SignalPrefix);
            until(0, parts(Text::Signals.bytes(), b" ").nth(number - 1).unwrap_or_default());
        }
        32 => say(Text::SignalFirst),
        33..=64 => count(Text::SignalRealtime, number - 32),
        _ => count(Text::Number, number),
    }
}

/// The call as strace spells it, up to its result.
pub fn call(task: &Task) {
    let plan = task.call;
    let stack = if plan.has_stack() { task.child_stack } else { 0 };
    match plan.api {
        Api::Fork => return say(Text::CallFork),
        Api::Clone3 => return call3(task),
        _ => count(if stack == 0 { Text::CallCopied } else { Text::CallStack }, stack),
    }
    flags(plan);
    if plan.flags.intersects(Flags::PARENT_SETTID | Flags::PIDFD) {
        count(Text::ParentTid, task.tids.parent_tid.load(Relaxed) as usize);
    }
    if plan.flags.contains(Flags::SETTLS) {
        count(Text::Tls, task.tls());
    }
    if plan.flags.intersects(Flags::CHILD_CLEARTID | Flags::CHILD_SETTID) {
        count(Text::ChildTid, task.tids.child_tid.as_ptr() as usize);
    }
    say(Text::CallEnd);
}

/// The same of clone3(2): the members of its struct that the flags name, and its size.
fn call3(task: &Task) {
    let call = task.call;
    let is_asked = |flag| call.flags.intersects(flag);
    say(Text::Call3);
    flags(call);
    if is_asked(Flags::PIDFD) {
        count(Text::Call3Pidfd, task.pidfd_at);
    }
    if is_asked(Flags::CHILD_SETTID | Flags::CHILD_CLEARTID) {
        count(Text::Call3Child, task.tids.child_tid.as_ptr() as usize);
    }
    if is_asked(Flags::PARENT_SETTID) {
        count(Text::Call3Parent, task.tids.parent_tid.as_ptr() as usize);
    }
    say(Text::Call3Signal);
    match call.exit_signal {
        0 => say(Text::Zero),
        number => signal(number as usize),
    }
    match task.child_stack {
        stack @ 1.. if call.has_stack() => {
            let size = call.room_below(stack::SIZE - size_of::<raw::Words>());
            tell(Text::Call3Stack, &[stack - size, size]);
        }
        _ => say(Text::Call3NoStack),
    }
    if is_asked(Flags::SETTLS) {
        count(Text::Tls, task.tls());
    }
    let mut glue = Text::Call3Ids;
    for id in call.set_tid {
        say(glue);
        count(Text::Number, id.load(Relaxed) as usize);
        glue = Text::Comma;
    }
    if let ids @ 1.. = call.set_tid.len() {
        count(Text::Call3IdsEnd, ids);
    }
    if is_asked(Flags::INTO_CGROUP) {
        count(Text::Call3Cgroup, call.cgroup as usize);
    }
    count(Text::Call3End, call.size);
}

/// The call and its result.
pub fn call_made(task: &Task) {
    say(Text::Indent);
    call(task);
    count(Text::CallResult, task.tid.map_or(0, Pid::number));
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
    facts_of(text, &core::array::from_fn::<_, 6, _>(|place| Answer(side.0[place].load(Relaxed))));
}

/// The steps of the child in its user namespace, each with its result.
fn becoming_root(trial: &Trial) {
    say(Text::RootHead);
    for step in &root::STEPS {
        say(Text::Indent);
        say(Text::Indent);
        say(step.name);
        facts_of(step.text, &[trial.board.parent().get(step.outer)]);
        facts_of(Text::CallResult, &[trial.board.child().get(step.result)]);
    }
}

/// The child's stack as it was built, from its top down, each word with its address.
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
