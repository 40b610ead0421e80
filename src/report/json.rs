//! JSON for machines: one object per task, on one line.

use crate::clone::call::Call;
use crate::experiment::findings::{CallResult, Findings, Identity};
use crate::report::advice;
use crate::report::show::{Name, Word, flags};
use crate::rules::amend::Advice;
use crate::rules::rule::Prediction;
use crate::sys::namespace;
use crate::text::json::Object;
use crate::text::{Hex, Outside, Show, Sink, out};

/// Writes the findings of an experiment; `why` is the reason for a refusal, predicted or found afterwards, and `remedy` is
/// what helps.
pub fn findings(out: &mut dyn Sink, findings: &Findings, why: Option<impl Show>, remedy: Option<impl Show>) {
    Object::write(out, |object| {
        call(object, findings.task.call);
        prediction(object, findings.predicted, why, remedy);
        // A call that never returned has no result.
        match findings.result {
            CallResult::Made => object.text("result", "OK"),
            CallResult::Refused(errno) => object.text("result", Name(errno)),
            CallResult::Unknown => object.null("result"),
        }
        object.text("outcome", findings.outcome.name());
        kernel(object);
        identity(object, "parent", &findings.parent);
        identity(object, "child", &findings.child);
        resources(object, findings);
    });
    out!(out, "\n");
}

/// Writes a prediction alone.
pub fn verdict(out: &mut dyn Sink, asked: &Call, predicted: Prediction, advice: &Advice) {
    Object::write(out, |object| {
        call(object, asked);
        prediction(object, predicted, advice.why, advice::remedy(asked, advice));
    });
    out!(out, "\n");
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

/// The kernel release.
fn kernel(object: &mut Object) {
    match namespace::uname() {
        Ok(names) => object.text("kernel", Outside(names.release())),
        Err(_) => object.text("kernel", ""),
    }
}

/// A task's ids; `null` for an unknown one.
fn identity(object: &mut Object, key: &str, identity: &Identity) {
    object.object(key, |object| {
        object.number_or_null("ppid", identity.ppid);
        object.number_or_null("pid", identity.pid);
        object.number_or_null("tid", identity.tid);
        object.number_or_null("uid", identity.uid);
    });
}

/// The rows that are shown.
fn resources(object: &mut Object, findings: &Findings) {
    object.list("resources", |list| {
        for (resource, row) in findings.shown() {
            list.object(|object| {
                object.text("name", resource.name);
                object.text("flag", (resource.prefix(), resource.flag));
                object.text("asked", row.asked.name());
                object.text("kernel", row.kernel.of_kernel());
                object.text("behaviour", row.behaviour.of_behaviour());
                object.text("verdict", row.verdict.name());
            });
        }
    });
}
