//! What the tour and its modes are asked for.

use super::mode::STOPS;
use super::options::{Options, TOUR};
use crate::words::Text;

/// What is to be done, and how.
#[derive(Default)]
pub struct Request {
    /// The one mode to run; none is all of them.
    pub mode: Option<Text>,
    /// `--json`: one object a task and nothing else.
    pub json: bool,
    /// `-v`: the stacks too.
    pub verbose: bool,
    /// `--version`: to be printed instead.
    pub version: bool,
}

/// Reads the words after the program's name; the first that makes no sense is the error.
pub fn parse<'a>(words: impl Iterator<Item = &'a [u8]>) -> Result<Request, &'a [u8]> {
    let mut request = Request::default();
    for word in Options::new(TOUR, words) {
        match word? {
            (Text::OptionHelp, _) => {} // seen to before
            (Text::OptionVersion, _) => request.version = true,
            (Text::OptionVerbose, _) => request.verbose = true,
            (Text::OptionJson, _) => request.json = true,
            (_, word) => {
                // A second mode makes no more sense than an unknown one.
                let stop = STOPS.iter().find(|stop| stop.mode.bytes() == word).filter(|_| request.mode.is_none());
                request.mode = Some(stop.ok_or(word)?.mode);
            }
        }
    }
    Ok(request)
}
