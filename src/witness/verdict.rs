//! From two witnesses to a verdict.
//!
//! The decision behind it: a witness that cannot speak is `None` and never counts as "different". One that speaks is
//! enough; two that contradict each other prove nothing.

use super::resource::Asked;
use crate::words::Text;

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

/// The words for what was asked, what the kernel says, what behaviour shows, and the verdict.
static WORDS: [[Text; 3]; 4] = [
    [Text::Shared, Text::Copied, Text::New],
    [Text::Different, Text::Same, Text::Unknown],
    [Text::Separate, Text::Shared, Text::Unknown],
    [Text::Honoured, Text::NotHonoured, Text::Unknown],
];

/// How many words there are about a resource.
pub const COLUMNS: usize = WORDS.len();

impl Seen {
    /// One of the four words about a resource of which this was asked.
    pub fn word(self, asked: Asked, column: usize) -> Text {
        let says = |witness: Option<bool>| witness.map_or(2, usize::from);
        let place = match column {
            0 => asked as usize,
            1 => says(self.kernel),
            2 => says(self.behaviour),
            _ => self.verdict(asked) as usize,
        };
        WORDS[column.min(3)][place]
    }
}

/// How many claims there are of each [`Verdict`].
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally(pub [usize; 3]);

impl Tally {
    /// Counts claims.
    pub fn add(&mut self, verdict: Verdict, claims: usize) {
        self.0[verdict as usize] += claims;
    }

    /// How many claims have this verdict.
    pub fn of(&self, verdict: Verdict) -> usize {
        self.0[verdict as usize]
    }
}
