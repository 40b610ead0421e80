//! The explanation of a failed try: the cause, and what to try.

use crate::clone::flags::Flags;
use crate::error::{Failure, Step, Why};
use crate::host::aside::{Aside, SharedText, aside};
use crate::host::cause;
use crate::host::proc;
use crate::sys::wait::Change;
use crate::sys::{Result, Signal, control};
use crate::text::{Sink, out};

/// The longest remedy in bytes: it may name a path, with quotes.
const LONGEST: usize = 0x1fff;

/// Room for an explanation.
pub struct Told {
    /// The cause.
    pub cause: SharedText,
    /// What to try; empty if nothing is known.
    pub remedy: SharedText,
}

impl Told {
    /// No explanation yet.
    pub fn new() -> Result<Self> {
        Ok(Self { cause: SharedText::new(1023)?, remedy: SharedText::new(LONGEST)? })
    }

    /// Looks for the cause of a failure of a step in these namespaces; none if none was found. Looking takes calls at
    /// which a filter may kill, so a child looks, if there can be one.
    pub fn find(&self, failure: Failure, flags: Flags) -> Option<&Self> {
        self.cause.wipe();
        self.remedy.wipe();
        let is_told = match failure.why {
            Why::Signal(Signal::SYS) => self.tell_of_filter(failure.step),
            Why::Signal(_) | Why::Status(_) => false,
            Why::Errno(_) => ask(&|| self.look(failure, flags)),
        };
        (is_told && self.cause.is_whole() && self.remedy.is_whole()).then_some(self)
    }

    /// Writes the explanation of a death by SIGSYS.
    fn tell_of_filter(&self, step: Step) -> bool {
        let is_filter = is_under_filter();
        if is_filter {
            match step {
                Step::Killed => out!(&mut &self.cause, "a seccomp filter kills it"),
                _ => out!(&mut &self.cause, "a seccomp filter kills `", step.name(), "`"),
            }
            out!(&mut &self.remedy, "docker run --security-opt seccomp=unconfined");
        }
        is_filter
    }

    /// Writes the explanation, if there is one.
    fn look(&self, failure: Failure, flags: Flags) -> bool {
        let (cause, remedy): (&mut dyn Sink, &mut dyn Sink) = (&mut &self.cause, &mut &self.remedy);
        let Some(told) = cause::find(failure, flags) else { return false };
        out!(cause, told.cause());
        out!(remedy, told.remedy());
        true
    }
}

/// Has a child answer, if there can be one; no if a filter kills it.
fn ask(question: &dyn Fn() -> bool) -> bool {
    match aside(|| question().into()) {
        Aside::Ended(change) => change == Change::Exited(1),
        Aside::Lost(_) => false,
        Aside::NotMade(_) => question(),
    }
}

/// Whether this process is under a seccomp filter. A file says so too, where prctl(2) is what kills.
fn is_under_filter() -> bool {
    let questions: [fn() -> bool; 2] =
        [|| proc::number_in(c"/proc/self/status", b"Seccomp:\t", 10) == Ok(2), || control::seccomp_mode() == Ok(2)];
    questions.iter().any(|question| ask(question))
}
