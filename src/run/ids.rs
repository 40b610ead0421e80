//! The ids that a plan gives to the users and groups of a user namespace, and how they may be written.

use crate::host::id_map::{self, Range};
use crate::host::proc::{self, Line};
use crate::text::read::{number, parts};

/// So many ranges can be asked for of each kind.
const RANGES: usize = 8;

/// The highest id: ids have 32 bits, and the number with all of them set means none, credentials(7).
pub(super) const LAST: usize = u32::MAX as usize - 1;

/// What is allowed where a number is wanted.
const ALLOWED_ID: &str = "an id is a number from 0 to 4294967294";
/// What is allowed where a name will do too.
const ALLOWED_NAME: &str = "it takes a name that is known here, or a number from 0 to 4294967294";
/// What is allowed where ranges are wanted.
const ALLOWED_MAP: &str = "it takes auto, or up to 8 times INNER:OUTER:COUNT within the ids 0 to 4294967294";

/// The id inside that the caller's own gets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Own {
    /// This one.
    Is(usize),
    /// The same as outside.
    Same,
}

impl Own {
    /// The id inside, where this is the one outside.
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
    /// The id inside that the caller's own gets; none if the caller's own is not mapped.
    pub own: Option<Own>,
    /// The ranges, up to the first that is empty.
    pub ranges: [Range; RANGES],
    /// Whether the caller's block of /etc/subuid or /etc/subgid is mapped from 0 on.
    pub auto: bool,
}

impl Ids {
    /// Whether anything but the caller's own id is mapped.
    pub fn has_ranges(&self) -> bool {
        self.auto || self.ranges[0].count != 0
    }

    /// Takes `INNER:OUTER:COUNT` or `auto`; an error says what is allowed.
    pub fn take(&mut self, value: &[u8]) -> Result<(), &'static str> {
        if value == b"auto" {
            self.auto = true;
            return Ok(());
        }
        let range = range(value).ok_or(ALLOWED_MAP)?;
        *self.ranges.iter_mut().find(|range| range.count == 0).ok_or(ALLOWED_MAP)? = range;
        Ok(())
    }
}

/// `INNER:OUTER:COUNT`, of which neither side goes beyond the last id; none if it makes no sense.
fn range(value: &[u8]) -> Option<Range> {
    let mut numbers = parts(value, b":").map(number);
    let [inner, outer, count] = [numbers.next()??, numbers.next()??, numbers.next()??];
    let fits = |first: usize| first.checked_add(count).is_some_and(|end| end <= LAST + 1);
    (count != 0 && fits(inner) && fits(outer) && numbers.next().is_none()).then_some(Range { inner, outer, count })
}

/// The id that is all there is in a text; an error says which there are.
pub fn number_of_id(value: &[u8]) -> Result<usize, &'static str> {
    number(value).filter(|id| *id <= LAST).ok_or(ALLOWED_ID)
}

/// The number of a user or group, which may be given by its name; passwd(5), group(5). An error says what is allowed.
pub fn id(kind: id_map::Ids, value: &[u8]) -> Result<usize, &'static str> {
    let names = match kind {
        id_map::Ids::Users => c"/etc/passwd",
        id_map::Ids::Groups => c"/etc/group",
    };
    number_of_id(value).or_else(|_| {
        let mut id = None;
        let found = proc::find(names, &mut |line| {
            let is_meant = column(line, 0) == Some(value);
            id = if is_meant { id_in(line, 2) } else { None };
            is_meant
        });
        found.ok().and(id).ok_or(ALLOWED_NAME)
    })
}

/// A column of a line of such a file.
pub(super) fn column<'a>(line: Line<'a>, place: usize) -> Option<&'a [u8]> {
    line.part(place, b":")
}

/// A column that is an id.
pub(super) fn id_in(line: Line, place: usize) -> Option<usize> {
    number_of_id(column(line, place)?).ok()
}
