//! A world for one command: PID, mount, IPC and UTS namespaces of its own, in which the place is made.
//!
//! This program starts itself under unshare(1), is process 1 there, makes the place and executes the command in a child.
//! Whatever was made (mounts, folders, containers, processes) is in these namespaces and goes with them, and they go with
//! this program, however it ends: each process of the chain dies with its parent.

use crate::bundle;
use crate::packages::{Package, Packages};
use crate::place::{Filter, Kind, Place, Root, Step};
use crate::who::{ENVIRONMENT, Who};
use nix::errno::Errno;
use nix::libc;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, chroot, fork, getppid, pipe, read, write};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Read;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The time for a command, which the slowest place on a busy machine does not take.
pub const SOON: Duration = Duration::from_secs(60);
/// The same for a command that makes many thousand tasks.
pub const LATE: Duration = Duration::from_secs(1200);

/// The status of a world in which the place could not be made.
pub const NO_PLACE: i32 = 99;

/// The words of unshare(1) for a world.
const NAMESPACES: [&str; 7] = ["--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child", "--mount-proc"];

/// The mount point of the world's own filesystem.
const FILES: &str = "/tmp";

/// How a command ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum End {
    Status(i32),
    Killed(Signal),
    /// It was killed by this program, as it was late.
    Hung,
}

/// A command that has ended.
pub struct Run {
    pub end: End,
    pub out: String,
    pub err: String,
}

/// The ELF and the folder of the packages, outside of the worlds.
pub struct Outside<'a> {
    pub elf: &'a Path,
    pub folder: &'a Path,
}

/// Runs the ELF with these words in a place, as a user, for so long at most.
pub fn run(outside: &Outside, place: &Place, who: Who, words: &[&str], limit: Duration) -> Result<Run, String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new("unshare");
    command.args(NAMESPACES).arg(own).args(["--inside", place.name, who.name()]);
    command.arg(outside.elf).arg(outside.folder).args(words);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // A group of its own: ctrl-C ends this program, and that ends the world.
    command.process_group(0);
    let own = Pid::this();
    // SAFETY: system calls alone.
    unsafe { command.pre_exec(move || Ok(die_with(own)?)) };
    let mut child = command.spawn().map_err(|error| format!("unshare: {error}"))?;
    let [out, err] = [reader(child.stdout.take()), reader(child.stderr.take())];
    let limit = Instant::now() + limit;
    let status = loop {
        match child.try_wait().map_err(|error| error.to_string())? {
            Some(status) => break Some(status),
            None if Instant::now() > limit => {
                let _ = child.kill(); // it may end at this very moment
                child.wait().map_err(|error| error.to_string())?;
                break None;
            }
            None => thread::sleep(Duration::from_millis(5)),
        }
    };
    let end = match status {
        None => End::Hung,
        Some(status) => end_of(status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or_default())),
    };
    let text = |reader: thread::JoinHandle<String>| reader.join().expect("a thread that reads");
    Ok(Run { end, out: text(out), err: text(err) })
}

/// A process that was killed by a signal is told by each shell and runtime as 128 and the number of the signal.
fn end_of(status: i32) -> End {
    let signal = Signal::try_from(status - 128);
    signal.map_or(End::Status(status), End::Killed)
}

