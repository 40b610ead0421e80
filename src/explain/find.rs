//! Which topics a word means.
//!
//! Case does not matter, and a blank, a hyphen and an underscore are the same. A word that names a section of the manual,
//! as in `kcmp(2)`, also finds the topic without it.

use super::topic::{Topic, Visit};
use crate::text::nearest::{Name, Nearest};
use crate::text::read::after;

/// A word that somebody asks about.
#[derive(Clone, Copy)]
pub struct Word<'a>(pub &'a [u8]);

impl Word<'_> {
    /// Passes on the topics of `each` that the word means; returns how many there are.
    pub fn find(self, each: &dyn Fn(&mut Visit), visit: &mut Visit) -> usize {
        let mut count = 0;
        each(&mut |topic| {
            if self.means(topic) {
                count += 1;
                visit(topic);
            }
        });
        count
    }

    /// Whether the word means a topic.
    fn means(self, topic: &Topic) -> bool {
        let Self(word) = self;
        let (prefix, name) = topic.name;
        let is_name = |word| after(word, prefix.as_bytes()).is_some_and(|rest| is_alike(name.as_bytes(), rest));
        is_name(word) || is_name(bare(word)) || topic.also.iter().any(|other| is_alike(other.as_bytes(), word))
    }

    /// The topic of `each` that was probably meant by a word that means none.
    pub fn nearest(self, each: &dyn Fn(&mut Visit)) -> Option<Name> {
        let mut nearest = Nearest::default();
        each(&mut |topic| {
            let (prefix, name) = topic.name;
            let rest = after(self.0, prefix.as_bytes()).unwrap_or(self.0);
            nearest.consider(rest, (prefix, name));
        });
        nearest.name()
    }
}

/// A word without the section of the manual behind it.
fn bare(word: &[u8]) -> &[u8] {
    match word {
        [bare @ .., b'(', b'1'..=b'9', b')'] => bare,
        _ => word,
    }
}

/// Whether a word is this text. A part of the text in brackets stands for any text that is not empty.
fn is_alike(text: &[u8], word: &[u8]) -> bool {
    match (text, word) {
        ([], []) => true,
        ([b'[', rest @ ..], word) => match rest.iter().position(|byte| *byte == b']') {
            Some(end) => (1..=word.len()).any(|taken| is_alike(&rest[end + 1..], &word[taken..])),
            None => false,
        },
        ([first, text @ ..], [other, word @ ..]) => plain(*first) == plain(*other) && is_alike(text, word),
        _ => false,
    }
}

/// A letter in lower case; a hyphen for what is the same as one.
fn plain(byte: u8) -> u8 {
    match byte {
        b' ' | b'_' => b'-',
        byte => byte.to_ascii_lowercase(),
    }
}
