//! `chimera rules`: the table of what the kernel refuses, or the verdict on a set of flags; no task is made.

use super::call::{self, Asked};
use super::clone::Form;
use super::options::Misuse;
use super::refusal::{self, About};
use super::{Status, options};
use crate::clone::call::Api;
use crate::clone::flags::{CLONE, CLONE3, FLAGS, Flags, OF_CLONE3, UNSHARE};
use crate::clone::place::Place;
use crate::clone::rules::{self, RULES, Rule, Verdict, When};
use crate::clone::task::Failure;
use crate::report::print::{byte, count, say, spell, tell, until};
use crate::report::{json, text};
use crate::sys::initial::{InitialStack, Strings};
use crate::words::Text;

/// Prints what was asked for: the verdict on flags, or a table, which is for people.
pub fn command(_: &InitialStack, words: Strings) -> Result<i32, Misuse<'static>> {
    let asked = call::parse(options::RULES, words)?;
    match (asked.word, asked.instead) {
        (Some(_), None) if asked.command.is_none() => {
            let place = asked.place();
            let ready = asked.failure.map_or(Ok(()), Err);
            let told =
                ready.and_then(|()| rules::predict(&asked.call, &place)).and_then(|said| verdict(&asked, &place, said));
            if let Err(failure) = told {
                refusal::explain(About::Nothing, failure);
                return Ok(Status::Failed as i32);
            }
        }
        (None, None) if asked.form == Form::Page && asked.command.is_none() => table(),
        (None, Some(_)) if asked.form == Form::Page && asked.command.is_none() => flags(),
        _ => return Err(Text::NoFlags.bytes().into()),
    }
    Ok(Status::Proven as i32)
}

/// The table of all flags.
fn flags() {
    say(Text::FlagsHead);
    for flag in FLAGS {
        say(Text::FlagPrefix);
        spell(Text::FlagsName, &[flag.name]);
        count(Text::FlagsBit, 1 << flag.bit);
        version(Text::FlagsSince, flag.since);
        calls(flag.calls);
        spell(Text::FlagsAbout, &[flag.about]);
    }
}

/// A version in its text, if there is one.
fn version(text: Text, [major, minor]: [u8; 2]) {
    if major != 0 {
        tell(text, &[major.into(), minor.into()]);
    }
}

/// The calls that a row is about.
fn calls(calls: u8) {
    for (call, name) in [(CLONE, Text::JsonClone), (CLONE3, Text::JsonClone3), (UNSHARE, Text::Unshare)] {
        if calls & call != 0 {
            say(name);
            byte(b' ');
        }
    }
}

/// The table of all rules.
fn table() {
    say(Text::RulesHead);
    for rule in &RULES {
        text::rule(rule);
        byte(b'\t');
        calls(rule.calls);
        byte(b'\t');
        rule.errno().map_or_else(|| say(Text::Null), |errno| until(b' ', errno.text().bytes()));
        spell(Text::RulesRow, &[rule.source, rule.why]);
        let [since, until] = rule.range;
        version(Text::RulesSince, since);
        version(Text::RulesUntil, until);
        byte(b'\n');
        condition(rule);
    }
}

/// The flags of a rule that is about flags, and its versions.
fn condition(rule: &Rule) {
    let (one, between, other) = match rule.when() {
        When::Together(one, other) => (one, Text::With, other),
        When::Without(one, other) => (one, Text::Without, other),
        When::If(..) => (Flags::empty(), Text::Nothing, Flags::empty()),
    };
    if !one.is_empty() {
        byte(b'\t');
        names(one);
        say(between);
        names(other);
        byte(b'\n');
    }
}

/// A set by its names.
fn names(flags: Flags) {
    text::names(flags, Flags::empty());
}

/// What will be said to a call, why, and which flags would change it.
fn verdict(asked: &Asked, place: &Place, verdict: Verdict) -> Result<(), Failure> {
    let rule = verdict.rule.and_then(rules::numbered);
    let result = verdict.errno.map_or(Text::JsonOk, |errno| errno.text());
    // What clone(2) has no room for is not refused, only ignored.
    let is_ignored = asked.call.api == Api::Clone && asked.call.flags.intersects(OF_CLONE3.union(Flags::DETACHED));
    let why = rule.map(|rule| rule.why).or(is_ignored.then_some(Text::Ignored));
    if asked.form == Form::Json {
        json::call(&asked.call);
        json::verdict(result, rule, why);
        say(Text::JsonClose);
        return Ok(());
    }
    spell(Text::VerdictCall, &[if asked.call.api == Api::Clone3 { Text::JsonClone3 } else { Text::JsonClone }]);
    text::flags(&asked.call);
    say(Text::VerdictIs);
    count(result, verdict.errno.map_or(0, |errno| errno.number()));
    byte(b'\n');
    if let Some(rule) = rule {
        say(Text::Rule);
        text::rule(rule);
        spell(Text::VerdictSource, &[rule.source]);
    }
    why.into_iter().for_each(|why| spell(Text::LabWhy, &[why]));
    if rule.is_some() { remedy(asked, place) } else { Ok(()) }
}

/// Which flags to add and which to drop.
fn remedy(asked: &Asked, place: &Place) -> Result<(), Failure> {
    let Some(better) = rules::amend(&asked.call, place)? else {
        say(Text::NoFlag);
        return Ok(());
    };
    let asked = asked.call.flags;
    for (text, flags) in [(Text::Add, better - asked), (Text::Drop, asked - better)] {
        if !flags.is_empty() {
            say(text);
            names(flags);
            byte(b'\n');
        }
    }
    Ok(())
}
