//! A world of a test's own: PID, mount, IPC and UTS namespaces in which the test is process 1, and tools that play the others.
//!
//! A test that may do harm runs again as process 1 of fresh namespaces, where nothing that goes astray
//! can reach this machine, where the kernel keeps every stray signal from the test itself, and where every task that is left
//! over is seen, because there are no others. The tools are part of the test program: with `--tool` as its first word it is
//! one of them before any test begins, so that no other language is needed and no clock decides.
#![allow(dead_code, reason = "every test file uses its own part")]

use crate::common::skip::skip;
use crate::common::{Run, command, deadline, elf, folder, has, install, is_root};
use nix::fcntl::OFlag;
use nix::libc::{self, c_long};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl;
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid, waitpid};
use nix::unistd::{ForkResult, Pid, fork, pipe, pipe2};
use std::fs;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// Names the test that is to run in the world; see [`within`].
const INSIDE: &str = "CHIMERA_TEST_WORLD";

/// Set where the world's root is the machine's.
const WHOLE: &str = "CHIMERA_TEST_WORLD_IS_ROOTS";

/// More than any test takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(400);

/// Runs `body`, the test called `name`, as process 1 of a world of its own.
#[track_caller]
pub fn within(name: &str, body: impl FnOnce()) {
    if std::env::var_os(INSIDE).is_some_and(|inside| inside == name) {
        return body();
    }
    if !has("unshare") || !can_be_made() {
        return;
    }
    let test = std::env::current_exe().expect("the test program");
    let test = [test.to_str().expect("UTF-8"), "--exact", name, "--nocapture", "--test-threads", "1"];
    let mut unshare = command("unshare", &[&namespaces()[..], &test].concat());
    // What the world leaves behind, were it killed, goes with these tests' own folder.
    unshare.env(INSIDE, name).env("CHIMERA_FOLDER", folder()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if is_root() {
        unshare.env(WHOLE, "1");
    }
    let run = deadline::collect(unshare.spawn().expect("unshare(1)"), LIMIT);
    let run = run.unwrap_or_else(|| panic!("{name} did not end within {LIMIT:?}"));
    run.err.lines().filter(|line| line.starts_with("SKIP")).for_each(|line| eprintln!("{line}"));
    assert!(run.status == Some(0), "{name} in a world of its own: {:?}\n{}\n{}", run.status, run.out, run.err);
}

/// The words of unshare(1) for a world.
fn namespaces() -> Vec<&'static str> {
    let words = ["--mount", "--pid", "--fork", "--kill-child", "--ipc", "--uts", "--mount-proc"];
    if is_root() { words.to_vec() } else { [&["--map-root-user"][..], &words].concat() }
}

/// Whether a world can be made here; if not, the test that calls this is left out.
fn can_be_made() -> bool {
    let mut trial = command("unshare", &[&namespaces()[..], &["true"]].concat());
    let can = trial.stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    if !can {
        skip("namespaces of the test's own are forbidden here");
    }
    can
}

/// Whether the world's root is the machine's, who may be every user; if not, the test that calls this is left out.
pub fn is_for_root() -> bool {
    if !is_roots() {
        skip("the tests do not run as root");
    }
    is_roots()
}

/// Whether the world's root is the machine's, who may be every user.
pub fn is_roots() -> bool {
    std::env::var_os(WHOLE).is_some()
}

/// A line of /proc/PID/stat, and what it says.
#[derive(Clone, Debug)]
pub struct Other {
    /// The id of the process.
    pub pid: i32,
    /// The parent's.
    pub parent: i32,
    /// Its name.
    pub name: String,
    /// How it is: a letter.
    pub state: char,
}

/// All processes of the world but this one, proc_pid_stat(5).
pub fn everybody() -> Vec<Other> {
    let entries = fs::read_dir("/proc").expect("/proc").flatten();
    // Besides the ids there are `self` and `thread-self`.
    let is_id = |entry: &fs::DirEntry| entry.file_name().as_encoded_bytes().iter().all(u8::is_ascii_digit);
    let stats = entries.filter(is_id).filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok());
    let own = std::process::id() as i32;
    stats.filter_map(|stat| other(&stat)).filter(|other| other.pid != own).collect()
}

