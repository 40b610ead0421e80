//! Jobs at a terminal: `chimera run` under a shell with job control, and such a shell under `chimera run`.
//!
//! A real shell in a pseudo-terminal is typed at. What is typed next is decided by what stands on the
//! screen and by who has the terminal's foreground, never by the clock.

use crate::common::deadline::{self, DEADLINE};
use crate::common::running::Running;
use crate::common::skip::has;
use crate::common::who::may_be_root;
use crate::common::{elf, in_session, plain, screen};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, tcgetpgrp};
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

/// A shell at a terminal.
pub struct Session {
    shell: Running,
    terminal: File,
    typed: Receiver<Vec<u8>>,
    screen: String,
}

impl Session {
    /// A shell with job control, at its prompt.
    fn start() -> Self {
        let mut shell = plain("bash");
        shell.args(["--norc", "--noprofile", "-i"]).env("PS1", "PROMPT> ").env("TERM", "dumb").env("ELF", elf());
        let mut session = Self::of(shell);
        session.sees("PROMPT> ");
        session
    }

    /// The same for any program, as the first of the session and in the terminal's foreground.
    pub fn of(mut command: Command) -> Self {
        let (master, path) = screen::terminal();
        let slave = || screen::open(&path);
        command.stdin(slave()).stdout(slave()).stderr(slave());
        let shell = screen::control(command).spawn().expect("a shell");
        let terminal = File::from(OwnedFd::from(master));
        let mut reader = terminal.try_clone().expect("a descriptor");
        let (sender, typed) = channel();
        std::thread::spawn(move || {
            let mut room = [0; 4096];
            while let Ok(length @ 1..) = reader.read(&mut room) {
                if sender.send(room[..length].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { shell: shell.into(), terminal, typed, screen: String::new() }
    }

    /// Waits until a text stands on the screen, and forgets all up to its end. What stood before the text is returned.
    #[track_caller]
    pub fn sees(&mut self, text: &str) -> String {
        let limit = Instant::now() + DEADLINE;
        while !self.screen.contains(text) {
            let left = limit.saturating_duration_since(Instant::now());
            let Ok(bytes) = self.typed.recv_timeout(left) else { panic!("no {text:?} in {:?}", self.screen) };
            self.screen.push_str(&String::from_utf8_lossy(&bytes));
        }
        let (before, rest) = self.screen.split_once(text).expect("it stands there");
        let before = before.to_owned();
        self.screen = rest.to_owned();
        before
    }

    /// Waits until the shell has the foreground, or somebody else.
    #[track_caller]
    fn has_foreground(&self, shell: bool) {
        let own = self.shell.id() as i32;
        let is_elsewhere = || tcgetpgrp(self.terminal.as_fd()).is_ok_and(|group| (group.as_raw() == own) != shell);
        deadline::until("the foreground changes", || (!is_elsewhere()).then_some(()));
    }

    pub fn types(&mut self, text: &str) {
        self.terminal.write_all(text.as_bytes()).expect("a terminal");
    }
}

impl Drop for Session {
    /// A shell's jobs have groups of their own; what a failed test leaves of them is in the shell's session.
    fn drop(&mut self) {
        for stat in in_session(self.shell.id()) {
            if let Some(process) = stat.split(' ').next().and_then(|process| process.parse().ok()) {
                let _ = kill(Pid::from_raw(process), Signal::SIGKILL); // it may have ended in this very moment
            }
        }
    }
}

/// Whether there is a shell, and namespaces for it.
fn is_possible() -> bool {
    has("bash") && may_be_root(None)
}

#[test]
fn a_job_is_stopped_continued_and_interrupted() {
    if !is_possible() {
        return;
    }
    for options in ["-r", "-rf", "-rp", "-rp --mount-proc", "-r --kill-child"] {
        let mut session = Session::start();
        session.types(&format!("$ELF run {options} -- sh -c 'echo go; exec sleep 1000'\n"));
        session.sees("go\r\n");
        session.has_foreground(false);
        session.types("\x1a");
        session.sees("Stopped");
        session.has_foreground(true);
        session.types("fg\n");
        session.has_foreground(false);
        session.types("\x03");
        session.has_foreground(true);
        session.types("echo status $?.\n");
        session.sees("status 130.");
    }
}

#[test]
fn a_shell_inside_has_jobs_of_its_own() {
    if !is_possible() {
        return;
    }
    for options in ["-r", "-rf", "-rp", "-rpf --mount-proc"] {
        let mut session = Session::start();
        session.types(&format!("$ELF run {options} -- bash --norc --noprofile -i\n"));
        session.has_foreground(false);
        session.sees("PROMPT> ");
        session.types("sh -c 'echo go; exec sleep 1000'\n");
        session.sees("go\r\n");
        session.types("\x1a");
        session.sees("Stopped");
        session.sees("PROMPT> ");
        session.types("exit\n");
        session.sees("There are stopped jobs.");
        session.sees("PROMPT> ");
        session.types("exit 5\n");
        session.has_foreground(true);
        session.types("echo status $?.\n");
        session.sees("status 5.");
    }
}

/// Without a shell that could continue it nobody is to be stopped: the kernel stops no orphaned process group, setpgid(2),
/// and a process 1 in another group of the session would keep it from being one.
#[test]
fn the_first_of_a_session_is_not_stopped() {
    if !is_possible() {
        return;
    }
    for options in [&["-r"] as &[&str], &["-rf"], &["-rp"], &["-rpf"], &["-rp", "--mount-proc"]] {
        let mut command = plain(elf());
        command.arg("run").args(options).args([
            "--",
            "sh",
            "-c",
            "echo go; read line; echo \"got $line\"; read line; exit 7",
        ]);
        let mut session = Session::of(command);
        session.sees("go\r\n");
        session.types("\x1a");
        // The terminal shows the key when it has sent the signal.
        session.sees("^Z");
        session.types("more\n");
        session.sees("got more\r\n");
        session.types("\n");
        assert_eq!(session.shell.wait().code(), Some(7), "{options:?}");
    }
}
