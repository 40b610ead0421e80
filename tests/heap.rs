//! The program's heap under ordinary std code: collections, strings, and all that they ask for.
//!
//! The heap belongs to one task, so this is a program without threads. Started without a
//! case's name it starts itself once for each case and looks at how that ends. The heap belongs to the first task that asks:
//! std does so before `main`.

mod common;

#[path = "../src/start/heap.rs"]
mod heap;

use chimera::board::TidWords;
use chimera::clone::call::{Api, Call};
use chimera::clone::flags::Flags;
use chimera::clone::task::{Ended, Task};
use common::{before, command};
use nix::sys::resource::Resource;
use std::alloc::{Layout, alloc, dealloc, realloc};
use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::atomic::AtomicU32;

const MIB: usize = 1 << 20;

/// The exit status of a process that cannot go on, as the program's start has it: the heap names it so.
const FAILED: i32 = 1;

/// What the heap says to any task but its owner.
const NOT_YOURS: &str = "chimera: heap: asked for by another task than the first, to which it belongs\n";

/// What the heap says where there is no memory left.
const NO_MEMORY: &str = "chimera: heap: ENOMEM (Cannot allocate memory)\n";

/// A case: its name, the limit of its address space if any, what it does, and how it ends: its status and fd 2.
struct Case(&'static str, Option<usize>, fn(), i32, &'static str);

const CASES: &[Case] = &[
    Case("blocks keep what is written to them", None, blocks, 0, ""),
    Case("collections agree with a simple model", None, collections, 0, ""),
    Case("memory is taken when it is touched", None, lazy, 0, ""),
    Case("what was freed in pieces serves again as a whole", None, whole_again, 0, ""),
    Case("memory is opened as it is asked for", None, opened, 0, ""),
    Case("as much as is reserved is there", None, much, 0, ""),
    Case("more than is reserved ends the process", None, too_much, 1, NO_MEMORY),
    Case("more than there can be ends the process", None, far_too_much, 1, NO_MEMORY),
    Case("half as much, as often as the limit asks", Some(200 * MIB), half, 0, ""),
    Case("more than that half ends the process", Some(200 * MIB), more_than_half, 1, NO_MEMORY),
    Case("a thread that asks ends the process", None, thread, 1, NOT_YOURS),
    Case("a process in the same memory that asks ends alone", None, neighbour, 0, NOT_YOURS),
];

fn main() {
    let word = std::env::args().nth(1).unwrap_or_default();
    if let Some(Case(_, _, run, ..)) = CASES.iter().find(|case| case.0 == word) {
        return run();
    }
    let failed = CASES.iter().filter(|case| !passes(case)).count();
    // In libtest's words, for whoever counts.
    let (word, passed) = (if failed == 0 { "ok" } else { "FAILED" }, CASES.len() - failed);
    println!("\ntest result: {word}. {passed} passed; {failed} failed; 0 ignored");
    std::process::exit(i32::from(failed != 0));
}

/// Whether a case, in a process of its own, ends as it must.
fn passes(Case(name, limit, _, status, err): &Case) -> bool {
    let mut case = command(std::env::current_exe().expect("this program"), &[name]);
    if let Some(limit) = limit {
        case = before::limited(case, Resource::RLIMIT_AS, *limit as u64);
    }
    let run = common::run(case);
    let passes = (run.status, run.err.as_str()) == (Some(*status), *err);
    println!("test {name} ... {}", if passes { "ok" } else { "FAILED" });
    if !passes {
        println!("{run:#?}");
    }
    passes
}

/// A sequence of numbers that looks random and is the same in each run (xorshift).
struct Numbers(u64);

impl Numbers {
    /// The next one, below `limit`.
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

/// A block as it was asked for, filled with one byte.
struct Block {
    at: *mut u8,
    layout: Layout,
    byte: u8,
}

impl Block {
    fn new(numbers: &mut Numbers) -> Self {
        let align = 1 << numbers.below(13);
        let layout = Layout::from_size_align(1 + numbers.below(5000), align).expect("a layout");
        // SAFETY: the size is not 0.
        let at = unsafe { alloc(layout) };
        let mut block = Self { at, layout, byte: numbers.below(256) as u8 };
        block.fill();
        block
    }

    fn fill(&mut self) {
        assert!(!self.at.is_null() && (self.at as usize).is_multiple_of(self.layout.align()));
        // SAFETY: the block is this long.
        unsafe { self.at.write_bytes(self.byte, self.layout.size()) };
    }

    /// Panics unless the first `len` bytes are what was written.
    fn check(&self, len: usize) {
        // SAFETY: the block is at least this long, and `fill` has written all of it.
        let bytes = unsafe { std::slice::from_raw_parts(self.at, len) };
        assert!(bytes.iter().all(|byte| *byte == self.byte), "another block lies in this one");
    }

