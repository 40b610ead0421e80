//! A world of its own: namespaces, mounts, processes that must be left alone, and everything else that must not change.
//!
//! What is harmed in here harms nothing outside. The root is a tmpfs of the world, with this
//! machine's programs in it read-only; all mounts are shared among themselves, as systemd leaves them, so that a mount
//! that chimera forgets to make private is seen. Process 1 is the storm, which no signal from the inside can hit; it
//! looks through a /proc of its own, which it keeps as its working directory whatever happens to the other one.

use crate::{errnos, kernel};
use nix::libc;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::SigSet;
use nix::unistd::{Pid, chdir, pivot_root};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

/// Folders of this machine that programs need.
const PROGRAMS: [&str; 9] = ["usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "nix", "gnu"];

/// Files of /dev that programs need.
const DEVICES: [&str; 5] = ["null", "zero", "full", "random", "urandom"];

/// Files of the world: the path and what is in it.
const FILES: [(&str, &str); 7] = [
    ("etc/passwd", "root:x:0:0:root:/:/bin/sh\n"),
    ("etc/group", "root:x:0:\n"),
    ("etc/subuid", "root:100000:65536\n"),
    ("etc/subgid", "root:100000:65536\n"),
    ("w/known", "known\n"),
    ("root-is", "world"),
    ("jail/root-is", "jail"),
];

/// Folders of the world.
const FOLDERS: [&str; 11] =
    ["etc", "dev", "proc", "sys", "tmp", "w/deep", "shared", "keep", "jail/proc", "jail/dev", "old"];

/// The value of the semaphore that must not change.
const SEMAPHORE: i32 = 1234;

/// What must be as it was: names and texts.
pub type State = BTreeMap<String, String>;

/// The world, seen by its process 1.
pub struct World {
    /// Those who must be left alone.
    bystanders: Vec<Pid>,
    semaphore: i32,
    /// The control group that commands may use.
    pub cgroup: Option<String>,
    before: State,
}

/// Leaves the namespaces of this machine; the next child is process 1 of the new world.
pub fn leave_machine() -> Result<(), String> {
    let step = |what: &'static str| move |error: nix::Error| format!("{what}: {error}");
    if !kernel::is_root() {
        let (user, group) = (nix::unistd::geteuid(), nix::unistd::getegid());
        unshare(CloneFlags::CLONE_NEWUSER).map_err(step("a user namespace"))?;
        let write = |file: &str, text: String| {
            fs::write(format!("/proc/self/{file}"), text).map_err(|error| format!("{file}: {error}"))
        };
        write("setgroups", "deny".into())?;
        write("uid_map", format!("0 {user} 1"))?;
        write("gid_map", format!("0 {group} 1"))?;
    }
    let kinds =
        CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWIPC | CloneFlags::CLONE_NEWUTS;
    unshare(kinds).map_err(step("new namespaces"))?;
    mount_at(None, "/", None, MsFlags::MS_REC | MsFlags::MS_PRIVATE).map_err(step("private mounts"))
}

fn mount_at(from: Option<&str>, to: &str, kind: Option<&str>, flags: MsFlags) -> nix::Result<()> {
    mount(from, to, kind, flags, None::<&str>)
}

fn bind(from: &str, to: &str) -> Result<(), String> {
    mount_at(Some(from), to, None, MsFlags::MS_BIND | MsFlags::MS_REC).map_err(|error| format!("bind {from}: {error}"))
}

impl World {
    /// Makes it, by its process 1: `elf` is the program under test, `cgroup` the path of a control group to be made.
    pub fn build(elf: &Path, cgroup: Option<String>) -> Result<Self, String> {
        kernel::block(libc::SIGCHLD);
        kernel::sleep_exactly();
        kernel::set_host_name("storm").map_err(|error| format!("host name: {error}"))?;
        build_root(elf)?;
        let cgroup = cgroup.and_then(make_cgroup);
        chdir("/keep").map_err(|error| format!("/keep: {error}"))?;
        let bystanders = [true, false].map(bystander).into_iter().collect::<Result<_, _>>()?;
        let semaphore = kernel::new_semaphore(SEMAPHORE).map_err(|error| format!("a semaphore: {error}"))?;
        let mut world = Self { bystanders, semaphore, cgroup, before: State::new() };
        world.before = world.state();
        Ok(world)
    }

    /// Everything that must not change.
    fn state(&self) -> State {
        let mut state = State::new();
        for file in
            ["1/mountinfo", "sysvipc/sem", "sysvipc/shm", "sysvipc/msg", "1/uid_map", "1/gid_map", "1/setgroups"]
        {
            state.insert(file.into(), read(file));
        }
        let names = nix::sys::utsname::uname();
        state.insert("host name".into(), names.map(|own| own.nodename().to_string_lossy().into()).unwrap_or_default());
        state.insert("semaphore".into(), kernel::semaphore_value(self.semaphore).to_string());
        state.insert("/proc".into(), file_system("/proc"));
        state.insert("files".into(), files());
        for (place, pid) in self.bystanders.iter().enumerate() {
            state.insert(format!("bystander {place}"), condition(pid.as_raw()));
            state.insert(format!("bystander {place} uid_map"), read(&format!("{pid}/uid_map")));
        }
        if let Some(cgroup) = &self.cgroup {
            state.insert("cgroup".into(), inside(cgroup));
        }
        state
    }

    /// What is not as it was, in words without ids.
    pub fn changes(&self) -> Vec<String> {
        let now = self.state();
        self.before
            .iter()
            .filter(|(name, text)| now.get(*name) != Some(*text))
            .map(|(name, text)| change(name, text, &now[name]))
            .collect()
    }

    /// Whether only such things have changed as [`World::heal`] can mend, and it has.
    pub fn heal(&self) -> bool {
        for kind in ["sem", "shm", "msg"] {
            let table = read(&format!("sysvipc/{kind}"));
            let ids = table.lines().skip(1).filter_map(|line| line.split_whitespace().nth(1)?.parse().ok());
            ids.filter(|id| kind != "sem" || *id != self.semaphore).for_each(|id| kernel::remove_ipc(kind, id));
        }
        self.changes().is_empty()
    }

    /// All processes but the known ones.
    pub fn strangers(&self, known: &[i32]) -> Vec<i32> {
        let all = fs::read_dir(".").expect("the world's /proc").flatten();
        all.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter(|pid| {
                *pid != 1 && !known.contains(pid) && !self.bystanders.iter().any(|other| other.as_raw() == *pid)
            })
            .collect()
    }
}

/// The difference of two texts, in words.
fn change(name: &str, before: &str, now: &str) -> String {
    let missing = |from: &'_ str, other: &str| -> Vec<String> {
        from.lines()
            .filter(|line| !other.lines().any(|same| same == *line))
            .map(|line| without_numbers(name, line))
            .collect()
    };
    let (gone, come) = (missing(before, now), missing(now, before));
    if name.starts_with("sysvipc") {
        return format!("{name}: {} more, {} less", come.len(), gone.len()); // its lines hold ids and times
    }
    let first = |lines: &[String]| lines.first().map_or("nothing".into(), Clone::clone);
    let more = if gone.len().max(come.len()) > 1 { ", and more" } else { "" };
    format!("{name}: was [{}] is [{}]{more}", first(&gone), first(&come))
}

