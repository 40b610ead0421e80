//! The storm's own command line, and as much of the usual test harness's as `cargo test` may pass on.

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
        // Of a suite that runs twice, each run may have a part of its own.
        let part_of_suite = std::env::var("CHIMERA_PART").ok().and_then(|text| part(&text)).unwrap_or((1, 1));
        let mut options = Self {
            size: Size::Quick,
            seed: 1,
            part: part_of_suite,
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
                "--part" => options.part = part(value()?).ok_or("--part takes ONE/OF, such as 2/8")?,
                foreign if FOREIGN.contains(&foreign) => _ = value()?,
                foreign if foreign.starts_with('-') => {}
                filter => filters.push(filter),
            }
        }
        options.is_filtered_out = !filters.is_empty() && !filters.iter().any(|filter| "storm".contains(filter));
        Ok(options)
    }
}

/// Two numbers: the first at least 1 and at most the second.
fn part(text: &str) -> Option<(usize, usize)> {
    let (one, of) = text.split_once('/')?;
    let part = (one.parse().ok()?, of.parse().ok()?);
    (1..=part.1).contains(&part.0).then_some(part)
}
