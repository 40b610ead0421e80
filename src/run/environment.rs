//! The environment of the program: all of the caller's, or only the variables that are named.

use crate::error::{At, Failure, Step};
use crate::sys::exec;
use crate::text::read::parts;

/// The number of lists of names.
const LISTS: usize = 8;

/// Which variables the program gets.
#[derive(Clone, Copy, Default)]
pub struct Environment {
    /// Whether it gets only the named ones.
    is_cleared: bool,
    /// Lists of names with commas between them, up to the first empty one.
    lists: [&'static [u8]; LISTS],
}

impl Environment {
    /// Only named variables are passed on.
    pub fn clear(&mut self) {
        self.is_cleared = true;
    }

    /// Only named variables are passed on, and these are some; none if they are no names, or if there is no room for
    /// another list.
    pub fn pass(&mut self, names: &'static [u8]) -> Option<()> {
        self.is_cleared = true;
        if names.contains(&b'=') {
            return None;
        }
        if !names.is_empty() {
            *self.lists.iter_mut().find(|list| list.is_empty())? = names;
        }
        Some(())
    }

    /// Changes the environment of this process, from which the program inherits, and in which its name is searched for,
    /// as unshare(1) does.
    pub(super) fn set(&self) -> Result<(), Failure> {
        if self.is_cleared { exec::pass_only(&|variable| self.passes(variable)).at(Step::Plan) } else { Ok(()) }
    }

    /// Whether a variable `NAME=value` is passed on. Of two with one name only the first is, which getenv(3) finds.
    fn passes(&self, variable: &'static [u8]) -> bool {
        let Some(end) = variable.iter().position(|byte| *byte == b'=').filter(|end| *end != 0) else { return false };
        let (name, value) = (&variable[..end], &variable[end + 1..]);
        let is_first = exec::variable(&variable[..=end]).map(<[u8]>::as_ptr) == Some(value.as_ptr());
        is_first && self.lists.iter().flat_map(|list| parts(list, b",")).any(|listed| listed == name)
    }
}
