//! Numbers as text, without `core::fmt`.

/// Writes `template` through `put`: each `#` stands for the next of `numbers` in decimal, each `$` in hexadecimal.
pub fn format(template: &[u8], numbers: &[usize], put: &mut dyn FnMut(u8)) {
    let mut numbers = numbers.iter();
    for &byte in template {
        let base = match byte {
            b'#' => 10,
            b'$' => 16,
            _ => {
                put(byte);
                continue;
            }
        };
        digits(numbers.next().copied().unwrap_or_default(), base, put);
    }
}

/// Writes the digits of a number, the highest first.
fn digits(n: usize, base: usize, put: &mut dyn FnMut(u8)) {
    if n >= base {
        digits(n / base, base, put);
    }
    let digit = (n % base) as u8;
    put(if digit < 10 { b'0' + digit } else { b'a' - 10 + digit });
}
