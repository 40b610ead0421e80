//! What the tests share: running the ELF of the profile under test as any user, and looking at what is left behind.
//!
//! The decision behind it: each run is a process group of its own, and tasks inherit it. So what a run leaves behind
//! is seen in /proc by its group, whatever else this machine does at the same time.
#![allow(dead_code, reason = "every test file uses its own part")]

pub mod before;
pub mod deadline;
pub mod filter;
pub mod oracle;
pub mod page;
pub mod place;
pub mod tracer;
pub mod who;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::LazyLock;

/// Users that are not root: nobody, and an ordinary one.
pub const USERS: [u32; 2] = [65534, 1000];

/// The modes of the command line.
pub const MODES: [&str; 4] = ["fork", "chimera", "thread", "user"];

/// The ELF as cargo built it for the profile under test.
pub fn built() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_chimera"))
}

/// A copy of [`built`] that every user may run, wherever the checkout lies.
pub fn elf() -> &'static Path {
    static COPY: LazyLock<PathBuf> = LazyLock::new(|| {
        let target = std::env::temp_dir().join(format!("chimera-test-{}", std::process::id()));
        fs::create_dir_all(&target).expect("a folder for the copy");
        let copy = target.join("chimera");
        install(built(), &copy, "755");
        fs::set_permissions(&target, fs::Permissions::from_mode(0o755)).expect("rights for all");
        copy
    });
    &COPY
}

/// Copies a program, by a process of its own: a descriptor that may write to it must not be inherited by what another
/// test starts at this moment, or execve(2) says ETXTBSY.
pub fn install(from: &Path, to: &Path, mode: &str) {
    let status = Command::new("install").args(["-m", mode]).args([from, to]).status();
    assert!(status.expect("install(1)").success(), "a copy at {}", to.display());
}

/// Whether these tests run as root.
pub fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

/// Whether a tool is installed; if not, the reason for the skip is printed.
pub fn has(tool: &str) -> bool {
    let found = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(tool).is_file()));
    if !found {
        eprintln!("SKIP: {tool} is not installed");
    }
    found
}

/// The ELF with `arguments`, in a process group of its own, with no input.
pub fn chimera(arguments: &[&str]) -> Command {
    command(elf(), arguments)
}

/// Any program, in a process group of its own, with no input.
pub fn command(program: impl AsRef<Path>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program.as_ref());
    command.args(arguments).process_group(0).stdin(Stdio::null()).current_dir("/");
    command
}

/// The same as user and group `id`; std drops the other groups too.
pub fn as_user(mut command: Command, id: u32) -> Command {
    command.gid(id).uid(id);
    command
}

/// What a run came to.
#[derive(Debug)]
pub struct Run {
    /// The exit status; none if a signal ended it.
    pub status: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// fd 1.
    pub out: String,
    /// fd 2.
    pub err: String,
    /// Lines of /proc/*/stat of what was left behind.
    pub left: Vec<String>,
}

/// Runs to the end, and looks at what is left.
pub fn run(mut command: Command) -> Run {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    finish(child)
}

/// Waits for a child of [`command`] and looks at what is left.
pub fn finish(child: Child) -> Run {
    let group = child.id();
    let Output { status, stdout, stderr } = child.wait_with_output().expect("the program ends");
    Run {
        status: status.code(),
        signal: status.signal(),
        out: String::from_utf8(stdout).expect("ASCII on fd 1"),
        err: String::from_utf8(stderr).expect("ASCII on fd 2"),
        left: in_group(group),
    }
}

/// All processes of a process group, zombies too.
pub fn in_group(group: u32) -> Vec<String> {
    let entries = fs::read_dir("/proc").expect("/proc").flatten();
    let stats = entries.filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok());
    // proc_pid_stat(5): pid (comm) state ppid pgrp; comm may hold anything, so from its end on.
    stats
        .filter(|stat| stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(2)) == Some(&group.to_string()))
        .collect()
}

impl Run {
    /// Panics unless it ended with `status`, said nothing on fd 2 and left nothing behind.
    #[track_caller]
    pub fn clean(self, status: i32) -> Self {
        assert_eq!((self.status, self.err.as_str()), (Some(status), ""), "{self:#?}");
        self.nothing_left()
    }

    /// Panics if a task was left behind.
    #[track_caller]
    pub fn nothing_left(self) -> Self {
        assert!(self.left.is_empty(), "left behind: {self:#?}");
        self
    }
}

/// A text with every number of two digits and more replaced by `#`: two runs differ in ids alone.
pub fn without_ids(text: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let end = rest[start..].find(|c: char| !c.is_ascii_alphanumeric()).map_or(rest.len(), |len| start + len);
        result.push_str(&rest[..start]);
        result.push_str(if end - start > 1 { "#" } else { &rest[start..end] });
        rest = &rest[end..];
    }
    result + rest
}
