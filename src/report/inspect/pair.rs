//! The picture of two tasks that exist: what both have stands between them.

use crate::clone::flags::Kind;
use crate::inspect::object::{Object, Resource};
use crate::inspect::place::Space;
use crate::inspect::scan::Scan;
use crate::inspect::task::Task;
use crate::report::picture::value::{self, Item, Picture, Seen};
use crate::report::picture::{self, Language};
use crate::text::{Joined, Outside, Show, Sink, With, out};
use crate::witness::kernel::Kernel;
use crate::witness::resource::{COUNT, RESOURCES};

/// The name of the row for thread groups.
const GROUP: &str = "thread group";

/// Writes the picture.
pub fn write(out: &mut dyn Sink, scan: &Scan, tasks: [&Task; 2], language: Language) {
    let title = With(|out: &mut dyn Sink| {
        out!(out, "inspect ", tasks[0].tid, " ", tasks[1].tid, ": what the two tasks share");
    });
    let neither = With(|out: &mut dyn Sink| neither(out, tasks));
    let told: &[&dyn Show] = if has_neither(tasks) { &[&neither] } else { &[] };
    let names = tasks.map(|task| Outside(scan.name(task)));
    let ids = tasks.map(|task| [("pid ", task.group.number()), ("tid ", task.tid.number())]);
    let facts = ids.each_ref().map(|ids| ids.each_ref().map(|id| id as &dyn Show));
    let [one, other] = [0, 1].map(|place| value::Task { name: &names[place], facts: &facts[place] });
    let picture = Picture { title: &title, told, one, other: Ok(other), items: items(scan, tasks) };
    picture::write(out, &picture, language);
}

/// All rows: what kcmp(2) compares, the thread group, and the namespaces.
fn items(scan: &Scan, tasks: [&Task; 2]) -> [Option<Item>; COUNT] {
    let objects = Resource::ALL.into_iter().filter_map(|resource| {
        let seen = of_objects(tasks.map(|task| task.object(resource)))?;
        Some((resource.name(), seen))
    });
    let group = if tasks[0].group == tasks[1].group { Seen::One } else { Seen::Two };
    let spaces = Kind::ALL.into_iter().enumerate().filter_map(|(index, kind)| {
        let seen = of_spaces(tasks.map(|task| scan.place(task).map_or(Space::Unseen, |place| place.spaces[index])))?;
        Some((name_of(kind)?, seen))
    });
    let mut items = [None; COUNT];
    for (place, (name, seen)) in items.iter_mut().zip(objects.chain([(GROUP, group)]).chain(spaces)) {
        *place = Some(Item { name, seen, is_effect: false, is_otherwise: false });
    }
    items
}

/// What is known of two objects; none if there are none.
fn of_objects(objects: [Object; 2]) -> Option<Seen> {
    match objects {
        [Object::None, Object::None] => None,
        [Object::Class(one), Object::Class(other)] if one == other => Some(Seen::One),
        [Object::Class(_), Object::Class(_)] => Some(Seen::Two),
        [Object::Class(_), Object::None] => Some(Seen::First),
        [Object::None, Object::Class(_)] => Some(Seen::Second),
        _ => Some(Seen::Unknown),
    }
}

/// What is known of two namespaces; none if there are none.
fn of_spaces(spaces: [Space; 2]) -> Option<Seen> {
    match spaces {
        [Space::None | Space::Absent, Space::None | Space::Absent] => None,
        [Space::Is(one), Space::Is(other)] if one == other => Some(Seen::One),
        [Space::Is(_), Space::Is(_)] => Some(Seen::Two),
        [Space::Is(_), Space::None] => Some(Seen::First),
        [Space::None, Space::Is(_)] => Some(Seen::Second),
        _ => Some(Seen::Unknown),
    }
}

/// The name of a kind of namespace, as everywhere.
fn name_of(kind: Kind) -> Option<&'static str> {
    let is_it = |of: &Kernel| matches!(of, Kernel::Namespace(other) if *other == kind);
    RESOURCES.iter().find(|resource| is_it(&resource.kernel)).map(|resource| resource.name)
}

/// The resources of which neither task has an object.
fn missing(tasks: [&Task; 2]) -> impl Iterator<Item = Resource> + Clone {
    Resource::ALL.into_iter().filter(move |resource| tasks.iter().all(|task| task.object(*resource) == Object::None))
}

fn has_neither(tasks: [&Task; 2]) -> bool {
    missing(tasks).next().is_some()
}

/// Says of what neither task has an object.
fn neither(out: &mut dyn Sink, tasks: [&Task; 2]) {
    out!(out, "neither has: ", Joined(", ", missing(tasks).map(Resource::name)));
}
