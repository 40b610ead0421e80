//! What deviates, in words.

use super::show::Value;
use crate::check::case::{Answer, Asked, Case, What};
use crate::check::leaf::Leaf;
use crate::clone::call::Call;
use crate::report::show::{ExitSignal, Name as ErrnoName};
use crate::rules::rule::RULES;
use crate::text::{Show, Sink, out};

/// A case of a leaf in a sentence.
pub struct Sentence<'a>(pub &'a Leaf, pub &'a Case);

impl Show for Sentence<'_> {
    fn show(&self, out: &mut dyn Sink) {
        let Self(leaf, case) = self;
        let flags = leaf.name.flag.or(case.asked.map(|asked| asked.flags)).filter(|flags| !flags.is_empty());
        match (case.want, case.got, flags) {
            (Answer::Seen, Answer::NotSeen, Some(flags)) => {
                out!(out, flags, " is accepted and ignored");
                argument(out, case, " (", ")");
            }
            (Answer::NotSeen, Answer::Seen, Some(flags)) => {
                out!(out, "what ", flags, " is for is done without it");
                argument(out, case, " (", ")");
            }
            _ => {
                subject(out, leaf, case);
                answered(out, case.got);
                expected(out, case);
            }
        }
    }
}

/// Writes what was asked.
fn subject(out: &mut dyn Sink, leaf: &Leaf, case: &Case) {
    match case.asked {
        Some(asked) => {
            call(out, asked, case.what);
            argument(out, case, if asked.flags.is_empty() { ", with " } else { ", " }, "");
        }
        None if case.what == What::Flags => out!(out, leaf.name),
        None => argument(out, case, "", ""),
    }
}

/// Writes a call. The exit signal is left out if it is the usual one, or what distinguishes the case.
fn call(out: &mut dyn Sink, asked: Asked, what: What) {
    out!(out, asked.api.name());
    if asked.flags.is_empty() {
        out!(out, " without flags")
    } else {
        out!(out, " with ", asked.flags)
    }
    let usual = Call::usual(asked.api, asked.flags).exit_signal;
    match asked.exit_signal {
        _ if what == What::ExitSignal => {}
        0 if usual != 0 => out!(out, " and no exit signal"),
        signal if signal != usual => out!(out, " and exit signal ", ExitSignal(signal)),
        _ => {}
    }
}

/// Writes what distinguishes a case besides the flags, between two texts; nothing if nothing does.
fn argument(out: &mut dyn Sink, case: &Case, before: &str, behind: &str) {
    if let Some(value) = Value::of(case) {
        out!(out, before);
        // The words are those of programs.
        let letter = |letter: u8| if letter == b'_' { b' ' } else { letter };
        case.what.name().bytes().for_each(|byte| out.put(&[letter(byte)]));
        out!(out, " ", value, behind);
    }
}

/// Writes what came.
fn answered(out: &mut dyn Sink, got: Answer) {
    match got {
        Answer::Ok => out!(out, " is accepted"),
        Answer::Refused(errno) => out!(out, " is refused with ", ErrnoName(errno)),
        Answer::Seen => out!(out, " is seen"),
        Answer::NotSeen => out!(out, " is not seen"),
        Answer::Number(number) => out!(out, " gives ", number),
        Answer::Killed(signal) => out!(out, " ends with ", signal),
        Answer::Hung => out!(out, " never comes to an end"),
        Answer::Unknown => out!(out, " has no answer that can be seen"),
    }
}

/// Writes what was expected, and by which rule.
fn expected(out: &mut dyn Sink, case: &Case) {
    out!(out, if case.asked.is_some() { "; the rules expect " } else { "; expected is " }, case.want);
    if let Some(rule) = case.rule.and_then(|rule| RULES.get(rule)) {
        out!(out, " (", rule.id, ")");
    }
}
