//! Stacks by hand and the tasks that run on them, through the library.
//!
//! The tasks are made in this very test process, which std started and which knows nothing of
//! them. So what they run is system calls, atomics and assembly: no thread-local storage, no memory to ask for, no
//! panic. One test at a time: the spare stack belongs to the whole process.

#[allow(dead_code, reason = "one function of it is needed here")]
#[path = "common/skip.rs"]
mod skip;

use chimera::board::turn::await_change;
use chimera::board::{TidWords, UNSET};
use chimera::clone::call::{Api, Call, StackOf};
use chimera::clone::flags::Flags;
use chimera::clone::stack::{Entry, HIGHEST, SIZE, Stack};
use chimera::clone::task::{Child, Ended, Task};
use chimera::error::Failure;
use chimera::sys::{Errno, Pid, Signal, futex, ids};
use nix::libc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard};

/// Far more than one test takes on a busy machine, in seconds: SIGALRM ends what hangs.
const PATIENCE: u32 = 120;

/// Held by the test that runs.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    nix::unistd::alarm::set(PATIENCE);
    ONE.lock().unwrap_or_else(|failed| failed.into_inner())
}

static PROCESS: Call = Call::usual(Api::Clone, Flags::VM.union(Flags::CHILD_CLEARTID));
static PROCESS3: Call = Call::usual(Api::Clone3, Flags::VM.union(Flags::CHILD_CLEARTID));
static SILENT: Call = Call::new(Api::Clone, Flags::VM, None);
static COPY: Call = Call::usual(Api::Clone, Flags::empty());
static FORK: Call = Call::usual(Api::Fork, Flags::empty());
static THREAD: Call =
    Call::usual(Api::Clone, Flags::VM.union(Flags::SIGHAND).union(Flags::THREAD).union(Flags::CHILD_CLEARTID));
static REFUSED: Call = Call::usual(Api::Clone, Flags::VM.union(Flags::THREAD));

