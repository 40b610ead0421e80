//! The name that was probably meant by a misspelt word.

/// A search for the name nearest to what was written: at most a third of its letters may be wrong.
#[derive(Default)]
pub struct Nearest {
    best: Option<(Distance, Name)>,
}

/// A name, with the prefix that was written with it: `CLONE_` and `VM`.
pub type Name = (&'static str, &'static str);

/// How far a name is from a word: the letters that are wrong, and whether the case is another.
type Distance = (u8, bool);

impl Nearest {
    /// Considers a name for a word without its prefix.
    pub fn consider(&mut self, word: &[u8], (prefix, name): Name) {
        let wrong = distance(word, name.as_bytes());
        let is_near = usize::from(wrong) * 3 <= word.len();
        let found = (wrong, is_lower(word) != is_lower(name.as_bytes()));
        if is_near && self.best.is_none_or(|(best, _)| found < best) {
            self.best = Some((found, (prefix, name)));
        }
    }

    /// The nearest name, the first of several that are equally near.
    pub fn name(self) -> Option<Name> {
        self.best.map(|(_, name)| name)
    }
}

/// The nearest of these names.
pub fn nearest(word: &[u8], names: impl Iterator<Item = &'static str>) -> Option<Name> {
    let mut nearest = Nearest::default();
    names.for_each(|name| nearest.consider(word, ("", name)));
    nearest.name()
}

/// Whether a word has no capital letter.
fn is_lower(word: &[u8]) -> bool {
    !word.iter().any(u8::is_ascii_uppercase)
}

/// The longest text that is compared, in bytes, and one more.
const ROOM: usize = 24;

/// The distance of two texts, ignoring case: how many letters must be inserted, removed, changed, or exchanged with the
/// next one. A longer text is too far from any other.
fn distance(one: &[u8], other: &[u8]) -> u8 {
    let is_same = |at: usize, letter: &u8| one.get(at).is_some_and(|own| own.eq_ignore_ascii_case(letter));
    // The rows for the letters of `other` read so far, but the last; and with the last.
    let mut before = [u8::MAX; ROOM];
    let mut row: [u8; ROOM] = core::array::from_fn(|place| place as u8);
    for (place, letter) in other.iter().enumerate() {
        let mut next = [(place as u8).saturating_add(1); ROOM];
        for at in 1..ROOM {
            let is_exchanged = at > 1
                && place > 0
                && is_same(at - 2, letter)
                && other.get(place - 1).is_some_and(|previous| is_same(at - 1, previous));
            let exchanged = if is_exchanged { before[at - 2].saturating_add(1) } else { u8::MAX };
            let changed = row[at - 1].saturating_add(u8::from(!is_same(at - 1, letter)));
            let shifted = row[at].min(next[at - 1]).saturating_add(1);
            next[at] = exchanged.min(changed).min(shifted);
        }
        before = core::mem::replace(&mut row, next);
    }
    row.get(one.len()).copied().unwrap_or(u8::MAX)
}
