//! `chimera inspect`: what it tells of tasks that were made to share just that.

use crate::common::deadline::DEADLINE;
use crate::common::place::CONTAINER;
use crate::common::skip::skip;
use crate::common::svg::Picture;
use crate::common::zoo::{Animal, USER, Zoo};
use crate::common::{Run, as_user, before, chimera, command, elf, folder, has, is_root, run};
use nix::libc;
use nix::sys::resource::Resource;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// What is compared, by its keys.
const OBJECTS: [&str; 6] = ["memory", "files", "fs", "sighand", "sysvsem", "io"];

/// A zoo, with all that the caller of these tests can make.
pub fn zoo() -> Zoo {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let program = folder().join(format!("zoo-program-{}", NUMBER.fetch_add(1, Relaxed)));
    Zoo::new(&program, is_root())
}

/// The objects of a run: the tasks by their ids, and the last one.
fn objects(run: &Run) -> (BTreeMap<i64, Value>, Value) {
    let parse = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    let mut lines: Vec<Value> = run.out.lines().map(parse).collect();
    let last = lines.pop().expect("a last line");
    let id = |line: &Value| line["task"].as_i64().unwrap_or_else(|| panic!("a task: {line}"));
    (lines.into_iter().map(|line| (id(&line), line)).collect(), last)
}

/// What a kind of task has of each object: `=` the keeper's, `.` one of its own, `-` none.
const MADE: [(Animal, &str); 14] = [
    (Animal::Thread, "=====-"),
    (Animal::Bare, "=..=--"),
    (Animal::Unsharer, "=.==--"),
    (Animal::Vforker, "====--"),
    (Animal::VforkChild, "=...--"),
    (Animal::Chimera, "=...--"),
    (Animal::Files, ".=..--"),
    (Animal::Fs, "..=.--"),
    (Animal::LinuxThread, "====--"),
    (Animal::Executing, "=...--"),
    (Animal::Headless, "---.--"),
    (Animal::Survivor, "....--"),
    (Animal::Zombie, "---.--"),
    (Animal::Io, "....-="),
];

/// A row of what was told, in the same signs.
fn told(tasks: &BTreeMap<i64, Value>, zoo: &Zoo, animal: Animal) -> String {
    let objects = |animal: Animal| &tasks[&i64::from(zoo.id(animal))]["objects"];
    let sign = |key: &&str| match (&objects(animal)[*key], &objects(Animal::Keeper)[*key]) {
        (Value::Null, _) => '-',
        (Value::Object(_), _) => '?',
        (own, keepers) if own == keepers => '=',
        _ => '.',
    };
    OBJECTS.iter().map(sign).collect()
}

#[test]
fn each_cell_is_as_the_task_was_made() {
    let zoo = zoo();
    let keeper = zoo.id(Animal::Keeper).to_string();
    let (tasks, last) = objects(&run(chimera(&["inspect", "--tree", &keeper, "--json"])).clean(0));
    for (animal, made) in MADE {
        assert_eq!(told(&tasks, &zoo, animal), made, "{animal:?} {tasks:#?}");
    }
    // Those of the same process have the same, whoever it is.
    let objects = |animal: Animal| &tasks[&i64::from(zoo.id(animal))]["objects"];
    assert_eq!(objects(Animal::Headless)["sighand"], objects(Animal::Survivor)["sighand"]);
    let of = |animal: Animal, key: &str| tasks[&i64::from(zoo.id(animal))][key].clone();
    assert_eq!((of(Animal::Zombie, "state"), of(Animal::Headless, "state")), ("Z".into(), "Z".into()));
    assert_eq!((of(Animal::Thread, "exit_signal"), of(Animal::Io, "exit_signal")), ((-1).into(), 0.into()));
    // What waits has several children in this memory, and the kernel does not say for which of them it waits.
    let awaited = of(Animal::Vforker, "vfork");
    assert!(awaited.as_array().expect("a list").contains(&zoo.id(Animal::VforkChild).into()), "{awaited}");
    assert_eq!(of(Animal::Thread, "vfork"), serde_json::json!([]));
    assert_eq!(
        (of(Animal::Chimera, "name"), of(Animal::LinuxThread, "name")),
        ("chi) (mera".into(), "linux\n\x1b[31m".into())
    );
    let held = last["held"].as_array().expect("two numbers");
    assert!(held[0].as_u64() <= held[1].as_u64() && held[1].as_u64() > Some(10), "{last}");
    let memory = last["shared"].as_array().expect("a list").iter().find(|shared| shared["resource"] == "memory");
    let memory = memory.unwrap_or_else(|| panic!("{last}"));
    assert_eq!((&memory["groups"], &memory["id"]), (&5.into(), &objects(Animal::Keeper)["memory"]), "{memory}");
}