fn other(stat: &str) -> Option<Other> {
    let (pid, rest) = stat.split_once(" (")?;
    let (name, rest) = rest.rsplit_once(") ")?;
    let mut columns = rest.split(' ');
    let state = columns.next()?.chars().next()?;
    Some(Other { pid: pid.parse().ok()?, parent: columns.next()?.parse().ok()?, name: name.into(), state })
}

/// Whoever has not ended. A zombie whose parent has ended is process 1's, which is this test.
pub fn others() -> Vec<Other> {
    everybody().into_iter().filter(|other| other.state != 'Z' && other.state != 'X').collect()
}

/// Waits until nobody else is left; answers who is left after `limit`.
pub fn settled(limit: Duration) -> Vec<Other> {
    let end = Instant::now() + limit;
    loop {
        let left = others();
        if left.is_empty() || Instant::now() > end {
            return left;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Signals that have come and not been taken, of a process: proc_pid_status(5).
pub fn pending(pid: i32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let mask = |line: &str| u64::from_str_radix(line.split_whitespace().nth(1)?, 16).ok();
    let lines = status.lines().filter(|line| line.starts_with("SigPnd:") || line.starts_with("ShdPnd:"));
    lines.filter_map(mask).fold(0, |all, mask| all | mask)
}

/// A copy of the test program that every user may run: it is all tools.
pub fn tools() -> &'static Path {
    static COPY: LazyLock<PathBuf> = LazyLock::new(|| {
        let copy = elf().with_file_name("tools");
        install(&std::env::current_exe().expect("the test program"), &copy, "755");
        copy
    });
    &COPY
}

/// The words that are a tool.
pub fn tool<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let tools: &'static Path = tools();
    [&[tools.to_str().expect("UTF-8"), "--tool"], words].concat()
}

/// The words that are the ELF with `arguments`.
pub fn chimera_words<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    let elf: &'static Path = elf();
    [&[elf.to_str().expect("UTF-8")], arguments].concat()
}

/// Words as a command.
pub fn to_command(words: &[&str]) -> Command {
    command(words[0], &words[1..])
}

/// Runs words to their end; without one that is a failure, told with the words.
#[track_caller]
pub fn run_words(words: &[&str]) -> Run {
    deadline::run(to_command(words)).unwrap_or_else(|| panic!("killed, for it did not end: {words:?}"))
}

/// Blocks all signals, those too that the C library keeps for itself; answers a refusal as false.
pub fn block_all() -> bool {
    let all = u64::MAX;
    // SAFETY: the kernel reads one set of eight bytes.
    let answer = unsafe {
        libc::syscall(libc::SYS_rt_sigprocmask, libc::SIG_SETMASK, &raw const all, std::ptr::null_mut::<u64>(), 8)
    };
    answer == 0
}

/// Gives every signal its default action, those too that the C library keeps for itself.
pub fn ignore_nothing() -> nix::Result<()> {
    let default = [0u64; 4];
    for signal in (1..=64).filter(|signal| ![libc::SIGKILL, libc::SIGSTOP].contains(signal)) {
        // SAFETY: the kernel reads one struct of four words: SIG_DFL, which runs no code.
        let answer =
            unsafe { libc::syscall(libc::SYS_rt_sigaction, signal, default.as_ptr(), std::ptr::null_mut::<u64>(), 8) };
        nix::errno::Errno::result(answer)?;
    }
    Ok(())
}

/// Has all descriptors from this one on closed by execve(2).
pub fn close_on_exec(first: libc::c_uint) -> nix::Result<()> {
    // SAFETY: no descriptor is closed now, and no memory is touched.
    let answer = unsafe {
        libc::syscall(libc::SYS_close_range, first, libc::c_uint::MAX, libc::CLOSE_RANGE_CLOEXEC as libc::c_uint)
    };
    nix::errno::Errno::result(answer).map(drop)
}

