//! The page of a quiz, and its JSON: the questions and, if the tasks were made, the answers and what proves them.

use crate::clone::call::{Api, Call};
use crate::clone::flags::Flags;
use crate::experiment::findings::Waiter;
use crate::quiz::draw::{Choice, Question, Reason};
use crate::quiz::evidence::Seen;
use crate::quiz::proof::{Obstacle, Proof, Told, Tried, Trouble};
use crate::report::show::{self, ExitSignal, Name};
use crate::rules::rule::{Rule, When};
use crate::sys::Signal;
use crate::text::json::Object;
use crate::text::{Joined, Repeat, Show, Sink, Style, Styled, Wrapped, out, paragraph};

/// Where the texts of a question begin.
const INDENT: usize = 4;

/// Prints what a quiz is about, before its questions.
pub fn head(out: &mut dyn Sink, seed: u64) {
    out!(out, Styled(Style::Strong, ("Quiz ", seed)), "\n");
    paragraph(
        out,
        0,
        "The caller is the task that makes the call, and the child is the task that the call makes. The kernel refuses \
          some of the calls.",
    );
}

/// Prints a question.
pub fn question(out: &mut dyn Sink, number: usize, question: &Question) {
    out!(out, "\n", if number < 10 { " " } else { "" }, Styled(Style::Strong, number), ". ");
    if let Some(call) = &question.call {
        out!(out, Wrapped { text: CallOf(call), indent: INDENT }, "\n", Repeat(" ", INDENT));
    }
    out!(out, Wrapped { text: question.kind.text, indent: INDENT }, "\n");
    for (place, choice) in question.choices().iter().enumerate() {
        out!(out, "      ", letter(place), ") ");
        choice_line(out, *choice);
    }
}

/// Prints a choice, to the end of its line.
fn choice_line(out: &mut dyn Sink, choice: Choice) {
    let indent = out.column();
    out!(out, Wrapped { text: choice, indent }, "\n");
}

/// Prints the answer of a question, why it is right, and what the tasks showed.
pub fn answer(out: &mut dyn Sink, question: &Question, proof: &Proof) {
    out!(out, "    ", Styled(Style::Strong, ("answer: ", letter(question.answer))), ") ");
    if let Some(choice) = question.choices().get(question.answer) {
        choice_line(out, *choice);
    }
    paragraph(out, INDENT, question.why);
    let (style, word) = match proof {
        Proof::Proven(_) => (Style::Good, "proven"),
        Proof::Otherwise(_) => (Style::Bad, "OTHERWISE"),
        Proof::NotHere(_) => (Style::Doubtful, "not provable here"),
        Proof::Failed(_) => (Style::Bad, "FAILED"),
    };
    out!(out, "    ", Styled(style, word), ": ", Wrapped { text: proof, indent: INDENT }, "\n");
}

/// Prints what comes after the questions without answers.
pub fn foot(out: &mut dyn Sink, seed: u64, count: Option<usize>) {
    out!(out, "\nchimera quiz -s ", seed);
    if let Some(count) = count {
        out!(out, " -n ", count);
    }
    out!(out, " -c proves the answers\n");
}

/// How many answers were proven, otherwise, and not provable here.
#[derive(Clone, Copy, Default)]
pub struct Count {
    /// The answers that were proven.
    pub proven: usize,
    /// The questions of which something else was seen.
    pub otherwise: usize,
    /// The answers that cannot be seen on this machine.
    pub not_here: usize,
    /// The questions whose tasks failed.
    pub failed: usize,
}

impl Count {
    /// Counts a proof.
    pub fn count(&mut self, proof: &Proof) {
        match proof {
            Proof::Proven(_) => self.proven += 1,
            Proof::Otherwise(_) => self.otherwise += 1,
            Proof::NotHere(_) => self.not_here += 1,
            Proof::Failed(_) => self.failed += 1,
        }
    }
}

/// Prints what comes after the answers.
pub fn sum(out: &mut dyn Sink, count: Count) {
    let Count { proven, otherwise, not_here, failed } = count;
    out!(out, "\n", proven, " proven, ", otherwise, " otherwise, ", not_here, " not provable here");
    if failed > 0 {
        out!(out, ", ", failed, " failed");
    }
    out!(out, "\n");
    out!(out, "chimera clone FLAGS shows all that a call does\n");
}

/// Writes a question as JSON, with its answer if there is a proof.
pub fn json(out: &mut dyn Sink, seed: u64, number: usize, question: &Question, proof: Option<&Proof>) {
    Object::write(out, |object| {
        object.number("v", 1u8);
        object.number("seed", seed);
        object.number("number", number);
        object.text("kind", question.kind.name);
        object.text_or_null("api", question.call.map(|call| call.api.name()));
        object.text_or_null("flags", question.call.as_ref().map(show::flags));
        object.text("question", question.kind.text);
        object.list("choices", |list| {
            for choice in question.choices() {
                list.text(choice);
            }
        });
        if let Some(proof) = proof {
            object.text("answer", letter(question.answer));
            object.bool_or_null("proven", is_proven(proof));
            object.text("seen", proof);
            object.text("why", question.why);
        }
    });
    out!(out, "\n");
}

/// Whether the answer was seen; none if that cannot be said.
fn is_proven(proof: &Proof) -> Option<bool> {
    match proof {
        Proof::Proven(_) => Some(true),
        Proof::Otherwise(_) => Some(false),
        Proof::NotHere(_) | Proof::Failed(_) => None,
    }
}

