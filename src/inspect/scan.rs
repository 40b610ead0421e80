//! One scan of the machine: all tasks listed, compared, looked at again, and of those that are shown where they are.

use super::caller::Caller;
use super::cause::{CHANGING, Unseen};
use super::listing::Reader;
use super::look::Held;
use super::object::{COUNT, Class, Object, Resource};
use super::place::{Place, SPACES, Space};
use super::task::{Task, Text, Texts};
use crate::sys::Pid;
use alloc::vec::Vec;
use core::ops::Range;

/// Who has an object.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sharing {
    /// The number of tasks that have it.
    pub tasks: u32,
    /// The number of thread groups with a task that has it.
    pub groups: u32,
    /// The number of those that are shown.
    pub shown: u32,
    /// The lowest id of a task that has it, which names it.
    pub lowest: u32,
    /// The last group that was counted, plus one.
    pub(super) last: u32,
}

/// All tasks, and what they share.
pub struct Scan {
    /// The tasks, those of a group beside each other.
    pub tasks: Vec<Task>,
    /// The tasks of each thread group.
    pub groups: Vec<Range<usize>>,
    /// The groups that are shown.
    pub shown: Vec<bool>,
    /// Names and cgroups.
    pub texts: Texts,
    pub(super) places: Vec<Place>,
    /// The caller's own namespaces.
    pub own_spaces: [Space; SPACES],
    /// Who has each object, by resource and class.
    pub sharing: [Vec<Sharing>; COUNT],
    /// The number of classes of each resource.
    pub class_counts: [usize; COUNT],
    /// What held on the second look.
    pub held: Held,
    /// The number of calls of kcmp(2).
    pub calls: usize,
    /// Why nothing could be compared, if so.
    pub blind: Option<Unseen>,
    /// The number of processes of which proc(5) says nothing.
    pub refused: usize,
    /// The caller.
    pub caller: Caller,
    /// To read more of the tasks.
    pub reader: Reader,
}

impl Scan {
    /// Who has an object.
    pub fn sharing(&self, resource: Resource, class: Class) -> Sharing {
        self.sharing[resource.index()].get(class as usize).copied().unwrap_or_default()
    }

    /// The index of a task.
    pub fn find(&self, tid: Pid) -> Option<usize> {
        self.tasks.iter().position(|task| task.tid == tid)
    }

    /// The group of a task, by the indexes of both.
    pub fn group_of(&self, task: usize) -> Option<usize> {
        let group = self.groups.partition_point(|group| group.end <= task);
        (group < self.groups.len()).then_some(group)
    }

    /// The group of a group's parent.
    pub fn parent_of(&self, group: usize) -> Option<usize> {
        let parent = self.tasks[self.groups[group].start].stat.parent as usize;
        let id = |group: &Range<usize>| self.tasks[group.start].group.number();
        self.groups.binary_search_by_key(&parent, id).ok()
    }

    /// Whether a task is a thread of the kernel.
    pub(super) fn is_kernel(&self, tid: Pid) -> bool {
        self.find(tid).is_some_and(|place| self.tasks[place].stat.is_kernel())
    }

    /// Where a task is.
    pub fn place(&self, task: &Task) -> Option<&Place> {
        self.places.get(task.place? as usize)
    }

    /// The name of a task.
    pub fn name(&self, task: &Task) -> &[u8] {
        self.texts.get(task.name)
    }

    /// A text.
    pub fn text(&self, text: Text) -> &[u8] {
        self.texts.get(text)
    }

    /// The tasks of the groups that are shown.
    pub fn shown_tasks(&self) -> impl Iterator<Item = &Task> {
        let shown = self.groups.iter().zip(&self.shown).filter(|(_, is_shown)| **is_shown);
        shown.flat_map(|(group, _)| &self.tasks[group.clone()])
    }

    /// Why an object of a task is not known, if it is not.
    pub fn why_unseen(&self, task: &Task, resource: Resource) -> Option<Unseen> {
        match task.object(resource) {
            Object::Unseen => task.unseen,
            Object::Changing => Some(CHANGING),
            Object::Class(_) | Object::None => None,
        }
    }

    /// Why anything of a task is not known.
    pub fn why_any_unseen(&self, task: &Task) -> Option<Unseen> {
        let changing = task.objects.contains(&Object::Changing).then_some(CHANGING);
        task.unseen.or(changing).or_else(|| self.place(task)?.unseen)
    }

    /// The children for one of which a task waits in vfork(2): the task was in an uninterruptible wait at both looks,
    /// and these children of its process have its memory.
    pub fn awaited<'a>(&'a self, task: &'a Task) -> impl Iterator<Item = Pid> + Clone + 'a {
        let memory = task.object(Resource::Memory);
        let is_awaited = move |child: &&Task| {
            child.stat.parent as usize == task.group.number()
                && child.group != task.group
                && child.is_leader()
                && child.object(Resource::Memory) == memory
        };
        let tasks = if task.is_waiting && memory.class().is_some() { self.tasks.as_slice() } else { &[] };
        tasks.iter().filter(is_awaited).map(|child| child.tid)
    }
}
