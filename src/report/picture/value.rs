//! A picture as a value, which knows no language.

use crate::text::{Joined, Show};
use crate::witness::resource::COUNT;

/// What is known of a resource.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Seen {
    /// Both tasks have one object; an effect is absent.
    One,
    /// Each task has an object of its own; an effect is there.
    Two,
    /// The first task has an object, and the other has none.
    First,
    /// The second task has an object, and the first has none.
    Second,
    /// Nothing.
    Unknown,
}

/// A resource in a picture.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Item {
    /// The name.
    pub name: &'static str,
    /// What is known of it.
    pub seen: Seen,
    /// Whether it is an effect of a flag, and no object.
    pub is_effect: bool,
    /// Whether it is otherwise than the flags ask for.
    pub is_otherwise: bool,
}

/// A task in a picture.
#[derive(Clone, Copy)]
pub struct Task<'a> {
    /// Its name.
    pub name: &'a dyn Show,
    /// Its ids and what else is known of it, a line each.
    pub facts: &'a [&'a dyn Show],
}

/// Two tasks, and what they point to.
pub struct Picture<'a> {
    /// What was done.
    pub title: &'a dyn Show,
    /// What came of it and why, a line each.
    pub told: &'a [&'a dyn Show],
    /// The first task.
    pub one: Task<'a>,
    /// The second task, or why there is none.
    pub other: Result<Task<'a>, &'static str>,
    /// The resources, without gaps from the first on.
    pub items: [Option<Item>; COUNT],
}

/// Above what a task has alone.
pub const OWN: &str = "its own";
/// Above what both tasks have.
pub const SHARED: &str = "shared";

/// A column of objects.
pub struct Column {
    /// What stands above it.
    pub heading: &'static str,
    /// Whether an object stands in it.
    pub holds: fn(&Item) -> bool,
}

/// The columns of objects, from left to right.
pub const COLUMNS: [Column; 3] = [
    Column { heading: OWN, holds: |item| item.seen.own()[0] },
    Column { heading: SHARED, holds: |item| item.seen.is_between() },
    Column { heading: OWN, holds: |item| item.seen.own()[1] },
];

/// What it means that an object is dashed, or what stands for that.
const UNKNOWN: &str = "is what this run could not see";
/// What `!` means.
const OTHERWISE: &str = "! is not what the flags ask for";

impl Picture<'_> {
    /// The objects that the tasks point to; none without a second task.
    pub fn objects(&self) -> impl Iterator<Item = &Item> {
        self.items().filter(|item| !item.is_effect)
    }

    /// The objects of which this is known.
    fn objects_seen(&self, seen: Seen) -> impl Iterator<Item = &Item> {
        self.objects().filter(move |item| item.seen == seen)
    }

    fn items(&self) -> impl Iterator<Item = &Item> + Clone {
        self.items.iter().flatten().filter(|_| self.other.is_ok())
    }

    /// Calls a function with each line below the picture: what was seen of effects, and what the signs mean.
    pub fn notes(&self, sign: &str, each: &mut dyn FnMut(&dyn Show)) {
        for (heading, seen) in
            [("effects seen: ", Seen::Two), ("effects not seen: ", Seen::One), ("effects unknown: ", Seen::Unknown)]
        {
            if self.effects(seen).next().is_some() {
                each(&(heading, Joined(", ", self.effects(seen).map(|effect| (effect.mark(), effect.name)))));
            }
        }
        if self.objects_seen(Seen::Unknown).next().is_some() {
            each(&(sign, UNKNOWN));
        }
        if self.items().any(|item| item.is_otherwise) {
            each(&OTHERWISE);
        }
    }

    /// The effects of which this is known.
    fn effects(&self, seen: Seen) -> impl Iterator<Item = &Item> + Clone {
        self.items().filter(move |item| item.is_effect && item.seen == seen)
    }
}

impl Item {
    /// The sign before the name.
    const fn mark(&self) -> &'static str {
        if self.is_otherwise { "! " } else { "" }
    }

    /// The name with its signs.
    pub fn label(&self) -> impl Show {
        (self.mark(), self.name, if self.seen == Seen::Unknown { " ?" } else { "" })
    }
}

impl Seen {
    /// Whether each task has an object of its own.
    pub const fn own(self) -> [bool; 2] {
        [matches!(self, Self::Two | Self::First), matches!(self, Self::Two | Self::Second)]
    }

    /// Whether an object stands between the tasks.
    pub const fn is_between(self) -> bool {
        matches!(self, Self::One | Self::Unknown)
    }
}