/// Refuses one system call with an errno from now on, as sandboxes do.
pub fn refuse(call: c_long, errno: i32) -> nix::Result<()> {
    let line = |code: u32, jt: u8, k: u32| libc::sock_filter { code: code as u16, jt, jf: 0, k };
    let mut lines = [
        line(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0), // the number of the call
        line(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 1, call as u32),
        line(libc::BPF_RET | libc::BPF_K, 0, libc::SECCOMP_RET_ALLOW),
        line(libc::BPF_RET | libc::BPF_K, 0, libc::SECCOMP_RET_ERRNO | errno as u32),
    ];
    let program = libc::sock_fprog { len: lines.len() as u16, filter: lines.as_mut_ptr() };
    prctl::set_no_new_privs()?;
    // SAFETY: the kernel copies the program.
    let result = unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program) };
    nix::errno::Errno::result(result).map(drop)
}

/// What the C library calls before `main`: with `--tool` the program is a tool and never comes to its tests.
#[used]
#[unsafe(link_section = ".init_array")]
static BEFORE_MAIN: extern "C" fn() = before_main;

extern "C" fn before_main() {
    let words: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    if words.get(1).is_some_and(|word| word == "--tool") {
        let words: Vec<&str> = words[2..].iter().map(String::as_str).collect();
        std::process::exit(be(&words));
    }
}

/// The status of a tool that could not do its part.
pub const NO_TOOL: i32 = 99;

/// Is a tool; answers its status.
fn be(words: &[&str]) -> i32 {
    match words {
        ["among", first, count, next, "--", program @ ..] => {
            among([first, count, next].map(|word| word.parse().expect("a number")), program)
        }
        ["heir", kind, "--", program @ ..] => heir(*kind == "zombie", program),
        ["refused", call, errno, "--", program @ ..] => {
            refuse(call.parse().expect("a number"), errno.parse().expect("an errno")).expect("a filter");
            become_program(program)
        }
        ["mounts", propagation, "--", program @ ..] => mounts(propagation, program),
        ["first-signal"] => first_signal(),
        ["forge", byte] => forge(byte.parse().expect("a byte")),
        ["orphans", count, status] => {
            orphans(count.parse().expect("a number"), status.parse().expect("a status")).unwrap_or(NO_TOOL)
        }
        _ => panic!("no tool: {words:?}"),
    }
}

/// Becomes the program.
fn become_program(program: &[&str]) -> i32 {
    panic!("{program:?}: {}", Command::new(program[0]).args(&program[1..]).exec())
}

/// Names a process, so that it is known in /proc.
fn call_it(name: &std::ffi::CStr) {
    prctl::set_name(name).expect("a name");
}

/// The next process of this PID namespace gets this id, if it is free.
fn next_id(id: i32) {
    fs::write("/proc/sys/kernel/ns_last_pid", (id - 1).to_string()).expect("/proc/sys/kernel/ns_last_pid");
}

/// Runs a program whose id is `next` among `count` strangers with ids from `first` on, who block all signals; says of each
/// stranger what was done to it on fd 2, and ends as the program has ended.
fn among([first, count, next]: [i32; 3], program: &[&str]) -> i32 {
    // The program must not hold them.
    let [(wait, end), (ready, told)] = [(); 2].map(|()| pipe2(OFlag::O_CLOEXEC).expect("a pipe"));
    next_id(first);
    let strangers: Vec<Pid> = (0..count).map(|_| stranger(&wait, &end, &told)).collect();
    // A signal that comes before a stranger blocks it would kill the stranger.
    for _ in &strangers {
        assert_eq!(nix::unistd::read(&ready, &mut [0]), Ok(1));
    }
    next_id(next);
    let status = Command::new(program[0]).args(&program[1..]).status().expect("the program starts");
    drop(end);
    for stranger in strangers {
        match waitpid(stranger, Some(WaitPidFlag::WUNTRACED)) {
            Ok(WaitStatus::Exited(_, 0)) => {}
            Ok(WaitStatus::Exited(_, signal)) => eprintln!("HARM: signal {signal} was sent to stranger {stranger}"),
            other => eprintln!("HARM: stranger {stranger}: {other:?}"),
        }
    }
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default())
}

