//! The exercise: four kinds of task, each made by clone(2), in one file to be read from top to bottom.
//!
//! A *task* is what the kernel schedules: registers, a stack, and pointers to an address space, a table of files, a
//! table of signal handlers, namespaces, a thread group. clone(2) makes a task; its flags decide for each pointer
//! whether the child shares its parent's object, gets a copy, or a new one. "Process" and "thread" are names for two
//! sets of flags. Here each child increments a counter that its parent reads, and both report their ids.
#![no_std]
#![no_main]
#![allow(unsafe_code, reason = "system calls, two of which return twice")]

use core::arch::{asm, naked_asm};
use core::sync::atomic::{AtomicPtr, AtomicU8, AtomicU32, Ordering::Relaxed};
use sc::{nr, syscall};

// ---- The four modes -------------------------------------------------------------------------------------------------
const SIGCHLD: u32 = 17; // the exit signal: tells the parent that the child has ended; wait4(2) waits for such children
const CLONE_VM: u32 = 0x100; // one address space for both; without it the child gets a copy
const CLONE_SIGHAND: u32 = 0x800; // one table of signal handlers: addresses of code, so it needs CLONE_VM
const CLONE_THREAD: u32 = 0x1_0000; // one thread group: a signal is for all of it, so it needs CLONE_SIGHAND
const CLONE_CHILD_CLEARTID: u32 = 0x20_0000; // at the child's end the kernel zeroes a word and wakes its waiters
const CLONE_NEWUSER: u32 = 0x1000_0000; // a new user namespace, in which no id is mapped yet
const CHILD: u32 = 1; // a fact to show: the child is a process, and the caller is its parent,
const PROCESS: u32 = 2; // or the child is a task of the caller's process
const MEMORY: u32 = 4; // the parent sees what the child did to the counter
const ROOT: u32 = 8; // the child was nobody at first, then root

/// A task to make: its flags, as a number and in C, and the facts to show, as a number and in words.
struct Mode {
    word: &'static str,
    flags: u32,
    call: &'static str,
    facts: u32,
    about: &'static str,
}

#[rustfmt::skip] // a table
static MODES: [Mode; 4] = [
    Mode { word: "fork", flags: SIGCHLD, call: "SIGCHLD",
        facts: CHILD, about: "@: two processes, each in a memory of its own, by clone(2) as by fork(2)" },
    Mode { word: "chimera", flags: CLONE_VM | SIGCHLD, call: "CLONE_VM|SIGCHLD",
        facts: CHILD | MEMORY, about: "@: two processes in one memory" },
    Mode { word: "thread", flags: CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_CHILD_CLEARTID, // no exit signal
        call: "CLONE_VM|CLONE_SIGHAND|CLONE_THREAD|CLONE_CHILD_CLEARTID",
        facts: PROCESS | MEMORY, about: "@: two tasks of one process, in one memory" },
    Mode { word: "user", flags: CLONE_NEWUSER | SIGCHLD, call: "CLONE_NEWUSER|SIGCHLD",
        facts: CHILD | ROOT, about: "@: a process that is nobody in a new user namespace, and then root" },
];

/// Runs a mode; returns whether the facts are as promised. Exits with `refused` where user namespaces are refused.
fn show(mode: &Mode, refused: u32) -> bool {
    print(1, mode.about, mode.word, &[]);
    if mode.flags & CLONE_NEWUSER != 0 {
        HOME[0].store(user_namespace(), Relaxed);
        ask(nr::GETUID, &HOME[1]);
        ask(nr::GETGID, &HOME[2]);
        STATUS.store(refused, Relaxed);
    }
    let call = if mode.flags & CLONE_VM != 0 { share(mode.flags) } else { copy(nr::CLONE, mode.flags) };
    STATUS.store(1, Relaxed);
    let is_so = tell(mode, "  % = clone(@, 0x#, ..)", &call)
        & (mode.flags != SIGCHLD || tell(mode, "  % = fork()", &copy(nr::FORK, mode.flags)));
    print(1, mode.about, if is_so { "  The facts show" } else { "  The facts DO NOT show" }, &[]);
    is_so
}

// ---- Calls that return twice ----------------------------------------------------------------------------------------
/// Without CLONE_VM both tasks return from the call, each in its own memory, on its own copy of this very stack: the
/// parent gets the child's id, the child gets 0. So compiled code can continue in both.
fn copy(call: usize, flags: u32) -> [AtomicU32; 2] {
    // SAFETY: no memory is shared. The call is clone(2), or fork(2), which has no arguments.
    let answer = unsafe { sc::syscall5(call, flags as usize, 0, 0, 0, 0) };
    let id = check(if call == nr::FORK { "fork" } else { "clone" }, answer);
    if id == 0 {
        child();
        if flags & CLONE_NEWUSER != 0 {
            become_root();
        }
        exit(0);
    }
    wait(id);
    [id.into(), 0.into()]
}

