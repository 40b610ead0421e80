//! Texts: writing values into any sink, and reading texts from outside.
//!
//! A message is written in place, as a list of parts for [`out!`]. Each part can show itself; a sink takes bytes and
//! knows the column. There is no `core::fmt`, whose code is larger than all that is shown here, and nothing from other
//! rooms, which all write and read texts.

pub mod json;
pub mod nearest;
pub mod number;
pub mod read;
pub mod table;

mod assembled;
mod form;
mod room;
mod show;
mod style;
mod wrap;
mod xml;

pub use crate::out;
pub use assembled::{Assembled, Escaped};
pub use form::{Fixed, Hex, Joined, Outside, Repeat, Styled, With};
pub use room::Room;
pub use show::{Show, Sink, WIDTH};
pub use style::Style;
pub use wrap::{Wrapped, characters, paragraph};
pub use xml::Xml;
