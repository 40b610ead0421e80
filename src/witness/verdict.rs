//! From two witnesses to a verdict.
//!
//! The decision behind it: a witness that cannot speak is `None` and never counts as "different". One that speaks is
//! enough; two that contradict each other prove nothing.

use super::resource::Asked;
use crate::words::Text;

/// The words about a resource: what was asked, what the kernel says, what behaviour shows, and the verdict.
pub type Words = [Text; 4];

/// The place of the kernel's word among them, and of the verdict.
pub const KERNEL: usize = 1;
/// See [`KERNEL`].
pub const VERDICT: usize = 3;

/// Holds what the two witnesses say (true: one object for both tasks) against what was asked.
pub fn words(asked: Asked, kernel: Option<bool>, behaviour: Option<bool>) -> Words {
    let says = |word: bool| kernel == Some(word) || behaviour == Some(word);
    let wanted = asked == Asked::Shared;
    let verdict = match (says(wanted), says(!wanted)) {
        (true, false) => Text::Honoured,
        (false, true) => Text::NotHonoured,
        _ => Text::Unknown,
    };
    let word = |says: Option<bool>, words: [Text; 2]| says.map_or(Text::Unknown, |says| words[usize::from(says)]);
    [
        [Text::Shared, Text::Copied, Text::New][asked as usize],
        word(kernel, [Text::Different, Text::Same]),
        word(behaviour, [Text::Separate, Text::Shared]),
        verdict,
    ]
}

/// How many claims are proven, how many are false, and how many stay open.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Honoured.
    pub proven: usize,
    /// Not honoured.
    pub wrong: usize,
    /// Unknown.
    pub open: usize,
}

impl Tally {
    /// Counts a verdict.
    pub fn count(&mut self, verdict: Text) {
        match verdict {
            Text::Honoured => self.proven += 1,
            Text::NotHonoured => self.wrong += 1,
            _ => self.open += 1,
        }
    }
}