#[test]
fn each_new_namespace_is_told() {
    if !is_root() {
        return skip("only root can make these namespaces");
    }
    let zoo = zoo();
    let keeper = zoo.id(Animal::Keeper).to_string();
    let (tasks, _) = objects(&run(chimera(&["inspect", "--tree", &keeper, "--json"])).clean(0));
    let spaces = |animal: Animal| tasks[&i64::from(zoo.id(animal))]["namespaces"].as_object().expect("an object");
    let others = |animal: Animal| {
        let others = spaces(animal).iter().filter(|(kind, inode)| spaces(Animal::Keeper)[*kind] != **inode);
        others.map(|(kind, _)| kind.as_str()).collect::<Vec<_>>()
    };
    for (animal, expected) in [
        (Animal::Expecting, ["pid_for_children"].as_slice()),
        (Animal::User, &["user"]),
        (Animal::Mnt, &["mnt"]),
        (Animal::Uts, &["uts"]),
        (Animal::Ipc, &["ipc"]),
        (Animal::Net, &["net"]),
        (Animal::PidSpace, &["pid", "pid_for_children"]),
        (Animal::Cgroup, &["cgroup"]),
        (Animal::Time, &["time_for_children"]),
        (Animal::Chimera, &[]),
    ] {
        let mut others = others(animal);
        others.sort_unstable();
        assert_eq!(others, expected, "{animal:?}");
    }
    assert_eq!(spaces(Animal::Expecting)["pid_for_children"], Value::Null);
    let keeper = spaces(Animal::Keeper);
    let own = |kind: &str| {
        let link = std::fs::read_link(format!("/proc/{}/ns/{kind}", zoo.id(Animal::Keeper))).expect("a link");
        link.to_str().and_then(|link| link.split(['[', ']']).nth(1)?.parse::<u64>().ok()).expect("an inode")
    };
    keeper.iter().for_each(|(kind, inode)| assert_eq!(inode.as_u64(), Some(own(kind)), "{kind}"));
}

#[test]
fn what_cannot_be_seen_has_its_cause() {
    if !is_root() {
        return skip("only root can be another user");
    }
    let zoo = zoo();
    let id = |animal: Animal| zoo.id(animal).to_string();
    let words = [id(Animal::OtherUser), id(Animal::NotDumpable), id(Animal::Chimera)];
    let words: Vec<&str> = ["inspect", "--json"].into_iter().chain(words.iter().map(String::as_str)).collect();
    let run = run(as_user(chimera(&words), USER)).nothing_left();
    assert_eq!(run.status, Some(4), "{run:#?}");
    let (tasks, _) = objects(&run);
    let memory = |animal: Animal| &tasks[&i64::from(zoo.id(animal))]["objects"]["memory"];
    assert!(memory(Animal::OtherUser).is_string(), "{run:#?}");
    assert_eq!(memory(Animal::NotDumpable)["unseen"], "not dumpable");
    assert_eq!(memory(Animal::Chimera)["unseen"], "other user");
    assert_eq!(run.err.lines().count(), 2, "{run:#?}");
}

#[test]
fn under_a_filter_nothing_is_the_same() {
    let zoo = zoo();
    let keeper = zoo.id(Animal::Keeper).to_string();
    let run = CONTAINER.run(&["inspect", &keeper, "--json"]).nothing_left();
    assert_eq!(run.status, Some(4), "{run:#?}");
    let (tasks, last) = objects(&run);
    let keeper = &tasks[&i64::from(zoo.id(Animal::Keeper))];
    assert!(OBJECTS.iter().all(|key| keeper["objects"][*key]["unseen"] == "a filter"), "{run:#?}");
    assert_eq!(last["shared"], serde_json::json!([]));
    assert!(tasks.contains_key(&i64::from(zoo.id(Animal::Thread))), "{run:#?}");
    assert!(!tasks.contains_key(&i64::from(zoo.id(Animal::Chimera))), "{run:#?}");
    assert!(keeper["namespaces"]["net"].is_u64(), "{run:#?}");
}