/// A task with words of its own, which outlive it.
fn task(call: &'static Call) -> Task<'static> {
    let word = || Box::leak(Box::new(AtomicU32::new(7)));
    Task::new(call, TidWords { parent_tid: word(), child_tid: word(), pidfd: word() })
}

/// Makes a task of `plan`.
fn start<T: Sync>(plan: &'static Call, entry: Entry<T>, argument: &'static T) -> Child {
    made(plan, entry, argument).1
}

/// The same, with the task itself.
fn made<T: Sync>(plan: &'static Call, entry: Entry<T>, argument: &'static T) -> (Task<'static>, Child) {
    let mut task = task(plan);
    let stack = task.obtain_stack().unwrap_or_else(|_| panic!("no stack"));
    let child = task.make(stack, entry, argument).unwrap_or_else(|errno| panic!("refused: {errno:?}"));
    (task, child)
}

/// The guard's address of its stack.
fn guard(task: &Child) -> usize {
    task.stack().expect("a stack").guard()
}

fn killed(signal: i32, at_guard: bool) -> Result<Ended, Errno> {
    Ok(Ended::Killed { signal: Signal::new(signal as usize).expect("a signal"), at_guard })
}

extern "C" fn answer(status: &'static AtomicU32) -> i32 {
    status.load(Relaxed) as i32
}

/// Holds its task until the gate is no longer 0.
extern "C" fn wait_at(gate: &'static AtomicU32) -> i32 {
    await_change(gate, 0, None).is_err().into()
}

fn open(gate: &AtomicU32) {
    gate.store(1, SeqCst);
    // A gate that nobody has reached yet wakes nobody.
    let _ = futex::wake(gate);
}

/// Calls itself until there is no room left.
extern "C" fn recurse(depth: &'static AtomicUsize) -> i32 {
    let frame = std::hint::black_box([1; 64]);
    if depth.fetch_add(1, Relaxed) == usize::MAX {
        return 0;
    }
    recurse(depth).wrapping_add(frame[0])
}

extern "C" fn read_address_zero(_: &'static ()) -> i32 {
    // SAFETY: the task dies of it, as it is meant to; nothing is changed.
    unsafe { std::arch::asm!("mov al, byte ptr [0]", out("al") _, options(nostack, readonly)) };
    0
}

extern "C" fn undefined_instruction(_: &'static ()) -> i32 {
    // SAFETY: the task dies of it, as it is meant to.
    unsafe { std::arch::asm!("ud2", options(nostack)) };
    0
}

/// Uses its stack almost up, and dies of something else.
#[unsafe(naked)]
extern "C" fn die_deep_down(_: &'static ()) -> i32 {
    std::arch::naked_asm!("mov byte ptr [rsp - {depth}], 1", "ud2", depth = const SIZE - 2048)
}

/// Records rsp and rbp as they are at the first instruction.
#[unsafe(naked)]
extern "C" fn record_registers(_: &'static [AtomicUsize; 2]) -> i32 {
    std::arch::naked_asm!("mov [rdi], rsp", "mov [rdi + 8], rbp", "xor eax, eax", "ret")
}

extern "C" fn record_ids(ids: &'static [AtomicUsize; 2]) -> i32 {
    ids[0].store(ids::getpid().map_or(0, Pid::number), Relaxed);
    ids[1].store(ids::gettid().map_or(0, Pid::number), Relaxed);
    0
}

#[test]
fn a_task_that_recurses_without_end_dies_at_the_guard_page() {
    let _alone = alone();
    static DEPTH: AtomicUsize = AtomicUsize::new(0);
    assert_eq!(start(&PROCESS, recurse, &DEPTH).join(), killed(libc::SIGSEGV, true));
    assert!(DEPTH.load(Relaxed) > 10, "it got somewhere");
}

#[test]
fn a_task_that_dies_elsewhere_does_not() {
    let _alone = alone();
    assert_eq!(start(&PROCESS, read_address_zero, &()).join(), killed(libc::SIGSEGV, false));
    assert_eq!(start(&PROCESS, undefined_instruction, &()).join(), killed(libc::SIGILL, false));
}

#[test]
fn a_task_that_dies_deep_down_of_something_else_did_not_meet_the_guard_page() {
    let _alone = alone();
    assert_eq!(start(&PROCESS, die_deep_down, &()).join(), killed(libc::SIGILL, false));
}

/// The stack of a task that ran into the guard is full of its frames: the next task must get another, or a clean one.
#[test]
fn a_used_up_stack_is_not_used_again() {
    let _alone = alone();
    static DEPTH: AtomicUsize = AtomicUsize::new(0);
    assert_eq!(start(&PROCESS, recurse, &DEPTH).join(), killed(libc::SIGSEGV, true));
    assert_eq!(start(&PROCESS, read_address_zero, &()).join(), killed(libc::SIGSEGV, false));
}

#[test]
fn a_task_is_killed_on_request() {
    let _alone = alone();
    static GATE: AtomicU32 = AtomicU32::new(0);
    let task = start(&PROCESS, wait_at, &GATE);
    task.kill();
    assert_eq!(task.join(), killed(libc::SIGKILL, false));
}

/// The kernel can leave a new process stopped while its parent goes on, see `resume()`.
#[test]
fn a_child_that_was_stopped_on_its_way_goes_on() {
    let _alone = alone();
    static WORD: AtomicU32 = AtomicU32::new(0);
    extern "C" fn stop_first(word: &'static AtomicU32) -> i32 {
        if let Ok(own) = ids::getpid() {
            let _ = chimera::sys::process::kill(own, Signal::STOP);
        }
        word.store(1, SeqCst);
        0
    }
    let (task, child) = made(&PROCESS, stop_first, &WORD);
    assert_eq!(await_change(&WORD, 0, task.process()), Ok(()));
    assert_eq!((WORD.load(SeqCst), child.join()), (1, Ok(Ended::Exited(0))));
}

#[test]
fn exit_statuses_are_passed_on() {
    let _alone = alone();
    static STATUS: AtomicU32 = AtomicU32::new(0);
    for plan in [&PROCESS, &SILENT, &COPY, &FORK] {
        for (status, seen) in [(0, 0), (1, 1), (42, 42), (255, 255), (256 + 7, 7)] {
            STATUS.store(status, SeqCst);
            assert_eq!(start(plan, answer, &STATUS).join(), Ok(Ended::Exited(seen)));
        }
    }
}

#[test]
fn the_word_is_cleared_at_the_end() {
    let _alone = alone();
    static GATE: AtomicU32 = AtomicU32::new(0);
    for plan in [&PROCESS, &PROCESS3, &THREAD] {
        GATE.store(0, SeqCst);
        let (task, child) = made(plan, wait_at, &GATE);
        assert_eq!(task.tids.child_tid.load(SeqCst), UNSET, "it lives");
        open(&GATE);
        assert_eq!(child.join(), Ok(Ended::Exited(0)));
        assert_eq!(task.tids.child_tid.load(SeqCst), 0);
    }
}

#[test]
fn a_stack_serves_again_after_the_join_and_never_before() {
    let _alone = alone();
    static GATE: AtomicU32 = AtomicU32::new(0);
    for plan in [&PROCESS, &PROCESS3, &THREAD] {
        GATE.store(0, SeqCst);
        let (first, second) = (start(plan, wait_at, &GATE), start(plan, wait_at, &GATE));
        let of_first = guard(&first);
        assert_ne!(of_first, guard(&second), "two that live");
        open(&GATE);
        assert_eq!(first.join(), Ok(Ended::Exited(0)));
        let third = start(plan, wait_at, &GATE);
        assert_eq!(guard(&third), of_first, "the first is gone");
        assert_eq!(second.join(), Ok(Ended::Exited(0)));
        assert_eq!(third.join(), Ok(Ended::Exited(0)));
    }
}

/// Without one it would continue on the caller's own stack, in the caller's own memory.
#[test]
fn shared_memory_without_a_stack_is_refused() {
    static GATE: AtomicU32 = AtomicU32::new(1);
    let refused = task(&PROCESS).make(None, wait_at, &GATE);
    assert_eq!(refused.err().and_then(Failure::call_errno), Some(Errno::EINVAL));
}

#[test]
fn a_refused_task_gives_its_stack_back() {
    let _alone = alone();
    static GATE: AtomicU32 = AtomicU32::new(1);
    let mut refused = task(&REFUSED);
    let stack = refused.obtain_stack().unwrap_or_else(|_| panic!("no stack"));
    let of_refused = stack.as_ref().map(Stack::guard);
    let refusal = refused.make(stack, wait_at, &GATE).err().and_then(Failure::call_errno);
    assert_eq!(refusal, Some(Errno::EINVAL));
    let next = start(&PROCESS, wait_at, &GATE);
    assert_eq!(Some(guard(&next)), of_refused);
    assert_eq!(next.join(), Ok(Ended::Exited(0)));
}

/// The System V ABI: a multiple of 16 before the call, which pushes 8 bytes.
#[test]
fn a_task_starts_on_an_aligned_stack_in_the_outermost_frame() {
    let _alone = alone();
    static REGISTERS: [AtomicUsize; 2] = [const { AtomicUsize::new(1) }; 2];
    for plan in [&PROCESS, &PROCESS3, &THREAD] {
        let task = start(plan, record_registers, &REGISTERS);
        let stack = task.stack().map(|stack| stack.base()..stack.top()).expect("a stack");
        assert_eq!(task.join(), Ok(Ended::Exited(0)));
        let [rsp, rbp] = REGISTERS.each_ref().map(|register| register.load(SeqCst));
        assert_eq!((rsp % 16, rbp), (8, 0));
        assert!(stack.contains(&rsp), "{rsp:#x} is elsewhere");
    }
}

/// The rights of the mapping in which an address lies, proc_pid_maps(5).
fn rights(address: usize) -> String {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("maps");
    let number = |text: &str| usize::from_str_radix(text, 16).expect("an address");
    let holds =
        |range: &str| range.split_once('-').is_some_and(|(from, to)| (number(from)..number(to)).contains(&address));
    let line = maps.lines().find(|line| line.split(' ').next().is_some_and(holds));
    line.and_then(|line| line.split(' ').nth(1)).unwrap_or("none").to_owned()
}

#[test]
fn a_guard_page_lies_below_every_stack() {
    let _alone = alone();
    static GATE: AtomicU32 = AtomicU32::new(1);
    let task = start(&PROCESS, wait_at, &GATE);
    let stack = task.stack().expect("a stack");
    let places = [stack.guard(), stack.base() - 1, stack.base(), stack.pointer(usize::MAX), stack.top() - 1];
    assert_eq!(places.map(rights), ["---p", "---p", "rw-p", "rw-p", "rw-p"]);
    assert_eq!(task.join(), Ok(Ended::Exited(0)));
}

#[test]
fn a_thread_is_in_this_process_and_a_process_is_not() {
    let _alone = alone();
    static IDS: [AtomicUsize; 2] = [const { AtomicUsize::new(0) }; 2];
    for (plan, is_thread) in [(&THREAD, true), (&PROCESS, false)] {
        let task = start(plan, record_ids, &IDS);
        let id = task.tid;
        assert_eq!(task.join(), Ok(Ended::Exited(0)));
        let [pid, tid] = IDS.each_ref().map(|id| id.load(SeqCst));
        assert_eq!((pid == std::process::id() as usize, tid), (is_thread, id.number()));
        assert_eq!(pid == tid, !is_thread);
    }
}

/// The registers of a task that records them, and where it was started; none if the kernel has no such call here.
fn recorded(call: &'static Call) -> Option<([usize; 2], usize)> {
    static REGISTERS: [AtomicUsize; 2] = [const { AtomicUsize::new(1) }; 2];
    let mut task = task(call);
    let stack = task.obtain_stack().unwrap_or_else(|_| panic!("no stack"));
    let range = stack.as_ref().map(|stack| stack.base()..stack.top()).expect("a stack");
    let entry: Entry<[AtomicUsize; 2]> = record_registers;
    let child = match task.make(stack, entry, &REGISTERS) {
        Ok(child) => child,
        Err(failure) if failure.call_errno() == Some(Errno::ENOSYS) => return None,
        Err(failure) => panic!("refused: {failure:?}"),
    };
    assert!(range.contains(&task.child_stack), "{:#x} is elsewhere", task.child_stack);
    assert_eq!(task.child_stack % 16, 0);
    let words = task.frame.expect("a frame").words().map(|(_, word)| word);
    assert_eq!(words, [entry as usize, &raw const REGISTERS as usize, task.exit_call(), 0]);
    assert_eq!(child.join(), Ok(Ended::Exited(0)));
    Some((REGISTERS.each_ref().map(|register| register.load(SeqCst)), task.child_stack))
}

/// The struct of clone3(2) has had several lengths, and zeros may stand behind the last one.
#[test]
fn clone3_by_structs_of_all_lengths() {
    let _alone = alone();
    for size in [64, 80, 88, 96, 4096] {
        let call = Box::leak(Box::new(Call { size, ..Call::usual(Api::Clone3, Flags::VM) }));
        let Some((registers, start)) = recorded(call) else {
            return skip::skip("clone3(2) is not allowed here");
        };
        assert_eq!(registers, [start + 8, 0], "two words are taken, and the call pushed one");
    }
}

#[test]
fn a_task_starts_where_its_stack_is_said_to_end() {
    let _alone = alone();
    for api in [Api::Clone, Api::Clone3] {
        for size in [4096, 4100, 0x8000, HIGHEST - 1, HIGHEST, SIZE, usize::MAX] {
            let stack = StackOf::Own(size);
            let call = Box::leak(Box::new(Call { stack, ..Call::usual(api, Flags::VM) }));
            let Some((registers, start)) = recorded(call) else {
                return skip::skip("clone3(2) is not allowed here");
            };
            assert_eq!(registers, [start + 8, 0], "{api:?} {size}");
            let stack = start_of_spare();
            assert_eq!(start - stack, call.room_below(HIGHEST), "{api:?} {size}");
        }
    }
}

/// The lowest address of the stack that the next task gets.
fn start_of_spare() -> usize {
    static GATE: AtomicU32 = AtomicU32::new(1);
    let next = start(&PROCESS, wait_at, &GATE);
    let base = next.stack().expect("a stack").base();
    assert_eq!(next.join(), Ok(Ended::Exited(0)));
    base
}

#[test]
fn a_refusal_by_clone3_comes_back() {
    let _alone = alone();
    static GATE: AtomicU32 = AtomicU32::new(1);
    // A size that is no multiple of 8 and too small is refused before anything else: there is no child.
    static TOO_SHORT: Call = Call { size: 7, ..Call::usual(Api::Clone3, Flags::VM) };
    let mut refused = task(&TOO_SHORT);
    let stack = refused.obtain_stack().unwrap_or_else(|_| panic!("no stack"));
    let answer = refused.make(stack, wait_at, &GATE).err().and_then(Failure::call_errno);
    let allowed = [Errno::EINVAL, Errno::ENOSYS, Errno::EPERM].map(Some);
    assert!(allowed.contains(&answer), "{answer:?}");
    assert_eq!(refused.tid, None);
}

/// How often the storm's handler has run.
static CAUGHT: AtomicUsize = AtomicUsize::new(0);

extern "C" fn catch(_: libc::c_int) {
    CAUGHT.fetch_add(1, Relaxed);
}

extern "C" fn nothing(_: &'static ()) -> i32 {
    0
}

/// Signals whose handler runs on the stack of the task that they interrupt, as many as another thread can send: the caller never
/// stands on a stack that is the child's, so none of them hits it.
#[test]
fn a_storm_of_caught_signals_does_no_harm() {
    let _alone = alone();
    const TASKS: usize = 10_000;
    // So much is left to the caller between two signals that it gets somewhere.
    const PAUSE: usize = 200;
    let handler = nix::sys::signal::SigHandler::Handler(catch);
    // SAFETY: the handler adds to an atomic, and does nothing else.
    unsafe { nix::sys::signal::signal(nix::sys::signal::SIGUSR2, handler) }.expect("a handler");
    // SAFETY: it only answers.
    let caller = unsafe { libc::pthread_self() } as usize;
    let is_over = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Relaxed) {
                // SAFETY: the thread outlives the scope.
                unsafe { libc::pthread_kill(caller as libc::pthread_t, libc::SIGUSR2) };
                (0..PAUSE).for_each(|_| std::hint::spin_loop());
            }
        });
        let ended = (0..TASKS).map(|number| {
            let plan = if number % 2 == 0 { &PROCESS } else { &THREAD };
            start(plan, nothing, &()).join()
        });
        let odd: Vec<_> = ended.filter(|ended| *ended != Ok(Ended::Exited(0))).collect();
        is_over.store(true, Relaxed);
        assert!(odd.is_empty(), "{} of {TASKS}: {:?}", odd.len(), odd[0]);
    });
    assert!(CAUGHT.load(Relaxed) > TASKS / 10, "a storm of {}", CAUGHT.load(Relaxed));
}
