//! How a word looks on a terminal that has colors: the color repeats what the word says and never says more.

/// How a word looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// As everything else.
    Plain,
    /// A heading.
    Strong,
    /// As it should be.
    Good,
    /// Not as it should be.
    Bad,
    /// Not known, or left out.
    Doubtful,
    /// Less important than what stands around it.
    Faint,
}

impl Style {
    /// The control sequence of a terminal, ECMA-48 section 8.3.117 (SGR): the eight colors that all terminals have.
    pub const fn sequence(self) -> &'static str {
        match self {
            Self::Plain => "\x1b[0m",
            Self::Strong => "\x1b[1m",
            Self::Good => "\x1b[32m",
            Self::Bad => "\x1b[31m",
            Self::Doubtful => "\x1b[33m",
            Self::Faint => "\x1b[2m",
        }
    }
}