/// With CLONE_VM the child gets another stack and starts in the assembly below. A stack grows downwards, so clone(2)
/// takes its upper end. Below the lower end lies an inaccessible page: a child that overruns its stack dies there.
fn share(flags: u32) -> [AtomicU32; 2] {
    let guard = map(PAGE + STACK, MAP_PRIVATE);
    let top = guard + PAGE + STACK;
    // SAFETY: the mapping is new, and nothing refers to it. 0 is PROT_NONE.
    check("mprotect", unsafe { syscall!(MPROTECT, guard, PAGE, 0) });
    ALIVE.store(1, Relaxed);
    // SAFETY: the stack belongs to the child alone until the child has ended.
    let id = check("clone", unsafe { clone(flags, top, &ALIVE) });
    match flags & CLONE_THREAD {
        0 => wait(id),
        _ => join(),
    }
    // SAFETY: the child has ended.
    check("munmap", unsafe { syscall!(MUNMAP, guard, PAGE + STACK) });
    [id.into(), top.into()]
}

/// Two tasks on one stack would overwrite each other's return addresses, so the child gets another stack. But what
/// compiled code keeps on its stack is not there, so the child never leaves this function: it calls [`child`] and ends;
/// only its parent returns. `top` must be a multiple of 16, and the stack below it the child's alone until its end.
#[unsafe(naked)]
unsafe extern "C" fn clone(flags: u32, top: u32, alive: &AtomicU32) -> usize {
    naked_asm!(
        "mov r10, rdx",  // 4th argument: the word of CLONE_CHILD_CLEARTID; no flag here uses the 3rd and the 5th
        "mov eax, 56",   // the number of clone(2); the flags and the stack are in rdi and rsi already
        "syscall",       // one task goes in, two come out, differing only in rax and rsp
        "test rax, rax", // which one is this?
        "jz 2f",         // 0: the child
        "ret",           // the parent, on its own stack: back to Rust, with the child's id or a negative errno
        "2: xor ebp, ebp", // the child, on an empty stack: no caller, so a debugger's walk up the frames ends here
        "call {child}",  // rsp is a multiple of 16 before the call, as compiled code expects
        "xor edi, edi",  // status 0
        "mov eax, 60",   // exit(2) ends this task; exit_group(2) would end a thread's whole process
        "syscall",       // does not return,
        "ud2",           // and if refused, never runs into the code that follows
        child = sym child,
    )
}

/// Waits until a process has ended and reads its status; until then the ended process stays as a zombie.
fn wait(id: u32) {
    let mut status = 0_u32;
    // SAFETY: the kernel writes the four bytes of the status.
    while is_interrupted("wait4", unsafe { syscall!(WAIT4, id, &raw mut status, 0, 0) }) {}
    match (status & 0x7f, status >> 8) {
        (0, 0) => {}
        (0, status) => exit(if status == REFUSED { STATUS.load(Relaxed) } else { 1 }), // the child has said why
        (signal, _) => fail("exercise: child: signal %", "", signal, 1),
    }
}

/// Waits until a thread has ended, which wait4(2) does not report: sleeps while the word is 1.
fn join() {
    let patience = [10_usize, 0]; // seconds and nanoseconds; the thread needs microseconds
    while ALIVE.load(Relaxed) != 0 {
        // SAFETY: the kernel reads the word and the time. 0 is FUTEX_WAIT, not private, as is the kernel's wake.
        is_interrupted("futex", unsafe { syscall!(FUTEX, ALIVE.as_ptr(), 0, 1, patience.as_ptr()) });
    }
}

/// Maps new, zeroed memory where the kernel chooses, but in the lower 2 GiB, so that all numbers here have 32 bits.
fn map(size: u32, kind: u32) -> u32 {
    // SAFETY: no existing mapping is replaced. 3 is PROT_READ|PROT_WRITE.
    check("mmap", unsafe { syscall!(MMAP, 0, size, 3, kind, -1_isize, 0) })
}

const PAGE: u32 = 0x1000;
const STACK: u32 = 0x1_0000;
const MAP_SHARED: u32 = 0x61; // with MAP_ANONYMOUS and MAP_32BIT
const MAP_PRIVATE: u32 = 0x62;

