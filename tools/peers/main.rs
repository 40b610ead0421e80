//! `make bench`: what the C library, Rust's std and other programs take for what chimera does, side by side in one run.
//!
//! All contestants are in one process and take turns, so that whatever the machine does at the moment
//! happens to each of them. The peers in C are built on the spot and loaded; what cannot be built or is not installed is
//! skipped with its reason. A copy of docs/costs.md with the new tables between its markers, and
//! their picture, go to the folder that is named.

mod chart;
mod inspect;

use chimera::bench::{percentile, sort};
use chimera::board::TidWords;
use chimera::clone::bare::make_and_reap;
use chimera::clone::call::{Api, Call};
use chimera::clone::flags::{Flags, PTHREAD, THREAD};
use chimera::clone::task::{Child, Ended, Task};
use chimera::sys::clock::cycles;
use chimera::sys::{exec, schedule};
use nix::libc::{self, c_char, c_int, c_long};
use std::ffi::{CStr, CString};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::AtomicU32;
use std::time::Instant;

/// How many rounds are made; in each every contestant has a turn.
const ROUNDS: usize = 200;
const PROGRAM_ROUNDS: usize = 60;

/// How many tasks a turn has: the end of a thread may be left to the next, which then should be of the same kind.
const TURN: usize = 10;

/// A contestant: what it is called, and one task by it; an error is an errno.
type Contestant = (String, Box<dyn FnMut() -> c_int>);

/// What is built for the run.
struct Built {
    folder: PathBuf,
    peers: *mut libc::c_void,
    skipped: Vec<String>,
}

impl Built {
    fn new() -> Result<Self, String> {
        let folder = std::env::temp_dir().join(format!("chimera-peers-{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let mut built = Self { folder, peers: std::ptr::null_mut(), skipped: Vec::new() };
        let library = built.path("peers.so");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/peers.c");
        built.compile("cc", &["-O2", "-shared", "-fPIC", "-pthread", "-o", &library, source], None)?;
        let name = CString::new(library).expect("no zero in a path");
        // SAFETY: the library has no constructors, and stays loaded.
        built.peers = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW) };
        if built.peers.is_null() { Err("the peers cannot be loaded".into()) } else { Ok(built) }
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().expect("UTF-8").to_owned()
    }

    /// Builds with a compiler; the program text goes to its fd 0.
    fn compile(&self, compiler: &str, words: &[&str], text: Option<&str>) -> Result<(), String> {
        let stdin = if text.is_some() { Stdio::piped() } else { Stdio::null() };
        let mut child = Command::new(compiler)
            .args(words)
            .stdin(stdin)
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("{compiler}: {error}"))?;
        if let (Some(mut input), Some(text)) = (child.stdin.take(), text) {
            std::io::Write::write_all(&mut input, text.as_bytes()).map_err(|error| error.to_string())?;
        }
        let status = child.wait().map_err(|error| error.to_string())?;
        if status.success() { Ok(()) } else { Err(format!("{compiler} could not build it")) }
    }

    /// A program to be started, or the reason for its absence is kept.
    fn program(&mut self, name: &str, compiler: &str, words: &[&str], language: &str, text: &str) -> Option<String> {
        let path = self.path(name);
        let all = [words, &["-o", &path, "-x", language, "-"]].concat();
        match self.compile(compiler, &all, Some(text)) {
            Ok(()) => Some(path),
            Err(reason) => {
                self.skipped.push(format!("{name}: {reason}"));
                None
            }
        }
    }

    /// A function of the peers.
    fn symbol(&self, name: &CStr) -> *mut libc::c_void {
        // SAFETY: the library is loaded, and the name ends with a zero.
        let symbol = unsafe { libc::dlsym(self.peers, name.as_ptr()) };
        assert!(!symbol.is_null(), "{name:?}");
        symbol
    }

    fn peer(&self, name: &CStr) -> Box<dyn FnMut() -> c_int> {
        // SAFETY: all but two functions of peers.c have this type, and those are not asked for here.
        let function: extern "C" fn() -> c_int = unsafe { std::mem::transmute(self.symbol(name)) };
        Box::new(move || function())
    }
}

