//! Why a call is refused or does not do what it says, and what helps: for pages and for JSON.

use crate::clone::call::{Api, Call};
use crate::report::show::ExitSignal;
use crate::report::table::note;
use crate::rules::amend::{Advice, Remedy, Why};
use crate::text::{Show, Sink, out};

impl Show for Why {
    fn show(&self, out: &mut dyn Sink) {
        match self {
            Self::Rule(why) => out!(out, *why),
            Self::NoRoom(flags) => out!(out, "clone(2) has no room for ", *flags, ", which only clone3(2) takes"),
            Self::NoEffect(flags) => out!(out, *flags, " does nothing in clone(2)"),
        }
    }
}

/// The changes from one call to another.
struct Changes<'a>([&'a Call; 2]);

impl Show for Changes<'_> {
    fn show(&self, out: &mut dyn Sink) {
        let [from, to] = self.0;
        let mut glue = "";
        let mut change = |is_made: bool, words: &str, what: &dyn Show| {
            if is_made {
                out!(out, core::mem::replace(&mut glue, ", "), words, what);
            }
        };
        let [more, less] = [to.flags - from.flags, from.flags - to.flags];
        change(to.api == Api::Clone3 && from.api != Api::Clone3, "use --clone3", &"");
        change(!more.is_empty(), "add ", &more);
        change(!less.is_empty(), "drop ", &less);
        change(to.exit_signal != from.exit_signal, "use --exit-signal ", &ExitSignal(to.exit_signal));
    }
}

/// Prints the reason and what helps, a paragraph each.
pub fn lines(out: &mut dyn Sink, call: &Call, advice: &Advice) {
    if let Some(why) = advice.why {
        note(out, ("why: ", why));
    }
    match &advice.remedy {
        Remedy::None => {}
        Remedy::Call(better) => note(out, ("try: ", Changes([call, better]))),
        Remedy::NotFlags => note(out, "no change of flags helps"),
    }
}

/// What helps, in one line; none if nothing is known to.
pub fn remedy<'a>(call: &'a Call, advice: &'a Advice) -> Option<impl Show + use<'a>> {
    match &advice.remedy {
        Remedy::Call(better) => Some(Changes([call, better])),
        Remedy::None | Remedy::NotFlags => None,
    }
}
