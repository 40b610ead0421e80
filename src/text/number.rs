//! The digits of numbers.
//!
//! One function writes every number, into the caller's array, for messages as for paths of proc(5).

/// The number of decimal digits of the longest number.
pub const LONGEST: usize = 20;

/// The digits of a number in base 10 or 16, at the end of the caller's array.
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
