//! The kinds of questions of `chimera quiz`, which its objects name.

use super::topic::{Kind, Topic, Visit};
use crate::clone::flags::Flags;
use crate::quiz::kinds::KINDS;

/// Passes on all kinds of questions.
pub fn each(visit: &mut Visit) {
    for kind in &KINDS {
        visit(&Topic {
            kind: Kind::Question,
            name: ("", kind.name),
            also: &[],
            text: &("A kind of question of `chimera quiz`: ", kind.text, " An object names it as its kind."),
            flags: Flags::empty(),
            witnesses: None,
            examples: &[&"quiz -s 1", &"quiz -s 1 --json"],
            see: &["quiz"],
            is_listed: true,
        });
    }
}
