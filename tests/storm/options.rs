//! The storm's own command line, and as much of the usual test harness's as `cargo test` may pass on.

use crate::part;
use crate::plan::Size;

/// What is asked for.
pub struct Options {
    /// How much.
    pub size: Size,
    /// Which share, and which moments.
    pub seed: u64,
    /// Of so many cases the so-and-so-many-th: (1, 1) are all.
    pub part: (usize, usize),
    /// Whether the counts of each command are printed.
    pub counts: bool,
    /// Whether only the name is asked for.
    pub list: bool,
    /// Whether this test is not meant.
    pub is_filtered_out: bool,
}

/// Options with a value that are not the storm's own.
const FOREIGN: [&str; 5] = ["--test-threads", "--skip", "--format", "--color", "-Z"];

impl Options {
    /// Reads the words; the error says what is wrong with them.
    pub fn read(words: &[String]) -> Result<Self, String> {
        let mut options = Self {
            size: Size::Quick,
            seed: 1,
            part: part::of_suite(),
            counts: false,
            list: false,
            is_filtered_out: false,
        };
        let mut filters = Vec::new();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} takes a value"));
            match word.as_str() {
                "--quick" => options.size = Size::Quick,
                "--full" => (options.size, options.counts) = (Size::Full, true),
                "--counts" => options.counts = true,
                "--list" => options.list = true,
                "--seed" => options.seed = value()?.parse().map_err(|_| "--seed takes a number")?,
                "--part" => options.part = part::parse(value()?).ok_or("--part takes ONE/OF, such as 2/8")?,
                foreign if FOREIGN.contains(&foreign) => _ = value()?,
                foreign if foreign.starts_with('-') => {}
                filter => filters.push(filter),
            }
        }
        options.is_filtered_out = !filters.is_empty() && !filters.iter().any(|filter| "storm".contains(filter));
        Ok(options)
    }
}
