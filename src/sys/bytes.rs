//! Numbers as text, without `core::fmt`.

/// Writes `template` through `put`: each `#` stands for the next of `numbers` in decimal, each `$` in hexadecimal.
pub fn format(template: &str, numbers: &[usize], put: &mut dyn FnMut(u8)) {
    let mut numbers = numbers.iter();
    for byte in template.bytes() {
        match byte {
            b'#' | b'$' => digits(numbers.next().copied().unwrap_or_default(), byte == b'$', put),
            _ => put(byte),
        }
    }
}

/// Writes a number through `put`, in hexadecimal as C spells it or in decimal.
fn digits(n: usize, hexadecimal: bool, put: &mut dyn FnMut(u8)) {
    let base = if hexadecimal { 16 } else { 10 };
    match n / base {
        0 if hexadecimal => [b'0', b'x'].into_iter().for_each(&mut *put),
        0 => {}
        rest => digits(rest, hexadecimal, put),
    }
    let digit = (n % base) as u8;
    put(if digit < 10 { b'0' + digit } else { b'a' - 10 + digit });
}

/// How many digits a number has in decimal.
pub fn width(mut n: usize) -> usize {
    let mut width = 1;
    while n > 9 {
        n /= 10;
        width += 1;
    }
    width
}
