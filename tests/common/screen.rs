//! What a program writes at a terminal of a certain width, and whether the tables on such a page are in order.

use super::before;
use super::deadline::{self, DEADLINE};
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::libc;
use nix::pty::{PtyMaster, Winsize, grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::unistd::setsid;
use std::fs::File;
use std::io::Read;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::process::Command;
use std::time::Instant;

/// A new terminal, and the path of the end that programs have.
pub fn terminal() -> (PtyMaster, String) {
    // Closed on exec from the start: the programs that other tests start meanwhile must not get it.
    let master = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC).expect("a terminal");
    grantpt(&master).expect("a terminal of one's own");
    unlockpt(&master).expect("a terminal that can be opened");
    let path = ptsname_r(&master).expect("its name");
    (master, path)
}

/// Opens the end of a terminal that programs have, without being controlled by it.
pub fn open(path: &str) -> File {
    let file = File::options().read(true).write(true).custom_flags(libc::O_NOCTTY).open(path);
    file.expect("the other end of a terminal")
}

/// Has the program start a session that is controlled by the terminal at its fd 0.
pub fn control(command: Command) -> Command {
    before::exec(command, || {
        setsid()?;
        // SAFETY: an ioctl without memory: fd 0 becomes the terminal of the new session.
        Errno::result(unsafe { libc::ioctl(0, libc::TIOCSCTTY, 0) }).map(drop)
    })
}

/// Runs a program at a terminal with so many columns, and returns all that it writes there.
pub fn at_terminal(mut command: Command, columns: u16) -> String {
    let (master, path) = terminal();
    let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: the kernel reads one struct.
    Errno::result(unsafe { libc::ioctl(master.as_raw_fd(), libc::TIOCSWINSZ, &raw const size) }).expect("a size");
    command.env_remove("COLUMNS").env_remove("NO_COLOR").env("TERM", "xterm");
    command.stdin(open(&path)).stdout(open(&path)).stderr(open(&path));
    let mut child = command.spawn().expect("the program");
    drop(command); // and with it this process's descriptors: after the last close the reader ends
    let reader = std::thread::spawn(move || {
        let mut text = Vec::new();
        let _ = File::from(OwnedFd::from(master)).read_to_end(&mut text); // EIO is the end
        text
    });
    let limit = Instant::now() + DEADLINE;
    if deadline::within(limit, || child.try_wait().expect("a child")).is_none() {
        child.kill().expect("a child");
        child.wait().expect("a child");
        panic!("the program does not end at a terminal");
    }
    let text = reader.join().expect("what was written");
    String::from_utf8(text).expect("UTF-8").replace("\r\n", "\n")
}

/// A text without control sequences for colors.
pub fn plain(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or("", |(_, rest)| rest))
}

/// Panics if a line is longer than the page is wide, or ends with blanks.
#[track_caller]
pub fn fits(text: &str, width: usize) {
    for line in text.lines() {
        let length = line.chars().count();
        assert!(length <= width, "{length} of {width}: {line:?} in\n{text}");
        assert_eq!(line, line.trim_end(), "{text}");
    }
}

/// The names of a table's columns and where each begins and ends: names are separated by two blanks or more.
fn heads(line: &str) -> Vec<(&str, usize, usize)> {
    let mut found = Vec::new();
    let mut end = 0;
    for name in line.split("  ").map(str::trim).filter(|name| !name.is_empty()) {
        let start = end + line[end..].find(name).expect("it is there");
        end = start + name.len();
        found.push((name, start, end));
    }
    found
}

/// The rows of the table whose head begins with `first`, up to the next line that is not indented. Panics unless each cell
/// begins where the name of its column begins or, in the columns of `numbers`, ends where that ends.
#[track_caller]
pub fn rows<'a>(text: &'a str, first: &str, numbers: &[&str]) -> Vec<Vec<&'a str>> {
    let mut lines = text.lines().skip_while(|line| !line.trim_start().starts_with(first));
    let heads = heads(lines.next().unwrap_or_else(|| panic!("no table of {first} in {text}")));
    let is_row = |line: &&str| line.starts_with("  ") && !line.starts_with("  no room for: ");
    lines.take_while(is_row).map(|line| cells(line, &heads, numbers)).collect()
}

/// The cells of a row.
#[track_caller]
fn cells<'a>(line: &'a str, heads: &[(&str, usize, usize)], numbers: &[&str]) -> Vec<&'a str> {
    assert!(line.is_ascii(), "{line}");
    let between = |from: usize, to: usize| line.get(from.min(line.len())..to.min(line.len())).unwrap_or_default();
    let mut from = 0;
    let mut cells = Vec::new();
    for (place, (name, start, end)) in heads.iter().enumerate() {
        let cell = if numbers.contains(name) {
            let cell = between(from, *end);
            assert!(between(*end, end + 1).trim().is_empty(), "{name} ends elsewhere: {line:?}");
            from = *end;
            cell.trim()
        } else {
            assert!(between(from, *start).trim().is_empty(), "{name} begins elsewhere: {line:?}");
            let rest = between(*start, line.len());
            let is_last = place + 1 == heads.len();
            let length = if is_last { None } else { rest.find("  ") };
            let cell = length.map_or(rest, |length| &rest[..length]);
            assert!(!cell.starts_with(' '), "{name} begins elsewhere: {line:?}");
            from = start + cell.len();
            cell
        };
        cells.push(cell);
    }
    cells
}
