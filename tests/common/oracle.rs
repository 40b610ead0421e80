//! What the kernel itself answers to raw clone(2) and clone3(2), asked without any part of the program under test.
//!
//! A process of its own asks, so that no set can harm the tests, and a second one stands between
//! it and them, which reaps whatever CLONE_PARENT gives away and replaces an asker that was killed by an exit signal. Both
//! are made where [`Command`](std::process::Command) would exec: so every [`Place`] is a place to ask in. A child's first
//! and only call is its exit, in the same piece of assembly as the clone: it touches no memory and needs no stack, whatever
//! it shares.

use super::place::{Place, close_from};
use super::{before, deadline};
use nix::errno::Errno;
use nix::libc::{self, c_long};
use nix::sys::prctl;
use std::arch::asm;
use std::process::Stdio;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering::Relaxed};
use std::time::Duration;

/// A call to ask about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Set {
    /// Whether it is asked of clone3(2).
    pub clone3: bool,
    /// The flags; of clone(2) the low byte is the exit signal's.
    pub flags: u64,
    /// The exit signal.
    pub exit_signal: u64,
}

/// The kernel's answer.
pub type Answer = Result<(), Errno>;

/// The answer as the program's JSON spells it.
pub fn word(answer: Answer) -> String {
    answer.map_or_else(|errno| format!("{errno:?}"), |()| "OK".into())
}

/// How an answer is kept: none yet, asked at this moment, accepted; else a refusal, the errno negated.
const NOT_YET: i64 = 2;
const ASKED: i64 = 1;
const ACCEPTED: i64 = 0;

/// Far more than the slowest sets take all together: those with a network namespace.
const PATIENCE: Duration = Duration::from_secs(300);

/// How often the end of a task that cannot be waited for is looked for: for seconds.
const LOOKS: usize = 5_000_000;

/// clone3's struct; the last field is of no group.
#[repr(C)]
#[derive(Default)]
struct CloneArgs {
    flags: u64,
    pidfd: u64,
    child_tid: u64,
    parent_tid: u64,
    exit_signal: u64,
    /// The stack, its size, the thread's area, the chosen ids and their number.
    nothing: [u64; 5],
    cgroup: u64,
}

/// Asks about all sets, in this order, in a place that [`Place::is_possible`].
#[track_caller]
pub fn ask(place: &Place, sets: &[Set]) -> Vec<Answer> {
    let answers = shared(sets.len());
    answers.iter().for_each(|answer| answer.store(NOT_YET, Relaxed));
    let questions = sets.to_vec();
    let command = super::command("/nothing/is/executed", &[]);
    let mut command = before::exec(place.make(before::exec(command, keep)), move || answer_all(&questions, answers));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", place.name));
    let run = deadline::collect(child, PATIENCE);
    let raw: Vec<i64> = answers.iter().map(|answer| answer.load(Relaxed)).collect();
    give_back(answers);
    if let Some(open) = raw.iter().position(|raw| [NOT_YET, ASKED].contains(raw)) {
        panic!("{}: no answer to {:x?}: {run:?}", place.name, sets[open]);
    }
    assert!(run.is_some_and(|run| run.left.is_empty()), "{}: a task is left", place.name);
    raw.into_iter().map(|raw| if raw == ACCEPTED { Ok(()) } else { Err(Errno::from_raw(-raw as i32)) }).collect()
}

/// Memory in which the askers, one after the other, leave their answers.
fn shared(number: usize) -> &'static [AtomicI64] {
    let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED | libc::MAP_ANONYMOUS);
    // SAFETY: a new mapping, which nobody else knows.
    let memory = unsafe { libc::mmap(std::ptr::null_mut(), size_of::<i64>() * number.max(1), access, kind, -1, 0) };
    assert_ne!(memory, libc::MAP_FAILED, "memory");
    // SAFETY: it is zeroed, aligned to a page, as long as that, and lives until `give_back`.
    unsafe { std::slice::from_raw_parts(memory.cast(), number) }
}

fn give_back(answers: &'static [AtomicI64]) {
    // SAFETY: what `shared` has mapped, and nobody looks there any more: both processes have ended or are killed.
    unsafe { libc::munmap(answers.as_ptr().cast_mut().cast(), size_of_val(answers).max(1)) };
}

/// The call with the system's number, whose child ends at once.
pub fn call(number: c_long, words: [u64; 5]) -> i64 {
    let result: i64;
    // SAFETY: the child makes one system call, by registers alone, and never comes back; the parent finds all its
    // memory as it was but for the words whose addresses it has passed.
    unsafe {
        asm!(
            "syscall",
            "test rax, rax",
            "jnz 2f",
            "mov eax, 60", // exit
            "xor edi, edi",
            "syscall",
            "ud2",
            "2:",
            inlateout("rax") number => result,
            inlateout("rdi") words[0] => _,
            in("rsi") words[1],
            in("rdx") words[2],
            in("r10") words[3],
            in("r8") words[4],
            lateout("rcx") _,
            lateout("r11") _,
        );
    }
    result
}

