//! Starts chimera in the place that a case asks for, up to the moment before its exec.

use crate::case::{Case, Fault, Place};
use crate::commands::{COMMANDS, Promise};
use crate::filter::{self, Action, Which};
use crate::kernel;
use crate::probe;
use crate::world::{self, World};
use nix::fcntl::OFlag;
use nix::libc;
use nix::sched::{CloneFlags, unshare};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::signal::SigSet;
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd::{Pid, chdir, pipe2, setpgid};
use std::ffi::CString;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::fd::{AsRawFd, OwnedFd};

/// How many strangers a nested namespace has.
const STRANGERS: i32 = 12;

/// A process that waits for the word to become chimera.
pub struct Started {
    /// Its id.
    pub first: i32,
    /// The child that it had before and that lives, and the one that has ended; 0 if it had none.
    pub children: [i32; 2],
    /// Who else belongs to its place.
    pub known: Vec<i32>,
    /// In a nested namespace: its end, as the word of wait(2).
    pub told_end: Option<File>,
    /// Ends at the exec.
    pub talk: File,
    /// Takes the word.
    pub go: File,
    out: File,
    err: File,
}

/// The pipes between this process and the new one, as the new one needs them.
struct Ends {
    says: OwnedFd,
    waits: OwnedFd,
    tells_end: OwnedFd,
}

impl Started {
    /// Starts it.
    pub fn new(world: &World, case: &Case) -> Self {
        let file = |name: &str| File::from(memfd_create(name, MFdFlags::MFD_CLOEXEC).expect("a file in memory"));
        let (out, err) = (file("out"), file("err"));
        let [(talk, says), (waits, go), (told_end, tells_end)] =
            [(); 3].map(|()| pipe2(OFlag::O_CLOEXEC).expect("a pipe"));
        let ends = Ends { says, waits, tells_end };
        let become_chimera = || {
            kernel::duplicate(out.as_raw_fd(), 1);
            kernel::duplicate(err.as_raw_fd(), 2);
            // The writing end of this process would keep the pipe from ending.
            let _ = nix::unistd::close(go.as_raw_fd());
            execute(world, case, &ends)
        };
        let is_nested = case.place == Place::Nested;
        let made = kernel::spawn(|| if is_nested { nest(become_chimera, &ends) } else { become_chimera() });
        made.expect("a process");
        drop(ends);
        let mut talk = File::from(talk);
        let mut ids = [[0; 4]; 3];
        talk.read_exact(ids.as_flattened_mut()).expect("the new process speaks");
        let [first, waits, ended] = ids.map(i32::from_ne_bytes);
        let known = if is_nested { world.strangers(&[first]) } else { Vec::from_iter((waits > 0).then_some(waits)) };
        let told_end = is_nested.then(|| File::from(told_end));
        Self { first, children: [waits, ended], known, told_end, talk, go: File::from(go), out, err }
    }

    /// What was written to fd 1 and fd 2.
    pub fn texts(&mut self) -> [String; 2] {
        [&mut self.out, &mut self.err].map(|file| {
            let mut bytes = Vec::new();
            let _ = file.seek(SeekFrom::Start(0)).and_then(|_| file.read_to_end(&mut bytes));
            String::from_utf8_lossy(&bytes).into()
        })
    }
}

/// In the new process: becomes chimera when it gets the word.
fn execute(world: &World, case: &Case, ends: &Ends) -> i32 {
    let [waits, ended] = if case.place == Place::Parent { have_children() } else { [0; 2] };
    let null = File::open("/dev/null").expect("/dev/null");
    kernel::duplicate(null.as_raw_fd(), 0);
    kernel::act_by_default_always();
    let _ = (chdir("/w"), setpgid(Pid::from_raw(0), Pid::from_raw(0)), SigSet::empty().thread_set_mask());
    let environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=dumb"].map(text);
    let arguments = arguments(world, case);
    let _ = nix::unistd::write(&ends.says, [own_id(), waits, ended].map(i32::to_ne_bytes).as_flattened());
    let _ = nix::unistd::read(&ends.waits, &mut [0]);
    let filter = match case.fault {
        Fault::Refuse(call, errno) => filter::set(Which::Call(call), Action::Refuse(errno)),
        Fault::Forbid(call) => filter::set(Which::Call(call), Action::Kill),
        Fault::RefuseNamespaces(errno) => filter::set(Which::Namespaces, Action::Refuse(errno)),
        Fault::ForbidNamespaces => filter::set(Which::Namespaces, Action::Kill),
        _ => Ok(()),
    };
    if filter.is_ok() {
        kernel::execute(&text("/chimera"), &arguments, &environment);
    }
    98
}

