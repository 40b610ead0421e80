//! Listing all tasks: the directories of proc(5), and `stat` of every task.
//!
//! The file of a task is read as /proc/GROUP/task/TASK/stat: for /proc/TASK/stat the kernel adds up the whole group
//! each time.

use super::task::{Stat, Task, Texts};
use crate::host::proc::{Tasks, read_small};
use crate::sys::{Errno, Pid, Result, file};
use crate::text::number::{LONGEST, digits};
use crate::text::read::number;
use crate::text::{Room, Sink};
use alloc::vec::Vec;
use core::ffi::CStr;

/// The buffer for a file or a part of a directory.
const ROOM: usize = 32 * 1024;

/// What is needed to read files of other tasks.
pub struct Reader {
    proof: Tasks,
    room: Vec<u8>,
}

/// The answer about a task that may end at any moment.
pub enum Answer<T> {
    /// What was asked for.
    Is(T),
    /// The task has ended.
    Gone,
    /// proc(5) refuses.
    Refused,
}

/// Turns the errnos of a task that has ended, and of one that proc(5) does not show, into answers.
pub fn answer<T>(result: Result<T>) -> Result<Answer<T>> {
    match result {
        Ok(value) => Ok(Answer::Is(value)),
        Err(Errno::ENOENT | Errno::ESRCH) => Ok(Answer::Gone),
        Err(Errno::EPERM | Errno::EACCES) => Ok(Answer::Refused),
        Err(errno) => Err(errno),
    }
}

impl Reader {
    /// A reader, by the proof that /proc shows the tasks that system calls mean.
    pub fn new(proof: Tasks) -> Self {
        Self { proof, room: alloc::vec![0; ROOM] }
    }

    /// The buffer.
    pub(super) fn room_mut(&mut self) -> &mut Vec<u8> {
        &mut self.room
    }

    /// Calls `act` with the path of a file of a task, below /proc/GROUP/task/TASK/.
    pub fn with_path<T>(&self, [group, tid]: [Pid; 2], name: &[u8], act: impl FnOnce(&CStr) -> Result<T>) -> Result<T> {
        let mut folder = Room::<32>::new();
        folder.put(b"task/");
        folder.put(digits(tid.number(), 10, &mut [0; LONGEST]));
        folder.put(b"/");
        self.proof.with_path(group, [folder.bytes().unwrap_or_default(), name], act)
    }

    /// Reads a file of a task. EOVERFLOW: the file is larger than the buffer.
    pub fn read(&mut self, task: [Pid; 2], name: &[u8]) -> Result<&[u8]> {
        let mut room = core::mem::take(&mut self.room);
        let length = self.with_path(task, name, |path| read_small(path, &mut room).map(<[u8]>::len));
        self.room = room;
        length.map(|length| self.room.get(..length).unwrap_or_default())
    }

    /// Reads `stat` of a task. EIO: the file makes no sense.
    pub fn stat(&mut self, task: [Pid; 2]) -> Result<(&[u8], Stat)> {
        Stat::parse(self.read(task, b"stat")?).ok_or(Errno::EIO)
    }

    /// Lists the ids in a directory, in their order.
    fn ids(&mut self, path: &CStr) -> Result<Vec<Pid>> {
        let folder = file::open(path, file::O_RDONLY | file::O_DIRECTORY)?;
        let mut ids: Vec<Pid> = Vec::new();
        file::each_name(folder.raw(), &mut |name| {
            if let Some(id) = number(name).and_then(Pid::new) {
                // The kernel lists processes in this order, so nothing is moved.
                let place = ids.partition_point(|before| before.number() < id.number());
                ids.insert(place, id);
            }
        })?;
        Ok(ids)
    }
}

/// All tasks.
#[derive(Default)]
pub struct Listing {
    /// The tasks, those of a thread group beside each other, its leader first.
    pub tasks: Vec<Task>,
    /// Their names.
    pub names: Texts,
    /// The number of processes of which proc(5) refuses to say anything.
    pub refused: usize,
}

impl Listing {
    /// Lists all tasks that proc(5) shows.
    pub fn read(reader: &mut Reader) -> Result<Self> {
        let mut listing = Self::default();
        for group in reader.ids(c"/proc")? {
            listing.add_group(reader, group)?;
        }
        Ok(listing)
    }

    /// Adds the tasks of a thread group.
    fn add_group(&mut self, reader: &mut Reader, group: Pid) -> Result<()> {
        // Most have one task, which need not be listed.
        if self.add(reader, [group, group])? == Some(1) {
            return Ok(());
        }
        let folder =
            |proof: Tasks, reader: &mut Reader| proof.with_path(group, [b"", b"task"], |path| reader.ids(path));
        let Answer::Is(tids) = answer(folder(reader.proof, reader))? else { return Ok(()) };
        for tid in tids.into_iter().filter(|tid| *tid != group) {
            self.add(reader, [group, tid])?;
        }
        Ok(())
    }

    /// Adds a task. Returns the number of tasks in its group; none if there is no such task.
    fn add(&mut self, reader: &mut Reader, task: [Pid; 2]) -> Result<Option<u32>> {
        let [group, tid] = task;
        match answer(reader.stat(task))? {
            Answer::Is((name, stat)) => {
                let name = self.names.keep(name);
                self.tasks.push(Task::new(tid, group, name, stat));
                Ok(Some(stat.threads))
            }
            Answer::Gone => Ok(None),
            Answer::Refused => {
                self.refused += usize::from(group == tid);
                Ok(None)
            }
        }
    }
}