/// A system call that has no child; a refusal is the errno, negated.
fn plain(number: c_long, words: [u64; 4]) -> i64 {
    // SAFETY: all callers pass numbers, or the address of a word that they own.
    let result = unsafe { libc::syscall(number, words[0], words[1], words[2], words[3]) };
    if result < 0 { -i64::from(Errno::last_raw()) } else { result }
}

/// What stays between the tests and the asker; it returns in the asker alone, each time that one is replaced.
fn keep() -> nix::Result<()> {
    // The children of a killed asker come here, not to the system's reaper, which may take its time.
    prctl::set_child_subreaper(true)?;
    loop {
        // SAFETY: between fork and exec there is one thread, and both sides make system calls alone.
        let asker = match unsafe { libc::fork() } {
            0 => return Ok(()),
            asker if asker > 0 => asker,
            _ => return Err(Errno::last()),
        };
        // Whoever starts the command waits for the asker to close these, and for nobody else.
        close_from(0);
        let status = reap_until(asker);
        // Killed: by an exit signal. A place that could not be made is told by the asker.
        if !libc::WIFSIGNALED(status) {
            reap_until(0);
            // SAFETY: nothing of this copy of the tests is to run any more.
            unsafe { libc::_exit(libc::WEXITSTATUS(status)) }
        }
    }
}

/// Reaps all children until that one has ended, or until there are none; wakes those that an exit signal has stopped.
fn reap_until(process: libc::pid_t) -> libc::c_int {
    loop {
        let mut status = 0;
        // SAFETY: the kernel writes one int.
        let ended = unsafe { libc::waitpid(-1, &raw mut status, libc::__WALL | libc::WUNTRACED) };
        if ended < 0 {
            return 0;
        }
        if libc::WIFSTOPPED(status) {
            // SAFETY: no memory is passed.
            unsafe { libc::kill(ended, libc::SIGCONT) };
        } else if ended == process {
            return status;
        }
    }
}

/// Asks what is not answered yet, and ends.
fn answer_all(sets: &[Set], answers: &[AtomicI64]) -> nix::Result<()> {
    close_from(0);
    let all = u64::MAX;
    plain(libc::SYS_rt_sigprocmask, [libc::SIG_BLOCK as u64, &raw const all as u64, 0, 8]);
    for (set, answer) in sets.iter().zip(answers) {
        match answer.load(Relaxed) {
            NOT_YET => {
                answer.store(ASKED, Relaxed);
                let result = ask_one(*set, answer);
                answer.store(result.min(ACCEPTED), Relaxed);
            }
            // The asker before was killed in this call, which only the exit signal of a child can have done.
            ASKED => answer.store(ACCEPTED, Relaxed),
            _ => {}
        }
    }
    // SAFETY: nothing of this copy of the tests is to run any more.
    unsafe { libc::_exit(0) }
}

/// Makes the call, and waits until its task is gone. The answer is kept before that.
fn ask_one(set: Set, answer: &AtomicI64) -> i64 {
    let (parent_tid, child_tid, pidfd) = (AtomicU32::new(0), AtomicU32::new(0), AtomicU32::new(u32::MAX));
    let [parent, child, descriptor] = [&parent_tid, &child_tid, &pidfd].map(|word| word.as_ptr() as u64);
    let with_descriptor = set.flags & libc::CLONE_PIDFD as u64 != 0;
    let (result, stored) = if set.clone3 {
        let args = CloneArgs {
            flags: set.flags,
            pidfd: descriptor,
            child_tid: child,
            parent_tid: parent,
            exit_signal: set.exit_signal,
            cgroup: i32::MAX as u64,
            ..CloneArgs::default()
        };
        let result = call(libc::SYS_clone3, [&raw const args as u64, size_of::<CloneArgs>() as u64, 0, 0, 0]);
        (result, &pidfd)
    } else {
        (call(libc::SYS_clone, [set.flags | set.exit_signal, 0, parent, child, 0]), &parent_tid)
    };
    answer.store(result.min(ACCEPTED), Relaxed);
    if result > 0 {
        wait_for(result as u64, set.flags & libc::CLONE_THREAD as u64 != 0);
        if with_descriptor {
            plain(libc::SYS_close, [stored.load(Relaxed).into(), 0, 0, 0]);
        }
    }
    result
}

/// Waits until a task is gone: reaped here, or by whoever has got it.
fn wait_for(task: u64, is_thread: bool) {
    if !is_thread && plain(libc::SYS_wait4, [task, 0, libc::__WALL as u64, 0]) == task as i64 {
        return;
    }
    let own = plain(libc::SYS_getpid, [0; 4]) as u64;
    let (number, words) =
        if is_thread { (libc::SYS_tgkill, [own, task, 0, 0]) } else { (libc::SYS_kill, [task, 0, 0, 0]) };
    for _ in 0..LOOKS {
        if plain(number, words) == -i64::from(libc::ESRCH) {
            return;
        }
        plain(libc::SYS_sched_yield, [0; 4]);
    }
}
