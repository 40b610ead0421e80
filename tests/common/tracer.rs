//! A tracer that changes calls of clone(2) and clone3(2) on their way to the kernel: what a sandbox that lies would do.
//!
//! The decision behind it: it follows every task, stops each at every system call, and takes bits out of the flags of
//! those that make tasks; clone3's struct is put back when the call returns, so that the program cannot see it. The
//! tracer is a thread of its own, for ptrace(2) belongs to a thread.

use super::{Run, in_group};
use nix::errno::Errno;
use nix::libc::{self, c_long, user_regs_struct};
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use std::collections::HashMap;
use std::io::Read;
use std::process::{Command, Stdio};

/// Where clone3 keeps its flags: the first word of its struct. The exit signal is the fifth.
const WORD: usize = size_of::<c_long>();

/// A call that is under way, and the flags to put back.
type Changed = HashMap<Pid, (usize, u64)>;

/// Runs to the end with these bits taken out of every call that makes a task.
pub fn run_without(mut command: Command, dropped: u64) -> Run {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let command = super::before::exec(command, ptrace::traceme);
    std::thread::spawn(move || trace(command, dropped)).join().expect("the tracer ends")
}

#[allow(clippy::zombie_processes, reason = "the tracer itself waits for every task, this one too")]
fn trace(mut command: Command, dropped: u64) -> Run {
    let mut child = command.spawn().expect("the program starts");
    let first = Pid::from_raw(child.id() as i32);
    waitpid(first, Some(WaitPidFlag::__WNOTHREAD)).expect("it stops at its execve");
    let follow = Options::PTRACE_O_TRACECLONE | Options::PTRACE_O_TRACEFORK | Options::PTRACE_O_TRACEVFORK;
    let options = follow | Options::PTRACE_O_TRACESYSGOOD | Options::PTRACE_O_EXITKILL | Options::PTRACE_O_TRACEEXEC;
    ptrace::setoptions(first, options).expect("options");
    ptrace::syscall(first, None).expect("it goes on");
    let status = follow_all(first, dropped);
    let (mut out, mut err) = (String::new(), String::new());
    child.stdout.take().expect("fd 1").read_to_string(&mut out).expect("ASCII on fd 1");
    child.stderr.take().expect("fd 2").read_to_string(&mut err).expect("ASCII on fd 2");
    let (status, signal) = match status {
        WaitStatus::Exited(_, status) => (Some(status), None),
        WaitStatus::Signaled(_, signal, _) => (None, Some(signal as i32)),
        other => panic!("{other:?} is no end"),
    };
    Run { status, signal, out, err, left: in_group(first.as_raw() as u32) }
}

/// Steps every task from system call to system call; the answer is the end of the first. Other threads of the tests have
/// children of their own, which are not waited for.
fn follow_all(first: Pid, dropped: u64) -> WaitStatus {
    let mut changed = Changed::new();
    let mut end = None;
    loop {
        let event = match waitpid(None, Some(WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD)) {
            Ok(event) => event,
            Err(Errno::ECHILD) => return end.expect("the first task has ended"),
            Err(Errno::EINTR) => continue,
            Err(errno) => panic!("waitpid: {errno}"),
        };
        let (task, signal) = match event {
            WaitStatus::PtraceSyscall(task) => {
                at_call(task, dropped, &mut changed);
                (task, None)
            }
            WaitStatus::Stopped(task, signal) => (task, passed_on(task, signal)),
            WaitStatus::PtraceEvent(task, ..) => (task, None),
            WaitStatus::Exited(task, _) | WaitStatus::Signaled(task, ..) => {
                if task == first {
                    end = Some(event);
                }
                continue;
            }
            _ => continue,
        };
        // A task that was killed in this moment is not there to go on.
        let _ = ptrace::syscall(task, signal);
    }
}

/// The signal that a stopped task is to get: not the stop with which the kernel begins a traced task.
fn passed_on(task: Pid, signal: Signal) -> Option<Signal> {
    let is_real = ptrace::getsiginfo(task).is_ok_and(|info| signal != Signal::SIGSTOP || info.si_code <= 0);
    is_real.then_some(signal).filter(|signal| *signal != Signal::SIGSTOP)
}

/// At the entry of a call that makes a task takes the bits out; at its exit puts clone3's back.
fn at_call(task: Pid, dropped: u64, changed: &mut Changed) {
    let Ok(mut registers) = ptrace::getregs(task) else { return };
    if let Some((address, flags)) = changed.remove(&task) {
        // The program may have gone since, and its memory with it.
        let _ = ptrace::write(task, address as ptrace::AddressType, flags as c_long);
        return;
    }
    // The kernel puts ENOSYS into rax at the entry.
    if registers.rax as i64 != -i64::from(libc::ENOSYS) {
        return;
    }
    match registers.orig_rax as c_long {
        libc::SYS_clone if registers.rdi & dropped != 0 => {
            registers.rdi &= !dropped;
            // A refusal means that it was killed.
            let _ = ptrace::setregs(task, registers);
        }
        libc::SYS_clone3 => drop_from_struct(task, &registers, dropped, changed),
        _ => {}
    }
}

fn drop_from_struct(task: Pid, registers: &user_regs_struct, dropped: u64, changed: &mut Changed) {
    let address = registers.rdi as usize;
    debug_assert_eq!(WORD, 8);
    // A struct that cannot be read is the kernel's to refuse.
    let Ok(flags) = ptrace::read(task, address as ptrace::AddressType) else { return };
    if flags as u64 & dropped != 0
        && ptrace::write(task, address as ptrace::AddressType, (flags as u64 & !dropped) as c_long).is_ok()
    {
        changed.insert(task, (address, flags as u64));
    }
}
