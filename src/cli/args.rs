//! The words of the command line.

use super::mode::STOPS;
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
    /// `--help` or `--version`: to be printed instead.
    pub text: Option<Text>,
}

/// An option: its word, and what it changes in the request.
type Choice = (Text, fn(&mut Request));

/// All options.
static OPTIONS: &[Choice] = &[
    (Text::OptionHelp, |request| request.text = Some(Text::Help)),
    (Text::OptionH, |request| request.text = Some(Text::Help)),
    (Text::OptionVersion, |request| request.text = Some(Text::Version)),
    (Text::OptionV, |request| request.text = Some(Text::Version)),
    #[cfg(feature = "laboratory")]
    (Text::OptionVerbose, |request| request.verbose = true),
    #[cfg(feature = "laboratory")]
    (Text::OptionSmallV, |request| request.verbose = true),
    #[cfg(feature = "laboratory")]
    (Text::OptionJson, |request| request.json = true),
];

/// Reads the words after the program's name; the first that makes no sense is the error.
pub fn parse<'a>(words: impl Iterator<Item = &'a [u8]>) -> Result<Request, &'a [u8]> {
    let mut request = Request::default();
    for word in words {
        let mode = || STOPS.iter().map(|stop| stop.mode).find(|mode| mode.bytes() == word);
        if let Some(option) = OPTIONS.iter().find(|option| option.0.bytes() == word) {
            (option.1)(&mut request);
        } else if request.mode.is_none() {
            request.mode = Some(mode().ok_or(word)?);
        } else {
            return Err(word);
        }
    }
    Ok(request)
}