// ---- What the tasks do and report -----------------------------------------------------------------------------------
static COUNTER: AtomicU32 = AtomicU32::new(0); // an ordinary variable: where memory is copied, each task gets its own
static ALIVE: AtomicU32 = AtomicU32::new(0); // 1 while the thread lives; at its end the kernel stores 0
static HOME: [AtomicU32; 3] = [const { AtomicU32::new(0) }; 3]; // the parent's user namespace, its uid and its gid
static REPORT: AtomicPtr<Report> = AtomicPtr::new(core::ptr::null_mut()); // a page that is always shared
/// What the parent knows, what its child knows at first, and at last: ppid, pid (the thread group), tid, counter, uid.
type Report = [[AtomicU32; 5]; 3];

fn report() -> &'static Report {
    // SAFETY: `main` mapped the page, and nothing unmaps it.
    unsafe { &*REPORT.load(Relaxed) }
}

fn look([ppid, pid, tid, counter, uid]: &[AtomicU32; 5]) {
    ask(nr::GETPPID, ppid);
    ask(nr::GETPID, pid);
    ask(nr::GETTID, tid);
    ask(nr::GETUID, uid);
    counter.store(COUNTER.load(Relaxed), Relaxed);
}

fn ask(call: usize, id: &AtomicU32) {
    // SAFETY: none of these calls has arguments or touches memory.
    id.store(check("id", unsafe { sc::syscall0(call) }), Relaxed);
}

/// What every child does. With another stack, a child enters compiled code here, knowing nothing of its parent's
/// frames.
extern "C" fn child() {
    COUNTER.fetch_add(1, Relaxed);
    look(&report()[1]);
}

/// Prints the call and what both tasks know, after the child's end; returns whether the facts are as promised.
fn tell(mode: &Mode, line: &str, call: &[AtomicU32; 2]) -> bool {
    let [parent, first, last] = report();
    look(parent);
    COUNTER.store(0, Relaxed); // for the next mode
    print(1, line, mode.call, call);
    let table = "\t\tppid\tpid\ttid\tcounter\tuid\n\tparent\t%\t%\t%\t%\t%\n\tchild\t%\t%\t%\t%\t%";
    print(1, table, "", report().as_flattened());
    let ([_, pid, _, counter, _], [child_ppid, child_pid, child_tid, raised, child_uid]) = (parent, first);
    let is = |one: &AtomicU32, other: u32, fact| if one.load(Relaxed) == other { fact } else { 0 };
    let same = |one: &AtomicU32, other: &AtomicU32, fact| is(one, other.load(Relaxed), fact);
    let mut shown = same(child_pid, pid, PROCESS) + same(child_ppid, pid, CHILD) + same(counter, raised, MEMORY);
    if mode.flags & CLONE_NEWUSER != 0 {
        print(1, "\tmapped\t%\t%\t%\t%\t%", "", last);
        shown += is(&last[4], 0, ROOT) & !is(child_uid, 0, ROOT);
    }
    shown == mode.facts && is(raised, 1, 1) + same(child_tid, &call[0], 1) == 2 // incremented, and its id returned
}

/// The inode number of this task's user namespace: that of its file in proc(5).
fn user_namespace() -> u32 {
    static STAT: [AtomicU32; 36] = [const { AtomicU32::new(0) }; 36]; // struct stat: st_dev, st_ino ..
    // SAFETY: the path ends with a zero byte, and the struct has 144 bytes.
    check("stat", unsafe { syscall!(STAT, c"/proc/self/ns/user".as_ptr(), STAT.as_ptr()) });
    STAT[2].load(Relaxed)
}

/// In a new user namespace no id is mapped: each is shown as the overflow id, 65534. A line of a map names the first id
/// inside, the first id outside, and how many. A task may map its own id, even to 0, and then is root inside. To map
/// its group it must first give up setgroups(2): otherwise it could leave a group that exists to deny it something.
fn become_root() {
    // If the kernel ignored the flag, this is the caller's namespace and must not be changed.
    if user_namespace() != HOME[0].load(Relaxed) {
        STATUS.store(REFUSED, Relaxed);
        put(c"/proc/self/setgroups", "deny", &[]);
        put(c"/proc/self/uid_map", "0 % 1", &HOME[1..]);
        put(c"/proc/self/gid_map", "0 % 1", &HOME[2..]);
    }
    look(&report()[2]);
}

/// Writes a line to a file of proc(5); the end of the task closes the file.
fn put(path: &core::ffi::CStr, line: &str, numbers: &[AtomicU32]) {
    // SAFETY: the path ends with a zero byte, and the kernel reads no further. 1 is O_WRONLY.
    let file = check("open", unsafe { syscall!(OPEN, path.as_ptr(), 1) });
    print(file, line, "", numbers);
}

// ---- Answers and lines ----------------------------------------------------------------------------------------------
const REFUSED: u32 = 4; // the status if user namespaces are refused and only they were requested
static STATUS: AtomicU32 = AtomicU32::new(0); // for a failure: 1, or 4 while a refusal is possible
static LINE: [AtomicU8; 256] = [const { AtomicU8::new(0) }; 256]; // the line in the making