/// Reads a pipe to its end, beside all else.
fn reader(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.expect("a pipe").read_to_end(&mut bytes); // what was read before an error counts
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// The caller is killed when its parent ends.
fn die_with(parent: Pid) -> nix::Result<()> {
    prctl::set_pdeathsig(Signal::SIGKILL)?;
    // The parent may have ended before that.
    if getppid() == parent { Ok(()) } else { Err(Errno::ECHILD) }
}

/// Does the part of process 1 of a world; returns the status of the command.
pub fn inside(outside: &Outside, place: &Place, who: Who, words: &[String]) -> Result<i32, String> {
    let elf = fs::read(outside.elf).map_err(|error| format!("{}: {error}", outside.elf.display()))?;
    let folder = File::open(outside.folder).map_err(|error| error.to_string())?;
    let packages = Packages::new(outside.folder);
    move_in(&folder).map_err(|errno| format!("a filesystem for the world: {errno}"))?;
    install(&elf, &Path::new(FILES).join("chimera"))?;
    let unpacked = |package: &Package, path: &str| Path::new("/tmp/tools").join(packages.place(package)).join(path);
    let with_words = |elf: &str| [&[elf.to_owned()], words].concat();
    match &place.kind {
        Kind::Steps(steps) => {
            let is_chroot = steps.iter().any(|step| matches!(step, Step::Chroot(_)));
            let program = with_words(if is_chroot { "/chimera" } else { "/tmp/chimera" });
            execute(command(&program[0], &program[1..]), who, steps, &elf)
        }
        Kind::Wrapper { package, path, words, environment } => {
            let mut wrapper = command(unpacked(package, path), *words);
            wrapper.args(with_words("/tmp/chimera"));
            wrapper.envs(environment.iter().map(|(name, path)| (name, unpacked(package, path))));
            execute(wrapper, who, &[], &elf)
        }
        Kind::Container { runtime, path, words, engine } => {
            let profile = engine.profile.map(|(package, path)| fs::read_to_string(unpacked(&package, path)));
            let profile = profile.transpose().map_err(|error| format!("the seccomp profile: {error}"))?;
            let config = bundle::config(engine, profile.as_deref(), who, &with_words("/chimera"))?;
            fs::write("/tmp/config.json", config).map_err(|error| error.to_string())?;
            populate(Path::new("/tmp/root"), &elf)?;
            protect_cgroups()?;
            let mut runtime = command(unpacked(runtime, path), *words);
            // gVisor opens a socket for each name, in the network namespace that all containers here share.
            let name = format!("chimera-{}", std::process::id());
            runtime.args(["--root", "/tmp/state", "run", "--bundle", FILES, &name]);
            // The user is the affair of the bundle.
            execute(runtime, Who::Root, &[], &elf)
        }
    }
}

fn command(program: impl AsRef<OsStr>, words: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
    let mut command = Command::new(program);
    command.args(words).env_clear().envs(ENVIRONMENT).current_dir("/");
    command
}

const NONE: Option<&str> = None;

/// Makes the world's own filesystem, with the packages in it.
fn move_in(folder: &File) -> nix::Result<()> {
    mount(NONE, "/", NONE, MsFlags::MS_REC | MsFlags::MS_PRIVATE, NONE)?;
    mount(Some("world"), FILES, Some("tmpfs"), MsFlags::empty(), Some("mode=1777"))?;
    fs::create_dir("/tmp/tools").map_err(|_| Errno::EIO)?;
    // The way to it may lie in what the filesystem covers.
    let folder = format!("/proc/self/fd/{}", folder.as_raw_fd());
    mount(Some(folder.as_str()), "/tmp/tools", NONE, MsFlags::MS_BIND, NONE)
}

/// A runtime can make no cgroup, which would stay if the world is killed.
fn protect_cgroups() -> Result<(), String> {
    let mounts = fs::read_to_string("/proc/self/mounts").map_err(|error| error.to_string())?;
    let folders = mounts.lines().filter_map(|line| line.split(' ').nth(1));
    for folder in folders.filter(|folder| folder.starts_with("/sys/fs/cgroup")) {
        make_read_only(Path::new(folder)).map_err(|errno| format!("{folder} read-only: {errno}"))?;
    }
    Ok(())
}

fn install(elf: &[u8], path: &Path) -> Result<(), String> {
    fs::write(path, elf).map_err(|error| error.to_string())?;
    fs::set_permissions(path, PermissionsExt::from_mode(0o755)).map_err(|error| error.to_string())
}

/// Makes a folder one that can be a root directory: this machine's programs, read-only, /proc, /dev, and the ELF.
fn populate(root: &Path, elf: &[u8]) -> Result<(), String> {
    let say = |error: &dyn std::fmt::Display| format!("{}: {error}", root.display());
    for name in ["usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "etc", "proc", "dev", "sys"] {
        let (from, to) = (Path::new("/").join(name), root.join(name));
        let Ok(kind) = fs::symlink_metadata(&from) else { continue };
        if kind.is_symlink() {
            let target = fs::read_link(&from).map_err(|error| say(&error))?;
            symlink(target, to).map_err(|error| say(&error))?;
        } else {
            fs::create_dir_all(&to).map_err(|error| say(&error))?;
            bind(&from, &to, !["proc", "dev", "sys"].contains(&name)).map_err(|errno| say(&errno))?;
        }
    }
    install(elf, &root.join("chimera"))
}

/// Mounts a folder at another place too, with all that is mounted in it.
fn bind(from: &Path, to: &Path, is_read_only: bool) -> nix::Result<()> {
    mount(Some(from), to, NONE, MsFlags::MS_BIND | MsFlags::MS_REC, NONE)?;
    if is_read_only { make_read_only(to) } else { Ok(()) }
}

/// Makes a mount read-only, and not the filesystem.
fn make_read_only(place: &Path) -> nix::Result<()> {
    mount(NONE, place, NONE, MsFlags::MS_BIND | MsFlags::MS_REMOUNT | MsFlags::MS_RDONLY, NONE)
}

/// Executes a program in a child, behind these steps; returns its status.
fn execute(mut program: Command, who: Who, steps: &[Step], elf: &[u8]) -> Result<i32, String> {
    // SAFETY: this process has one thread.
    match unsafe { fork() }.map_err(|errno| format!("fork: {errno}"))? {
        ForkResult::Parent { child } => Ok(status_of(child)),
        ForkResult::Child => {
            for step in steps {
                take(step, elf)?;
            }
            who.become_it().map_err(|errno| format!("to become {}: {errno}", who.name()))?;
            let error = program.exec();
            Err(format!("{}: {error}", program.get_program().display()))
        }
    }
}

/// Waits for a child's end, and reaps the orphans that process 1 gets.
fn status_of(child: Pid) -> i32 {
    loop {
        match waitpid(None, None) {
            Ok(WaitStatus::Exited(pid, status)) if pid == child => return status,
            Ok(WaitStatus::Signaled(pid, signal, _)) if pid == child => return 128 + signal as i32,
            Ok(_) | Err(Errno::EINTR) => {}
            Err(_) => return NO_PLACE,
        }
    }
}

/// Takes a step of the way into a place. Behind it the caller may be a child of the process that it was.
fn take(step: &Step, elf: &[u8]) -> Result<(), String> {
    let done = match step {
        Step::Chroot(root) => change_root(*root, elf)?,
        Step::ReadOnlyProc => make_read_only(Path::new("/proc")),
        Step::NoProc => uncover("/proc"),
        Step::OtherProc => unshare(CloneFlags::CLONE_NEWPID).and_then(|()| go_on_in_child()),
        Step::UserNamespace => match enter_user_namespace() {
            Ok(true) => Ok(()),
            Ok(false) => return Err("user namespaces are forbidden here".into()),
            Err(errno) => Err(errno),
        },
        Step::AllUserNamespaces => enter_all(),
        Step::Limit(kind) => {
            let path = format!("/proc/sys/user/max_{kind}_namespaces");
            return fs::write(&path, "0").map_err(|error| format!("{path}: {error}"));
        }
        Step::Drop(capability) => {
            // SAFETY: numbers alone.
            let result = unsafe { libc::prctl(libc::PR_CAPBSET_DROP, *capability, 0, 0, 0) };
            Errno::result(result).map(drop)
        }
        Step::Filter(filter) => set(filter),
    };
    done.map_err(|errno| format!("a step into the place: {errno}"))
}

/// Changes the root directory to one of this kind.
fn change_root(root: Root, elf: &[u8]) -> Result<nix::Result<()>, String> {
    let (folder, mounted) = (Path::new("/tmp/root"), Path::new("/tmp/mounted"));
    fs::create_dir(mounted).map_err(|error| error.to_string())?;
    if matches!(root, Root::Tmpfs) {
        let tmpfs = mount(Some("root"), mounted, Some("tmpfs"), MsFlags::empty(), Some("mode=755"));
        tmpfs.map_err(|errno| format!("a tmpfs: {errno}"))?;
        populate(mounted, elf)?;
        return Ok(chroot(mounted));
    }
    populate(folder, elf)?;
    Ok(match root {
        Root::BindMount => bind(folder, mounted, false).and_then(|()| chroot(mounted)),
        _ => chroot(folder),
    })
}

/// Takes away all that is mounted on a folder.
fn uncover(folder: &str) -> nix::Result<()> {
    loop {
        match umount2(folder, MntFlags::MNT_DETACH) {
            Ok(()) => {}
            // Nothing is mounted there any more.
            Err(Errno::EINVAL) => return Ok(()),
            Err(errno) => return Err(errno),
        }
    }
}

/// Goes on as a child; the process that calls waits for it and ends with its status.
fn go_on_in_child() -> nix::Result<()> {
    // SAFETY: this process has one thread.
    match unsafe { fork() }? {
        ForkResult::Parent { child } => std::process::exit(status_of(child)),
        ForkResult::Child => Ok(()),
    }
}

/// Goes on as a child in a new user namespace, in which root and 65,535 others have their ids; false if there may be none.
/// The parent writes the maps: it alone may map more than one id.
fn enter_user_namespace() -> nix::Result<bool> {
    let (is_made, made) = pipe()?;
    let (is_mapped, mapped) = pipe()?;
    // SAFETY: this process has one thread.
    match unsafe { fork() }? {
        ForkResult::Parent { child } => {
            drop((made, is_mapped));
            if read(&is_made, &mut [0])? == 1 {
                for map in ["uid_map", "gid_map"] {
                    fs::write(format!("/proc/{child}/{map}"), "0 0 65536").map_err(|_| Errno::EPERM)?;
                }
            }
            drop(mapped);
            std::process::exit(status_of(child))
        }
        ForkResult::Child => {
            drop((is_made, mapped));
            if unshare(CloneFlags::CLONE_NEWUSER).is_err() {
                return Ok(false);
            }
            write(&made, b"1")?;
            read(&is_mapped, &mut [0])?;
            Ok(true)
        }
    }
}

/// Enters one user namespace below the other, until the kernel refuses.
fn enter_all() -> nix::Result<()> {
    while enter_user_namespace()? {}
    Ok(())
}

/// Sets a filter.
fn set(filter: &Filter) -> nix::Result<()> {
    let line = |code: u32, jf: u8, k: u32| libc::sock_filter { code: code as u16, jt: 0, jf, k };
    let load = libc::BPF_LD | libc::BPF_W | libc::BPF_ABS;
    let bits = if filter.bits == 0 {
        // Whatever the argument is.
        line(libc::BPF_JMP | libc::BPF_JA, 0, 0)
    } else {
        line(libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K, 1, filter.bits)
    };
    let mut lines = [
        line(load, 0, 0), // the number of the call
        line(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 3, filter.call as u32),
        line(load, 0, 16), // the low half of the first argument
        bits,
        line(libc::BPF_RET | libc::BPF_K, 0, filter.answer),
        line(libc::BPF_RET | libc::BPF_K, 0, libc::SECCOMP_RET_ALLOW),
    ];
    let program = libc::sock_fprog { len: lines.len() as u16, filter: lines.as_mut_ptr() };
    prctl::set_no_new_privs()?;
    // SAFETY: the kernel copies the program.
    let result = unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, &raw const program) };
    Errno::result(result).map(drop)
}
