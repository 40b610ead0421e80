//! Taking a scan of the machine: list, compare, read where those are that are shown, look again.

use super::caller::Caller;
use super::cause::{Cause, Unseen};
use super::choice::{self, Choice};
use super::classes::Comparer;
use super::ended::Ended;
use super::listing::{Listing, Reader};
use super::look::{self, Held, Look};
use super::object::{COUNT, Object, Resource};
use super::place::{self, Place};
use super::scan::{Scan, Sharing};
use crate::error::{At, Failure, Step};
use crate::host::proc::Tasks;
use crate::sys::{Errno, Pid, file, ids};
use alloc::vec::Vec;
use core::ops::Range;

impl Scan {
    /// Scans the machine.
    pub fn take(choice: &Choice, with_inodes: bool) -> Result<Self, Failure> {
        let mut scan = Self::list()?;
        scan.set_groups();
        let own = ids::gettid().at(Step::ListTasks)?;
        let with_kernel = choice.named().iter().any(|named| scan.is_kernel(named.tid));
        let mut comparer = Comparer::default();
        match comparer.probe(own) {
            Err(errno) => scan.be_blind(scan.caller.why_not_itself(errno)),
            Ok(()) => match Ended::make() {
                Err(errno) => scan.be_blind(Unseen { errno, cause: Some(Cause::NoChild) }),
                Ok(ended) => {
                    scan.compare(choice, own, with_kernel, &ended, comparer)?;
                    // Here the child is reaped.
                }
            },
        }
        if scan.blind.is_some() {
            scan.choose(choice, own);
            scan.read_places()?;
        }
        scan.drop_gone();
        scan.choose(choice, own);
        scan.read_places()?;
        if with_inodes {
            scan.read_inodes();
        }
        scan.count_sharing();
        Ok(scan)
    }

    /// Lists all tasks.
    fn list() -> Result<Self, Failure> {
        let Some(proof) = Tasks::here() else {
            return Err(match file::open(c"/proc/self/status", file::O_RDONLY) {
                Ok(_) => Failure::new(Step::ProveTasks, Errno::ESRCH),
                Err(errno @ Errno::ENOENT) => Failure::new(Step::ProveTasks, errno),
                Err(errno) => Failure::new(Step::ListTasks, errno),
            });
        };
        let mut reader = Reader::new(proof);
        let own = [ids::getpid().at(Step::ListTasks)?, ids::gettid().at(Step::ListTasks)?];
        let Listing { tasks, names, refused } = Listing::read(&mut reader).at(Step::ListTasks)?;
        Ok(Self {
            tasks,
            groups: Vec::new(),
            shown: Vec::new(),
            texts: names,
            places: Vec::new(),
            own_spaces: place::own_spaces(&reader, own),
            sharing: [const { Vec::new() }; COUNT],
            class_counts: [0; COUNT],
            held: Held::default(),
            calls: 0,
            blind: None,
            refused,
            caller: Caller::look(),
            reader,
        })
    }

    /// Notes that nothing can be compared.
    fn be_blind(&mut self, unseen: Unseen) {
        self.blind = Some(unseen);
        look::refuse_all(&mut self.tasks, unseen);
    }

    /// Compares all tasks twice, and reads in between where those are that are shown.
    fn compare(
        &mut self,
        choice: &Choice,
        own: Pid,
        with_kernel: bool,
        ended: &Ended,
        comparer: Comparer,
    ) -> Result<(), Failure> {
        let is_compared = |group: &&Range<usize>| with_kernel || !self.tasks[group.start].stat.is_kernel();
        let groups: Vec<_> = self.groups.iter().filter(is_compared).cloned().collect();
        let mut look = Look::new(&mut self.tasks, &groups, ended.pid(), comparer, &self.caller, &mut self.reader);
        look.first();
        self.class_counts = look.counts();
        let found = look.pause();
        self.choose(choice, own);
        self.read_places()?;
        let mut look = Look::resume(&mut self.tasks, &groups, found, &self.caller, &mut self.reader);
        self.held = look.second(&mut self.texts).at(Step::ReadTask)?;
        self.class_counts = look.counts();
        self.calls = look.calls();
        Ok(())
    }

    /// Finds where each thread group begins and ends.
    fn set_groups(&mut self) {
        self.groups.clear();
        let mut start = 0;
        for end in 1..=self.tasks.len() {
            if self.tasks.get(end).is_none_or(|task| task.group != self.tasks[start].group) {
                self.groups.push(start..end);
                start = end;
            }
        }
    }

    /// Chooses the groups that are shown.
    fn choose(&mut self, choice: &Choice, own: Pid) {
        let asked = choice::asked(choice, self, own);
        let is_alone = matches!(choice, Choice::Tree(_) | Choice::All);
        self.shown = if is_alone { asked } else { choice::with_sharers(self, asked) };
        if *choice == Choice::All {
            for (is_shown, group) in self.shown.iter_mut().zip(&self.groups) {
                *is_shown = !self.tasks[group.start].stat.is_kernel();
            }
        }
    }

    /// Reads where the tasks are that are shown, except those of which that is known.
    fn read_places(&mut self) -> Result<(), Failure> {
        let mut last = None;
        let shown = self.groups.iter().zip(&self.shown).filter(|(_, is_shown)| **is_shown);
        let tasks: usize = shown.clone().map(|(group, _)| group.len()).sum();
        self.places.reserve_exact(tasks.saturating_sub(self.places.len()));
        for (group, _) in shown {
            for task in &mut self.tasks[group.clone()] {
                if task.is_gone || task.place.is_some() {
                    continue;
                }
                let (id, own) = ([task.group, task.tid], &self.own_spaces);
                let place = Place::read(&mut self.reader, &self.caller, id, own, &mut self.texts, last);
                match place.at(Step::ReadTask)? {
                    Some(place) => {
                        last = place.cgroup.or(last);
                        task.place = Some(self.places.len() as u32);
                        self.places.push(place);
                    }
                    None => task.is_gone = true,
                }
            }
        }
        Ok(())
    }

    /// Reads the inodes of the pidfds of the tasks that are shown.
    fn read_inodes(&mut self) {
        for (group, _) in self.groups.iter().zip(&self.shown).filter(|(_, is_shown)| **is_shown) {
            for task in &self.tasks[group.clone()] {
                if let Some(place) = task.place.and_then(|place| self.places.get_mut(place as usize)) {
                    place.inode = place::inode(task.tid, task.is_leader());
                }
            }
        }
    }

    /// Drops the tasks that ended during the scan.
    fn drop_gone(&mut self) {
        self.tasks.retain(|task| !task.is_gone);
        self.set_groups();
    }

    /// Counts who has each object.
    fn count_sharing(&mut self) {
        self.sharing = self.class_counts.map(|count| alloc::vec![Sharing::default(); count]);
        for (number, group) in (1..).zip(&self.groups) {
            let is_shown = u32::from(self.shown[number as usize - 1]);
            for task in &self.tasks[group.clone()] {
                for resource in Resource::ALL {
                    let Object::Class(class) = task.object(resource) else { continue };
                    let Some(sharing) = self.sharing[resource.index()].get_mut(class as usize) else { continue };
                    let tid = task.tid.number() as u32;
                    sharing.tasks += 1;
                    if sharing.last == 0 || tid < sharing.lowest {
                        sharing.lowest = tid;
                    }
                    if sharing.last != number {
                        sharing.last = number;
                        sharing.groups += 1;
                        sharing.shown += is_shown;
                    }
                }
            }
        }
    }
}
