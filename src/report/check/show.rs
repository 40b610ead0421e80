//! How the types of `check` are shown.

use crate::check::case::{Answer, Case, What};
use crate::check::leaf::Name;
use crate::check::skip::Skip;
use crate::clone::call::{Api, Call};
use crate::clone::flags::FLAGS;
use crate::report::show::{ExitSignal, Name as ErrnoName};
use crate::rules::rule::RULES;
use crate::text::{Hex, Show, Sink, out};

impl Show for Name {
    fn show(&self, out: &mut dyn Sink) {
        out!(out, self.word);
        let Some(bit) = self.flag else { return };
        if !self.word.is_empty() {
            out!(out, ".");
        }
        // Ids of tests have small letters.
        let name = FLAGS.iter().find(|flag| flag.bit == bit).map_or("", |flag| flag.name);
        name.bytes().for_each(|letter| out.put(&[letter.to_ascii_lowercase()]));
    }
}

impl Show for Skip {
    fn show(&self, out: &mut dyn Sink) {
        out!(out, self.text());
        if let Self::Since(version) | Self::Until(version) = self {
            out!(out, " ", *version);
        }
    }
}

impl Show for Answer {
    fn show(&self, out: &mut dyn Sink) {
        match self {
            Self::Ok => out!(out, "OK"),
            Self::Refused(errno) => out!(out, ErrnoName(*errno)),
            Self::Seen => out!(out, "seen"),
            Self::NotSeen => out!(out, "not-seen"),
            Self::Number(number) => out!(out, *number),
            Self::Killed(signal) => out!(out, *signal),
            Self::Hung => out!(out, "hung"),
            Self::Unknown => out!(out, "unknown"),
        }
    }
}

/// The value of what distinguishes a case besides its flags.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Value {
    /// Something that has a name, which may have a prefix: a step, or the flag of an effect or of what tasks share.
    Name(&'static str, &'static str),
    /// A number.
    Number(u64),
}

impl Value {
    /// The value of a case; none if nothing distinguishes the case.
    pub fn of(case: &Case) -> Option<Self> {
        let name = match case.what {
            What::Flags => return None,
            What::Step => case.taken_step().map(|step| ("", step.name())),
            What::Effect => case.resource().map(|resource| (resource.prefix(), resource.flag)),
            _ => None,
        };
        Some(name.map_or(Self::Number(case.value), |(prefix, name)| Self::Name(prefix, name)))
    }
}

/// A name, or a number, which is in hexadecimal where it can only be an address or a pattern of bits.
impl Show for Value {
    fn show(&self, out: &mut dyn Sink) {
        match *self {
            Self::Name(prefix, name) => out!(out, prefix, name),
            Self::Number(number) if number > u64::from(u32::MAX) => Hex(number).show(out),
            Self::Number(number) => number.show(out),
        }
    }
}

/// The words of a case, each after a blank. The call, the exit signal, and what else distinguishes the case are left
/// out where they say nothing: clone(2) with its usual exit signal, and no other argument.
impl Show for Case {
    fn show(&self, out: &mut dyn Sink) {
        if let Some(asked) = self.asked {
            if asked.api != Api::Clone {
                out!(out, " api=", asked.api.name());
            }
            out!(out, " flags=");
            if asked.flags.is_empty() {
                out!(out, "0")
            } else {
                out!(out, asked.flags)
            }
            if asked.exit_signal != Call::usual(asked.api, asked.flags).exit_signal && self.what != What::ExitSignal {
                out!(out, " exit_signal=", ExitSignal(asked.exit_signal));
            }
        }
        if let Some(value) = Value::of(self) {
            out!(out, " ", self.what.name(), "=", value);
        }
        out!(out, " want=", self.want, " got=", self.got);
        if let Some(rule) = self.rule.and_then(|rule| RULES.get(rule)) {
            out!(out, " rule=", rule.id);
        }
    }
}