#[test]
fn a_name_from_outside_does_not_reach_the_terminal() {
    let zoo = zoo();
    let keeper = zoo.id(Animal::Keeper).to_string();
    let thread = zoo.id(Animal::Thread).to_string();
    for form in [
        ["--tree", &keeper].as_slice(),
        &[&keeper, "-t"],
        &[&keeper, "--dot"],
        &[&keeper, "--mermaid"],
        &[&keeper, "--svg"],
        &[&keeper, &thread, "--svg"],
        &[&keeper, &thread, "--graph"],
        &[&keeper, &thread, "--dot"],
        &[&keeper, &thread, "--mermaid"],
        &["--tree", &keeper, "--svg"],
        &["--all"],
    ] {
        let run = run(chimera(&[&["inspect"], form].concat())).nothing_left();
        assert!(run.out.bytes().all(|byte| byte == b'\n' || byte >= b' ' && byte != 0x7f), "{form:?}: {run:#?}");
        let is_page = !["--svg", "--dot", "--mermaid"].iter().any(|picture| form.contains(picture));
        if form.contains(&"--svg") {
            Picture::read(&run.out);
        }
        assert!(!is_page || run.out.lines().all(|line| line.len() <= 80), "{form:?}: {run:#?}");
    }
}

/// Two tasks are drawn beside each other, and each object is where it belongs.
#[test]
fn two_tasks_have_a_picture_of_their_own() {
    let zoo = zoo();
    let id = |animal: Animal| zoo.id(animal).to_string();
    for (animal, signs) in MADE {
        let pair = [id(Animal::Keeper), id(animal)];
        let svg = run(chimera(&["inspect", &pair[0], &pair[1], "--svg"])).nothing_left();
        let picture = Picture::read(&svg.out);
        let title = format!("inspect {} {}: what the two tasks share", pair[0], pair[1]);
        assert!(picture.has(&title), "{animal:?}: {picture:#?}");
        let names = ["memory", "files", "cwd/root/umask", "signal handlers", "semaphore undo"];
        for (name, sign) in names.into_iter().zip(signs.chars()) {
            let count = picture.texts.iter().filter(|text| *text == name).count();
            // Of what the animal has none, the keeper may have one.
            let expected: &[usize] = match sign {
                '=' => &[1],
                '.' => &[2],
                _ => &[0, 1],
            };
            assert!(expected.contains(&count), "{animal:?} {name} {sign}: {picture:#?}");
        }
        for language in ["--graph", "--dot", "--mermaid"] {
            let run = run(chimera(&["inspect", &pair[0], &pair[1], language])).nothing_left();
            assert!(run.out.contains(&title) && run.out.contains("memory"), "{run:#?}");
        }
    }
}

/// Of any number of tasks there is a row each.
#[test]
fn all_tasks_have_a_picture() {
    let zoo = zoo();
    let keeper = zoo.id(Animal::Keeper).to_string();
    let run = run(chimera(&["inspect", &keeper, "--svg"])).nothing_left();
    let picture = Picture::read(&run.out);
    for animal in [Animal::Keeper, Animal::Chimera, Animal::Files, Animal::Fs] {
        let row = format!("{} ", zoo.id(animal));
        assert!(picture.texts.iter().any(|text| text.starts_with(&row)), "{animal:?}: {picture:#?}");
    }
    assert!(picture.texts.iter().any(|text| text == "A"), "{picture:#?}");
}

/// The words of unshare(1) for namespaces in which /proc may be mounted, or stays as it is.
fn elsewhere(words: &[&str]) -> std::process::Command {
    let own = if is_root() { [].as_slice() } else { &["--map-root-user"] };
    command("unshare", &[own, words, &[elf().to_str().expect("UTF-8"), "inspect"]].concat())
}

#[test]
fn another_proc_is_refused() {
    if !has("unshare") || run(elsewhere(&["--mount", "true"])).status != Some(0) {
        return skip("no namespaces can be made here");
    }
    let run = run(elsewhere(&["--pid", "--fork"]));
    assert_eq!((run.status, run.out.as_str()), (Some(1), ""), "{run:#?}");
    assert!(run.err.contains("/proc shows the tasks of another PID namespace"), "{run:#?}");
    let run = crate::common::run(elsewhere(&["--pid", "--fork", "--mount-proc"])).clean(0);
    assert_eq!(run.out.lines().nth(1).map(|line| &line[..17]), Some(" 1      chimera  "), "{run:#?}");
}

