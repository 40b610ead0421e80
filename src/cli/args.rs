//! The words of the command line.

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

/// All words that are understood: options, then modes.
static KNOWN: &[Text] = &[
    Text::OptionHelp,
    Text::OptionH,
    Text::OptionVersion,
    Text::OptionV,
    #[cfg(feature = "laboratory")]
    Text::OptionVerbose,
    #[cfg(feature = "laboratory")]
    Text::OptionSmallV,
    #[cfg(feature = "laboratory")]
    Text::OptionJson,
    Text::Fork,
    Text::Chimera,
    Text::Thread,
    Text::User,
];

/// Reads the words after the program's name; the first that makes no sense is the error.
pub fn parse<'a>(words: impl Iterator<Item = &'a [u8]>) -> Result<Request, &'a [u8]> {
    let mut request = Request::default();
    for word in words {
        match *KNOWN.iter().find(|known| known.bytes() == word).ok_or(word)? {
            Text::OptionHelp | Text::OptionH => request.text = Some(Text::Synopsis),
            Text::OptionVersion | Text::OptionV => request.text = Some(Text::Version),
            #[cfg(feature = "laboratory")]
            Text::OptionVerbose | Text::OptionSmallV => request.verbose = true,
            #[cfg(feature = "laboratory")]
            Text::OptionJson => request.json = true,
            // A second mode makes no more sense than an unknown one.
            _ if request.mode.is_some() => return Err(word),
            mode => request.mode = Some(mode),
        }
    }
    Ok(request)
}