/// A line of mountinfo from its mount point to its propagation: what stands before are ids, and what follows is long.
fn without_numbers(name: &str, line: &str) -> String {
    if !name.ends_with("mountinfo") {
        return line.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    let words = line.split(' ').skip(4).take_while(|word| *word != "-");
    words.map(|word| word.split(':').next().unwrap_or_default()).collect::<Vec<_>>().join(" ")
}

/// A file below the world's /proc; empty if there is none.
pub fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// State, tracer and pending signals of a process.
pub fn condition(pid: i32) -> String {
    let status = read(&format!("{pid}/status"));
    let wanted = ["State", "TracerPid", "SigPnd", "ShdPnd"];
    let lines = status.lines().filter(|line| wanted.iter().any(|key| line.starts_with(key)));
    lines.collect::<Vec<_>>().join(" ").replace('\t', " ")
}

/// The process that a task belongs to.
pub fn thread_group(task: i32) -> Option<i32> {
    read(&format!("{task}/status")).lines().find_map(|line| line.strip_prefix("Tgid:")?.trim().parse().ok())
}

/// Whether a [`condition`] is that of a process that lives and that nobody has signalled or traced.
pub fn is_untouched(condition: &str) -> bool {
    let lives = ["State: S", "State: R", "State: D"].iter().any(|state| condition.starts_with(state));
    lives && condition.ends_with("TracerPid: 0 SigPnd: 0000000000000000 ShdPnd: 0000000000000000")
}

/// A field of a process's stat, counted as proc_pid_stat(5) does; those behind the name alone.
fn field(pid: i32, number: usize) -> Option<String> {
    read(&format!("{pid}/stat")).rsplit(") ").next()?.split(' ').nth(number.checked_sub(3)?).map(Into::into)
}

/// The letter of a process's state.
pub fn state_letter(pid: i32) -> Option<char> {
    field(pid, 3)?.chars().next()
}

/// PF_EXITING, include/linux/sched.h: the task is in the kernel's do_exit.
const EXITING: u64 = 4;

/// Whether a process has begun to end: whatever its state is, it does not come back from the kernel.
pub fn is_ending(pid: i32) -> bool {
    field(pid, 9).and_then(|flags| flags.parse::<u64>().ok()).is_some_and(|flags| flags & EXITING != 0)
}

/// A process that is left behind, in words without ids: its name, and the call in which it sleeps.
pub fn describe(pid: i32) -> String {
    let name = read(&format!("{pid}/comm")).trim().to_owned();
    let call = read(&format!("{pid}/syscall"));
    let number = call.split(' ').next().and_then(|number| number.trim().parse().ok());
    match (state_letter(pid), number) {
        (Some('S'), _) if is_ending(pid) => format!("{name}, ending"),
        (Some('S'), Some(number)) => format!("{name} in {}", errnos::name(number)),
        (Some('T'), _) => format!("{name}, stopped"),
        (Some('Z'), _) => format!("{name}, not reaped"),
        _ => name,
    }
}

/// The parent of a process.
pub fn parent(pid: i32) -> Option<i32> {
    field(pid, 4)?.parse().ok()
}

/// What kind of file system is mounted there.
fn file_system(path: &str) -> String {
    let kind = nix::sys::statfs::statfs(path).map(|own| format!("{:?}", own.filesystem_type()));
    kind.unwrap_or_else(|error| error.to_string())
}

/// The names in a folder, sorted.
fn list(path: &str) -> Vec<String> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into()).collect();
    names.sort();
    names
}

