//! The page of the laboratory: the call, its answer, and what the two witnesses say of each resource.

use crate::experiment::findings::{CallResult, Findings};
use crate::report::advice;
use crate::report::task::call;
use crate::rules::amend::Advice;
use crate::text::{Sink, Tab, out};

/// The page with the table; `advice` is about the call.
pub fn page(out: &mut dyn Sink, findings: &Findings, advice: &Advice) {
    out!(out, call(&findings.task));
    match (findings.result, findings.task.tid) {
        (CallResult::Refused(errno), _) => out!(out, " = -1 ", errno, "\n"),
        (_, Some(tid)) => out!(out, " = ", tid, "\n"),
        (_, None) => out!(out, " = ?\n"),
    }
    out!(out, "predicted: ", findings.predicted.expected);
    if let Some(rule) = findings.predicted.rule() {
        out!(out, " (rule ", rule.id, ")");
    }
    out!(out, "\n");
    advice::lines(out, findings.task.call, advice);
    if findings.task.tid.is_some() {
        rows(out, findings);
    }
    out!(out, "outcome: ", findings.outcome.name());
    if let Some(signal) = findings.killed {
        out!(out, ", killed by signal ", signal.number());
    }
    out!(out, "\n");
}

/// Both tasks' ids, and each resource with its two witnesses.
fn rows(out: &mut dyn Sink, findings: &Findings) {
    out!(out, Tab, "ppid", Tab, "pid", Tab, "tid", Tab, "uid", Tab, "gid", Tab, "counter\n");
    out!(out, "  subject", findings.parent, "\n  child", findings.child, "\n");
    out!(out, "  CLONE_", Tab, "asked", Tab, "kernel", Tab, "behaviour", Tab, "verdict   resource\n");
    for (resource, row) in findings.shown() {
        let (asked, kernel, behaviour) = (row.asked.name(), row.kernel.of_kernel(), row.behaviour.of_behaviour());
        out!(out, "  ", resource.flag, Tab, asked, Tab, kernel, Tab, behaviour, Tab, row.verdict.name());
        out!(out, Tab, resource.name, "\n");
    }
}
