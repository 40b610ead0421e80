//! The ids of a plan for the users and groups of a user namespace, and their spelling.

use crate::host::id_map::{self, LAST, Range};
use crate::host::proc::{self, Line};
use crate::text::read::{number, parts};

/// The number of parts per kind.
const PARTS: usize = 8;

/// The inner id for the caller's own id.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Own {
    /// This id.
    Is(usize),
    /// The same id as outside.
    Same,
}

impl Own {
    /// The inner id for this outer id.
    pub(super) fn inside(self, outer: usize) -> usize {
        match self {
            Self::Is(inner) => inner,
            Self::Same => outer,
        }
    }
}

/// The users or the groups of a namespace.
#[derive(Clone, Copy, Default)]
pub struct Ids {
    /// The inner id for the caller's own id; none if the own id is not mapped.
    pub own: Option<Own>,
    /// What else is mapped, up to the first [`Part::None`].
    pub parts: [Part; PARTS],
}

/// Ids that are mapped together.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum Part {
    /// None.
    #[default]
    None,
    /// A range.
    Range(Range),
    /// The caller's block of /etc/subuid or /etc/subgid, from inner id 0 on.
    Auto,
    /// The same block, each id as itself.
    Subids,
    /// All ids of the caller's user namespace, each as itself.
    All,
}

impl Part {
    /// The parts that have a word.
    pub const WORDS: [&str; 3] = ["auto", "subids", "all"];

    /// Parses a word or a range.
    fn read(value: &[u8]) -> Option<Self> {
        match value {
            b"auto" => Some(Self::Auto),
            b"subids" => Some(Self::Subids),
            b"all" => Some(Self::All),
            value => range(value).map(Self::Range),
        }
    }
}

impl Ids {
    /// Whether ids other than the caller's own are mapped.
    pub fn has_ranges(&self) -> bool {
        self.parts[0] != Part::None
    }

    /// Adds `INNER:OUTER:COUNT`, `OUTER,INNER,COUNT`, or one of [`Part::WORDS`], which may come twice; none if it is none
    /// of these, or if there is no room for another.
    pub fn add(&mut self, value: &[u8]) -> Option<()> {
        let part = Part::read(value)?;
        let is_range = matches!(part, Part::Range(_));
        let place = self.parts.iter_mut().find(|other| **other == Part::None || !is_range && **other == part)?;
        *place = part;
        Some(())
    }
}

/// Parses `INNER:OUTER:COUNT`, or `OUTER,INNER,COUNT` as unshare(1) before util-linux 2.39, both sides within the valid
/// ids; none if it is invalid.
fn range(value: &[u8]) -> Option<Range> {
    let range = match three(value, b":") {
        Some([inner, outer, count]) => Range { inner, outer, count },
        None => three(value, b",").map(|[outer, inner, count]| Range { inner, outer, count })?,
    };
    let fits = |first: usize| first.checked_add(range.count).is_some_and(|end| end <= LAST + 1);
    (range.count != 0 && fits(range.inner) && fits(range.outer)).then_some(range)
}

/// Parses exactly three numbers.
fn three(value: &[u8], separators: &'static [u8]) -> Option<[usize; 3]> {
    let mut numbers = parts(value, separators).map(number);
    let three = [numbers.next()??, numbers.next()??, numbers.next()??];
    numbers.next().is_none().then_some(three)
}

/// Parses a numeric id.
pub fn number_of_id(value: &[u8]) -> Option<usize> {
    number(value).filter(|id| *id <= LAST)
}

/// The id of a user or group, from its number or its name; passwd(5), group(5).
pub fn id(kind: id_map::Ids, value: &[u8]) -> Option<usize> {
    let names = match kind {
        id_map::Ids::Users => c"/etc/passwd",
        id_map::Ids::Groups => c"/etc/group",
    };
    number_of_id(value).or_else(|| {
        let mut id = None;
        let found = proc::find(names, &mut |line| {
            let is_meant = column(line, 0) == Some(value);
            id = if is_meant { id_in(line, 2) } else { None };
            is_meant
        });
        found.ok().and(id)
    })
}

/// A column of a line of such a file.
fn column<'a>(line: Line<'a>, place: usize) -> Option<&'a [u8]> {
    line.part(place, b":")
}

/// A column that holds an id.
fn id_in(line: Line, place: usize) -> Option<usize> {
    number_of_id(column(line, place)?)
}
