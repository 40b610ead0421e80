//! Every word that the program can say: how they are kept, and (`list`) which they are.
//!
//! The decision behind it: a text is a small number. Tables hold these instead of pointers, a call that prints
//! one needs no address, and whoever wants to know what the program says reads one list. A text may have places for
//! values: `#` for a number in decimal, `$` for one in hexadecimal, `@` for another text. `\t` goes on at the next
//! column of 20, 30, 40 and so on, `\n` ends a line.

/// Makes the list: the names, and the texts in the same order.
macro_rules! texts {
    ($($(#[$only:meta])* $name:ident $text:expr;)*) => {
        /// A text, by its name.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u16)]
        #[allow(missing_docs, reason = "each is its text")]
        pub enum Text {
            $($(#[$only])* $name,)*
        }

        /// All of them.
        pub(super) const LIST: &[&str] = &[$($(#[$only])* $text,)*];
    };
}

mod list;

use list::LIST;
pub use list::Text;

/// How long each text is, in bytes.
const LENGTHS: [u8; LIST.len()] = {
    let (mut lengths, mut place) = ([0; LIST.len()], 0);
    while place < LIST.len() {
        assert!(LIST[place].len() <= u8::MAX as usize, "a text too long for its length: make two of it");
        lengths[place] = LIST[place].len() as u8;
        place += 1;
    }
    lengths
};

/// How many bytes the first `count` texts have together.
const fn length(lengths: &[u8], count: usize) -> usize {
    let (mut sum, mut place) = (0, 0);
    while place < count {
        sum += lengths[place] as usize;
        place += 1;
    }
    sum
}

/// All texts, one after another.
const BYTES: [u8; length(&LENGTHS, LIST.len())] = {
    let (mut bytes, mut end, mut place) = ([0; length(&LENGTHS, LIST.len())], 0, 0);
    while place < LIST.len() {
        let (text, mut byte) = (LIST[place].as_bytes(), 0);
        while byte < text.len() {
            bytes[end] = text[byte];
            byte += 1;
            end += 1;
        }
        place += 1;
    }
    bytes
};

/// So many texts stand between two whose place is known; those between are counted through.
const STEP: usize = 16;

/// Where each of those begins.
const PLACES: [u16; LIST.len().div_ceil(STEP)] = {
    let (mut places, mut place) = ([0; LIST.len().div_ceil(STEP)], 0);
    while place < places.len() {
        places[place] = length(&LENGTHS, place * STEP) as u16;
        place += 1;
    }
    places
};

impl Text {
    /// Its bytes.
    pub fn bytes(self) -> &'static [u8] {
        static ALL: [u8; BYTES.len()] = BYTES;
        static EACH: [u8; LENGTHS.len()] = LENGTHS;
        static SOME: [u16; PLACES.len()] = PLACES;
        let number = self as usize;
        let first = number - number % STEP;
        let mut start = SOME.get(number / STEP).map_or(0, |place| usize::from(*place));
        for length in EACH.get(first..number).unwrap_or_default() {
            start += usize::from(*length);
        }
        let length = EACH.get(number).map_or(0, |length| usize::from(*length));
        ALL.get(start..start + length).unwrap_or_default()
    }
}

/// The digits of a number in base 10 or 16, written at the end of a room that the longest number fits into.
pub fn digits(mut n: usize, base: usize, room: &mut [u8; 20]) -> &[u8] {
    let mut start = room.len();
    for room in room.iter_mut().rev() {
        let digit = (n % base) as u8;
        *room = if digit < 10 { b'0' + digit } else { b'a' - 10 + digit };
        n /= base;
        start -= 1;
        if n == 0 {
            break;
        }
    }
    room.get(start..).unwrap_or_default()
}