/// What the program could do to a control group: the groups in it, and what can be written. Which other files a group has is
/// decided by the controllers of the machine, which come and go with other hierarchies.
fn inside(cgroup: &str) -> String {
    let groups = list(cgroup).into_iter().filter(|name| Path::new(cgroup).join(name).is_dir());
    let written = ["procs", "threads", "subtree_control", "type", "freeze"];
    let texts = written.map(|name| format!("{name}: {}\n", read(&format!("{cgroup}/cgroup.{name}"))));
    format!("groups: {}\n", groups.collect::<Vec<_>>().join(" ")) + &texts.concat()
}

/// The names of all files of the world's own, and what is in those that are known.
fn files() -> String {
    let folders = ["/", "/w", "/w/deep", "/etc", "/tmp", "/shared", "/jail", "/dev"];
    let names = folders.map(|folder| format!("{folder}: {}\n", list(folder).join(" "))).concat();
    names + &FILES.map(|(path, _)| fs::read_to_string(format!("/{path}")).unwrap_or_default()).concat()
}

/// Makes the tmpfs that becomes the root, and everything in it.
fn build_root(elf: &Path) -> Result<(), String> {
    let text = |error: std::io::Error| format!("the world's root: {error}");
    // Before anything is mounted over them.
    let own = fs::read("/proc/self/exe").map_err(text)?;
    let elf = fs::read(elf).map_err(|error| format!("{}: {error}", elf.display()))?;
    mount_at(Some("storm"), "/tmp", Some("tmpfs"), MsFlags::empty()).map_err(|error| format!("a tmpfs: {error}"))?;
    FOLDERS.iter().try_for_each(|folder| fs::create_dir_all(format!("/tmp/{folder}"))).map_err(text)?;
    FILES.iter().try_for_each(|(path, content)| fs::write(format!("/tmp/{path}"), content)).map_err(text)?;
    let _ = fs::copy("/etc/ld.so.cache", "/tmp/etc/ld.so.cache"); // not every C library has one
    for (program, to) in [(&elf, "chimera"), (&own, "probe"), (&own, "jail/probe")] {
        let to = format!("/tmp/{to}");
        fs::write(&to, program).map_err(text)?;
        fs::set_permissions(&to, fs::Permissions::from_mode(0o755)).map_err(text)?;
    }
    fs::set_permissions("/tmp/tmp", fs::Permissions::from_mode(0o1777)).map_err(text)?;
    ["/tmp", "/tmp/jail"].iter().try_for_each(|root| bring_programs(root))?;
    mount_all().map_err(|error| format!("mounts: {error}"))?;
    enter_root().map_err(|error| format!("the world's root: {error}"))
}