/// The letter of a choice.
fn letter(place: usize) -> &'static str {
    ["a", "b", "c", "d"].get(place).copied().unwrap_or("?")
}

/// A call with its flags, as in C: all flags by name.
struct CallOf<'a>(&'a Call);

impl Show for CallOf<'_> {
    fn show(&self, out: &mut dyn Sink) {
        let Self(call) = self;
        out!(out, call.api.name(), "(");
        match (call.api, call.flags.is_empty()) {
            (Api::Clone, false) => {
                out!(out, call.flags);
                if call.exit_signal != 0 {
                    out!(out, "|", ExitSignal(call.exit_signal));
                }
            }
            _ => out!(out, show::flags(call)),
        }
        if call.api == Api::Clone3 && call.exit_signal != 0 {
            out!(out, ", exit_signal=", ExitSignal(call.exit_signal));
        }
        out!(out, ")");
    }
}

impl Show for Choice {
    fn show(&self, out: &mut dyn Sink) {
        match self {
            Self::Words(words) => out!(out, *words),
            Self::Flag(flag) => out!(out, *flag),
            Self::Set(flags) => out!(out, show::flags(&Call::usual(Api::Clone, *flags))),
        }
    }
}

impl Show for Reason {
    fn show(&self, out: &mut dyn Sink) {
        match self {
            Self::Words(words) => out!(out, *words),
            Self::Rule(rule, flags) => broken(out, rule, *flags),
        }
    }
}

/// The rule that these flags break, as a sentence.
fn broken(out: &mut dyn Sink, rule: &Rule, flags: Flags) {
    match rule.when {
        When::Together(one, others) => out!(out, one, " and ", flags & others, " exclude each other: ", rule.why, "."),
        When::Without(one, others) => out!(out, one, " needs ", others, ": ", rule.why, "."),
        When::If(..) => out!(out, rule.why),
    }
}

impl Show for Proof {
    fn show(&self, out: &mut dyn Sink) {
        match self {
            Self::Proven(told) | Self::Otherwise(told) => told.show(out),
            Self::NotHere(Obstacle::Rule(rule)) => out!(out, "on this machine the kernel refuses the call: ", rule.why),
            Self::Failed(Trouble::Crashed) => out!(out, "a task that should have lived was killed"),
            Self::Failed(Trouble::Hung) => out!(out, "the tasks did not end in time"),
            Self::NotHere(Obstacle::NoWitness) => out!(out, "no witness can see it on this machine"),
        }
    }
}

impl Show for Told {
    fn show(&self, out: &mut dyn Sink) {
        match self {
            Self::One(seen, _) => seen.show(out),
            Self::Each(tried) => {
                let tried =
                    tried.iter().enumerate().filter_map(|(place, tried)| Some((letter(place), ") ", (*tried)?)));
                out!(out, Joined(", ", tried));
            }
        }
    }
}

impl Show for Tried {
    fn show(&self, out: &mut dyn Sink) {
        match self {
            Self::Made(true) => out!(out, "yes"),
            Self::Made(false) => out!(out, "no"),
            Self::Refused(errno) => out!(out, "refused: ", Name(*errno)),
        }
    }
}

impl Show for Seen {
    fn show(&self, out: &mut dyn Sink) {
        match self {
            Self::Refused(errno) => out!(out, "the kernel refused the call: ", Name(*errno)),
            Self::Made => out!(out, "the kernel made a task"),
            Self::Row(resource, row) => {
                let [kernel, behaviour] = [resource.kernel_word(row.kernel), resource.behaviour_word(row.behaviour)];
                out!(out, resource.name, ": the kernel says ", kernel, ", behaviour shows ", behaviour);
            }
            Self::ProcessIds([caller, child]) => {
                out!(out, "getpid() is ", *caller, " in the caller and ", *child, " in the child");
            }
            Self::Ids(pids, tids) => {
                out!(out, "getpid() is ", pids[0], " in the caller and ", pids[1], " in the child, gettid() ");
                out!(out, tids[0], " and ", tids[1]);
            }
            Self::Returned([result, own]) => {
                out!(out, "the call returned ", *result, ", and getpid() is ", *own, " in the child");
            }
            Self::ParentIds([seen, caller, parent]) => {
                out!(out, "getppid() is ", *seen, " in the child; the caller is ", *caller, ", its parent ", *parent);
            }
            Self::Waiter(Waiter::Caller) => out!(out, "wait4(2) of the caller returned the child"),
            Self::Waiter(Waiter::CallersParent) => {
                out!(out, "wait4(2) of the caller failed with ECHILD, and that of its parent returned the child");
            }
            Self::Waiter(Waiter::Nobody) => {
                out!(out, "wait4(2) failed with ECHILD in the caller, its parent got nothing, and the child is gone");
            }
            Self::Signals(0) => out!(out, "the caller received none of the signals"),
            Self::Signals(set) => {
                out!(out, "the caller received");
                for signal in (1..=64).filter_map(Signal::new).filter(|signal| signal.set() & set != 0) {
                    out!(out, " ", signal);
                }
            }
            Self::Users([caller, child]) => {
                out!(out, "getuid() is ", *caller, " in the caller and ", *child, " in the child");
            }
            Self::OwnCredentials => {
                out!(out, "the child changed its credentials (PR_SET_KEEPCAPS), and the caller's stayed as they were");
            }
            Self::Stored([callers, childs]) => {
                let is_there = |is_there| if is_there { "the id" } else { "no id" };
                out!(out, is_there(*callers), " at parent_tid, ", is_there(*childs), " at child_tid");
            }
        }
    }
}
