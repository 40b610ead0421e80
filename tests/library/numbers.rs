//! Numbers with a type: errnos, signals, ids, descriptors, wait statuses, and what tasks leave for each other by them.
//!
//! Each is held against the C library, or against the range that the kernel gives it, over every
//! number that there is; where there are too many, random ones stand for the rest.

use crate::common::skip::skip;
use chimera::board::Board;
use chimera::board::fact::{Fact, FailedStep};
use chimera::error::{At, Failure, Step, Why};
use chimera::sys::signal::{Disposition, disposition};
use chimera::sys::wait::{Change, Status};
use chimera::sys::{Errno, Fd, Pid, RawFd, Signal, file, ids};
use nix::libc;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// The highest errno, MAX_ERRNO of linux/err.h.
const HIGHEST: usize = 4095;

/// The highest number of a task and of a descriptor.
const LAST: usize = i32::MAX as usize;

/// Random inputs, none of which are kept in files.
fn cases(count: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(count) }
}

fn errno(number: usize) -> Errno {
    Errno::new(number).expect("an errno")
}

/// Numbers of which many lie about the ends of what bytes, words and registers hold.
fn number() -> impl Strategy<Value = usize> {
    let bits = prop::sample::select(&[0, 6, 7, 8, 12, 16, 31, 32, 63u32]);
    let around = (bits, -2..3isize).prop_map(|(bits, more)| (1usize << bits).wrapping_add_signed(more));
    prop_oneof![2 => any::<usize>(), 2 => around, 1 => 0..5000usize, 1 => (usize::MAX - 5000)..=usize::MAX]
}

proptest! {
    #![proptest_config(cases(3000))]

    #[test]
    fn each_number_has_its_range(number in number()) {
        let within = |range: std::ops::RangeInclusive<usize>| range.contains(&number).then_some(number);
        prop_assert_eq!(Errno::new(number).map(|errno| errno.number()), within(1..=HIGHEST));
        prop_assert_eq!(Signal::new(number).map(Signal::number), within(1..=127));
        prop_assert_eq!(Pid::new(number).map(Pid::number), within(1..=LAST));
        prop_assert_eq!(RawFd::new(number).map(RawFd::number), within(0..=LAST));
    }
}

#[test]
fn the_ends_of_the_ranges_belong_to_them() {
    assert_eq!([0, 1, HIGHEST, HIGHEST + 1].map(|number| Errno::new(number).is_some()), [false, true, true, false]);
    assert_eq!([0, 1, 127, 128, 257].map(|number| Signal::new(number).is_some()), [false, true, true, false, false]);
    assert_eq!([0, 1, LAST, LAST + 1].map(|number| Pid::new(number).is_some()), [false, true, true, false]);
    assert_eq!([0, LAST, LAST + 1, 1 << 32].map(|number| RawFd::new(number).is_some()), [true, true, false, false]);
    assert_eq!([RawFd::OUT, RawFd::ERR].map(RawFd::number), [1, 2]);
}

/// All that Linux has on x86-64: 1 to 133 without 41 and 58, which are other names of 11 and 35.
const ERRNOS: usize = 131;

#[test]
fn every_errno_has_the_name_and_the_text_of_the_c_library() {
    let mut named = 0;
    for number in 1..=HIGHEST {
        let told = errno(number).name();
        assert_eq!(errno(number).number(), number);
        let theirs = nix::errno::Errno::from_raw(number as i32);
        if theirs == nix::errno::Errno::UnknownErrno {
            assert_eq!(told, None, "{number}");
            continue;
        }
        let text = std::io::Error::from_raw_os_error(number as i32).to_string();
        let text = text.strip_suffix(&format!(" (os error {number})")).expect("std's way to say it");
        assert_eq!(told, Some((format!("{theirs:?}").as_str(), text)), "{number}");
        named += 1;
    }
    assert_eq!(named, ERRNOS);
}

#[test]
fn constants_have_the_numbers_of_the_kernel() {
    assert_eq!([Errno::EPERM, Errno::ENOSYS, Errno::EHWPOISON].map(Errno::number), [1, 38, 133]);
    let signals = [Signal::HUP, Signal::INT, Signal::QUIT, Signal::KILL, Signal::SEGV, Signal::PIPE, Signal::CHLD];
    let more = [Signal::CONT, Signal::STOP, Signal::TSTP, Signal::TTIN, Signal::TTOU, Signal::URG, Signal::XFSZ];
    let theirs =
        [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGKILL, libc::SIGSEGV, libc::SIGPIPE, libc::SIGCHLD];
    let more_of_theirs =
        [libc::SIGCONT, libc::SIGSTOP, libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU, libc::SIGURG, libc::SIGXFSZ];
    assert_eq!(signals.map(Signal::number), theirs.map(|number| number as usize));
    assert_eq!(more.map(Signal::number), more_of_theirs.map(|number| number as usize));
    assert_eq!(Signal::WINCH.number(), libc::SIGWINCH as usize);
}

