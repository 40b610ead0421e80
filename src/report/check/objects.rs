//! The objects of `check --json`: one for the place, one for each leaf, one for the totals; and those of `--list`.

use super::head::{Head, Users, VERSION, newest};
use super::show::Value;
use super::{Plan, Report, Total};
use crate::check::case::Case;
use crate::check::group::Group;
use crate::check::judge::{Outcome, Tally};
use crate::check::leaf::Leaf;
use crate::check::sum::Sum;
use crate::report::json::names;
use crate::report::show::Name;
use crate::rules::rule::RULES;
use crate::text::Sink;
use crate::text::json::Object;

/// The report.
pub struct Objects;

impl Report for Objects {
    fn begin(&mut self, out: &mut dyn Sink, plan: &Plan) {
        Object::line(out, |object| {
            object.text("chimera", VERSION);
            object.text("rules", newest());
            place(object, &plan.head);
            object.list("groups", |list| plan.groups().for_each(|(_, group)| list.text(group.name)));
            object.number("cases", plan.cases());
        });
    }

    fn leaf(&mut self, out: &mut dyn Sink, group: &'static Group, _: usize, leaf: &Leaf, tally: &Tally) {
        Object::line(out, |object| {
            object.text("group", group.name);
            object.text("leaf", leaf.name);
            object.text("result", word(tally.outcome()));
            object.text_or_null("skip", tally.skip());
            object.number("cases", leaf.cases);
            object.number("right", tally.right);
            object.number("wrong", tally.wrong);
            object.number("skipped", tally.skipped);
            object.list("deviations", |list| {
                let cases = tally.deviations.iter().flatten();
                cases.for_each(|case| list.object(|object| deviation(object, case)));
            });
        });
    }

    fn end(&mut self, out: &mut dyn Sink, _: &Plan, total: &Total) {
        Object::line(out, |object| {
            counts(object, &total.all);
            object.number_or_null("peak_kib", total.peak);
            object.list("times", |list| {
                for (group, sum) in total.each() {
                    list.object(|object| {
                        object.text("group", group.name);
                        object.number("ns", sum.time);
                    });
                }
            });
        });
    }
}

/// Writes what `--list` says of a leaf.
pub fn listed(out: &mut dyn Sink, group: &Group, leaf: &Leaf) {
    Object::line(out, |object| {
        object.text("group", group.name);
        object.text("leaf", leaf.name);
        object.list("flags", |list| names(list, leaf.flags));
        object.number("cases", leaf.cases);
        object.bool("usual", group.is_usual);
    });
}

/// The members about the place.
fn place(object: &mut Object, head: &Head) {
    object.text_or_null("kernel", head.kernel());
    object.text_or_null("machine", head.architecture());
    object.number_or_null("uid", head.uid);
    object.bool_or_null("admin", head.is_administrator);
    match &head.users {
        Users::Allowed => object.text("userns", "OK"),
        Users::Refused(errno, _) => object.text("userns", Name(*errno)),
        Users::Unknown => object.null("userns"),
    }
    let told = if let Users::Refused(_, told) = &head.users { *told } else { None };
    object.text_or_null("why", told.map(|told| told.cause()));
    object.bool_or_null("filter", head.has_filter);
    object.text_or_null("modules", head.modules());
    object.text_or_null("label", head.label());
}

/// The members of a sum.
fn counts(object: &mut Object, sum: &Sum) {
    object.number("pass", sum.passed);
    object.number("fail", sum.failed);
    object.number("skip", sum.skipped);
    object.number("cases", sum.cases);
    object.number("right", sum.right);
    object.number("wrong", sum.wrong);
    object.number("skipped", sum.unjudged);
    object.number("ns", sum.time);
}

/// The word for the result of a leaf.
fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Passed => "pass",
        Outcome::Failed => "fail",
        Outcome::Skipped => "skip",
    }
}

/// The members of a deviation.
fn deviation(object: &mut Object, case: &Case) {
    object.text_or_null("api", case.asked.map(|asked| asked.api.name()));
    object.text_or_null("flags", case.asked.map(|asked| asked.flags));
    object.number_or_null("exit_signal", case.asked.map(|asked| asked.exit_signal));
    let value = Value::of(case);
    object.text_or_null("what", value.map(|_| case.what.name()));
    match value {
        Some(Value::Name(prefix, name)) => object.text("value", (prefix, name)),
        Some(Value::Number(number)) => object.number("value", number),
        None => object.null("value"),
    }
    object.text("want", case.want);
    object.text("got", case.got);
    object.text_or_null("rule", case.rule.and_then(|rule| RULES.get(rule)).map(|rule| rule.id));
}
