//! The lines for machines: one object a task.

use super::print::Printer;
use super::text;
use crate::clone::task::{Api, CALL};
use crate::sys::namespace;
use crate::witness::board::Word;
use crate::witness::resource::RESOURCES;
use crate::witness::trial::Trial;

/// A task, made or refused; `why` is what caused a refusal, if that was found.
pub fn trial(out: &mut Printer, trial: &Trial, why: Option<&str>) {
    let refused = trial
        .failure
        .filter(|failure| core::ptr::eq(failure.step, &CALL));
    let outcome = match trial.failure {
        None if trial.tally().wrong == 0 => "honoured",
        None => "not-honoured",
        Some(_) if refused.is_some() => "refused-otherwise",
        Some(_) => "crashed",
    };
    let plan = trial.call.plan;
    string(
        out,
        "{\"api\":",
        if plan.api == Api::Fork {
            "fork"
        } else {
            "clone"
        },
    );
    out.text(",\"flags\":\"");
    text::flags(out, plan);
    out.say(
        "\",\"bits\":\"$\",\"exit_signal\":#",
        &[plan.flags.bits() as usize, plan.exit_signal as usize],
    );
    let name = |errno: crate::sys::Errno| errno.text().and_then(|text| text.split(' ').next());
    let result = refused.map_or("OK", |failure| name(failure.errno).unwrap_or("unknown"));
    string(out, ",\"predicted\":", "OK");
    string(out, ",\"result\":", result);
    match why {
        Some(why) => string(out, ",\"rule\":null,\"why\":", why),
        None => _ = out.text(",\"rule\":null,\"why\":null"),
    }
    string(out, ",\"outcome\":", outcome);
    out.text(",\"kernel\":\"");
    if let Some(name) = namespace::uname() {
        for byte in name.release.iter().take_while(|byte| **byte != 0) {
            out.byte(*byte as u8);
        }
    }
    out.text("\"");
    for (who, facts) in [
        (",\"parent\":", &trial.parent),
        (",\"child\":", &trial.child),
    ] {
        let id = |word| facts.0[word as usize];
        let ids = [Word::Pid, Word::Tid, Word::Ppid, Word::Uid].map(id);
        out.text(who)
            .say("{\"pid\":#,\"tid\":#,\"ppid\":#,\"uid\":#}", &ids);
    }
    out.text(",\"resources\":");
    let mut glue = "[{\"name\":";
    for (place, (resource, seen)) in RESOURCES.iter().zip(&trial.seen).enumerate() {
        string(out, glue, resource.name);
        string(out, ",\"flag\":", resource.flag);
        string(out, ",\"asked\":", resource.asked(plan.flags).word());
        string(out, ",\"kernel\":", seen.kernel_word());
        string(out, ",\"behaviour\":", seen.behaviour_word());
        string(out, ",\"verdict\":", trial.verdict(place).word());
        glue = "},{\"name\":";
    }
    out.text("}]}").end();
}

fn string(out: &mut Printer, key: &str, value: &str) {
    out.text(key).text("\"").text(value).text("\"");
}
