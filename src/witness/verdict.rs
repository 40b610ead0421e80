//! From two witnesses to a verdict.
//!
//! A witness that cannot speak says nothing, and that never counts as "different". One that speaks is enough; two that
//! contradict each other prove nothing.

/// What a call asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asked {
    /// One object for both tasks.
    Shared,
    /// An object that is equal at the start.
    Copied,
    /// A fresh object, or an effect.
    New,
    /// No effect.
    None,
}

impl Asked {
    /// The word for it.
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
    /// Both tasks have one object, or there is no effect.
    One,
    /// Each task has its own, or there is the effect.
    Two,
    /// Nothing: the witness could not see.
    Unknown,
}

impl Says {
    /// The word of the kernel.
    pub const fn of_kernel(self) -> &'static str {
        match self {
            Self::One => "same",
            Self::Two => "different",
            Self::Unknown => "unknown",
        }
    }

    /// The word of behaviour.
    pub const fn of_behaviour(self) -> &'static str {
        match self {
            Self::One => "shared",
            Self::Two => "separate",
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

/// What is proven of a resource.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// A witness saw what was asked for, and none contradicts.
    Honoured,
    /// A witness saw the contrary, and none contradicts that.
    NotHonoured,
    /// No witness could see, or they contradict each other.
    Unknown,
}

impl Verdict {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Honoured => "honoured",
            Self::NotHonoured => "not-honoured",
            Self::Unknown => "unknown",
        }
    }
}

/// What is found out about a resource.
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
    /// A row of which nothing is known.
    pub const UNKNOWN: Self =
        Self { asked: Asked::None, kernel: Says::Unknown, behaviour: Says::Unknown, verdict: Verdict::Unknown };

    /// Holds what the two witnesses say against what was asked.
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

/// How many claims are proven, how many are otherwise than claimed, and how many stay open.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Tally {
    /// Proven.
    pub proven: usize,
    /// Not as claimed.
    pub wrong: usize,
    /// Unknown.
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
