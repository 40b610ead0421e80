//! What the words of the tables mean: a line below the first table of a page.

use crate::report::table::note;
use crate::text::Sink;

/// Says what the counter is.
pub fn counter(out: &mut dyn Sink) {
    note(
        out,
        "counter: a variable, 0 at first, that the child sets to 1. The parent reads 1 if both use the same memory.",
    );
}

/// Says how a verdict comes about.
pub fn witnesses(out: &mut dyn Sink) {
    note(
        out,
        "Each row has two witnesses: what the kernel answers, and what one task sees after the other has changed the \
         resource. One witness is enough for a verdict; if they contradict each other, it is unknown.",
    );
}
