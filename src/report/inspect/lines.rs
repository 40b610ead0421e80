//! The lines of the page, and the letters of shared objects.
//!
//! A thread group is one line; threads that have not all that the first line has are a further line each kind.

use crate::inspect::object::{COUNT, Object, Resource};
use crate::inspect::place::{SPACES, Space};
use crate::inspect::scan::Scan;
use crate::inspect::task::Task;
use alloc::vec::Vec;

/// A line of the page.
pub struct Line {
    /// The group, by its index.
    pub group: usize,
    /// The task that stands for the line, by its index.
    pub task: usize,
    /// The number of tasks for which the line speaks.
    pub count: usize,
    /// Whether it is the first line of its group.
    pub is_first: bool,
}

/// The lines of a group. With `each`, every task has its own.
pub fn of_group(scan: &Scan, group: usize, each: bool, lines: &mut Vec<Line>) {
    let tasks = scan.groups[group].clone();
    let first = tasks.clone().find(|place| !scan.tasks[*place].stat.has_ended()).unwrap_or(tasks.start);
    let start = lines.len();
    lines.push(Line { group, task: first, count: 1, is_first: true });
    for place in tasks.filter(|place| *place != first) {
        let is_alike = |line: &&mut Line| is_alike(scan, &scan.tasks[line.task], &scan.tasks[place]);
        match lines[start..].iter_mut().find(is_alike).filter(|_| !each) {
            Some(line) => line.count += 1,
            None => lines.push(Line { group, task: place, count: 1, is_first: false }),
        }
    }
}

/// Whether two tasks of a group need no lines of their own: each has the same as the other, or both have one of their
/// own that nobody else has.
fn is_alike(scan: &Scan, one: &Task, other: &Task) -> bool {
    let is_private = |resource: Resource, object: Object| {
        object.class().is_some_and(|class| scan.sharing(resource, class).tasks == 1)
    };
    let is_same = |resource: &Resource| {
        let objects = [one, other].map(|task| task.object(*resource));
        objects[0] == objects[1] || objects.iter().all(|object| is_private(*resource, *object))
    };
    one.stat.has_ended() == other.stat.has_ended()
        && Resource::ALL.iter().all(is_same)
        && scan.place(one).map(|place| place.spaces) == scan.place(other).map(|place| place.spaces)
}

/// A name for an object on a page: A to Z, then AA and so on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Letter(pub usize);

impl crate::text::Show for Letter {
    fn show(&self, out: &mut dyn crate::text::Sink) {
        const LETTERS: usize = 26;
        if let Some(before) = (self.0 / LETTERS).checked_sub(1) {
            Letter(before).show(out);
        }
        out.put(&[b'A' + (self.0 % LETTERS) as u8]);
    }
}

/// The letters of the objects that more than one line has, or a task beyond the page.
pub struct Letters {
    objects: [Vec<Option<Letter>>; COUNT],
    /// The namespaces of each kind on the page that are not the caller's, in the order of their letters.
    spaces: [Vec<Space>; SPACES],
}

impl Letters {
    /// Gives out the letters, in the order of the lines.
    pub fn new(scan: &Scan, lines: &[Line]) -> Self {
        let mut letters = Self { objects: [const { Vec::new() }; COUNT], spaces: [const { Vec::new() }; SPACES] };
        for resource in Resource::ALL {
            letters.objects[resource.index()] = of_resource(scan, lines, resource);
        }
        for line in lines {
            let Some(place) = scan.place(&scan.tasks[line.task]) else { continue };
            for (index, space) in place.spaces.iter().enumerate() {
                let known = &mut letters.spaces[index];
                if matches!(space, Space::Is(_)) && *space != scan.own_spaces[index] && !known.contains(space) {
                    known.push(*space);
                }
            }
        }
        letters
    }

    /// The letter of an object; none if nobody shares it.
    pub fn of(&self, resource: Resource, object: Object) -> Option<Letter> {
        self.objects[resource.index()].get(object.class()? as usize).copied()?
    }

    /// All objects of a resource that have a letter, by class.
    pub fn all(&self, resource: Resource) -> impl Iterator<Item = (u32, Letter)> {
        let letters = (0..).zip(&self.objects[resource.index()]);
        letters.filter_map(|(class, letter)| letter.map(|letter| (class, letter)))
    }

    /// The letter of a namespace, where the page has more than one of this kind that is not the caller's.
    pub fn of_space(&self, index: usize, space: Space) -> Option<Letter> {
        let spaces = self.spaces.get(index).filter(|spaces| spaces.len() > 1)?;
        spaces.iter().position(|known| *known == space).map(Letter)
    }
}

/// The letters of a resource, by class.
fn of_resource(scan: &Scan, lines: &[Line], resource: Resource) -> Vec<Option<Letter>> {
    let mut counts = alloc::vec![0u32; scan.class_counts[resource.index()]];
    let mut letters = alloc::vec![None; counts.len()];
    let classes = || lines.iter().filter_map(|line| scan.tasks[line.task].object(resource).class());
    classes().for_each(|class| counts[class as usize] += 1);
    let mut next = 0;
    for class in classes() {
        let sharing = scan.sharing(resource, class);
        let place = class as usize;
        if letters[place].is_none() && (counts[place] > 1 || sharing.groups > sharing.shown) {
            letters[place] = Some(Letter(next));
            next += 1;
        }
    }
    letters
}
