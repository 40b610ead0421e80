//! The words of the command line.

use super::mode::{MODES, Mode};

/// What is to be done, and how.
#[derive(Clone, Copy)]
pub struct Request {
    /// The modes to run: all, or one.
    pub modes: &'static [Mode],
    /// `--json`: one object a task and nothing else.
    pub json: bool,
    /// `-v`: the stacks too.
    pub verbose: bool,
    /// `--help` or `--version`: to be printed instead.
    pub text: Option<&'static str>,
}

/// The text of `--help`.
#[cfg(feature = "laboratory")]
pub const HELP: &str = "\
usage: chimera [MODE] [-v] [--json]

Makes tasks with clone(2) and proves what each of them shares with the task
that made it: by what the kernel says, and by what the two do to each other.

  (no mode)      the tour: all four, then one table
  fork           a process: clone(SIGCHLD), then fork(2), which does the same
  chimera        a process in the memory of another: CLONE_VM
  thread         a bare thread, then the set of flags of pthread_create(3)
  user           a process that becomes root of its own user namespace

  -v, --verbose  also show each task's stack as it was built
  --json         one object a line, one line a task
  -h, --help     this text
  -V, --version  the version

status: 0 all is proven, 1 something is not as claimed or failed,
        2 usage, 4 nothing could be tested here";

/// The text of `--help`.
#[cfg(not(feature = "laboratory"))]
pub const HELP: &str = "usage: chimera fork|chimera|thread|user";

/// Reads the words after the program's name; the first that makes no sense is the error.
pub fn parse(words: impl Iterator<Item = &'static [u8]>) -> Result<Request, &'static [u8]> {
    let mut request = Request {
        modes: &MODES,
        json: false,
        verbose: false,
        text: None,
    };
    for word in words {
        match word {
            b"--help" | b"-h" => request.text = Some(HELP),
            b"--version" | b"-V" => {
                request.text = Some(concat!("chimera ", env!("CARGO_PKG_VERSION")))
            }
            #[cfg(feature = "laboratory")]
            b"--json" => request.json = true,
            #[cfg(feature = "laboratory")]
            b"--verbose" | b"-v" => request.verbose = true,
            _ => {
                // A second mode makes no more sense than an unknown one: then there is no choice left.
                let mode = request
                    .modes
                    .iter()
                    .find(|mode| mode.name.as_bytes() == word && request.modes.len() > 1);
                request.modes = core::slice::from_ref(mode.ok_or(word)?);
            }
        }
    }
    Ok(request)
}
