//! JSON for machines: an object for each task, verdict, rule and flag, on one line. docs/chimera.schema.json and
//! docs/json.md describe all of them.

use crate::clone::call::Call;
use crate::clone::flags::{By, FLAGS, Flag, Flags, Version};
use crate::clone::stack::{HIGHEST, SIZE};
use crate::clone::task::Task;
use crate::experiment::findings::{CallResult, Findings, Identity, RootStep};
use crate::host::cause;
use crate::host::place::Place;
use crate::report::advice;
use crate::report::show::{Name, Word, flags};
use crate::report::task::Written;
use crate::rules::amend::Advice;
use crate::rules::rule::{Prediction, Rule, When};
use crate::sys::memory::PAGE;
use crate::sys::namespace;
use crate::text::json::{List, Object};
use crate::text::{Hex, Outside, Show, Sink};
use crate::witness::root::Writes;
use crate::witness::verdict::Verdict;

/// Writes the findings of an experiment; `name` is that of the task in the tour, `why` is the reason for a refusal,
/// predicted or found afterwards, and `remedy` is what helps.
pub fn findings(
    out: &mut dyn Sink,
    name: Option<&str>,
    findings: &Findings,
    why: Option<impl Show>,
    remedy: Option<impl Show>,
) {
    Object::line(out, |object| {
        object.text_or_null("name", name);
        call(object, findings.task.call);
        prediction(object, findings.predicted, why, remedy);
        // A call that never returned has no result.
        match findings.result {
            CallResult::Made => object.text("result", "OK"),
            CallResult::Refused(errno) => object.text("result", Name(errno)),
            CallResult::Unknown => object.null("result"),
        }
        object.text("outcome", findings.outcome.name());
        object.text_or_null("killed", findings.killed);
        kernel(object);
        identity(object, "parent", &findings.parent);
        identity(object, "child", &findings.child);
        stack(object, &findings.task);
        steps(object, findings);
        resources(object, findings);
    });
}

/// Writes a prediction alone, for a place.
pub fn verdict(out: &mut dyn Sink, asked: &Call, place: &Place, predicted: Prediction, advice: &Advice) {
    Object::line(out, |object| {
        call(object, asked);
        prediction(object, predicted, advice.why, advice::remedy(asked, advice));
        match place.is_here {
            true => kernel(object),
            false => object.text("kernel", place.version),
        }
        object.bool("unprivileged", place.is_unprivileged);
    });
}

/// Writes a rule of the table.
pub fn rule(out: &mut dyn Sink, rule: &Rule) {
    Object::line(out, |object| {
        object.text("rule", rule.id);
        object.list("calls", |list| calls(list, rule.calls));
        object.text_or_null("errno", rule.errno.map(Name));
        let (flag, with, without) = match rule.when {
            When::Together(flag, others) => (Some(flag), others, Flags::empty()),
            When::Without(flag, others) => (Some(flag), Flags::empty(), others),
            When::If(..) => (None, Flags::empty(), Flags::empty()),
        };
        object.text_or_null("flag", flag);
        object.list("with", |list| names(list, with));
        object.list("without", |list| names(list, without));
        object.text("why", rule.why);
        object.text_or_null("since", known(rule.since));
        object.text_or_null("until", rule.until);
        object.text("source", rule.source);
        object.text("provoke", rule.provoke);
    });
}

/// Writes a flag of the table.
pub fn flag(out: &mut dyn Sink, flag: &Flag) {
    Object::line(out, |object| {
        object.text("flag", flag.bit);
        object.text("bit", Hex(flag.bit.bits()));
        object.list("calls", |list| calls(list, flag.calls));
        object.text("since", flag.since);
        object.text("about", flag.about);
    });
}

/// A version, if it is known.
fn known(version: Version) -> Option<Version> {
    (version != Version::UNKNOWN).then_some(version)
}

