//! Numbers as text, without `core::fmt`.

/// Writes the digits of `n` in `base` (10 or 16) so that they end where `room` ends, and answers them.
pub fn digits(mut n: usize, base: usize, room: &mut [u8; 20]) -> &[u8] {
    let mut start = room.len();
    for (index, digit) in room.iter_mut().enumerate().rev() {
        let value = (n % base) as u8;
        *digit = if value < 10 {
            b'0' + value
        } else {
            b'a' - 10 + value
        };
        n /= base;
        start = index;
        if n == 0 {
            break;
        }
    }
    room.get(start..).unwrap_or_default()
}
