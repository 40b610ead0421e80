//! From two witnesses to a verdict.
//!
//! The decision behind it: a witness that cannot speak is `None` and never counts as "different". One that speaks is
//! enough; two that contradict each other prove nothing.

use super::resource::Asked;

/// What the two witnesses saw of one resource; true is one object for both tasks.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    /// What the kernel says.
    pub kernel: Option<bool>,
    /// What happened to one task when the other acted.
    pub behaviour: Option<bool>,
}

/// Whether what was asked for is what is there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Proven.
    Honoured,
    /// Disproven.
    NotHonoured,
    /// Nobody could say, or the two contradict each other.
    Unknown,
}

impl Seen {
    /// Holds what was seen against what was asked for.
    pub fn verdict(self, asked: Asked) -> Verdict {
        let says = |word: bool| self.kernel == Some(word) || self.behaviour == Some(word);
        let wanted = asked == Asked::Shared;
        match (says(wanted), says(!wanted)) {
            (true, false) => Verdict::Honoured,
            (false, true) => Verdict::NotHonoured,
            _ => Verdict::Unknown,
        }
    }
}

impl Seen {
    /// The kernel's word, as printed.
    pub fn kernel_word(self) -> &'static str {
        match self.kernel {
            Some(true) => "same",
            Some(false) => "different",
            None => "unknown",
        }
    }

    /// The behaviour, as printed.
    pub fn behaviour_word(self) -> &'static str {
        match self.behaviour {
            Some(true) => "shared",
            Some(false) => "separate",
            None => "unknown",
        }
    }
}

impl Verdict {
    /// The word that is printed.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Honoured => "honoured",
            Verdict::NotHonoured => "not-honoured",
            Verdict::Unknown => "unknown",
        }
    }
}

/// How many claims were proven, how many stay open, how many are false.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Proven.
    pub proven: usize,
    /// Nobody could say.
    pub unknown: usize,
    /// Disproven.
    pub wrong: usize,
}

impl Tally {
    /// Counts one verdict.
    pub fn count(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Honoured => self.proven += 1,
            Verdict::Unknown => self.unknown += 1,
            Verdict::NotHonoured => self.wrong += 1,
        }
    }

    /// Adds another tally to this one.
    pub fn add(&mut self, other: Tally) {
        self.proven += other.proven;
        self.unknown += other.unknown;
        self.wrong += other.wrong;
    }
}
