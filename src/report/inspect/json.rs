//! JSON: one object a task, on one line, and a last one with what is shared.

use super::foot::{self, Count, kib};
use crate::inspect::cause::{Cause, Unseen};
use crate::inspect::files::Files;
use crate::inspect::object::{Object, Resource};
use crate::inspect::place::{self, Place, Space};
use crate::inspect::scan::Scan;
use crate::inspect::task::Task;
use crate::report::json::kernel;
use crate::report::show::Name;
use crate::text::json::{List, Object as Json};
use crate::text::{Show, Sink};

/// Bytes as they are: the JSON writer escapes them.
struct Bytes<'a>(&'a [u8]);

impl Show for Bytes<'_> {
    fn show(&self, out: &mut dyn Sink) {
        out.put(self.0);
    }
}

/// Writes the tasks that are shown, and what they share.
pub fn write(out: &mut dyn Sink, scan: &Scan, files: Option<&Files>) {
    for task in scan.shown_tasks() {
        Json::line(out, |object| task_members(object, scan, task));
    }
    Json::line(out, |object| {
        kernel(object);
        object.list("shared", |list| shared(list, scan));
        object.list("unseen", |list| unseen(list, scan));
        object.list("held", |list| {
            list.number(scan.held.held);
            list.number(scan.held.all);
        });
        object.number("kcmp", scan.calls + files.map_or(0, |files| files.calls));
        if let Some(files) = files {
            object.list("files", |list| open_files(list, files));
        }
    });
}

fn task_members(object: &mut Json, scan: &Scan, task: &Task) {
    let place = scan.place(task);
    object.number("task", task.tid.number());
    object.number("group", task.group.number());
    object.number_or_null("ino", place.and_then(|place| place.inode));
    object.text("name", Bytes(scan.name(task)));
    object.text("state", Bytes(&[task.stat.state]));
    object.number("ppid", task.stat.parent);
    object.number("start", task.stat.start);
    object.number("exit_signal", task.stat.exit_signal);
    object.object("objects", |object| {
        Resource::ALL.iter().for_each(|resource| resource_member(object, scan, task, *resource));
    });
    object.object("namespaces", |object| {
        if let Some(place) = place {
            spaces(object, place);
        }
    });
    object.text_or_null("cgroup", place.and_then(|place| place.cgroup).map(|cgroup| Bytes(scan.text(cgroup))));
    object.number_or_null("tracer", place.map(|place| place.tracer).filter(|tracer| *tracer != 0));
    object.list("vfork", |list| scan.awaited(task).for_each(|child| list.number(child.number())));
    object.number("rss_kib", kib(scan, task));
}

/// What a task has of a resource: the name of the object, the lowest id of a task that has it.
fn resource_member(object: &mut Json, scan: &Scan, task: &Task, resource: Resource) {
    match (task.object(resource), scan.why_unseen(task, resource)) {
        (Object::Class(class), _) => object.text(resource.key(), scan.sharing(resource, class).lowest),
        (Object::None, _) => object.null(resource.key()),
        (_, unseen) => object.object(resource.key(), |object| why(object, unseen)),
    }
}

/// Why something is not known.
fn why(object: &mut Json, unseen: Option<Unseen>) {
    object.text_or_null("unseen", unseen.and_then(|unseen| unseen.cause).map(|cause| cause.key()));
    object.text_or_null("errno", unseen.map(|unseen| Name(unseen.errno)));
}

fn spaces(object: &mut Json, place: &Place) {
    for (index, space) in place.spaces.iter().enumerate() {
        let name = place::name_of(index);
        match space {
            Space::Is(identity) => object.number(name, identity.inode),
            Space::None => object.null(name),
            Space::Unseen => object.object(name, |object| why(object, place.unseen)),
            Space::Absent => {}
        }
    }
}

/// The objects that two groups have, at least one of which is shown.
fn shared(list: &mut List, scan: &Scan) {
    for resource in Resource::ALL {
        for (class, sharing) in (0..).zip(&scan.sharing[resource.index()]) {
            if sharing.groups < 2 || sharing.shown == 0 {
                continue;
            }
            let tasks = || scan.tasks.iter().filter(|task| task.object(resource) == Object::Class(class));
            list.object(|object| {
                object.text("resource", resource.key());
                object.text("id", sharing.lowest);
                object.list("tasks", |list| tasks().for_each(|task| list.number(task.tid.number())));
                object.number("groups", sharing.groups);
                if resource == Resource::Memory {
                    object.number_or_null("rss_kib", tasks().map(|task| kib(scan, task)).max());
                }
            });
        }
    }
}

/// What could not be seen, by its cause.
fn unseen(list: &mut List, scan: &Scan) {
    foot::each_unseen(scan, &mut |Count { unseen, tasks, .. }: Count| {
        list.object(|object| {
            object.text_or_null("cause", unseen.cause.map(|cause| cause.key()));
            object.text("errno", Name(unseen.errno));
            object.number("tasks", tasks);
        });
    });
    if scan.refused > 0 || scan.caller.is_hidden {
        list.object(|object| {
            object.text("cause", Cause::Hidden.key());
            object.number_or_null("tasks", Some(scan.refused).filter(|refused| *refused > 0));
        });
    }
}

/// The open files that are in more than one file table.
fn open_files(list: &mut List, files: &Files) {
    for shared in &files.shared {
        let holders = &files.holders[shared.holders.clone()];
        list.object(|object| {
            object.text("name", Bytes(files.names.get(shared.name)));
            object.number("dev", holders[0].file.device);
            object.number("ino", holders[0].file.inode);
            object.list("holders", |list| {
                for holder in holders {
                    list.object(|object| {
                        object.number("task", holder.tid.number());
                        object.number("fd", holder.fd.number());
                    });
                }
            });
        });
    }
}
