//! A tracer that changes calls of clone(2) and clone3(2) on their way to the kernel, or answers writes in its place: what a
//! sandbox that lies would do.
//!
//! It follows every task, stops each at every system call, and edits those that make tasks;
//! clone3's struct is put back in the caller and in its child before either goes on, so that the program cannot see it.
//! The tracer is a thread of its own, for ptrace(2) belongs to a thread. It never waits for what may not come: a child
//! that the kernel does not let it follow runs on alone, and whatever is late is killed with its process group.

use super::deadline::DEADLINE;
use super::{Run, in_group};

use nix::errno::Errno;
use nix::libc;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

/// A call that makes a task, as it may be edited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// Whether it is clone3(2).
    pub clone3: bool,
    /// The flags, without the exit signal.
    pub flags: u64,
    /// The exit signal.
    pub exit_signal: u64,
}

/// The low byte of clone(2)'s flags: the exit signal.
const CSIGNAL: u64 = 0xff;

/// Where clone3's struct holds the flags and the exit signal.
const FIELDS: [u64; 2] = [0, 32];

/// A struct that was edited: its address, what was there, and what is there now, field by field.
#[derive(Clone, Copy)]
struct Edited {
    address: u64,
    old: [u64; 2],
    new: [u64; 2],
}

/// Runs to the end with these bits taken out of every call that makes a task.
pub fn run_without(command: Command, dropped: u64) -> Run {
    run_with(command, move |call| call.flags &= !dropped)
}

/// Runs to the end with every call that makes a task edited. What is later than the [`DEADLINE`] is killed, and then
/// has ended by SIGKILL.
pub fn run_with(command: Command, edit: impl FnMut(&mut Call) + Send + 'static) -> Run {
    run_traced(command, edit, None)
}

/// Answers a write(2) to the file with this name, of these bytes; none leaves it to the kernel.
type Answer = Box<dyn FnMut(&str, &[u8]) -> Option<i64> + Send>;

/// Runs to the end while writes are answered in the kernel's place, which does not see those: by a result, or by the
/// negative number of an error.
pub fn run_answering(command: Command, answer: impl FnMut(&str, &[u8]) -> Option<i64> + Send + 'static) -> Run {
    run_traced(command, |_| (), Some(Box::new(answer)))
}

fn run_traced(mut command: Command, edit: impl FnMut(&mut Call) + Send + 'static, answer: Option<Answer>) -> Run {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let command = super::before::exec(command, ptrace::traceme);
    thread::spawn(move || trace(command, edit, answer)).join().expect("the tracer ends")
}

/// How long a traced program may take: `check args` makes some fifty thousand calls, each of which stops several times, and
/// takes half a minute on a machine that is not busy.
const PATIENCE: Duration = Duration::from_secs(180);

#[allow(clippy::zombie_processes, reason = "the tracer itself waits for every task, this one too")]
fn trace(mut command: Command, edit: impl FnMut(&mut Call), answer: Option<Answer>) -> Run {
    let mut child = command.spawn().expect("the program starts");
    let first = Pid::from_raw(child.id() as i32);
    let [out, err] = [collect(child.stdout.take().expect("fd 1")), collect(child.stderr.take().expect("fd 2"))];
    let (done, is_done) = mpsc::channel::<()>();
    let watch = thread::spawn(move || {
        if is_done.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
            let _ = killpg(first, Signal::SIGKILL); // it may have ended in this very moment
        }
    });
    waitpid(first, Some(WaitPidFlag::__WNOTHREAD)).expect("it stops at its execve");
    let follow = Options::PTRACE_O_TRACECLONE | Options::PTRACE_O_TRACEFORK | Options::PTRACE_O_TRACEVFORK;
    let options = follow | Options::PTRACE_O_TRACESYSGOOD | Options::PTRACE_O_EXITKILL | Options::PTRACE_O_TRACEEXEC;
    ptrace::setoptions(first, options).expect("options");
    ptrace::syscall(first, None).expect("it goes on");
    let (end, left) = Tracer { first, edit, edited: HashMap::new(), answer, answered: HashMap::new() }.follow_all();
    drop(done);
    watch.join().expect("the watch ends");
    let (status, signal) = match end {
        WaitStatus::Exited(_, status) => (Some(status), None),
        WaitStatus::Signaled(_, signal, _) => (None, Some(signal as i32)),
        other => panic!("{other:?} is no end"),
    };
    let [out, err] = [out, err].map(|text| text.recv_timeout(DEADLINE).expect("nobody holds the pipe any more"));
    Run { status, signal, out, err, left }
}

