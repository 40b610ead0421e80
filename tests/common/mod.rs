//! What the tests share: running the ELF under test as any user, and looking at what is left behind.
//!
//! Each run is a process group of its own, and tasks inherit it. So what a run leaves behind
//! is seen in /proc by its group, whatever else this machine does at the same time.
#![allow(dead_code, reason = "every test file uses its own part")]

pub mod before;
pub mod deadline;
pub mod filter;
pub mod flags;
pub mod group;
pub mod inherited;
pub mod oracle;
pub mod page;
pub mod part;
pub mod place;
pub mod running;
pub mod schema;
pub mod screen;
pub mod shards;
pub mod skip;
pub mod svg;
pub mod sweep;
pub mod tracer;
pub mod who;
pub mod zoo;

use nix::errno::Errno;
use nix::libc;
use nix::sys::signal::killpg;
use nix::unistd::Pid;
use running::Running;
#[allow(unused_imports, reason = "every test file uses its own part")]
pub use skip::has;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

/// Users that are not root: nobody, and an ordinary one.
pub const USERS: [u32; 2] = [65534, 1000];

/// The modes of the command line.
pub const MODES: [&str; 4] = ["fork", "chimera", "thread", "user"];

/// The ELF under test: the one that CHIMERA names, or else the one of the profile in which these tests are built.
pub fn built() -> &'static Path {
    static BUILT: LazyLock<PathBuf> = LazyLock::new(|| {
        let named = std::env::var_os("CHIMERA").map_or(env!("CARGO_BIN_EXE_chimera").into(), PathBuf::from);
        named.canonicalize().unwrap_or_else(|error| panic!("the ELF {}: {error}", named.display()))
    });
    &BUILT
}

/// A folder for all that these tests write, open to every user and gone when this process ends. Where the environment names
/// a folder (CHIMERA_FOLDER), it is in there, and so it goes even if this process is killed.
pub fn folder() -> &'static Path {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
        let place = std::env::var_os("CHIMERA_FOLDER").map_or_else(std::env::temp_dir, PathBuf::from);
        // In a PID namespace of its own the id of another process of these tests may be the same.
        let names = (0..).map(|number| place.join(format!("chimera-test-{}-{number}", std::process::id())));
        let is_new = |folder: &PathBuf| match fs::create_dir(folder) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => false,
            result => result.is_ok() || panic!("no folder for the tests in {}", place.display()),
        };
        let folder = names.into_iter().find(is_new).expect("one is new");
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("rights for all");
        // SAFETY: the function is one for `exit`, at which the threads of the tests have ended.
        unsafe { libc::atexit(remove_folder) };
        folder
    });
    &FOLDER
}

/// A static value is never dropped, and libtest ends by `exit`, whether tests have failed or not.
extern "C" fn remove_folder() {
    let _ = fs::remove_dir_all(folder()); // what is left of it harms nobody
}

/// A copy of [`built`] that every user may run, wherever the checkout lies.
pub fn elf() -> &'static Path {
    static COPY: LazyLock<PathBuf> = LazyLock::new(|| {
        let copy = folder().join("chimera");
        install(built(), &copy, "755");
        copy
    });
    &COPY
}

/// Copies a program, by a process of its own: a descriptor that may write to it must not be inherited by what another
/// test starts at this moment, or execve(2) says ETXTBSY.
pub fn install(from: &Path, to: &Path, mode: &str) {
    let [from, to] = [from, to].map(|path| path.to_str().expect("a path in UTF-8"));
    let run = run(command("install", &["-m", mode, from, to]));
    assert_eq!(run.status, Some(0), "a copy at {to}: {run:#?}");
}

/// A folder of this name, and the path of `a-script` in it, which names no interpreter, shows its words and ends with 7.
pub fn script_of_the_shell(name: &str) -> (String, String) {
    let scripts = folder().join(name);
    fs::create_dir_all(&scripts).expect("a folder");
    let text = scripts.join("text");
    fs::write(&text, "echo \"$0:$#:$1:$2\"; exit 7\n").expect("a script");
    install(&text, &scripts.join("a-script"), "755");
    let scripts = scripts.to_str().expect("UTF-8").to_owned();
    (scripts.clone(), scripts + "/a-script")
}

/// Whether these tests run as root.
pub fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

/// The ELF with `arguments`, in a process group of its own, with no input.
pub fn chimera(arguments: &[&str]) -> Command {
    command(elf(), arguments)
}

/// Any program, in a process group of its own, with no input.
pub fn command(program: impl AsRef<Path>, arguments: &[&str]) -> Command {
    let mut command = plain(program);
    command.args(arguments).process_group(0);
    command
}

/// Any program, with no input, and with signals as they are by default: whatever these tests have inherited as ignored
/// would stay so in the program, and a shell could not even trap it.
pub fn plain(program: impl AsRef<Path>) -> Command {
    let mut command = Command::new(program.as_ref());
    command.stdin(Stdio::null()).current_dir("/");
    before::with_default_signals(command)
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

/// Runs to the end, and looks at what is left; panics if the end is late.
#[track_caller]
pub fn run(command: Command) -> Run {
    Running::start(command).finish()
}

/// Waits for a child of [`command`] and looks at what is left; panics if the end is late.
#[track_caller]
pub fn finish(child: Child) -> Run {
    Running::from(child).finish()
}

/// All processes of a process group, zombies too: lines of /proc/*/stat.
pub fn in_group(group: u32) -> Vec<String> {
    // Mostly there is none; signal 0 is none.
    if killpg(Pid::from_raw(group as i32), None) == Err(Errno::ESRCH) {
        return Vec::new();
    }
    all_with(2, group)
}

/// All processes of a session, zombies too: lines of /proc/*/stat.
pub fn in_session(session: u32) -> Vec<String> {
    all_with(3, session)
}

/// All lines of /proc/*/stat with this number in this place behind the name.
fn all_with(place: usize, number: u32) -> Vec<String> {
    let entries = fs::read_dir("/proc").expect("/proc").flatten();
    let stats = entries.filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok());
    // proc_pid_stat(5): pid (comm) state ppid pgrp session; comm may hold anything, so from its end on.
    let is_it = |stat: &String| {
        stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(place)) == Some(&number.to_string())
    };
    stats.filter(is_it).collect()
}

/// Waits until all of a process group have ended but those that `is_other` knows. A zombie has: it is somebody's to reap.
#[track_caller]
pub fn until_gone(group: u32, is_other: impl Fn(&str) -> bool) {
    let lives = |stat: &String| !stat.contains(") Z ") && !is_other(stat);
    deadline::until(&format!("nobody of group {group} lives"), || (!in_group(group).iter().any(lives)).then_some(()));
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
