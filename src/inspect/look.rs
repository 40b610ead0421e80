//! Comparing all tasks, and the second look.
//!
//! kcmp(2) reads two pointers of tasks that go on running, so an answer may be wrong by the time it is given: a task
//! that executes a program, or ends, gives up what it had. After all is compared, each task is compared with its
//! representative once more, and `stat` is read again. What does not hold is compared anew, once.

use super::caller::Caller;
use super::cause::Unseen;
use super::classes::{Classes, Comparer};
use super::listing::{Answer, Reader, answer};
use super::object::{COUNT, Class, Object, Resource};
use super::task::{Task, Texts};
use crate::sys::{Errno, Pid, Result};
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::ops::Range;

/// How many comparisons held on the second look, of how many.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Held {
    /// As many as held.
    pub held: usize,
    /// All.
    pub all: usize,
}

/// The tasks while they are compared.
pub struct Look<'a> {
    tasks: &'a mut Vec<Task>,
    /// The tasks of each thread group that is compared.
    groups: &'a [Range<usize>],
    classes: [Classes; COUNT],
    comparer: Comparer,
    caller: &'a Caller,
    reader: &'a mut Reader,
}

/// Comparisons that did not hold: by resource, the classes to compare anew and the tasks of which nothing was expected.
#[derive(Default)]
struct Failing {
    classes: [Vec<bool>; COUNT],
    tasks: Vec<(Resource, usize)>,
}

impl Failing {
    /// Adds what a task was found to have.
    fn add(&mut self, resource: Resource, task: usize, object: Object) {
        match object {
            Object::Class(class) => {
                if let Some(is_failing) = self.classes[resource.index()].get_mut(class as usize) {
                    *is_failing = true;
                }
            }
            _ => self.tasks.push((resource, task)),
        }
    }

    /// Whether an object of this resource is to be compared anew.
    fn has(&self, resource: Resource, object: Object) -> bool {
        let is_failing = |class: Class| self.classes[resource.index()].get(class as usize).copied();
        object.class().and_then(is_failing).unwrap_or(false)
    }
}

impl<'a> Look<'a> {
    /// Nothing is compared yet; `ended` is the child that has nothing.
    pub fn new(
        tasks: &'a mut Vec<Task>,
        groups: &'a [Range<usize>],
        ended: Pid,
        comparer: Comparer,
        caller: &'a Caller,
        reader: &'a mut Reader,
    ) -> Self {
        let classes = Resource::ALL.map(|resource| Classes::new(resource, ended));
        Self { tasks, groups, classes, comparer, caller, reader }
    }

    /// Compares all tasks.
    pub fn first(&mut self) {
        for group in self.groups {
            self.probe(group.clone());
            for resource in Resource::ALL {
                self.compare_group(resource, group.clone());
            }
        }
    }

    /// Asks for each task of a group whether the kernel answers for it.
    fn probe(&mut self, group: Range<usize>) {
        for place in group {
            if let Err(errno) = self.comparer.probe(self.tasks[place].tid) {
                self.refuse(place, errno);
            }
        }
    }

    /// Notes that the kernel does not answer for a task.
    fn refuse(&mut self, place: usize, errno: Errno) {
        let Task { tid, group, .. } = self.tasks[place];
        if errno == Errno::ESRCH {
            self.tasks[place].is_gone = true;
            return;
        }
        // Threads of one process are mostly refused alike.
        let before = place.checked_sub(1).map(|before| &self.tasks[before]);
        let known = before.filter(|before| before.group == group).and_then(|before| before.unseen);
        let unseen = known.filter(|known| known.errno == errno);
        self.tasks[place].unseen = Some(unseen.unwrap_or_else(|| self.caller.why(self.reader, [group, tid], errno)));
        self.tasks[place].objects = [Object::Unseen; COUNT];
    }

    /// Whether the kernel answers for a task.
    fn is_seen(&self, place: usize) -> bool {
        let task = &self.tasks[place];
        !task.is_gone && task.unseen.is_none()
    }

    /// The task whose memory and handlers are those of all living tasks of its group.
    fn speaker(&self, group: Range<usize>) -> Option<usize> {
        group.into_iter().find(|place| self.is_seen(*place) && !self.tasks[*place].stat.has_ended())
    }

    /// The tasks of a group that are compared, with the others following the speaker.
    fn is_asked(&self, resource: Resource, place: usize, speaker: Option<usize>) -> bool {
        self.is_seen(place) && (!resource.is_of_group() || self.tasks[place].stat.has_ended() || Some(place) == speaker)
    }

    /// Compares one resource of a group.
    fn compare_group(&mut self, resource: Resource, group: Range<usize>) {
        let speaker = self.speaker(group.clone());
        let mut before = None;
        for place in group.clone() {
            if self.is_asked(resource, place, speaker) {
                self.compare(resource, place, before);
                before = Some(self.tasks[place].object(resource));
            }
        }
        self.follow(resource, group, speaker);
    }

    /// Compares one resource of a task.
    fn compare(&mut self, resource: Resource, place: usize, before: Option<Object>) {
        let tid = self.tasks[place].tid;
        match self.classes[resource.index()].find(&mut self.comparer, self.tasks, tid, before) {
            Ok(object) => self.tasks[place].objects[resource.index()] = object,
            Err(errno) => self.refuse(place, errno),
        }
    }

    /// Gives all living tasks of a group what their speaker has.
    fn follow(&mut self, resource: Resource, group: Range<usize>, speaker: Option<usize>) {
        let Some(speaker) = speaker.filter(|_| resource.is_of_group()) else { return };
        let object = self.tasks[speaker].object(resource);
        for place in group {
            if self.is_seen(place) && !self.tasks[place].stat.has_ended() {
                self.tasks[place].objects[resource.index()] = object;
            }
        }
    }