    fn resize(&mut self, size: usize) {
        // SAFETY: from `alloc` with this layout; the new size is not 0.
        self.at = unsafe { realloc(self.at, self.layout, size) };
        let kept = size.min(self.layout.size());
        self.layout = Layout::from_size_align(size, self.layout.align()).expect("a layout");
        self.check(kept);
        self.fill();
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        self.check(self.layout.size());
        // SAFETY: from `alloc` or `realloc` with this layout.
        unsafe { dealloc(self.at, self.layout) };
    }
}

fn blocks() {
    let (mut numbers, mut live) = (Numbers(42), Vec::new());
    for _ in 0..20_000 {
        match numbers.below(5) {
            0 | 1 => live.push(Block::new(&mut numbers)),
            2 if !live.is_empty() => drop(live.swap_remove(numbers.below(live.len()))),
            3 if !live.is_empty() => {
                let place = numbers.below(live.len());
                live[place].resize(1 + numbers.below(5000));
            }
            _ if live.len() > 500 => live.truncate(100),
            _ => {}
        }
    }
}

fn collections() {
    let (mut numbers, mut map, mut model) = (Numbers(7), BTreeMap::new(), vec![None; 1000]);
    for step in 0..20_000 {
        let key = numbers.below(1000);
        let text = (numbers.below(3) > 0).then(|| format!("{step} ").repeat(1 + numbers.below(20)));
        let old = match &text {
            Some(text) => map.insert(key, text.clone()),
            None => map.remove(&key),
        };
        assert_eq!(old, std::mem::replace(&mut model[key], text));
    }
    let listed = model.iter().enumerate().filter_map(|(key, text)| Some((key, text.as_ref()?)));
    assert!(map.iter().map(|(key, text)| (*key, text)).eq(listed));
}

/// Bytes of this process that are in memory, proc_pid_statm(5).
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("statm");
    4096 * statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).expect("a number")
}

fn lazy() {
    let before = resident();
    let mut room = Vec::<u8>::with_capacity(700 * MIB);
    let reserved = resident();
    assert!(reserved < before + MIB, "{before} {reserved}");
    room.resize(64 * MIB, 1);
    let touched = resident();
    assert!((63 * MIB..66 * MIB).contains(&(touched - reserved)), "{reserved} {touched}");
    assert_eq!(black_box(&room).iter().map(|byte| usize::from(*byte)).sum::<usize>(), 64 * MIB);
}

fn whole_again() {
    let mut numbers = Numbers(3);
    let mut pieces: Vec<Vec<u8>> = (0..700).map(|_| Vec::with_capacity(MIB)).collect();
    while !pieces.is_empty() {
        pieces.swap_remove(numbers.below(pieces.len()));
    }
    for _ in 0..100 {
        assert!(Vec::<u8>::new().try_reserve_exact(700 * MIB).is_ok());
    }
}

/// The ranges of this process's memory that hold an address, with their rights, proc_pid_maps(5).
fn mapping(address: usize) -> (std::ops::Range<usize>, String) {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("maps");
    let number = |text: &str| usize::from_str_radix(text, 16).expect("an address");
    let mut ranges = maps.lines().map(|line| {
        let (range, rest) = line.split_once(' ').expect("a range");
        let (from, to) = range.split_once('-').expect("two ends");
        (number(from)..number(to), rest[..4].to_owned())
    });
    ranges.find(|(range, _)| range.contains(&address)).expect("a mapping")
}

fn opened() {
    let block = Box::new(1);
    let (before, rights) = mapping(&raw const *block as usize);
    assert_eq!(rights, "rw-p");
    // Right above lies what was reserved and not opened yet.
    let (reserved, rights) = mapping(before.end);
    assert_eq!(rights, "---p");
    let room = black_box(Vec::<u8>::with_capacity(64 * MIB));
    let (after, rights) = mapping(room.as_ptr() as usize);
    assert_eq!((after.start, rights.as_str()), (before.start, "rw-p"), "opened upwards");
    assert!((64 * MIB..65 * MIB).contains(&(after.end - before.end)), "{before:x?} {after:x?}");
    assert_eq!(mapping(after.end), (after.end..reserved.end, "---p".to_owned()));
}

fn much() {
    for _ in 0..100 {
        assert!(Vec::<u8>::new().try_reserve_exact(1000 * MIB).is_ok());
    }
}

fn too_much() {
    assert!(Vec::<u8>::new().try_reserve_exact(64 * MIB).is_ok());
    let _ = black_box(Vec::<u8>::new().try_reserve_exact(1024 * MIB));
    unreachable!("the process has ended");
}

fn far_too_much() {
    let _ = black_box(Vec::<u8>::new().try_reserve_exact(isize::MAX as usize));
    unreachable!("the process has ended");
}

fn more_than_half() {
    let _ = black_box(Vec::<u8>::new().try_reserve_exact(128 * MIB));
    unreachable!("the process has ended");
}

fn half() {
    // 200 MiB hold this program and 128 MiB, but not 256.
    let mut room = Vec::<u8>::with_capacity(100 * MIB);
    room.push(1);
    assert_eq!(black_box(room), [1]);
}

fn thread() {
    // std asks for memory in the new thread itself, at the latest for this box.
    let _ = std::thread::spawn(|| black_box(Box::new(1))).join();
    unreachable!("the thread has ended the process");
}

extern "C" fn ask(_: &'static ()) -> i32 {
    i32::from(*black_box(Box::new(1)) == 0)
}

fn neighbour() {
    static WORDS: [AtomicU32; 3] = [const { AtomicU32::new(0) }; 3];
    let call = Call::usual(Api::Clone, Flags::VM);
    let mut task = Task::new(&call, TidWords::new(&WORDS));
    let stack = task.obtain_stack().unwrap_or_else(|_| panic!("no stack"));
    let child = task.make(stack, ask, &()).unwrap_or_else(|errno| panic!("refused: {errno:?}"));
    assert_eq!(child.join(), Ok(Ended::Exited(1)));
    // No lock was left held: the owner still gets what it asks for.
    assert_eq!(*black_box(Box::new(5)), 5);
}