/// Makes a process that blocks all signals, tells so by a byte, waits for the end of the pipe and then tells by its status
/// which signal has come.
fn stranger(wait: &OwnedFd, end: &OwnedFd, told: &OwnedFd) -> Pid {
    // SAFETY: there is one thread.
    match unsafe { fork() }.expect("a process") {
        ForkResult::Parent { child } => child,
        ForkResult::Child => {
            let _ = prctl::set_pdeathsig(nix::sys::signal::Signal::SIGKILL);
            call_it(c"stranger");
            block_all();
            // SAFETY: this copy of it is not used any more.
            unsafe { libc::close(end.as_raw_fd()) };
            let _ = nix::unistd::write(told, &[0]);
            let _ = nix::unistd::read(wait, &mut [0]);
            std::process::exit(first_pending())
        }
    }
}

/// The lowest signal that has come and is blocked; 0 if none has.
fn first_pending() -> i32 {
    let mut set = 0u64;
    // SAFETY: the kernel writes one set of eight bytes.
    unsafe { libc::syscall(libc::SYS_rt_sigpending, &raw mut set, 8) };
    if set == 0 { 0 } else { set.trailing_zeros() as i32 + 1 }
}

/// The status of the zombie that [`heir`] makes.
pub const OF_ZOMBIE: i32 = 77;

/// Becomes a program that has a child already, which is called `inherited`: a zombie, or a process that blocks all signals.
fn heir(is_zombie: bool, program: &[&str]) -> i32 {
    let (ready, told) = pipe().expect("a pipe");
    // SAFETY: there is one thread.
    match unsafe { fork() }.expect("a process") {
        ForkResult::Child => {
            call_it(c"inherited");
            block_all();
            drop((ready, told));
            if is_zombie {
                std::process::exit(OF_ZOMBIE);
            }
            // It must hold nothing that a reader waits for the end of.
            // SAFETY: nobody here uses a descriptor any more.
            unsafe { libc::syscall(libc::SYS_close_range, 0, libc::c_uint::MAX, 0) };
            loop {
                nix::unistd::pause();
            }
        }
        ForkResult::Parent { child } => {
            drop(told);
            // The end of the pipe: it has its name, and blocks all.
            let _ = nix::unistd::read(&ready, &mut [0]);
            drop(ready);
            if is_zombie {
                waitid(Id::Pid(child), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT).expect("it ends");
            }
            become_program(program)
        }
    }
}

/// Runs a program in a mount namespace of its own, in which all mounts propagate so, and between two lines that it says waits
/// for a line each, so that its mounts can be looked at from outside.
fn mounts(propagation: &str, program: &[&str]) -> i32 {
    const NONE: Option<&str> = None;
    let kind = if propagation == "shared" { MsFlags::MS_SHARED } else { MsFlags::MS_PRIVATE };
    unshare(CloneFlags::CLONE_NEWNS).expect("a mount namespace");
    mount(NONE, "/", NONE, MsFlags::MS_REC | MsFlags::MS_PRIVATE, NONE).expect("mounts of its own");
    mount(NONE, "/", NONE, MsFlags::MS_REC | kind, NONE).expect("this propagation");
    wait_for_line("before");
    let output = Command::new(program[0]).args(&program[1..]).stdin(Stdio::null()).output().expect("the program");
    std::io::stdout().write_all(&output.stdout).expect("fd 1");
    std::io::stderr().write_all(&output.stderr).expect("fd 2");
    wait_for_line("after");
    output.status.code().unwrap_or_else(|| 128 + output.status.signal().unwrap_or_default())
}

fn wait_for_line(said: &str) {
    println!("\n{said}");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).expect("fd 0");
}

/// Says that it is ready, and then the number of the first signal that comes.
fn first_signal() -> i32 {
    assert!(block_all(), "signals are blocked");
    println!("ready");
    let all = u64::MAX;
    // SAFETY: the kernel reads one set of eight bytes; nothing is written without a siginfo.
    let signal = unsafe { libc::syscall(libc::SYS_rt_sigtimedwait, &raw const all, 0, 0, 8) };
    println!("{signal}");
    0
}