/// Reads to the end while the program runs: a full pipe would stop it.
fn collect(mut pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut text = String::new();
        pipe.read_to_string(&mut text).expect("ASCII");
        sender.send(text)
    });
    receiver
}

/// What is known while the tasks run.
struct Tracer<E> {
    first: Pid,
    edit: E,
    /// The structs of the calls that are under way.
    edited: HashMap<Pid, Edited>,
    /// Answers writes.
    answer: Option<Answer>,
    /// The answers of the writes that are under way.
    answered: HashMap<Pid, i64>,
}

impl<E: FnMut(&mut Call)> Tracer<E> {
    /// Steps every task from system call to system call. The answer is the end of the first, and who was left then;
    /// those are killed. Other threads of the tests have children of their own, which are not waited for.
    fn follow_all(mut self) -> (WaitStatus, Vec<String>) {
        let mut end = None;
        loop {
            let event = match waitpid(None, Some(WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD)) {
                Ok(event) => event,
                Err(Errno::ECHILD) => return end.expect("the first task has ended"),
                Err(Errno::EINTR) => continue,
                Err(errno) => panic!("waitpid: {errno}"),
            };
            match event {
                WaitStatus::Exited(task, _) | WaitStatus::Signaled(task, ..) if task == self.first => {
                    end = Some((event, in_group(task.as_raw() as u32)));
                    let _ = killpg(task, Signal::SIGKILL); // mostly there is nobody
                }
                WaitStatus::Exited(task, _) | WaitStatus::Signaled(task, ..) => _ = self.edited.remove(&task),
                _ => self.go_on(event),
            }
        }
    }

    /// Does what a stop asks for, and lets the task go on. A task that was killed in this moment cannot, and need not.
    fn go_on(&mut self, event: WaitStatus) {
        let Some(task) = event.pid() else { return };
        let mut signal = None;
        match event {
            WaitStatus::PtraceSyscall(_) => self.at_call(task),
            WaitStatus::PtraceEvent(..) => self.at_event(task),
            WaitStatus::Stopped(_, which) => {
                // A new task may stop before its parent tells of it.
                self.edited.values().for_each(|edited| put_back(task, edited));
                signal = is_sent(task, which).then_some(which);
            }
            _ => {}
        }
        let _ = ptrace::syscall(task, signal);
    }

    /// At its entry edits a call that makes a task; at its exit puts clone3's struct back.
    fn at_call(&mut self, task: Pid) {
        // Not all exits can be told from entries by the registers.
        let Ok(info) = ptrace::syscall_info(task) else { return };
        if info.op != libc::PTRACE_SYSCALL_INFO_ENTRY {
            if let Some(edited) = self.edited.remove(&task) {
                put_back(task, &edited);
            }
            if let Some(answer) = self.answered.remove(&task) {
                set(task, |registers| registers.rax = answer as u64);
            }
            return;
        }
        // SAFETY: at an entry the kernel fills in this part.
        let entry = unsafe { info.u.entry };
        let (number, argument) = (entry.nr as libc::c_long, entry.args[0]);
        match number {
            libc::SYS_clone => self.edit_clone(task, argument),
            libc::SYS_clone3 => self.edit_clone3(task, argument),
            libc::SYS_write => self.answer_write(task, entry.args),
            _ => {}
        }
    }