    /// Looks a second time, and compares anew what did not hold.
    pub fn second(&mut self, names: &mut Texts) -> Result<Held> {
        let mut failing = Failing::default();
        for resource in Resource::ALL {
            failing.classes[resource.index()].resize(self.classes[resource.index()].count(), false);
        }
        let held = self.compare_again(&mut failing);
        for group in self.groups {
            self.read_again(names, group.clone(), &mut failing)?;
        }
        for resource in Resource::ALL {
            self.compare_anew(resource, &failing);
        }
        Ok(held)
    }

    /// Compares each task with its representative.
    fn compare_again(&mut self, failing: &mut Failing) -> Held {
        let mut held = Held::default();
        for group in self.groups {
            let speaker = self.speaker(group.clone());
            for place in group.clone() {
                for resource in Resource::ALL {
                    if self.is_asked(resource, place, speaker)
                        && let Some(is_same) = self.is_same_again(resource, place)
                    {
                        held.all += 1;
                        held.held += usize::from(is_same);
                        if !is_same {
                            failing.add(resource, place, self.tasks[place].object(resource));
                        }
                    }
                }
            }
        }
        held
    }

    /// Whether a task still has the same as its representative; none if it represents itself.
    fn is_same_again(&mut self, resource: Resource, place: usize) -> Option<bool> {
        let task = &self.tasks[place];
        let representative = self.classes[resource.index()].representative(task.object(resource))?;
        if representative == task.tid {
            return None;
        }
        Some(self.comparer.order([task.tid, representative], resource.kcmp()) == Ok(Ordering::Equal))
    }

    /// Reads `stat` of a group again: whether the tasks are still those that were compared.
    fn read_again(&mut self, names: &mut Texts, group: Range<usize>, failing: &mut Failing) -> Result<()> {
        let speaker = self.speaker(group.clone());
        for place in group {
            let task = self.tasks[place];
            if task.is_gone {
                continue;
            }
            let Answer::Is((name, stat)) = answer(self.reader.stat([task.group, task.tid]))? else {
                self.lose(place, speaker, failing);
                continue;
            };
            let is_other = stat.start != task.stat.start || stat.has_ended() != task.stat.has_ended();
            if name != names.get(task.name) {
                self.tasks[place].name = names.keep(name);
            }
            self.tasks[place].is_waiting = task.stat.state == b'D' && stat.state == b'D';
            if is_other {
                self.lose(place, speaker, failing);
            } else {
                self.tasks[place].stat = stat;
            }
        }
        Ok(())
    }

    /// Notes that a task has ended. What was compared with it is to be compared anew.
    fn lose(&mut self, place: usize, speaker: Option<usize>, failing: &mut Failing) {
        let task = self.tasks[place];
        for resource in Resource::ALL {
            let object = task.object(resource);
            let represents = self.classes[resource.index()].representative(object) == Some(task.tid);
            if represents || Some(place) == speaker && resource.is_of_group() && object.class().is_some() {
                failing.add(resource, place, object);
            }
        }
        self.tasks[place].is_gone = true;
    }

    /// Compares anew what did not hold, and then once more with the new representative.
    fn compare_anew(&mut self, resource: Resource, failing: &Failing) {
        let is_failing = &failing.classes[resource.index()];
        for class in (0..).zip(is_failing).filter(|(_, is_failing)| **is_failing).map(|(class, _)| class) {
            self.classes[resource.index()].drop_class(class);
        }
        let mut moved: Vec<usize> =
            failing.tasks.iter().filter(|(of, _)| *of == resource).map(|(_, place)| *place).collect();
        moved.retain(|place| self.is_seen(*place));
        for group in self.groups {
            let speaker = self.speaker(group.clone());
            let has_moved = |place: &usize| {
                self.is_asked(resource, *place, speaker) && failing.has(resource, self.tasks[*place].object(resource))
            };
            moved.extend(group.clone().filter(has_moved));
        }
        moved.iter().for_each(|place| self.compare(resource, *place, None));
        for place in moved {
            if self.is_seen(place) && self.is_same_again(resource, place) == Some(false) {
                self.tasks[place].objects[resource.index()] = Object::Changing;
            }
        }
        if resource.is_of_group() {
            for group in self.groups {
                let speaker = self.speaker(group.clone());
                self.follow(resource, group.clone(), speaker);
            }
        }
    }

    /// Gives back the tasks, so that others may look at them, and keeps what was found.
    pub fn pause(self) -> ([Classes; COUNT], Comparer) {
        (self.classes, self.comparer)
    }

    /// Goes on with what was found.
    pub fn resume(
        tasks: &'a mut Vec<Task>,
        groups: &'a [Range<usize>],
        (classes, comparer): ([Classes; COUNT], Comparer),
        caller: &'a Caller,
        reader: &'a mut Reader,
    ) -> Self {
        Self { tasks, groups, classes, comparer, caller, reader }
    }

    /// The number of comparisons so far.
    pub fn calls(&self) -> usize {
        self.comparer.calls
    }

    /// The number of classes of each resource.
    pub fn counts(&self) -> [usize; COUNT] {
        Resource::ALL.map(|resource| self.classes[resource.index()].count())
    }
}

/// Notes for each task that nothing can be compared.
pub fn refuse_all(tasks: &mut [Task], unseen: Unseen) {
    tasks.iter_mut().for_each(|task| task.unseen = Some(unseen));
}
