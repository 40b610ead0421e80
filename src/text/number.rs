//! The digits of numbers.
//!
//! One function writes every number, into an array of the caller; paths of proc(5) take the
//! digits from it as messages do.

/// How many digits the longest number has, in decimal.
pub const LONGEST: usize = 20;

/// The digits of a number in base 10 or 16, written at the end of an array that the longest number fits into.
pub fn digits(mut n: usize, base: usize, room: &mut [u8; LONGEST]) -> &[u8] {
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