    /// Takes a write that has an answer out of the task's way: the kernel knows no call with that number.
    fn answer_write(&mut self, task: Pid, [file, address, length, ..]: [u64; 6]) {
        let Some(answer) = &mut self.answer else { return };
        let name = fs::read_link(format!("/proc/{task}/fd/{file}")).unwrap_or_default();
        let mut text = vec![0; length as usize];
        let memory = File::open(format!("/proc/{task}/mem"));
        if memory.and_then(|memory| memory.read_exact_at(&mut text, address)).is_err() {
            return;
        }
        if let Some(answer) = answer(name.to_str().unwrap_or_default(), &text) {
            set(task, |registers| registers.orig_rax = u64::MAX);
            self.answered.insert(task, answer);
        }
    }

    fn edit_clone(&mut self, task: Pid, argument: u64) {
        let mut call = Call { clone3: false, flags: argument & !CSIGNAL, exit_signal: argument & CSIGNAL };
        let before = call;
        (self.edit)(&mut call);
        if call == before {
            return;
        }
        set(task, |registers| registers.rdi = call.flags | call.exit_signal);
    }

    fn edit_clone3(&mut self, task: Pid, address: u64) {
        // A struct that cannot be read is the kernel's to refuse.
        let Some(old) = read(task, address) else { return };
        let mut call = Call { clone3: true, flags: old[0], exit_signal: old[1] };
        (self.edit)(&mut call);
        let edited = Edited { address, old, new: [call.flags, call.exit_signal] };
        if edited.new != old {
            write(task, address, edited.new);
            self.edited.insert(task, edited);
        }
    }

    /// A task has a child: the kernel has read the struct, and the child's copy of it has not been seen by anybody.
    fn at_event(&mut self, task: Pid) {
        let child = ptrace::getevent(task).map_or(task, |child| Pid::from_raw(child as i32));
        if let Some(edited) = self.edited.get(&task) {
            [task, child].iter().for_each(|task| put_back(*task, edited));
        }
    }
}

/// Changes the registers of a task. A refusal means that it was killed.
fn set(task: Pid, change: impl FnOnce(&mut libc::user_regs_struct)) {
    if let Ok(mut registers) = ptrace::getregs(task) {
        change(&mut registers);
        let _ = ptrace::setregs(task, registers);
    }
}

/// Whether a signal was sent: not the stop with which the kernel begins a traced task, which is from nobody, and not the
/// stop of a whole process, of which there is nothing to be told.
fn is_sent(task: Pid, signal: Signal) -> bool {
    ptrace::getsiginfo(task).is_ok_and(|info| {
        // SAFETY: it is one word of the struct; where it is no id it is part of an address or a number.
        signal != Signal::SIGSTOP || info.si_code != libc::SI_USER || unsafe { info.si_pid() } != 0
    })
}

/// Puts a struct back as the program has made it, wherever it still is as the tracer has.
fn put_back(task: Pid, edited: &Edited) {
    if read(task, edited.address) == Some(edited.new) {
        write(task, edited.address, edited.old);
    }
}

/// The two fields of a struct in the memory of a task.
fn read(task: Pid, address: u64) -> Option<[u64; 2]> {
    let memory = File::open(format!("/proc/{task}/mem")).ok()?;
    let mut fields = FIELDS.map(|field| (field, [0; 8]));
    let all = fields.iter_mut().all(|(field, bytes)| memory.read_exact_at(bytes, address.wrapping_add(*field)).is_ok());
    all.then_some(fields.map(|(_, bytes)| u64::from_ne_bytes(bytes)))
}

/// Writes them; the program may have gone since, and its memory with it.
fn write(task: Pid, address: u64, values: [u64; 2]) {
    if let Ok(memory) = File::options().write(true).open(format!("/proc/{task}/mem")) {
        for (field, value) in FIELDS.iter().zip(values) {
            let _ = memory.write_all_at(&value.to_ne_bytes(), address.wrapping_add(*field));
        }
    }
}
