//! The words of the command line.

use super::mode::{STOPS, Stop};

/// What is to be done, and how.
pub struct Request {
    /// The tasks to make: all, or those of one mode.
    pub stops: &'static [Stop],
    /// `--json`: one object a task and nothing else.
    pub json: bool,
    /// `-v`: the stacks too.
    pub verbose: bool,
    /// `--help` or `--version`: to be printed instead.
    pub text: Option<&'static str>,
}

/// An option: its words, and what it changes in the request.
struct Word(&'static str, &'static str, fn(&mut Request));

/// All options.
static OPTIONS: [Word; 4] = [
    Word("-h", "--help", |request| request.text = Some(HELP)),
    Word("-V", "--version", |request| request.text = Some(VERSION)),
    Word("-v", "--verbose", |request| request.verbose = true),
    Word("-j", "--json", |request| request.json = true),
];

/// The line of `--version`.
const VERSION: &str = concat!("chimera ", env!("CARGO_PKG_VERSION"));

/// The text of `--help`.
#[cfg(feature = "laboratory")]
const HELP: &str = "\
usage: chimera [MODE] [-v] [--json]
Makes tasks with clone(2) and proves what each of them shares with the task
that made it: by what the kernel says, and by what the two do to each other.

  (no mode)      the tour: all four, then one table
  fork           a process: clone(SIGCHLD), then fork(2), which does the same
  chimera        a process in the memory of another
  thread         a bare thread, then one as pthread_create(3) makes it
  user           a process that becomes root of its own user namespace

  -v, --verbose  also show each task's stack as it was built
  -j, --json     one object a line, one line a task
  -h, --help     this text
  -V, --version  the version

status: 0 all is proven, 1 something is not as claimed or failed,
        2 usage, 4 nothing could be tested here";

/// The text of `--help`.
#[cfg(not(feature = "laboratory"))]
const HELP: &str = "usage: chimera [fork|chimera|thread|user]";

/// Reads the words after the program's name; the first that makes no sense is the error.
#[inline(never)]
pub fn parse<'a>(words: impl Iterator<Item = &'a [u8]>) -> Result<Request, &'a [u8]> {
    let mut request = Request { stops: &STOPS, json: false, verbose: false, text: None };
    for word in words {
        let is = |name: &str| name.as_bytes() == word;
        if let Some(option) = OPTIONS.iter().find(|option| is(option.0) || is(option.1)) {
            (option.2)(&mut request);
        } else if let Some(stops) = mode(request.stops, word) {
            request.stops = stops;
        } else {
            return Err(word);
        }
    }
    Ok(request)
}

/// The tasks of the mode of this name, if there is still a choice: a second mode makes no more sense than an unknown
/// one.
fn mode(stops: &'static [Stop], name: &[u8]) -> Option<&'static [Stop]> {
    let is = |stop: &Stop| stop.mode.as_bytes() == name;
    let first = stops.iter().position(is).filter(|_| stops.len() == STOPS.len())?;
    let rest = &stops[first..];
    Some(&rest[..rest.iter().take_while(|stop| is(stop)).count()])
}