#[test]
fn what_proc_hides_is_told() {
    if !is_root() || !has("unshare") || !has("setpriv") {
        return skip("it takes root, unshare and setpriv");
    }
    let zoo = zoo();
    let [own, others] = [Animal::OtherUser, Animal::Chimera].map(|animal| zoo.id(animal));
    let user = format!("setpriv --reuid {USER} --regid {USER} --clear-groups {}", elf().display());
    let script = format!("mount -t proc -o hidepid=2 proc /proc && exec {user} inspect --json {own} {others}");
    let run = run(command("unshare", &["--mount", "sh", "-c", &script]));
    assert_eq!(run.status, Some(4), "{run:#?}");
    assert_eq!(run.err, format!("chimera: inspect {others}: /proc hides it, by its mount option hidepid\n"));
    let (tasks, last) = objects(&run);
    assert!(tasks.contains_key(&own.into()) && !tasks.contains_key(&others.into()), "{run:#?}");
    assert_eq!(last["unseen"].as_array().and_then(|unseen| unseen.last()).expect("one")["cause"], "hidepid", "{last}");
}

#[test]
fn an_inode_means_one_task() {
    let zoo = zoo();
    let keeper = zoo.id(Animal::Keeper).to_string();
    let (tasks, _) = objects(&run(chimera(&["inspect", "--json", &keeper])).clean(0));
    let Some(inode) = tasks[&i64::from(zoo.id(Animal::Keeper))]["ino"].as_u64() else {
        let run = run(chimera(&["inspect", &format!("{keeper}:1")]));
        assert!(run.status == Some(4) && run.err.contains("since Linux 6.9"), "{run:#?}");
        return skip("pidfds have no inodes here");
    };
    // Threads have inodes of their own.
    let inodes: std::collections::BTreeSet<_> = tasks.values().map(|task| task["ino"].as_u64()).collect();
    assert_eq!(inodes.len(), tasks.len(), "{tasks:#?}");
    let run = |word: &str| run(chimera(&["inspect", word])).nothing_left();
    assert_eq!(run(&format!("{keeper}:{inode}")).status, Some(0));
    let other = run(&format!("{keeper}:{}", inode + 1));
    assert_eq!(other.status, Some(4), "{other:#?}");
    assert!(!other.out.contains("keeper") && other.err.contains(&format!("with the inode {inode}\n")), "{other:#?}");
}

#[test]
fn what_makes_no_sense_is_told() {
    for word in ["0", "2147483648", "1:", "1:0x10", "x"] {
        let run = run(chimera(&["inspect", word])).nothing_left();
        assert_eq!((run.status, run.out.as_str()), (Some(2), ""), "{word}: {run:#?}");
        let told = "chimera inspect: PID takes a task's id from 1 to 2147483647, or ID:INODE";
        assert!(run.err.starts_with(told), "{word}: {run:#?}");
    }
    let run = run(chimera(&["inspect", "2147483647"])).nothing_left();
    assert_eq!(run.status, Some(4), "{run:#?}");
    assert_eq!(run.err, "chimera: inspect 2147483647: there is no such task\n");
}

/// The files that may be opened: a directory of tasks, and three files of a task.
fn is_allowed(path: &str) -> bool {
    let own = ["/proc/self/status", "/proc/self/mountinfo", "/proc"];
    let parts: Vec<&str> = path.split('/').collect();
    own.contains(&path)
        || matches!(parts[..], ["", "proc", _, "task"])
        || matches!(parts[..], ["", "proc", _, "task", _, "stat" | "status" | "cgroup"])
}

