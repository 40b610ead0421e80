//! Texts: how values are written into any sink, and how texts from outside are read.
//!
//! A message stands where it is said, as a list of parts for [`out!`]; each part knows how to
//! show itself, and a sink takes bytes and knows the column. No `core::fmt`, whose machinery is larger than everything
//! that is shown here, and nothing of the other rooms: all of them write and read texts.

pub mod json;
pub mod number;
pub mod read;

mod form;
mod room;
mod show;

pub use crate::out;
pub use form::{Fixed, Hex, Outside, Repeat, Tab, With};
pub use room::Room;
pub use show::{Show, Sink};