/// The kernel returns a result or a negative errno in one register. Results have 32 bits here.
fn errno(answer: usize) -> u32 {
    if answer >> 32 == 0 { 0 } else { answer.wrapping_neg() as u32 }
}

/// A result. Any failure ends the process in which it occurs.
fn check(step: &str, answer: usize) -> u32 {
    match errno(answer) {
        0 => answer as u32,
        number => fail("exercise: @: errno %", step, number, STATUS.load(Relaxed)),
    }
}

fn fail(line: &str, step: &str, number: u32, status: u32) -> ! {
    print(2, line, step, &[number.into()]);
    exit(status)
}

fn is_interrupted(step: &str, answer: usize) -> bool {
    matches!(errno(answer), 4 | 11) || check(step, answer) == u32::MAX // EINTR and EAGAIN: repeat the call
}

/// Writes a line in which @ is the text, % the next number, and # the next number in hexadecimal.
fn print(file: u32, line: &str, text: &str, numbers: &[AtomicU32]) {
    let mut numbers = numbers.iter().map(|number| number.load(Relaxed));
    let (mut length, mut written) = (0, 0);
    for letter in line.bytes() {
        length = match letter {
            b'@' => text.bytes().fold(length, byte),
            b'%' => number(length, numbers.next().unwrap_or(0), 10),
            b'#' => number(length, numbers.next().unwrap_or(0), 16),
            _ => byte(length, letter),
        };
    }
    length = byte(length, b'\n');
    while written < length {
        // SAFETY: the kernel reads bytes of the line.
        let answer = unsafe { syscall!(WRITE, file, LINE.as_ptr().wrapping_add(written), length - written) };
        written += match file {
            2 => length, // whatever the result: there is no third place to report it
            _ if is_interrupted("write", answer) => 0,
            _ => answer,
        };
    }
}

#[inline(never)] // called from many places
fn byte(place: usize, byte: u8) -> usize {
    LINE[place % 256].store(byte, Relaxed);
    place + 1
}

fn number(place: usize, value: u32, base: u32) -> usize {
    let place = if value < base { place } else { number(place, value / base, base) }; // all digits but the last
    let digit = (value % base) as u8;
    byte(place, digit + if digit < 10 { b'0' } else { b'a' - 10 })
}

// ---- Where it all starts --------------------------------------------------------------------------------------------
/// The kernel jumps here, with argc and argv on the stack and no return address, so compiled code cannot start here.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn _start() -> ! {
    naked_asm!(
        "xor ebp, ebp", // the outermost frame
        "mov rdi, rsp", // the argument of `main`: where argc lies
        "and rsp, -16", // a multiple of 16 before the call
        "call {main}",  // pushes a return address, though `main` does not return
        main = sym main,
    )
}

extern "C" fn main(stack: *const [usize; 3]) -> ! {
    // SAFETY: the kernel stored argc there, argv[0], and argv[1] or a null pointer.
    let [count, _, word] = unsafe { stack.read() };
    STATUS.store(1, Relaxed);
    // SAFETY: restores the default action. If SIGCHLD were inherited as ignored, no child could be waited for.
    check("rt_sigaction", unsafe { syscall!(RT_SIGACTION, SIGCHLD, [0_usize; 4].as_ptr(), 0, 8) });
    REPORT.store(map(PAGE, MAP_SHARED) as usize as *mut _, Relaxed);
    let mut status = REFUSED; // until a mode has run
    for mode in MODES.iter().filter(|mode| count < 2 || (count == 2 && is_word(word as *const u8, mode.word))) {
        status = status & 1 | u32::from(!show(mode, status));
    }
    if status == REFUSED {
        print(2, "usage: exercise [fork|chimera|thread|user]", "", &[]);
        status = 2;
    }
    exit(status)
}

fn is_word(argument: *const u8, word: &str) -> bool {
    // SAFETY: the argument ends with a zero byte, and nothing after the first difference is read.
    let is = |(place, byte): (usize, u8)| unsafe { argument.wrapping_add(place).read() } == byte;
    word.bytes().enumerate().all(is) && is((word.len(), 0))
}

fn exit(status: u32) -> ! {
    // SAFETY: nothing in this process is needed any more. If the call is refused, `ud2` ends the process.
    unsafe { asm!("syscall", "ud2", in("rax") nr::EXIT_GROUP, in("rdi") status as usize, options(noreturn)) }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    fail("exercise: panic", "", 0, 1)
}

#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {} // referenced by the compiled `core`, which could unwind; nothing here does