/// The words of a program, for C.
struct Words {
    _strings: Vec<CString>,
    pointers: Vec<*const c_char>,
}

impl Words {
    fn new(words: &[&str]) -> Self {
        let strings: Vec<CString> = words.iter().map(|word| CString::new(*word).expect("no zero")).collect();
        let pointers = strings.iter().map(|word| word.as_ptr()).chain([std::ptr::null()]).collect();
        Self { _strings: strings, pointers }
    }

    /// Of the whole: a closure that takes a part alone would let the strings go.
    fn vector(&self) -> *const *const c_char {
        self.pointers.as_ptr()
    }
}

type Spawn = extern "C" fn(*const *const c_char, *mut c_long) -> c_int;
type VforkExec = extern "C" fn(*const *const c_char) -> c_int;

/// A program by posix_spawn(3).
fn spawn(built: &Built, words: &[&str]) -> Box<dyn FnMut() -> c_int> {
    // SAFETY: the type of peer_spawn in peers.c.
    let function: Spawn = unsafe { std::mem::transmute(built.symbol(c"peer_spawn")) };
    let words = Words::new(words);
    Box::new(move || function(words.vector(), std::ptr::null_mut()))
}

/// How many page faults a program takes.
fn faults(built: &Built, words: &[&str]) -> c_long {
    // SAFETY: as above.
    let function: Spawn = unsafe { std::mem::transmute(built.symbol(c"peer_spawn")) };
    let (words, mut faults) = (Words::new(words), 0);
    function(words.vector(), &mut faults);
    faults
}

/// The words whose addresses a call takes.
fn tids() -> TidWords {
    TidWords::new(Box::leak(Box::new([const { AtomicU32::new(0) }; 3])))
}

extern "C" fn end(_: &'static ()) -> i32 {
    0
}

/// The program that chimera's task executes.
static PROGRAM: OnceLock<CString> = OnceLock::new();

extern "C" fn become_program(_: &'static ()) -> i32 {
    let Some(path) = PROGRAM.get() else { return 127 };
    let _ = exec::execute_with(path, &[path]);
    127
}