/// The programs of this machine, read-only where the kernel can do that.
fn bring_programs(root: &str) -> Result<(), String> {
    for name in PROGRAMS {
        let (from, to) = (format!("/{name}"), format!("{root}/{name}"));
        if let Ok(target) = fs::read_link(&from) {
            symlink(target, to).map_err(|error| format!("{from}: {error}"))?;
        } else if Path::new(&from).is_dir() {
            fs::create_dir(&to).map_err(|error| format!("{from}: {error}"))?;
            bind(&from, &to)?;
            let _ = kernel::make_read_only(&to);
        }
    }
    for device in DEVICES {
        let to = format!("{root}/dev/{device}");
        fs::write(&to, "").map_err(|error| format!("{to}: {error}"))?;
        bind(&format!("/dev/{device}"), &to)?;
    }
    Ok(())
}

fn mount_all() -> nix::Result<()> {
    for place in ["/tmp/proc", "/tmp/keep", "/tmp/jail/proc"] {
        mount_at(Some("proc"), place, Some("proc"), MsFlags::empty())?;
    }
    mount_at(Some("shared"), "/tmp/shared", Some("tmpfs"), MsFlags::empty())?;
    // A machine may have none.
    if mount_at(Some("/sys"), "/tmp/sys", None, MsFlags::MS_BIND | MsFlags::MS_REC).is_ok() {
        let _ = kernel::make_read_only("/tmp/sys");
    }
    Ok(())
}

/// A chroot would not do: the kernel makes no user namespace there.
fn enter_root() -> nix::Result<()> {
    pivot_root("/tmp", "/tmp/old")?;
    chdir("/")?;
    umount2("/old", MntFlags::MNT_DETACH)?;
    let _ = fs::remove_dir("/old");
    mount_at(None, "/", None, MsFlags::MS_REC | MsFlags::MS_SHARED)
}

/// The place of the world's control groups.
const CGROUPS: &str = "/cgroups";

/// The path of a control group of this name, below the one that this process is in, on a machine with version 2.
pub fn cgroup_path(name: &str) -> Option<String> {
    let own = fs::read_to_string("/proc/self/cgroup").ok()?;
    let own = own.lines().find_map(|line| line.strip_prefix("0::"))?.trim_end_matches('/').to_owned();
    Some(format!("{CGROUPS}{own}/{name}"))
}

/// Makes it, where the machine lets the world.
fn make_cgroup(path: String) -> Option<String> {
    fs::create_dir_all(CGROUPS).ok()?;
    mount_at(Some("cgroup2"), CGROUPS, Some("cgroup2"), MsFlags::empty()).ok()?;
    fs::create_dir(&path).ok()?;
    Some(path)
}

/// A process that has blocked all signals and waits; if asked for in a user namespace whose maps are still unwritten.
fn bystander(in_user_namespace: bool) -> Result<Pid, String> {
    let (ready, is_ready) = nix::unistd::pipe().map_err(|error| format!("a pipe: {error}"))?;
    let pid = kernel::spawn(|| {
        let _ = SigSet::all().thread_block();
        if in_user_namespace {
            let _ = unshare(CloneFlags::CLONE_NEWUSER); // a place without them has bystanders all the same
        }
        let _ = nix::unistd::write(&is_ready, b"1");
        wait_for_ever()
    });
    let pid = pid.map_err(|error| format!("a bystander: {error}"))?;
    drop(is_ready);
    nix::unistd::read(&ready, &mut [0]).map_err(|error| format!("a bystander: {error}"))?;
    // It has to be asleep before it is looked at for the first time.
    while state_letter(pid.as_raw()) != Some('S') {
        std::thread::yield_now();
    }
    Ok(pid)
}

/// Sleeps until it is killed, holding no descriptor.
pub fn wait_for_ever() -> i32 {
    // SAFETY: nobody in this process uses them any more.
    unsafe { libc::syscall(libc::SYS_close_range, 0, libc::c_uint::MAX, 0) };
    loop {
        kernel::pause();
    }
}
