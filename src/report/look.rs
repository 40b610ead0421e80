//! Where a page is read: the width of its lines, and whether it has colors.

use crate::sys::{RawFd, exec, terminal};
use crate::text::{WIDTH, read};

/// A page narrower than this is written as if it were this wide.
const LEAST: usize = 40;

/// When a page has colors.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Colors {
    /// On a terminal that can show them, unless the user wants none (NO_COLOR).
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What is known of the place where a page is read.
#[derive(Clone, Copy)]
pub struct Look {
    /// The number of characters that a line may have.
    pub width: usize,
    /// Whether the page has colors.
    pub has_colors: bool,
    /// Whether the page is read at a terminal.
    pub is_terminal: bool,
    /// Whether that is a screen, with a known width. What goes to a serial line may be kept, and not be written over.
    pub is_screen: bool,
}

impl Look {
    /// Looks at the file to which a page goes. The width is that in the environment (COLUMNS), then that of the terminal,
    /// then 80.
    pub fn at(file: RawFd, colors: Colors) -> Self {
        let terminal = terminal::columns(file);
        let told = exec::variable(b"COLUMNS=").and_then(read::number);
        let width = told.filter(|width| *width > 0).or(terminal.ok().filter(|width| *width > 0));
        let has_colors = match colors {
            Colors::Always => true,
            Colors::Never => false,
            Colors::Auto => terminal.is_ok() && are_wanted(),
        };
        let is_screen = terminal.is_ok_and(|width| width > 0);
        Self { width: width.unwrap_or(WIDTH).max(LEAST), has_colors, is_terminal: terminal.is_ok(), is_screen }
    }
}

/// Whether the environment lets a terminal have colors: NO_COLOR is absent or empty, and TERM names no terminal without.
fn are_wanted() -> bool {
    let is_unset = exec::variable(b"NO_COLOR=").is_none_or(<[u8]>::is_empty);
    is_unset && exec::variable(b"TERM=").is_none_or(|kind| kind != b"dumb")
}