fn text(text: impl Into<Vec<u8>>) -> CString {
    CString::new(text).expect("no zero in it")
}

/// The words of the command line.
fn arguments(world: &World, case: &Case) -> Vec<CString> {
    let command = &COMMANDS[case.command];
    let mut arguments = vec![text("/chimera")];
    for word in command.line.split(' ').filter(|word| !word.is_empty()) {
        match (word, command.promise) {
            ("CMD", Promise::Program(words)) => {
                arguments.extend(["/probe", "--probe"].map(text));
                arguments.extend(words.split(' ').map(text));
                arguments.push(text(format!("caller={}", probe::namespaces())));
            }
            ("CGROUP", _) => arguments.push(text(world.cgroup.clone().unwrap_or_default())),
            _ => arguments.push(text(word)),
        }
    }
    arguments
}

/// This process's id as the world has it, whatever its own namespace says.
fn own_id() -> i32 {
    let own = std::fs::read_link("/proc/self").unwrap_or_default();
    own.to_str().and_then(|own| own.parse().ok()).expect("the world's /proc")
}

/// Makes two children that chimera knows nothing of: one that waits with all signals blocked, and one that has ended.
fn have_children() -> [i32; 2] {
    let _ = SigSet::all().thread_block();
    let waits = kernel::spawn(world::wait_for_ever).map_or(0, Pid::as_raw);
    let Ok(ended) = kernel::spawn(|| 0) else { return [waits, 0] };
    let _ = waitid(Id::Pid(ended), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT);
    [waits, ended.as_raw()]
}

/// A PID namespace of its own in which /proc still is the world's: its process 1 has strangers for children, whose ids
/// there are those that chimera's tasks have in the world. Then it makes chimera, tells of its end, and reaps.
fn nest(become_chimera: impl FnOnce() -> i32, ends: &Ends) -> i32 {
    if unshare(CloneFlags::CLONE_NEWPID).is_err() {
        return 1;
    }
    let process_1 = kernel::spawn(|| {
        make_strangers();
        let Ok(chimera) = kernel::spawn(become_chimera) else { return 1 };
        let _ = nix::unistd::close(ends.says.as_raw_fd());
        loop {
            let of_chimera = kernel::wait_for_news().filter(|(task, _)| *task == chimera.as_raw());
            if let Some((_, word)) = of_chimera {
                let _ = nix::unistd::write(&ends.tells_end, &word.to_ne_bytes());
            }
        }
    });
    let _ = nix::unistd::close(ends.says.as_raw_fd());
    process_1.map(kernel::wait_for).map_or(1, |_| 0)
}

/// The ids that the next tasks get in the world are taken here by processes that have blocked all signals.
fn make_strangers() {
    let _ = SigSet::all().thread_block();
    let next = own_id() + STRANGERS;
    // A kernel without this file has no strangers of just these ids.
    let set_last = |last: i32| std::fs::write("/proc/sys/kernel/ns_last_pid", last.to_string());
    let _ = set_last(next);
    (0..STRANGERS).for_each(|_| _ = kernel::spawn(world::wait_for_ever));
    let _ = (set_last(1), SigSet::empty().thread_set_mask());
}

/// The group to which a signal for chimera goes as one from a terminal would.
pub fn continue_group(first: i32) {
    kernel::send(-first, libc::SIGCONT);
}
