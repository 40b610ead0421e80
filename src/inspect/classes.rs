//! Which tasks have the same object: sorted representatives, by the order of kcmp(2).
//!
//! kcmp(2) says of two pointers which is the lower one, in an order that stays as it is until the next boot. So each
//! object that was found has one task that represents it, the representatives are sorted, and a further task is placed
//! by a binary search. The child that has ended represents "none".
//!
//! kcmp(2) does not say which of the two tasks it refuses. So a task is compared with itself before it may represent
//! anything, and again if a search fails: if the task itself is still answered for, its representative is not.

use super::object::{Class, Object, Resource};
use super::task::Task;
use crate::sys::process::{Kcmp, kcmp};
use crate::sys::{Errno, Pid, Result};
use alloc::vec::Vec;
use core::cmp::Ordering;

/// kcmp(2), counted.
#[derive(Default)]
pub struct Comparer {
    /// The number of calls.
    pub calls: usize,
}

impl Comparer {
    /// How the objects of two tasks are ordered. EIO: an answer without an order.
    pub fn order(&mut self, [a, b]: [Pid; 2], kind: Kcmp) -> Result<Ordering> {
        self.calls += 1;
        ordered(kcmp(a, b, kind)?)
    }

    /// Whether the kernel answers for a task at all.
    pub fn probe(&mut self, task: Pid) -> Result<()> {
        self.order([task, task], Kcmp::Vm).map(|_| ())
    }
}

/// The order that kcmp(2) answers.
pub fn ordered(answer: usize) -> Result<Ordering> {
    match answer {
        0 => Ok(Ordering::Equal),
        1 => Ok(Ordering::Less),
        2 => Ok(Ordering::Greater),
        _ => Err(Errno::EIO),
    }
}

/// A sorted list, in blocks: an insertion moves no more than one of them.
#[derive(Default)]
struct Sorted {
    blocks: Vec<Vec<Class>>,
    length: usize,
}

/// The most elements of a block.
const BLOCK: usize = 512;

impl Sorted {
    /// The block and the place in it for an index; the end of the last block for the length.
    fn locate(&self, mut index: usize) -> (usize, usize) {
        for (number, block) in self.blocks.iter().enumerate() {
            if index < block.len() || number + 1 == self.blocks.len() {
                return (number, index);
            }
            index -= block.len();
        }
        (0, 0)
    }

    /// The element with an index below the length.
    fn at(&self, index: usize) -> Option<Class> {
        let (block, place) = self.locate(index);
        self.blocks.get(block)?.get(place).copied()
    }

    /// Inserts before the element with this index.
    fn insert(&mut self, index: usize, class: Class) {
        if self.blocks.is_empty() {
            self.blocks.push(Vec::new());
        }
        let (number, place) = self.locate(index);
        let Some(block) = self.blocks.get_mut(number) else { return };
        block.insert(place, class);
        self.length += 1;
        if block.len() == BLOCK {
            let upper = block.split_off(BLOCK / 2);
            self.blocks.insert(number + 1, upper);
        }
    }

    /// Removes an element.
    fn remove(&mut self, class: Class) {
        for block in &mut self.blocks {
            if let Some(place) = block.iter().position(|element| *element == class) {
                block.remove(place);
                self.length -= 1;
                return;
            }
        }
    }
}

/// The class of a task, or the kernel's refusal to answer for it.
pub type Found = core::result::Result<Object, Errno>;

/// The objects of a resource that were found.
pub struct Classes {
    resource: Resource,
    /// Whether the first class is that of the child that has ended: none.
    has_none: bool,
    /// The representatives, by class.
    representatives: Vec<Pid>,
    /// The classes, sorted.
    sorted: Sorted,
}

/// How many representatives may be lost while a task is placed.
const PATIENCE: usize = 100;

/// What a search came to.
enum Search {
    Found(Class),
    /// The index at which a new class belongs.
    Place(usize),
    /// The comparison with this class failed.
    Failed(Class, Errno),
}

impl Classes {
    /// No objects yet; `ended` is the child that has none.
    pub fn new(resource: Resource, ended: Pid) -> Self {
        let mut classes = Self { resource, has_none: false, representatives: Vec::new(), sorted: Sorted::default() };
        if resource.may_be_none() {
            classes.has_none = true;
            classes.add(0, ended);
        }
        classes
    }

    /// The task that represents what another has; none for what is no object.
    pub fn representative(&self, object: Object) -> Option<Pid> {
        let class = match object {
            Object::Class(class) => class,
            Object::None if self.has_none => 0,
            _ => return None,
        };
        self.representatives.get(class as usize).copied()
    }

    /// The number of classes, of which some may have no tasks any more.
    pub fn count(&self) -> usize {
        self.representatives.len()
    }

    /// The class as an object.
    fn object(&self, class: Class) -> Object {
        if self.has_none && class == 0 { Object::None } else { Object::Class(class) }
    }

    /// Adds a class at an index.
    fn add(&mut self, index: usize, representative: Pid) -> Class {
        let class = self.representatives.len() as Class;
        self.representatives.push(representative);
        self.sorted.insert(index, class);
        class
    }

    /// Finds the class of a task, or makes one. `before` is what the task before has, which is compared first if it is
    /// likely to be the same.
    pub fn find(&mut self, comparer: &mut Comparer, tasks: &[Task], task: Pid, before: Option<Object>) -> Found {
        if let Some(before) = before
            && let Some(representative) = self.representative(before)
            && comparer.order([task, representative], self.resource.kcmp()) == Ok(Ordering::Equal)
        {
            return Ok(before);
        }
        let mut patience = PATIENCE;
        loop {
            match self.search(comparer, task) {
                Search::Found(class) => return Ok(self.object(class)),
                Search::Place(index) => {
                    let class = self.add(index, task);
                    return Ok(self.object(class));
                }
                // Without the child that has ended, none would be told as the same.
                Search::Failed(class, errno) if patience == 0 || self.object(class) == Object::None => {
                    comparer.probe(task)?;
                    return Err(errno);
                }
                Search::Failed(class, _) => {
                    patience -= 1;
                    comparer.probe(task)?;
                    self.replace(comparer, tasks, class);
                }
            }
        }
    }

    /// Binary search.
    fn search(&self, comparer: &mut Comparer, task: Pid) -> Search {
        let (mut low, mut high) = (0, self.sorted.length);
        while low < high {
            let middle = low + (high - low) / 2;
            let Some(class) = self.sorted.at(middle) else { break };
            let Some(representative) = self.representatives.get(class as usize) else { break };
            match comparer.order([task, *representative], self.resource.kcmp()) {
                Ok(Ordering::Equal) => return Search::Found(class),
                Ok(Ordering::Less) => high = middle,
                Ok(Ordering::Greater) => low = middle + 1,
                Err(errno) => return Search::Failed(class, errno),
            }
        }
        Search::Place(low)
    }

    /// Another task of the class represents it from now on; if none is left, the class is dropped.
    fn replace(&mut self, comparer: &mut Comparer, tasks: &[Task], class: Class) {
        let Some(place) = self.representatives.get_mut(class as usize) else { return };
        let old = *place;
        let is_member = |task: &&Task| task.object(self.resource) == Object::Class(class) && task.tid != old;
        match tasks.iter().filter(is_member).find(|task| comparer.probe(task.tid).is_ok()) {
            Some(task) => *place = task.tid,
            None => self.sorted.remove(class),
        }
    }

    /// Drops a class, whose tasks are to be found anew.
    pub fn drop_class(&mut self, class: Class) {
        self.sorted.remove(class);
    }
}
