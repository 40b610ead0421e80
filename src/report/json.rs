//! The lines for machines: one object a task.

use super::print::Printer;
use super::text;
use crate::clone::task::{Api, CALL};
use crate::sys::namespace;
use crate::witness::board::{Side, Word};
use crate::witness::resource::RESOURCES;
use crate::witness::trial::Trial;
use crate::witness::verdict::{COLUMNS, Tally, Verdict};

/// What stands before each word about a resource.
static KEYS: [&str; COLUMNS] = ["\",\"asked\":\"", "\",\"kernel\":\"", "\",\"behaviour\":\"", "\",\"verdict\":\""];

/// A task, made or refused; `why` is what caused a refusal, if that was found.
#[inline(never)]
pub fn trial(out: &mut Printer, trial: &Trial, why: Option<&str>) {
    let plan = trial.task.plan;
    out.text(if plan.api == Api::Fork { "{\"api\":\"fork\"" } else { "{\"api\":\"clone\"" }).text(",\"flags\":\"");
    text::flags(out, plan);
    out.say("\",\"bits\":\"0x$\",\"exit_signal\":#,\"predicted\":\"OK\",\"result\":\"", &[
        plan.flags.bits() as usize,
        plan.exit_signal as usize,
    ]);
    let outcome = match trial.failure {
        Some(failure) if core::ptr::eq(failure.step, &CALL) => {
            // The errno's name alone, without its text.
            let text = failure.errno.text().unwrap_or("unknown ");
            out.bytes_until(text.bytes(), b' ');
            "refused-otherwise"
        }
        Some(_) => {
            out.text("OK");
            "crashed"
        }
        None => {
            out.text("OK");
            let mut tally = Tally::default();
            trial.count(&mut tally);
            if tally.of(Verdict::NotHonoured) > 0 { "not-honoured" } else { "honoured" }
        }
    };
    out.text("\",\"rule\":null,\"why\":");
    match why {
        Some(why) => out.byte(b'"').text(why).byte(b'"'),
        None => out.text("null"),
    };
    out.text(",\"outcome\":\"").text(outcome).text("\",\"kernel\":\"");
    namespace::uname(|name| out.bytes_until(name.release.iter().map(|byte| *byte as u8), 0));
    ids(out, "\",\"parent\":", trial.board.parent());
    ids(out, ",\"child\":", trial.board.child());
    let mut glue = ",\"resources\":[{\"name\":\"";
    for (place, resource) in RESOURCES.iter().enumerate() {
        out.text(glue).text(resource.name).text("\",\"flag\":\"").text(resource.flag);
        for (column, key) in KEYS.iter().enumerate() {
            out.text(key).text(trial.word(place, column));
        }
        glue = "\"},{\"name\":\"";
    }
    out.text("\"}]}").end();
}

fn ids(out: &mut Printer, who: &str, side: Side) {
    let ids = [Word::Pid, Word::Tid, Word::Ppid, Word::Uid].map(|word| side.get(word).0);
    out.text(who).say("{\"pid\":#,\"tid\":#,\"ppid\":#,\"uid\":#}", &ids);
}