#[test]
fn a_set_has_a_bit_for_each_signal_that_there_is() {
    for number in 1..=127 {
        let set = Signal::new(number).expect("a number").set();
        assert_eq!(set, if number <= 64 { 1 << (number - 1) } else { 0 }, "{number}");
    }
}

/// What a register of the kernel means: a result, or one of 4095 errors. A filter answers a call with the errno that is the
/// call's first argument; 0 is success.
#[test]
fn every_errno_of_the_kernel_arrives() {
    let told = std::thread::spawn(|| {
        answer_what_is_asked().map_err(|errno| format!("no filter can be set here: {errno}"))?;
        let told: Vec<_> = (0..=HIGHEST).map(ids::keep_uid).collect();
        Ok::<_, String>(told)
    });
    match told.join().expect("a thread") {
        Ok(told) => {
            assert_eq!(told[0], Ok(()));
            (1..=HIGHEST).for_each(|number| assert_eq!(told[number], Err(errno(number))));
        }
        Err(reason) => skip(reason),
    }
}

/// Sets a filter for this thread alone: setresuid(2) answers the errno that is its first argument.
fn answer_what_is_asked() -> nix::Result<()> {
    let line = |code: u32, jt: u8, jf: u8, k: u32| libc::sock_filter { code: code as u16, jt, jf, k };
    let load = libc::BPF_LD | libc::BPF_W | libc::BPF_ABS;
    let mut filter = [
        line(load, 0, 0, 0), // the number of the call
        line(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 0, 3, libc::SYS_setresuid as u32),
        line(load, 0, 0, 16), // the low half of the first argument
        line(libc::BPF_ALU | libc::BPF_OR | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ERRNO),
        line(libc::BPF_RET | libc::BPF_A, 0, 0, 0),
        line(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ALLOW),
    ];
    let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };
    nix::sys::prctl::set_no_new_privs()?;
    // SAFETY: the kernel copies the program.
    let result = unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program) };
    nix::errno::Errno::result(result).map(drop)
}

/// What the C library makes of a wait status; none: it is none of its kinds.
fn change(status: i32) -> Option<Change> {
    let signal = |number: i32| Signal::new(number as usize);
    if libc::WIFCONTINUED(status) {
        Some(Change::Continued)
    } else if libc::WIFEXITED(status) {
        Some(Change::Exited(libc::WEXITSTATUS(status)))
    } else if libc::WIFSIGNALED(status) {
        signal(libc::WTERMSIG(status)).map(Change::Killed)
    } else {
        libc::WIFSTOPPED(status).then(|| Change::Stopped(signal(libc::WSTOPSIG(status))))
    }
}

#[test]
fn every_wait_status_means_what_the_c_library_says() {
    let mut known = 0;
    for status in 0..=0xffff {
        let Some(right) = change(status) else {
            // The kernel has no such status: a core where nothing has died.
            assert_eq!(status & 0xff, 0xff, "{status:#x}");
            continue;
        };
        let ours = Status(status as usize);
        assert_eq!(ours.change(), right, "{status:#x}");
        let killed = if let Change::Killed(signal) = right { Some(signal) } else { None };
        assert_eq!(ours.killed_by(), killed, "{status:#x}");
        known += 1;
    }
    assert_eq!(known, 0x1_0000 - 0xff);
    // A tracer is told more, in the bits above.
    let event = libc::PTRACE_EVENT_CLONE << 16 | libc::SIGTRAP << 8 | 0x7f;
    assert_eq!(Status(event as usize).change(), Change::Stopped(Signal::new(libc::SIGTRAP as usize)));
}

/// A board that holds nothing but this.
fn board<R: chimera::board::record::Record>() -> &'static R {
    Board::<R>::new().expect("a board").record()
}

/// What a fact tells, in all ways.
type Told = (Option<Result<usize, Errno>>, Result<usize, Errno>, Option<usize>, Option<Errno>);

fn told(fact: &Fact) -> Told {
    (fact.get(), fact.result(), fact.number(), fact.errno())
}

/// What it must tell of a result, or of none.
fn right(left: Option<Result<usize, Errno>>) -> Told {
    (left, left.unwrap_or(Err(Errno::ENODATA)), left.and_then(Result::ok), left.and_then(Result::err))
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn a_fact_is_what_was_left_last(
        results in prop::collection::vec(prop_oneof![number().prop_map(Ok), (1..=HIGHEST).prop_map(Err)], 0..100),
        wipes in any::<u128>(),
    ) {
        let facts = board::<[Fact; 2]>();
        prop_assert_eq!(told(&facts[0]), right(None));
        for (place, result) in results.into_iter().enumerate() {
            let result = result.map_err(errno);
            facts[0].put(result);
            prop_assert_eq!(told(&facts[0]), right(Some(result)));
            prop_assert_eq!(facts[0].pid(), result.ok().and_then(Pid::new));
            prop_assert_eq!(facts[0].descriptor(), result.ok().and_then(RawFd::new));
            if wipes >> place & 1 == 1 {
                facts[0].wipe();
                prop_assert_eq!(told(&facts[0]), right(None));
            }
        }
        prop_assert_eq!(told(&facts[1]), right(None), "its neighbour");
    }
}

