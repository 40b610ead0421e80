//! From two witnesses to a verdict.
//!
//! The decision behind it: a witness that cannot speak is `None` and never counts as "different". One that speaks is
//! enough; two that contradict each other prove nothing.

use crate::words::Text;

/// The words about a resource: what was asked, what the kernel says, what behaviour shows, and the verdict.
pub type Words = [Text; 4];

/// The place of the kernel's word among them, and of the verdict.
pub const KERNEL: usize = 1;
/// See [`KERNEL`].
pub const VERDICT: usize = 3;

/// How it is said that a witness says no, yes or nothing.
static KERNEL_SAYS: [Text; 3] = [Text::Different, Text::Same, Text::Unknown];
static BEHAVIOUR_SAYS: [Text; 3] = [Text::Separate, Text::Shared, Text::Unknown];

/// Holds what the two witnesses say (true: one object for both tasks, or no effect) against what was asked.
pub fn judge(asked: Text, kernel: Option<bool>, behaviour: Option<bool>) -> Words {
    let place = |says: Option<bool>| says.map_or(2, usize::from);
    let wanted = asked == Text::Shared || asked == Text::NotAsked;
    let says = |word: bool| kernel == Some(word) || behaviour == Some(word);
    let verdict = match (says(wanted), says(!wanted)) {
        (true, false) => Text::Honoured,
        (false, true) => Text::NotHonoured,
        _ => Text::Unknown,
    };
    [asked, KERNEL_SAYS[place(kernel)], BEHAVIOUR_SAYS[place(behaviour)], verdict]
}

/// How many claims are proven, how many are false, and how many stay open.
pub type Tally = [usize; 3];

/// The place of each in a [`Tally`].
pub const PROVEN: usize = 0;
/// See [`PROVEN`].
pub const WRONG: usize = 1;

/// Counts a verdict, if it is one: their texts stand together.
pub fn count(tally: &mut Tally, verdict: Text) {
    let place = (verdict as usize).wrapping_sub(Text::Honoured as usize);
    tally.get_mut(place).into_iter().for_each(|count| *count += 1);
}
