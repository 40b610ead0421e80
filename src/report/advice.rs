//! Why a call is refused or does not do what it says, and what helps: for pages and for JSON.

use crate::clone::call::{Api, Call};
use crate::report::show::ExitSignal;
use crate::rules::amend::{Advice, Remedy, Why};
use crate::text::{Show, Sink, out};

impl Show for Why {
    fn show(&self, out: &mut dyn Sink) {
        match self {
            Self::Rule(why) => out!(out, *why),
            Self::NoRoom(flags) => out!(out, "clone(2) has no room for ", *flags),
            Self::NoEffect(flags) => out!(out, *flags, " does nothing in clone(2)"),
        }
    }
}

/// The changes from one call to another, each between `begin` and `end`; `begin` of all but the first is `next`.
struct Changes<'a> {
    calls: [&'a Call; 2],
    begin: &'static str,
    next: &'static str,
    end: &'static str,
}

impl Show for Changes<'_> {
    fn show(&self, out: &mut dyn Sink) {
        let [from, to] = self.calls;
        let mut begin = self.begin;
        let mut change = |is_made: bool, words: &str, what: &dyn Show| {
            if is_made {
                out!(out, core::mem::replace(&mut begin, self.next), words, what, self.end);
            }
        };
        let [more, less] = [to.flags - from.flags, from.flags - to.flags];
        change(to.api == Api::Clone3 && from.api != Api::Clone3, "use --clone3", &"");
        change(!more.is_empty(), "add ", &more);
        change(!less.is_empty(), "drop ", &less);
        change(to.exit_signal != from.exit_signal, "use --exit-signal ", &ExitSignal(to.exit_signal));
    }
}

/// Prints the reason and what helps, a line each.
pub fn lines(out: &mut dyn Sink, call: &Call, advice: &Advice) {
    if let Some(why) = advice.why {
        out!(out, "  ", why, "\n");
    }
    match &advice.remedy {
        Remedy::None => {}
        Remedy::Call(better) => Changes { calls: [call, better], begin: "  ", next: "  ", end: "\n" }.show(out),
        Remedy::NotFlags => out!(out, "  no change of flags helps\n"),
    }
}

/// What helps, in one line; none if nothing is known to.
pub fn remedy<'a>(call: &'a Call, advice: &'a Advice) -> Option<impl Show + use<'a>> {
    match &advice.remedy {
        Remedy::Call(better) => Some(Changes { calls: [call, better], begin: "", next: ", ", end: "" }),
        Remedy::None | Remedy::NotFlags => None,
    }
}