/// A task by chimera's own functions.
fn own(flags: Flags, entry: extern "C" fn(&'static ()) -> i32) -> Box<dyn FnMut() -> c_int> {
    let (call, tids) = (Call::usual(Api::Clone, flags), tids());
    Box::new(move || {
        let mut task = Task::new(&call, tids);
        let Ok(stack) = task.obtain_stack() else { return libc::ENOMEM };
        match task.make(stack, entry, &()).map_err(|failure| failure.errno().expect("an errno")).and_then(Child::join) {
            Ok(Ended::Exited(0)) => 0,
            Ok(_) => libc::ECHILD,
            Err(errno) => errno.number() as c_int,
        }
    })
}

/// The same in assembly alone.
fn floor(flags: Flags) -> Box<dyn FnMut() -> c_int> {
    let (call, tids) = (Call::usual(Api::Clone, flags), tids());
    Box::new(move || make_and_reap(&call, tids.child_tid).err().map_or(0, |errno| errno.number() as c_int))
}

/// The medians of all contestants in microseconds, and the 10th and 90th percentile of their ratio to the first.
fn race(contestants: &mut [Contestant], rounds: usize) -> Vec<(f64, [f64; 2])> {
    let mut samples = vec![Vec::with_capacity(rounds); contestants.len()];
    let (clock, counter) = (Instant::now(), cycles());
    for round in 0..rounds + rounds / 10 {
        for place in 0..contestants.len() {
            // Forwards and backwards by turns: what one leaves to be done falls to the next.
            let number = if round % 2 == 0 { place } else { contestants.len() - 1 - place };
            let (name, task) = &mut contestants[number];
            let start = cycles();
            let failed = (0..TURN).map(|_| task()).find(|error| *error != 0);
            let taken = ((cycles() - start) / TURN as u64).try_into().unwrap_or(u32::MAX);
            assert_eq!(failed, None, "{name}");
            // The first tenth finds nothing in any cache.
            if round >= rounds / 10 {
                samples[number].push(taken);
            }
        }
    }
    let unit = clock.elapsed().as_secs_f64() * 1e6 / (cycles() - counter) as f64;
    let first = samples[0].clone();
    let ratios = |samples: &[u32]| {
        let mut thousandths: Vec<u32> = samples
            .iter()
            .zip(&first)
            .map(|(sample, first)| (f64::from(*sample) / f64::from(*first) * 1000.0) as u32)
            .collect();
        sort(&mut thousandths);
        [10, 90].map(|percent| percentile(&thousandths, percent) as f64 / 1000.0)
    };
    samples
        .iter()
        .map(|samples| {
            let mut sorted = samples.clone();
            sort(&mut sorted);
            (percentile(&sorted, 50) as f64 * unit, ratios(samples))
        })
        .collect()
}

/// A table of a race: times, and each time against the first contestant's.
fn table(title: &str, contestants: &mut [Contestant], rounds: usize) -> String {
    eprintln!("{title}");
    let results = race(contestants, rounds);
    let mut text =
        format!("| {title} | median, us | against the first | 10 % to 90 % of the rounds |\n|---|---:|---:|---:|\n");
    for ((name, _), (median, [low, high])) in contestants.iter().zip(&results) {
        let ratio = median / results[0].0;
        let _ = writeln!(text, "| {name} | {median:.1} | {ratio:.2} | {low:.2} - {high:.2} |");
    }
    text + "\n"
}

/// fork(3) and chimera's copy, each in a program of its own, for what a copy costs depends on the program: medians of medians.
fn forks(built: &mut Built, elf: &str) -> Result<String, String> {
    let text = include_str!("forker.c");
    let forker = built.program("forker", "cc", &["-O2"], "c", text).ok_or("forker.c cannot be built")?;
    let printed = |program: &str, words: &[&str]| {
        let output =
            Command::new(program).args(words).stderr(Stdio::null()).output().map_err(|error| error.to_string())?;
        String::from_utf8(output.stdout).map_err(|error| error.to_string())
    };
    let [mut own, mut floor, mut theirs] = [const { Vec::new() }; 3];
    for _ in 0..9 {
        let line = printed(elf, &["bench", "clone", "--json"])?;
        let line = line.lines().next().unwrap_or_default();
        let figure = |key: &str| {
            let (_, rest) = line.split_once(&format!("\"{key}\":"))?;
            rest.split(',').next()?.parse::<u32>().ok()
        };
        own.push(figure("p50_ns").ok_or("no median in a line of bench")?);
        floor.push(figure("floor_p50_ns").ok_or("no floor in a line of bench")?);
        let line = printed(&forker, &[])?;
        theirs.push(line.trim().parse().map_err(|_| "no median of forker")?);
    }
    let mut text = "| a copy, each in its own program | median, us | against the first |\n|---|---:|---:|\n".to_owned();
    let own = median(own);
    for (name, figure) in
        [("chimera, fork-like", own), ("the bare call", median(floor)), ("fork(3) of glibc", median(theirs))]
    {
        let _ = writeln!(text, "| {name} | {:.1} | {:.2} |", figure / 1000.0, figure / own);
    }
    Ok(text + "\n")
}

fn median(mut samples: Vec<u32>) -> f64 {
    sort(&mut samples);
    percentile(&samples, 50) as f64
}

/// The page faults of a contestant, in this process and in the tasks that it makes, on average.
fn faults_of(contestant: &mut dyn FnMut() -> c_int) -> [f64; 2] {
    let count = |who| {
        // SAFETY: all zeroes are a valid struct.
        let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
        // SAFETY: the C library writes one struct.
        unsafe { libc::getrusage(who, &mut usage) };
        usage.ru_minflt as f64
    };
    let before = [libc::RUSAGE_SELF, libc::RUSAGE_CHILDREN].map(count);
    (0..200).for_each(|_| assert_eq!(contestant(), 0));
    let after = [libc::RUSAGE_SELF, libc::RUSAGE_CHILDREN].map(count);
    [(after[0] - before[0]) / 200.0, (after[1] - before[1]) / 200.0]
}

/// A contestant by its name.
fn named(name: &str, task: Box<dyn FnMut() -> c_int>) -> Contestant {
    (name.to_owned(), task)
}

/// Copies, sharers and threads, and the page faults of those that are processes.
fn tasks(built: &Built) -> String {
    let mut copies = [
        named("chimera, fork-like", own(Flags::empty(), end)),
        named("the bare call", floor(Flags::empty())),
        named("fork(3) of glibc", built.peer(c"peer_fork")),
    ];
    let mut sharers = [
        named("chimera (CLONE_VM)", own(Flags::VM, end)),
        named("the bare call (CLONE_VM)", floor(Flags::VM)),
        named("clone(3) of glibc (CLONE_VM)", built.peer(c"peer_clone")),
        named("vfork(3) of glibc", built.peer(c"peer_vfork")),
    ];
    let mut threads = [
        named("chimera, all that pthread_create(3) shares", own(PTHREAD, end)),
        named("the bare call, the same flags", floor(PTHREAD)),
        named("chimera, the barest thread (its own files and directory)", own(THREAD, end)),
        named("pthread_create(3) and join", built.peer(c"peer_pthread")),
        named("std::thread and join", Box::new(|| std::thread::spawn(|| 0).join().unwrap_or(1))),
    ];
    let mut text = table("a copy, in a large program", &mut copies, ROUNDS);
    text += &table("a process in the same memory", &mut sharers, ROUNDS);
    text += &table("a thread", &mut threads, ROUNDS);
    text += "| page faults of | in the maker | in the task |\n|---|---:|---:|\n";
    for (name, task) in copies.iter_mut().chain(&mut sharers) {
        let [own, childs] = faults_of(task);
        let _ = writeln!(text, "| {name} | {own:.1} | {childs:.1} |");
    }
    text + "\n"
}

/// Programs: executing one, and from execve(2) to the exit.
fn programs(built: &mut Built, elf: &str, smallest: &str) -> String {
    PROGRAM.set(CString::new(smallest).expect("no zero")).expect("set once");
    // SAFETY: the type of peer_vfork_exec in peers.c.
    let vfork_exec: VforkExec = unsafe { std::mem::transmute(built.symbol(c"peer_vfork_exec")) };
    let words = Words::new(&[smallest]);
    let mut executed = [
        named("chimera (CLONE_VM, CLONE_VFORK) and execve", own(Flags::VM.union(Flags::VFORK), become_program)),
        named("posix_spawn(3) of glibc", spawn(built, &[smallest])),
        named("vfork(3) of glibc and execve", Box::new(move || vfork_exec(words.vector()))),
    ];
    let mut text = table("the smallest program", &mut executed, ROUNDS);
    let nothing = "int main(void) { return 0; }\n";
    let glibc = built.program("glibc, static", "cc", &["-O2", "-static"], "c", nothing);
    let musl = built.program("musl, static", "musl-gcc", &["-O2", "-static"], "c", nothing);
    let mut starts = Vec::new();
    for (name, path, word) in [
        ("the smallest static ELF", Some(smallest), None),
        ("`chimera --version`", Some(elf), Some("--version")),
        ("glibc, static", glibc.as_deref(), None),
        ("musl, static", musl.as_deref(), None),
        ("/bin/true", Some("/bin/true"), None),
    ] {
        // Each file is a fresh copy: how it was written decides how the kernel keeps it, and that is seen at the start.
        let copy = built.path(&format!("start-{}", starts.len()));
        if path.is_some_and(|path| std::fs::copy(path, &copy).is_ok()) {
            let words: Vec<&str> = [copy.as_str()].into_iter().chain(word).collect();
            starts.push(named(name, spawn(built, &words)));
        }
    }
    text += &table("from exec to exit", &mut starts, PROGRAM_ROUNDS);
    text += "| page faults from exec to exit | |\n|---|---:|\n";
    for words in [&[smallest] as &[&str], &[elf, "--version"], &["/bin/true"]] {
        let name = Path::new(words[0]).file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let _ = writeln!(text, "| `{name}` | {} |", faults(built, words));
    }
    text + "\n"
}

/// `run` beside unshare(1).
fn namespaces(built: &mut Built, elf: &str, smallest: &str) -> String {
    let mut text = String::new();
    for (title, ours, theirs) in [
        ("root of a user namespace", &["run", "-r"] as &[&str], &["-r"] as &[&str]),
        ("root of a user and of a PID namespace", &["run", "-r", "--pid", "--mount-proc"], &["-rpf", "--mount-proc"]),
    ] {
        let unshare = ["/usr/bin/unshare", "/bin/unshare"].into_iter().find(|path| Path::new(path).exists());
        let Some(unshare) = unshare else {
            built.skipped.push(format!("{title}: unshare(1) is not installed"));
            continue;
        };
        let own = [&[elf], ours, &[smallest]].concat();
        let other = [&[unshare], theirs, &[smallest]].concat();
        if spawn(built, &own)() != 0 || spawn(built, &other)() != 0 {
            built.skipped.push(format!("{title}: forbidden here"));
            continue;
        }
        let mut pair = [
            named(&format!("`unshare {}`", theirs.join(" ")), spawn(built, &other)),
            named(&format!("`chimera {}`", ours.join(" ")), spawn(built, &own)),
        ];
        text += &table(title, &mut pair, PROGRAM_ROUNDS);
    }
    text
}

/// All tables.
fn measure(built: &mut Built, elf: &str) -> Result<String, String> {
    let smallest = "_start: .globl _start\n mov $60, %eax\n xor %edi, %edi\n syscall\n";
    let words = ["-nostdlib", "-static", "-s", "-Wl,--build-id=none", "-Wl,-z,noseparate-code"];
    let smallest =
        built.program("smallest", "cc", &words, "assembler", smallest).ok_or("no static ELF can be built")?;
    let mut text = forks(built, elf)?;
    text += &tasks(built);
    text += &programs(built, elf, &smallest);
    text += &namespaces(built, elf, &smallest);
    text += &inspect::tables(built, elf)?;
    Ok(text)
}

/// Writes docs/costs.md with these tables, and their picture, into the folder.
fn write(text: &str, to: &Path) -> Result<(), String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/costs.md");
    let old = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let (head, rest) = old.split_once("<!-- tables -->\n").ok_or("docs/costs.md: where do the tables begin?")?;
    let (_, foot) = rest.split_once("<!-- end -->").ok_or("docs/costs.md: where do the tables end?")?;
    let picture = chart::draw(&chart::groups(text)?);
    let page = format!("{head}<!-- tables -->\n{text}<!-- end -->{foot}");
    for (name, text) in [("costs.svg", picture), ("costs.md", page)] {
        std::fs::write(to.join(name), text).map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn run(elf: &str, to: &Path) -> Result<(), String> {
    let mut built = Built::new()?;
    if let Ok(own) = schedule::processor() {
        let mut set = [0; 16];
        set[own / 64] |= 1 << (own % 64);
        let _ = schedule::stay_on(&set);
    }
    // What the programs print is of no use.
    let null = std::fs::File::options().write(true).open("/dev/null").map_err(|error| error.to_string())?;
    // SAFETY: both are open; from here on nothing is printed to fd 1.
    unsafe { libc::dup2(std::os::fd::AsRawFd::as_raw_fd(&null), 1) };
    let measured = measure(&mut built, elf);
    let _ = std::fs::remove_dir_all(&built.folder);
    let text = measured?;
    built.skipped.iter().for_each(|reason| eprintln!("SKIP {reason}"));
    write(&text, to)?;
    eprint!("{text}");
    Ok(())
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [elf, to] = &words[..] else {
        eprintln!("usage: peers ELF FOLDER");
        return ExitCode::from(2);
    };
    match run(elf, Path::new(to)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("peers: {error}");
            ExitCode::FAILURE
        }
    }
}
