//! The lines for machines: one object a task.

use super::print::Printer;
use super::text;
use crate::clone::task::{Api, CALL};
use crate::sys::Errno;
use crate::sys::namespace;
use crate::witness::board::{Side, Word};
use crate::witness::resource::COUNT;
use crate::witness::trial::Trial;

/// What stands before each word of a resource's row.
const KEYS: [&str; 6] = [
    "{\"name\":\"",
    "\",\"flag\":\"",
    "\",\"asked\":\"",
    "\",\"kernel\":\"",
    "\",\"behaviour\":\"",
    "\",\"verdict\":\"",
];

/// A task, made or refused; `why` is what caused a refusal, if that was found.
pub fn trial(out: &mut Printer, trial: &Trial, why: Option<&str>) {
    let plan = trial.task.plan;
    out.text(if plan.api == Api::Fork { "{\"api\":\"fork\"" } else { "{\"api\":\"clone\"" }).text(",\"flags\":\"");
    text::flags(out, plan);
    out.say("\",\"bits\":\"$\",\"exit_signal\":#,\"predicted\":\"OK\",\"result\":\"", &[
        plan.flags.bits() as usize,
        plan.exit_signal as usize,
    ]);
    let (result, outcome) = match trial.failure {
        None if trial.tally().wrong == 0 => ("OK", "honoured"),
        None => ("OK", "not-honoured"),
        Some(failure) if core::ptr::eq(failure.step, &CALL) => (name(failure.errno), "refused-otherwise"),
        Some(_) => ("OK", "crashed"),
    };
    out.text(result).text("\",\"rule\":null,\"why\":");
    match why {
        Some(why) => out.byte(b'"').text(why).byte(b'"'),
        None => out.text("null"),
    };
    out.text(",\"outcome\":\"").text(outcome).text("\",\"kernel\":\"");
    if let Some(name) = namespace::uname() {
        for byte in name.release.iter().take_while(|byte| **byte != 0) {
            out.byte(*byte as u8);
        }
    }
    ids(out, "\",\"parent\":", trial.board.parent());
    ids(out, ",\"child\":", trial.board.child());
    let mut glue = ",\"resources\":[";
    for place in 0..COUNT {
        out.text(glue);
        for (key, word) in KEYS.iter().zip(trial.row(place)) {
            out.text(key).text(word);
        }
        glue = "\"},";
    }
    out.text("\"}]}").end();
}

fn ids(out: &mut Printer, who: &str, side: Side) {
    let ids = [Word::Pid, Word::Tid, Word::Ppid, Word::Uid].map(|word| side.get(word).0);
    out.text(who).say("{\"pid\":#,\"tid\":#,\"ppid\":#,\"uid\":#}", &ids);
}

/// The errno's name alone.
fn name(errno: Errno) -> &'static str {
    errno.text().and_then(|text| text.split(' ').next()).unwrap_or("unknown")
}
