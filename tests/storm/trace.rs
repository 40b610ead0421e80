//! The tracer: follows every task of a run, counts its system calls, and strikes at one of them.
//!
//! It is process 1 of the world, which gets all news of all tasks by one wait. It seizes, so
//! that a stop of a group is told from a signal; and it lets a task go for good as soon as that has become CMD.

use crate::case::{Fault, makes_tasks};
use crate::{kernel, world};
use nix::libc::{self, c_int, c_long};
use nix::sys::ptrace::{self, Options};
use nix::unistd::Pid;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Where the kernel's struct of registers holds these two.
const ORIG_RAX: usize = 15 * 8;
const RAX: usize = 10 * 8;

/// A task that is followed.
#[derive(Default)]
struct Task {
    index: usize,
    counts: HashMap<c_long, usize>,
    /// The call that it is in.
    call: Option<c_long>,
    /// What is to be put in the place of the answer.
    errno: Option<i32>,
}

/// The tracer of one run.
pub struct Tracer {
    first: i32,
    fault: Fault,
    tasks: HashMap<i32, Task>,
    born: usize,
    has_started: bool,
    /// Those that are stopped as if nobody traced them.
    stopped: HashSet<i32>,
    /// How often each task made each call.
    pub points: BTreeMap<(usize, c_long), usize>,
    /// What the calls that make tasks have answered: an id, or an errno below zero.
    pub answers: Vec<i64>,
    /// Whether the fault has struck.
    pub has_struck: bool,
    /// Whether it has killed chimera itself, maybe by way of one of its threads.
    pub has_killed_first: bool,
}

impl Tracer {
    /// Seizes a process that waits for its exec.
    pub fn seize(first: i32, fault: Fault) -> nix::Result<Self> {
        let follow = Options::PTRACE_O_TRACECLONE | Options::PTRACE_O_TRACEFORK | Options::PTRACE_O_TRACEVFORK;
        let options =
            follow | Options::PTRACE_O_TRACESYSGOOD | Options::PTRACE_O_EXITKILL | Options::PTRACE_O_TRACEEXEC;
        ptrace::seize(Pid::from_raw(first), options)?;
        let tasks = HashMap::from([(first, Task::default())]);
        Ok(Self {
            first,
            fault,
            tasks,
            born: 1,
            has_started: false,
            stopped: HashSet::new(),
            points: BTreeMap::new(),
            answers: Vec::new(),
            has_struck: false,
            has_killed_first: false,
        })
    }

    /// Forgets a task that has ended.
    pub fn forget(&mut self, task: i32) {
        self.tasks.remove(&task);
        self.stopped.remove(&task);
    }

    /// Whether a followed task is stopped.
    pub fn has_stopped(&self) -> bool {
        !self.stopped.is_empty()
    }

    /// Does what a stop asks for.
    pub fn at_stop(&mut self, task: i32, word: c_int) {
        let (signal, event) = (libc::WSTOPSIG(word), word >> 16);
        self.stopped.remove(&task);
        match event {
            0 if signal == libc::SIGTRAP | 0x80 => {
                self.at_call(task);
                go_on(task, 0);
            }
            0 => go_on(task, signal),
            libc::PTRACE_EVENT_EXEC => self.at_exec(task),
            libc::PTRACE_EVENT_STOP if signal == libc::SIGTRAP => {
                self.welcome(task);
                go_on(task, 0);
            }
            libc::PTRACE_EVENT_STOP => {
                self.stopped.insert(task);
                kernel::listen(task);
            }
            _ => {
                if let Ok(child) = ptrace::getevent(Pid::from_raw(task)) {
                    self.welcome(child as i32);
                }
                go_on(task, 0);
            }
        }
    }

    /// Gives a new task its number, whether its own stop or its maker's is seen first.
    fn welcome(&mut self, task: i32) {
        if let std::collections::hash_map::Entry::Vacant(entry) = self.tasks.entry(task) {
            entry.insert(Task { index: self.born, ..Task::default() });
            self.born += 1;
        }
    }

    /// The first exec begins chimera; each later one begins a program that is not under test.
    fn at_exec(&mut self, task: i32) {
        if task == self.first && !self.has_started {
            self.has_started = true;
            return go_on(task, 0);
        }
        self.tasks.remove(&task);
        let _ = ptrace::detach(Pid::from_raw(task), None); // it may have been killed in this moment
    }

    /// At the entry of a call counts it and strikes; at the exit of a struck one puts the errno.
    fn at_call(&mut self, id: i32) {
        let Ok(info) = ptrace::syscall_info(Pid::from_raw(id)) else { return };
        let Some(task) = self.tasks.get_mut(&id) else { return };
        match info.op {
            libc::PTRACE_SYSCALL_INFO_ENTRY => {
                // SAFETY: at an entry the kernel fills in this part.
                let call = unsafe { info.u.entry }.nr as c_long;
                task.call = Some(call);
                let count = task.counts.entry(call).or_default();
                *count += 1;
                let (index, count) = (task.index, *count);
                self.points.insert((index, call), count);
                self.strike(id, index, call, count);
            }
            libc::PTRACE_SYSCALL_INFO_EXIT => {
                // SAFETY: at an exit the kernel fills in this part.
                let answer = unsafe { info.u.exit }.sval;
                let (call, errno) = (task.call.take(), task.errno.take());
                if let Some(errno) = errno {
                    put(id, RAX, i64::from(-errno));
                }
                if call.is_some_and(makes_tasks) {
                    self.answers.push(errno.map_or(answer, |errno| i64::from(-errno)));
                }
            }
            _ => {}
        }
    }

    /// Strikes if this is the point.
    fn strike(&mut self, id: i32, index: usize, call: c_long, count: usize) {
        let is_here = self.fault.point().is_some_and(|at| (at.task, at.call, at.nth) == (index, call, count));
        if !is_here || self.has_struck {
            return;
        }
        self.has_struck = true;
        match self.fault {
            Fault::Errno(_, errno) => {
                put(id, ORIG_RAX, kernel::NO_CALL);
                self.tasks.entry(id).or_default().errno = Some(errno);
            }
            Fault::KillTask(_) => {
                self.has_killed_first = world::thread_group(id) == Some(self.first);
                kernel::send_to_task(id, libc::SIGKILL);
            }
            Fault::KillFirst(_) => self.has_killed_first = kernel::send(self.first, libc::SIGKILL),
            _ => {}
        }
    }
}

/// Lets a task run up to its next system call. It may have been killed since.
fn go_on(task: i32, signal: c_int) {
    let data = signal as usize as *mut libc::c_void;
    // SAFETY: this request uses no address, and its data is a number.
    unsafe { libc::ptrace(libc::PTRACE_SYSCALL, task, std::ptr::null_mut::<libc::c_void>(), data) };
}

/// Sets a register of a stopped task. It may have been killed since.
fn put(task: i32, register: usize, value: i64) {
    let _ = ptrace::write_user(Pid::from_raw(task), register as *mut libc::c_void, value);
}
