//! Reading texts: their parts, the numbers in them, and their prefixes.
//!
//! The command line and the files of proc(5) are read by the same few functions over bytes.

/// The parts of a text between separators; an empty text has one empty part.
#[derive(Clone)]
pub struct Parts<'a> {
    rest: Option<&'a [u8]>,
    separators: &'static [u8],
}

/// Splits a text at each of these separators.
pub fn parts<'a>(text: &'a [u8], separators: &'static [u8]) -> Parts<'a> {
    Parts { rest: Some(text), separators }
}

impl<'a> Iterator for Parts<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let text = self.rest.take()?;
        let is_separator = |byte: &u8| self.separators.iter().any(|separator| separator == byte);
        let end = text.iter().position(is_separator).unwrap_or(text.len());
        let (part, rest) = text.split_at_checked(end)?;
        self.rest = rest.get(1..);
        Some(part)
    }
}

/// The number at the start of a text, in base 10 or 16, and the rest; none if there is no number, or if it exceeds 64
/// bits.
pub fn leading(text: &[u8], base: u32) -> Option<(usize, &[u8])> {
    let (mut number, mut rest) = (None, text);
    while let [first, behind @ ..] = rest
        && let Some(digit) = (*first as char).to_digit(base)
    {
        number = Some(number.unwrap_or(0usize).checked_mul(base as usize)?.checked_add(digit as usize)?);
        rest = behind;
    }
    Some((number?, rest))
}

/// A whole text as a number, in decimal, or in hexadecimal after 0x.
pub fn number(text: &[u8]) -> Option<usize> {
    let (digits, base) = after(text, b"0x").map_or((text, 10), |digits| (digits, 16));
    leading(digits, base).filter(|(_, rest)| rest.is_empty()).map(|(number, _)| number)
}

/// The text after a prefix, ignoring case; none if the text does not begin with it.
pub fn after<'a>(text: &'a [u8], beginning: &[u8]) -> Option<&'a [u8]> {
    let (start, rest) = text.split_at_checked(beginning.len())?;
    is_same(start, beginning).then_some(rest)
}

/// Whether two texts are equal, ignoring case.
pub fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.eq_ignore_ascii_case(other))
}