#[test]
fn a_fact_holds_every_errno_and_no_number_is_one() {
    let fact = board::<Fact>();
    assert_eq!(told(fact), right(None));
    for number in 1..=HIGHEST {
        fact.put(Err::<usize, _>(errno(number)));
        assert_eq!(told(fact), right(Some(Err(errno(number)))));
        for number in [number, number.wrapping_neg()] {
            fact.put(Ok(number));
            assert_eq!(told(fact), right(Some(Ok(number))));
        }
    }
    for number in [0, u32::MAX as usize, usize::MAX] {
        fact.put(Ok(number));
        assert_eq!(told(fact), right(Some(Ok(number))));
    }
    Board::<Fact>::new().expect("a board").wipe();
    fact.wipe();
    assert_eq!(told(fact), right(None));
}

#[test]
fn each_type_of_a_fact_has_its_number() {
    let fact = board::<Fact>();
    let mut left = Vec::new();
    let mut put = |put: &dyn Fn(&Fact)| {
        put(fact);
        left.push(fact.number());
    };
    put(&|fact| fact.put(Ok(u32::MAX)));
    put(&|fact| fact.put(Ok(true)));
    put(&|fact| fact.put(Ok(false)));
    put(&|fact| fact.put(Ok(())));
    put(&|fact| fact.put(Ok(Pid::new(LAST).expect("an id"))));
    put(&|fact| fact.put(Ok(RawFd::ERR)));
    put(&|fact| fact.put(Ok(Signal::WINCH)));
    assert_eq!(left, [u32::MAX as usize, 1, 0, 0, LAST, 2, 28].map(Some));
    let event = file::event();
    fact.lend(&event);
    assert_eq!(fact.descriptor(), event.as_ref().ok().map(Fd::raw));
    event.and_then(Fd::close).expect("it was not given away");
    fact.lend(&Err(Errno::EMFILE));
    assert_eq!(fact.get(), Some(Err(Errno::EMFILE)));
}

#[test]
fn a_board_is_wiped_whole() {
    let board = Board::<[Fact; 3]>::new().expect("a board");
    board.record().iter().for_each(|fact| fact.put(Ok(1u32)));
    board.wipe();
    assert!(board.record().iter().all(|fact| fact.get().is_none()));
}

#[test]
fn every_step_is_left_with_every_errno() {
    let left = board::<FailedStep>();
    assert_eq!(left.get(), None);
    for step in Step::ALL {
        for number in 1..=HIGHEST {
            let failure = Failure::new(*step, errno(number));
            left.put(failure);
            assert_eq!(left.get(), Some(failure));
        }
        left.wipe();
        assert_eq!(left.get(), None);
    }
    // That a task was killed is left by no task.
    left.put(Failure { step: Step::Killed, why: Why::Signal(Signal::KILL) });
    assert_eq!(left.get(), None);
}

#[test]
fn steps_are_known_by_their_numbers_and_names() {
    for (number, step) in Step::ALL.iter().enumerate() {
        assert_eq!((step.index(), Step::from_index(number)), (number, Some(*step)));
        let name = step.name();
        assert!(!name.is_empty() && name.is_ascii() && name.trim() == name, "{name:?}");
    }
    assert_eq!([Step::ALL.len(), usize::MAX].map(Step::from_index), [None; 2]);
    let names: BTreeSet<_> = Step::ALL.iter().map(|step| step.name()).collect();
    assert_eq!(names.len(), Step::ALL.len(), "two steps have one name");
}

#[test]
fn a_failure_tells_its_errno_and_whether_it_is_the_call_s() {
    let refused = |step| Err::<(), _>(Errno::EPERM).at(step).expect_err("a failure");
    assert_eq!(refused(Step::Board), Failure::new(Step::Board, Errno::EPERM));
    assert_eq!([Step::Call, Step::Board].map(refused).map(Failure::call_errno), [Some(Errno::EPERM), None]);
    assert_eq!([Step::Call, Step::Board].map(refused).map(Failure::errno), [Some(Errno::EPERM); 2]);
    let killed = Failure { step: Step::Call, why: Why::Signal(Signal::SEGV) };
    assert_eq!((killed.errno(), killed.call_errno()), (None, None));
    assert_eq!(Ok(1).at(Step::Board), Ok(1));
}

#[test]
fn no_signal_has_a_number_above_64() {
    assert_eq!(disposition(Signal::new(65).expect("a number")), Err(Errno::EINVAL));
    assert_eq!(disposition(Signal::KILL), Ok(Disposition::DEFAULT));
}