/// Tries to write to process 1: what it has in common with others is filled with `byte`; says what was refused, and ends with
/// 42.
fn forge(byte: u8) -> i32 {
    match fs::File::options().read(true).write(true).open("/proc/1/mem") {
        Ok(memory) => println!("mem: opened, {} shared mappings overwritten", overwrite(&memory, byte)),
        Err(error) => println!("mem: {}", nix::errno::Errno::from_raw(error.raw_os_error().unwrap_or(0))),
    }
    // SAFETY: an attachment that stops nobody; the kernel takes no memory from here.
    let answer = unsafe { libc::ptrace(libc::PTRACE_SEIZE, 1, 0, 0) };
    println!("seize: {}", nix::errno::Errno::result(answer).map_or_else(|errno| errno.to_string(), |_| "done".into()));
    42
}

/// Fills every writable mapping that process 1 shares.
fn overwrite(memory: &fs::File, byte: u8) -> usize {
    let maps = fs::read_to_string("/proc/1/maps").expect("/proc/1/maps");
    let shared = maps.lines().filter(|line| line.contains(" rw-s "));
    let range = |line: &str| {
        let (start, end) = line.split(' ').next()?.split_once('-')?;
        Some([u64::from_str_radix(start, 16).ok()?, u64::from_str_radix(end, 16).ok()?])
    };
    let write = |[start, end]: [u64; 2]| {
        let bytes = vec![byte; (end - start) as usize];
        std::os::unix::fs::FileExt::write_all_at(memory, &bytes, start).is_ok()
    };
    shared.filter_map(range).filter(|range| write(*range)).count()
}

/// Gives process 1 `count` zombies in one moment, waits until all are reaped and ends with `status`.
fn orphans(count: usize, status: i32) -> Option<i32> {
    let before = processes();
    // SAFETY: there is one thread.
    let ForkResult::Parent { child } = unsafe { fork() }.ok()? else {
        let made = (0..count).all(|_| is_zombie_made());
        // All of them become process 1's now.
        std::process::exit(if made { 0 } else { NO_TOOL });
    };
    let WaitStatus::Exited(_, 0) = waitpid(child, None).ok()? else { return None };
    let end = Instant::now() + deadline::DEADLINE;
    deadline::within(end, || (processes() <= before).then_some(status))
}

/// How many processes there are, zombies too: so many entries of /proc begin with a digit.
fn processes() -> usize {
    let entries = fs::read_dir("/proc").expect("/proc").flatten();
    entries.filter(|entry| entry.file_name().as_encoded_bytes()[0].is_ascii_digit()).count()
}

/// Makes a child that has ended, and leaves it.
fn is_zombie_made() -> bool {
    // SAFETY: there is one thread.
    match unsafe { fork() } {
        // SAFETY: nothing of this copy is to run any more.
        Ok(ForkResult::Child) => unsafe { libc::_exit(0) },
        Ok(ForkResult::Parent { child }) => waitid(Id::Pid(child), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT).is_ok(),
        Err(_) => false,
    }
}

/// What [`mounts`] has seen: the table of mounts before and after, and the run between.
pub struct Mounts {
    /// Before the program ran.
    pub before: String,
    /// After it.
    pub after: String,
    /// The program's run; fd 1 holds the tool's two lines too.
    pub run: Run,
}

/// Runs words in a mount namespace of their own with this propagation.
#[track_caller]
pub fn watch_mounts(propagation: &str, words: &[&str]) -> Mounts {
    let words = tool(&[&["mounts", propagation, "--"], words].concat());
    let mut command = to_command(&words);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a tool starts");
    let mut input = child.stdin.take().expect("fd 0");
    let mut out = child.stdout.take().expect("fd 1");
    let mut said = String::new();
    let table = format!("/proc/{}/mountinfo", child.id());
    read_up_to(&mut out, &mut said, "\nbefore\n");
    let before = fs::read_to_string(&table).expect("a table of mounts");
    input.write_all(b"\n").expect("fd 0");
    read_up_to(&mut out, &mut said, "\nafter\n");
    let after = fs::read_to_string(&table).expect("a table of mounts");
    drop(input);
    let mut run = deadline::collect(child, deadline::DEADLINE).expect("the tool ends");
    run.out = said;
    Mounts { before, after, run }
}

/// Reads up to a line; what hangs is seen by the deadline of the whole world.
fn read_up_to(from: &mut impl Read, text: &mut String, end: &str) {
    let mut byte = [0];
    while !text.ends_with(end) && from.read(&mut byte).is_ok_and(|length| length == 1) {
        text.push(byte[0] as char);
    }
}