#[test]
fn other_tasks_are_only_read() {
    if !has("strace") {
        return;
    }
    let zoo = zoo();
    let log = folder().join("inspect.strace");
    let log = log.to_str().expect("UTF-8");
    let keeper = zoo.id(Animal::Keeper).to_string();
    for words in [["--all"].as_slice(), &["--json", &keeper], &["--tree", &keeper]] {
        let words = [&["-f", "-qq", "-o", log, elf().to_str().expect("UTF-8"), "inspect"], words].concat();
        run(command("strace", &words)).clean(0);
        let log = std::fs::read_to_string(log).expect("the log");
        let calls = log.lines().filter_map(|line| line.split_once(' ')?.1.trim_start().split_once('('));
        for (call, arguments) in calls {
            match call {
                "write" => assert!(arguments.starts_with("1, "), "{call}({arguments}"),
                "openat" => {
                    let path = arguments.split('"').nth(1).unwrap_or_default();
                    assert!(is_allowed(path), "{path}");
                }
                "stat" => assert!(arguments.contains("/ns/"), "{call}({arguments}"),
                "ptrace" | "kill" | "tkill" | "tgkill" | "rt_sigqueueinfo" | "pidfd_send_signal" | "setns" => {
                    panic!("{call}({arguments}");
                }
                _ => {}
            }
        }
        assert!(log.matches("kcmp(").count() > 50);
    }
}

#[test]
fn the_classes_are_those_of_all_pairs() {
    let zoo = zoo();
    let keeper = zoo.id(Animal::Keeper).to_string();
    let (tasks, _) = objects(&run(chimera(&["inspect", "--tree", &keeper, "--json"])).clean(0));
    let kcmp = |a: i64, b: i64, kind: usize| {
        // SAFETY: no memory is passed.
        let order = unsafe { libc::syscall(libc::SYS_kcmp, a, b, kind, 0, 0) };
        order == 0
    };
    // KCMP_VM, FILES, FS, SIGHAND, SYSVSEM, IO, in the order of the keys.
    for (key, kind) in OBJECTS.into_iter().zip([1, 2, 3, 4, 6, 5]) {
        for (a, one) in &tasks {
            for (b, other) in &tasks {
                let (one, other) = (&one["objects"][key], &other["objects"][key]);
                assert_eq!(one == other, kcmp(*a, *b, kind), "{key} of {a} and {b}: {one} {other}");
            }
        }
    }
}

#[test]
fn open_files_are_compared() {
    let zoo = zoo();
    let keeper = zoo.id(Animal::Keeper);
    let (_, last) = objects(&run(chimera(&["inspect", "--tree", &keeper.to_string(), "--files", "--json"])).clean(0));
    let files = last["files"].as_array().unwrap_or_else(|| panic!("{last}"));
    // All others were made with the keeper's file that is under a lease.
    let leased = files.iter().find(|file| file["name"].as_str().is_some_and(|name| name.contains("zoo-program")));
    let leased = leased.unwrap_or_else(|| panic!("{last}"));
    let path = leased["name"].as_str().expect("a name");
    assert_eq!(
        leased["ino"].as_u64(),
        Some(std::os::unix::fs::MetadataExt::ino(&std::fs::metadata(path).expect("it")))
    );
    let holders: Vec<i64> =
        leased["holders"].as_array().expect("a list").iter().filter_map(|holder| holder["task"].as_i64()).collect();
    assert!(holders.contains(&keeper.into()) && holders.contains(&zoo.id(Animal::Chimera).into()), "{leased}");
    // It has the keeper's table, of which the keeper speaks.
    assert!(!holders.contains(&zoo.id(Animal::Files).into()), "{leased}");
}

/// Processes that fork, execute and end as fast as they can, and share nothing with anybody.
struct Churn(Vec<nix::unistd::Pid>);

impl Churn {
    fn start(count: usize) -> Self {
        let own = std::process::id();
        // SAFETY: the child makes system calls alone.
        let fork = || match unsafe { nix::unistd::fork() }.expect("a process") {
            nix::unistd::ForkResult::Child => churn(own),
            nix::unistd::ForkResult::Parent { child } => child,
        };
        Self((0..count).map(|_| fork()).collect())
    }
}

impl Drop for Churn {
    fn drop(&mut self) {
        for child in &self.0 {
            let _ = nix::sys::signal::kill(*child, nix::sys::signal::Signal::SIGKILL);
            let _ = nix::sys::wait::waitpid(*child, None);
        }
    }
}

