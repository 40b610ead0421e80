//! What stands in the columns of a table and behind the keys of an object: what was asked for, what the witnesses say,
//! verdicts, outcomes, results.

use super::topic::{Kind, Plain, Visit};
use crate::experiment::findings::Outcome;
use crate::witness::verdict::{Asked, Says, Verdict};

/// The pages of the program that show these words.
const SHOWS: &[&str] = &["clone VM"];

/// What a call asks for.
const fn asked(asked: Asked) -> Plain {
    Plain::new(
        match asked {
            Asked::Shared => {
                "In the column asked: the call asks for one object for both tasks, so that what one task changes the other sees changed."
            }
            Asked::Copied => {
                "In the column asked: the call asks for a copy for the child. At the start it is equal to the caller's; what one task changes later the other does not see."
            }
            Asked::New => {
                "In the column asked: the call asks for a fresh object for the child, which is no copy of the caller's: a thread group, a namespace, an empty list. Of the parent it means that the caller is the parent, as usual."
            }
            Asked::None => {
                "In the column asked: the call does not ask for this effect. Effects that are not asked for have no row."
            }
        },
        SHOWS,
        &["asked", "verdict", "clone(2)"],
    )
}

/// What the kernel says.
const fn kernel(says: Says) -> Plain {
    Plain::new(
        match says {
            Says::One => {
                "In the column kernel: the kernel says that both tasks have the same object: kcmp(2) answers 0, or both namespaces have one inode."
            }
            Says::Two => "In the column kernel: the kernel says that the two tasks have different objects.",
            Says::Unknown => {
                "In a column: this witness could not look, or what it saw proves nothing. It never counts as an answer: the other witness decides alone."
            }
        },
        SHOWS,
        &["kernel", "verdict", "kcmp(2)"],
    )
}

/// What behaviour shows.
const fn behaviour(says: Says) -> Plain {
    Plain::new(
        match says {
            Says::One => "In the column behaviour: one task acted, and the other saw the change: they use one object.",
            Says::Two => {
                "In the column behaviour: one task acted, and the other saw its own unchanged: each uses an object of its own."
            }
            Says::Unknown => return kernel(Says::Unknown),
        },
        SHOWS,
        &["behaviour", "verdict", "clone(2)"],
    )
}

/// What is proven about a row.
const fn verdict(verdict: Verdict) -> Plain {
    Plain::new(
        match verdict {
            Verdict::Honoured => {
                "The verdict on a row: the kernel did what the call asked for. At least one of the two witnesses saw it, and the other one saw the same or could not look. One witness is enough."
            }
            Verdict::NotHonoured => {
                "The verdict on a row: the kernel did something else than the call asked for. At least one witness saw it, and the other does not say otherwise. Where clone(2) ignores a flag that only clone3(2) takes, that is no error of the kernel: the page says so."
            }
            Verdict::Unknown => {
                "The verdict on a row: nothing is proven. No witness could look, or the two contradict each other."
            }
        },
        SHOWS,
        &["verdict", "witness", "outcome"],
    )
}

/// What came of a call.
const fn outcome(outcome: Outcome) -> Plain {
    let (text, examples): (_, &'static [&'static str]) = match outcome {
        Outcome::Honoured => (
            "The outcome of a call: the task was made as predicted, and every flag of the call was seen to have its effect. Exit status 0.",
            SHOWS,
        ),
        Outcome::RefusedAsPredicted => (
            "The outcome of a call: the kernel refused it, with the error that the rules predicted. Exit status 3.",
            &["clone THREAD"],
        ),
        Outcome::RefusedOtherwise => (
            "The outcome of a call: the kernel refused it, though the rules predicted something else: that it makes a task, or another error. The rules do not know this kernel or this machine well enough. Exit status 1.",
            &["rules THREAD"],
        ),
        Outcome::AcceptedOtherwise => (
            "The outcome of a call: the kernel made the task, though the rules predicted a refusal. Exit status 1.",
            &["rules THREAD"],
        ),
        Outcome::NotHonoured => (
            "The outcome of a call: the task was made, but at least one row is not-honoured. Exit status 1.",
            &["clone CLEAR_SIGHAND"],
        ),
        Outcome::Crashed => (
            "The outcome of a call: a signal killed the child, or the task that made the call, while it should have lived. The page names the signal. Exit status 1.",
            &["clone VM --stack 10"],
        ),
        Outcome::Hung => (
            "The outcome of a call: it did not come to an end in time, so the examiner ended it. Exit status 1.",
            SHOWS,
        ),
        Outcome::Unknown => (
            "The outcome of a call: the task was made, but of at least one flag that was asked for nothing can be seen here. Exit status 4.",
            &["clone PTRACE"],
        ),
    };
    Plain::new(text, examples, &["predicted", "verdict", "clone(2)"])
}

/// Passes on all of them.
pub fn each(visit: &mut Visit) {
    for word in [Asked::Shared, Asked::Copied, Asked::New, Asked::None] {
        asked(word).visit(Kind::Value, word.name(), &[], visit);
    }
    for word in [Says::One, Says::Two, Says::Unknown] {
        kernel(word).visit(Kind::Value, word.of_kernel(), &[], visit);
    }
    for word in [Says::One, Says::Two] {
        behaviour(word).visit(Kind::Value, word.of_behaviour(), &[], visit);
    }
    for word in [Verdict::Honoured, Verdict::NotHonoured, Verdict::Unknown] {
        verdict(word).visit(Kind::Verdict, word.name(), &[], visit);
    }
    for word in [
        Outcome::Honoured,
        Outcome::RefusedAsPredicted,
        Outcome::RefusedOtherwise,
        Outcome::AcceptedOtherwise,
        Outcome::NotHonoured,
        Outcome::Crashed,
        Outcome::Hung,
        Outcome::Unknown,
    ] {
        outcome(word).visit(Kind::Outcome, word.name(), &[], visit);
    }
}
