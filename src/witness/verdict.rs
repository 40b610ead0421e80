//! From two witnesses to a verdict.
//!
//! A witness that could not observe is silent, and silence never counts as "different". One witness is enough; two that
//! contradict each other prove nothing.

/// What a call asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asked {
    /// One object for both tasks.
    Shared,
    /// A copy, equal at the start.
    Copied,
    /// A fresh object, or an effect.
    New,
    /// No effect.
    None,
}

impl Asked {
    /// The word in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::Copied => "copied",
            Self::New => "new",
            Self::None => "none",
        }
    }
}

/// What a witness says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Says {
    /// Both tasks have one object, or the effect is absent.
    One,
    /// Each task has its own object, or the effect is there.
    Two,
    /// Nothing: the witness could not observe.
    Unknown,
}

impl Says {
    /// The word for what the kernel says.
    pub const fn of_kernel(self) -> &'static str {
        match self {
            Self::One => "same",
            Self::Two => "different",
            Self::Unknown => "unknown",
        }
    }

    /// The word for what behaviour shows.
    pub const fn of_behaviour(self) -> &'static str {
        match self {
            Self::One => "shared",
            Self::Two => "separate",
            Self::Unknown => "unknown",
        }
    }

    /// The word for what either witness says of an effect.
    pub const fn of_effect(self) -> &'static str {
        match self {
            Self::One => "not-seen",
            Self::Two => "seen",
            Self::Unknown => "unknown",
        }
    }
}

impl From<Option<bool>> for Says {
    fn from(says: Option<bool>) -> Self {
        match says {
            Some(true) => Self::One,
            Some(false) => Self::Two,
            None => Self::Unknown,
        }
    }
}

/// What is proven about a resource.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// A witness saw what was asked for, and none contradicts it.
    Honoured,
    /// A witness saw the opposite, and none contradicts it.
    NotHonoured,
    /// No witness could observe, or the two contradict each other.
    Unknown,
}

impl Verdict {
    /// The word in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Honoured => "honoured",
            Self::NotHonoured => "not-honoured",
            Self::Unknown => "unknown",
        }
    }
}

/// The findings about a resource.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Row {
    /// What was asked for.
    pub asked: Asked,
    /// What the kernel says.
    pub kernel: Says,
    /// What behaviour shows.
    pub behaviour: Says,
    /// The verdict.
    pub verdict: Verdict,
}

impl Row {
    /// A row about which nothing is known.
    pub const UNKNOWN: Self =
        Self { asked: Asked::None, kernel: Says::Unknown, behaviour: Says::Unknown, verdict: Verdict::Unknown };

    /// Compares the two witnesses with what was asked.
    pub fn judge(asked: Asked, kernel: Says, behaviour: Says) -> Self {
        let (wanted, other) = match asked {
            Asked::Shared | Asked::None => (Says::One, Says::Two),
            Asked::Copied | Asked::New => (Says::Two, Says::One),
        };
        let says = |word| kernel == word || behaviour == word;
        let verdict = match (says(wanted), says(other)) {
            (true, false) => Verdict::Honoured,
            (false, true) => Verdict::NotHonoured,
            _ => Verdict::Unknown,
        };
        Self { asked, kernel, behaviour, verdict }
    }
}

/// The numbers of claims proven, disproven and undecided.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Tally {
    /// Claims proven.
    pub proven: usize,
    /// Claims disproven.
    pub wrong: usize,
    /// Claims undecided.
    pub open: usize,
}

impl Tally {
    /// Counts a verdict.
    pub fn count(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Honoured => self.proven += 1,
            Verdict::NotHonoured => self.wrong += 1,
            Verdict::Unknown => self.open += 1,
        }
    }
}