/// The names of the calls.
fn calls(list: &mut List, calls: &[By]) {
    calls.iter().for_each(|call| list.text(call.name()));
}

/// The names of the flags of a set.
pub fn names(list: &mut List, set: Flags) {
    FLAGS.iter().filter(|flag| set.contains(flag.bit)).for_each(|flag| list.text(flag.bit));
}

/// The members of the call.
fn call(object: &mut Object, call: &Call) {
    object.text("api", call.api.name());
    object.text("flags", flags(call));
    object.text("bits", Hex(call.flags.bits()));
    object.number("exit_signal", call.exit_signal);
}

/// The members of the prediction.
fn prediction(object: &mut Object, predicted: Prediction, why: Option<impl Show>, remedy: Option<impl Show>) {
    object.text("predicted", Word(predicted.expected));
    object.text_or_null("rule", predicted.rule().map(|rule| rule.id));
    object.text_or_null("why", why);
    object.text_or_null("remedy", remedy);
}

/// The release of the running kernel; `null` if uname(2) is refused.
pub fn kernel(object: &mut Object) {
    match namespace::uname() {
        Ok(names) => object.text("kernel", Outside(names.release())),
        Err(_) => object.null("kernel"),
    }
}

/// A task's ids and the counter that it saw; `null` for an unknown one.
fn identity(object: &mut Object, key: &str, identity: &Identity) {
    object.object(key, |object| {
        object.number_or_null("ppid", identity.ppid);
        object.number_or_null("pid", identity.pid);
        object.number_or_null("tid", identity.tid);
        object.number_or_null("uid", identity.uid);
        object.number_or_null("gid", identity.gid);
        object.number_or_null("counter", identity.counter);
    });
}

/// The child's stack; `null` for a copy of its parent's stack.
fn stack(object: &mut Object, task: &Task) {
    if task.child_stack == 0 || !task.call.has_stack() {
        return object.null("stack");
    }
    let base = task.child_stack - task.call.room_below(HIGHEST);
    object.object("stack", |object| {
        object.text("guard", Hex(base - PAGE));
        object.text("base", Hex(base));
        object.text("pointer", Hex(task.child_stack));
        object.text("top", Hex(base + SIZE));
    });
}

/// The steps by which the child became root of its user namespace; `null` if it did not try.
fn steps(object: &mut Object, findings: &Findings) {
    let Some(steps) = &findings.root else { return object.null("steps") };
    object.list("steps", |list| {
        for step in steps {
            list.object(|object| root_step(object, step, findings.task.call.flags));
        }
    });
}

/// A step of becoming root.
fn root_step(object: &mut Object, step: &RootStep, flags: Flags) {
    object.text("step", step.step.name());
    object.text_or_null("written", (!matches!(step.writes, Writes::Nothing)).then_some(Written(step)));
    match step.result {
        Ok(_) => object.text("result", "OK"),
        Err(errno) => object.text("result", Name(errno)),
    }
    object.number_or_null("returned", step.result.ok());
    let verdict = match (step.failure, step.result) {
        (Some(_), _) => Some(Verdict::Unknown),
        (None, Ok(_)) => Some(Verdict::Honoured),
        // A step that this kernel does not need proves nothing.
        (None, Err(_)) => None,
    };
    object.text_or_null("verdict", verdict.map(Verdict::name));
    let told = step.failure.and_then(|failure| cause::find(failure, flags));
    object.text_or_null("cause", told.map(|told| told.cause()));
}

/// The rows that are shown.
fn resources(object: &mut Object, findings: &Findings) {
    object.list("resources", |list| {
        for (resource, row) in findings.shown() {
            list.object(|object| {
                object.text("name", resource.name);
                object.text("flag", (resource.prefix(), resource.flag));
                object.text("asked", row.asked.name());
                object.text("kernel", resource.kernel_word(row.kernel));
                object.text("behaviour", resource.behaviour_word(row.behaviour));
                object.text("verdict", row.verdict.name());
            });
        }
    });
}