/// Forks without an end; half of the children execute a program.
fn churn(tests: u32) -> ! {
    let program = [c"/bin/true".as_ptr(), std::ptr::null()];
    for number in 0u32.. {
        // SAFETY: nothing of the tests' memory is used in either process.
        let child = unsafe { libc::fork() };
        if child == 0 && number % 2 == 0 {
            // SAFETY: a path, and lists that end with null.
            unsafe { libc::execve(program[0], program.as_ptr(), program[1..].as_ptr()) };
        }
        if child == 0 {
            // SAFETY: nothing of this process is to run any more.
            unsafe { libc::_exit(0) };
        }
        // SAFETY: the status is not asked for; some are left for later, so that zombies are among them.
        unsafe { libc::waitpid(-1, std::ptr::null_mut(), if number % 8 == 7 { 0 } else { libc::WNOHANG }) };
        if std::os::unix::process::parent_id() != tests {
            break;
        }
    }
    // SAFETY: nothing of this process is to run any more.
    unsafe { libc::_exit(0) }
}

/// How long it churns, in seconds: a minute where CHIMERA_CHURN says so.
fn seconds() -> u64 {
    std::env::var("CHIMERA_CHURN").ok().and_then(|text| text.parse().ok()).unwrap_or(2)
}

#[test]
fn while_tasks_come_and_go_none_is_said_to_share() {
    let churn = Churn::start(4);
    let parents: Vec<i64> = churn.0.iter().map(|pid| pid.as_raw().into()).collect();
    let end = Instant::now() + Duration::from_secs(seconds());
    let mut seen = 0;
    // A machine that is busy shows few of them at a time.
    while Instant::now() < end || seen <= 10 && Instant::now() < end + DEADLINE {
        let run = run(chimera(&["inspect", "--all", "--json"])).clean(0);
        let (tasks, last) = objects(&run);
        let churns = |task: &Value| {
            parents.contains(&task["task"].as_i64().unwrap_or(0))
                || parents.contains(&task["ppid"].as_i64().unwrap_or(0))
        };
        let theirs: Vec<&i64> = tasks.iter().filter(|(_, task)| churns(task)).map(|(id, _)| id).collect();
        seen += theirs.len();
        for shared in last["shared"].as_array().expect("a list") {
            let ids: Vec<i64> = shared["tasks"].as_array().expect("a list").iter().filter_map(Value::as_i64).collect();
            assert!(!ids.iter().any(|id| theirs.contains(&id)), "{shared} of {theirs:?}");
        }
    }
    assert!(seen > 10, "{seen} tasks of the churn were seen");
}

/// Of N tasks with K objects a type takes N(1 + ceil(log2(K + 1))) comparisons, and there is a probe and a second look
/// a task, and a test for none an object.
#[test]
fn the_cost_is_bounded() {
    let zoo = zoo();
    let _ = zoo.id(Animal::Keeper);
    let (tasks, last) = objects(&run(chimera(&["inspect", "--all", "--json"])).nothing_left());
    let number = tasks.len() as u32 + 50; // others come and go
    let bound = |key: &str| {
        let objects = tasks.values().filter_map(|task| task["objects"][key].as_str());
        let count = objects.collect::<std::collections::BTreeSet<_>>().len() as u32 + 50;
        number * (1 + (count + 1).next_power_of_two().ilog2()) + count
    };
    let bound = OBJECTS.iter().map(|key| bound(key)).sum::<u32>() + 2 * number;
    let calls = last["kcmp"].as_u64().expect("a number");
    assert!(calls > u64::from(number) - 50 && calls <= u64::from(bound), "{calls} calls, {bound} at most");
}

/// A run; none if the program could not be started, as where a limit leaves no room for it.
fn run_if_started(mut command: std::process::Command) -> Option<Run> {
    let child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn();
    child.ok().map(crate::common::finish)
}

#[test]
fn where_memory_ends_that_is_told() {
    let mut has_ended = false;
    for kib in (256..8192).step_by(64) {
        let command = before::limited(chimera(&["inspect", "--all"]), Resource::RLIMIT_AS, kib << 10);
        let run = match run_if_started(command) {
            Some(run) => run,
            // Not even the program fits.
            None => continue,
        };
        match run.status {
            Some(0) if has_ended => return,
            Some(1) => {
                assert!(run.err.contains("ENOMEM (Cannot allocate memory)") && run.out.is_empty(), "{kib}: {run:#?}");
                has_ended = true;
            }
            // The kernel kills what it could not load to its end.
            None | Some(0) => {}
            _ => panic!("{kib}: {run:#?}"),
        }
    }
    panic!("no limit was reached, or none was enough");
}
