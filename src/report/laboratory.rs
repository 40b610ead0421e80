//! The page of the laboratory: the call and its answer, what was predicted and why, what the two witnesses say of each
//! resource, and the outcome.

use crate::experiment::findings::Findings;
use crate::report::names::Names;
use crate::report::{advice, legend, outcome, table, task};
use crate::rules::amend::Advice;
use crate::text::{Sink, Style, Styled, Wrapped, out};

/// Prints the page; `advice` is about the call.
pub fn page(out: &mut dyn Sink, findings: &Findings, advice: &Advice, names: Names) {
    let call = Wrapped { text: task::answered(findings, names), indent: 4 };
    out!(out, Styled(Style::Strong, call), "\n");
    outcome::prediction(out, findings);
    advice::lines(out, findings.task.call, advice);
    if findings.task.tid.is_some() {
        out!(out, "\n");
        table::tasks(out, findings, names);
        legend::counter(out);
        out!(out, "\n");
        table::resources(out, findings.shown());
        legend::witnesses(out);
        out!(out, "\n");
    }
    outcome::outcome(out, findings);
}
