//! The rules against the kernel: each call is predicted, and then really made by the same process.
//!
//! Nothing is written down of what the kernel answers, and no output is parsed. A worker in each
//! place asks the library for its prediction and the kernel by a call of its own, so that all sets of up to three flags
//! take seconds, and sets and arguments by chance some more. A task that is made ends at once, without a stack.

use crate::common::group::Group;
use crate::common::place::lonely;
use crate::common::skip::skip_part;
use crate::common::who::is_allowed;
use crate::common::{deadline, filter, is_root, oracle};
use chimera::clone::call::{Api, Call, NO_CGROUP, StackOf};
use chimera::clone::flags::{FLAGS, Flags};
use chimera::host::place::Place;
use chimera::rules::amend::{Remedy, amend};
use chimera::rules::rule;
use nix::libc;
use nix::sched::{CloneFlags, unshare};
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::{SigHandler, Signal, killpg, signal};
use nix::unistd::{ForkResult, Gid, Pid, Uid, chdir, chroot, fork, setgroups, setpgid, setresgid, setresuid};
use std::io::{PipeReader, PipeWriter, Write, pipe};
use std::os::fd::IntoRawFd;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// A place: its name, whether only root gets there, and the way.
type Where = (&'static str, bool, fn() -> nix::Result<()>);

/// All sets are tried in so many of the places; in each of the others all of two flags, and every so many of three.
const FULL: usize = 2;
const STEP: usize = 7;

/// What helps against a refusal is tried for every so many of the calls: it takes many questions.
const REMEDIES: usize = 5;

/// Far more than all calls of a place take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// The place whose children go to a PID namespace that has no process yet.
const WAITING: &str = "other ids for children";

const PLACES: &[Where] = &[
    ("here", false, || Ok(())),
    ("uid 65534", true, nobody),
    ("uid 1000", true, || user(1000)),
    ("root without CAP_SYS_ADMIN", true, || rights(|capability| capability != CAP_SYS_ADMIN)),
    ("CAP_CHECKPOINT_RESTORE alone", true, || rights(|capability| capability == CAP_CHECKPOINT_RESTORE)),
    ("a nested user namespace", false, || root_of_new().and_then(|()| root_of_new())),
    ("a nested PID namespace, without its owner's rights", true, || {
        unshare(CloneFlags::CLONE_NEWPID).and_then(|()| init()).and_then(|()| root_of_new())
    }),
    ("a chroot", true, || chroot(c"/tmp").and_then(|()| chdir(c"/"))),
    ("a chroot, uid 65534", true, || chroot(c"/tmp").and_then(|()| chdir(c"/")).and_then(|()| nobody())),
    ("process 1", true, || unshare(CloneFlags::CLONE_NEWPID).and_then(|()| init())),
    ("a lost process 1", true, || unshare(CloneFlags::CLONE_NEWPID).and_then(|()| init_that_ends())),
    (WAITING, true, || unshare(CloneFlags::CLONE_NEWPID)),
    ("a user namespace without names", false, || unshare(CloneFlags::CLONE_NEWUSER)),
    ("a container's filter", false, filter::container),
    ("a container's filter, uid 65534", true, || nobody().and_then(|()| filter::container())),
    ("no task left", true, || setrlimit(Resource::RLIMIT_NPROC, 1, 1).and_then(|()| user(lonely()))),
    ("no UTS and time namespaces", false, || unshare(CloneFlags::CLONE_NEWUSER).and_then(|()| none_left())),
];

/// Becomes this user, with no right left.
fn user(id: u32) -> nix::Result<()> {
    setgroups(&[])?;
    setresgid(Gid::from_raw(id), Gid::from_raw(id), Gid::from_raw(id))?;
    setresuid(Uid::from_raw(id), Uid::from_raw(id), Uid::from_raw(id))
}

fn nobody() -> nix::Result<()> {
    user(65534)
}

const CAP_SYS_ADMIN: u32 = 21;
const CAP_CHECKPOINT_RESTORE: u32 = 40;

/// Keeps those of the caller's capabilities of which this is true.
fn rights(is_kept: impl Fn(u32) -> bool) -> nix::Result<()> {
    let kept = (0..=CAP_CHECKPOINT_RESTORE).filter(|capability| is_kept(*capability));
    let mask = kept.fold(0u64, |mask, capability| mask | 1 << capability);
    let mask = [mask as u32, (mask >> 32) as u32];
    // Version 3 of linux/capability.h, of the caller; then effective, permitted and inheritable, twice.
    let (mut header, mut sets) = ([0x2008_0522u32, 0], [[0u32; 3]; 2]);
    // SAFETY: the kernel writes two structs of three words, and at most the header.
    let answer = unsafe { libc::syscall(libc::SYS_capget, header.as_mut_ptr(), sets.as_mut_ptr()) };
    nix::errno::Errno::result(answer)?;
    for (set, mask) in sets.iter_mut().zip(mask) {
        *set = [set[1] & mask, set[1] & mask, 0];
    }
    // SAFETY: the kernel reads the same.
    let answer = unsafe { libc::syscall(libc::SYS_capset, header.as_ptr(), sets.as_ptr()) };
    nix::errno::Errno::result(answer).map(drop)
}

/// Becomes root of a new user namespace.
fn root_of_new() -> nix::Result<()> {
    let own = (nix::unistd::geteuid(), nix::unistd::getegid());
    unshare(CloneFlags::CLONE_NEWUSER)?;
    let write = |name: &str, text: String| {
        std::fs::write(format!("/proc/self/{name}"), text).map_err(|_| nix::errno::Errno::EACCES)
    };
    write("setgroups", "deny".into())?;
    write("uid_map", format!("0 {} 1", own.0))?;
    write("gid_map", format!("0 {} 1", own.1))
}

/// Goes on in a child; this process reaps what comes, and ends with it.
fn init() -> nix::Result<()> {
    // SAFETY: this process has one thread.
    match unsafe { fork() }? {
        ForkResult::Child => Ok(()),
        ForkResult::Parent { child } => reap_until(child.as_raw()),
    }
}

/// Goes on here when the first child of the new namespace has ended.
fn init_that_ends() -> nix::Result<()> {
    // SAFETY: as above.
    if let ForkResult::Parent { child } = unsafe { fork() }? {
        return nix::sys::wait::waitpid(child, None).map(drop);
    }
    // SAFETY: ends this process.
    unsafe { libc::_exit(0) }
}

fn none_left() -> nix::Result<()> {
    for name in ["uts", "time"] {
        std::fs::write(format!("/proc/sys/user/max_{name}_namespaces"), "0").map_err(|_| nix::errno::Errno::EACCES)?;
    }
    Ok(())
}

/// Reaps everything until this child has ended.
fn reap_until(child: i32) -> ! {
    loop {
        // SAFETY: no memory is passed, and no other thread waits here.
        let reaped = unsafe { libc::waitpid(-1, std::ptr::null_mut(), libc::__WALL) };
        if reaped == child || reaped == -1 {
            // SAFETY: ends this process.
            unsafe { libc::_exit(0) }
        }
    }
}

/// What the kernel answers to a call, by instructions of our own: the child ends before it touches any memory.
fn kernel(call: &Call) -> i32 {
    static STACK: [AtomicU32; 1024] = [const { AtomicU32::new(0) }; 1024];
    static WORDS: [AtomicU32; 3] = [const { AtomicU32::new(0) }; 3];
    let [parent_tid, child_tid, pidfd] = WORDS.each_ref().map(|word| word.as_ptr() as u64);
    WORDS.iter().for_each(|word| word.store(u32::MAX, Relaxed));
    let base = STACK.as_ptr() as u64;
    let tls = call.tls.map_or(base, |tls| tls as u64);
    let stack = if call.has_stack() { base } else { 0 };
    // The struct, with zeros behind it.
    let mut long = [0u64; 513];
    let size = match call.stack {
        StackOf::Own(size) => size as u64 & !15,
        _ if stack == 0 => 0,
        _ => 4096,
    };
    let set_tid = if call.set_tid.is_empty() { 0 } else { call.set_tid.as_ptr() as u64 };
    let known = [call.flags.bits(), pidfd, child_tid, parent_tid, call.exit_signal, stack, size, tls, set_tid];
    long[..9].copy_from_slice(&known);
    long[9..11].copy_from_slice(&[call.set_tid.len() as u64, call.cgroup]);
    let is_clone3 = call.api == Api::Clone3;
    let arguments = if is_clone3 {
        [long.as_ptr() as u64, call.size as u64, 0, 0, 0]
    } else {
        let top = if stack == 0 { 0 } else { base + 4096 };
        [call.first_argument() as u64, top, parent_tid, child_tid, tls]
    };
    let answer = oracle::call(if is_clone3 { libc::SYS_clone3 } else { libc::SYS_clone }, arguments);
    if answer < 0 {
        return -answer as i32;
    }
    if !call.flags.intersects(Flags::THREAD | Flags::PARENT) {
        // SAFETY: no memory is passed.
        unsafe { libc::waitpid(answer as i32, std::ptr::null_mut(), libc::__WALL) };
    }
    let descriptor = WORDS[if is_clone3 { 2 } else { 0 }].load(Relaxed);
    if call.flags.contains(Flags::PIDFD) && descriptor != u32::MAX {
        // SAFETY: the kernel has just opened it for us.
        unsafe { libc::close(descriptor as i32) };
    }
    0
}

/// Predicts and makes each call in a place; the answer is how many there were of which kind, and where the two differ.
fn hold(place: &Where, calls: &[Call]) -> (String, Vec<String>) {
    let (reader, writer) = pipe().expect("a pipe");
    // SAFETY: the child takes nothing that another thread may hold but the heap, which the C library sees to.
    match unsafe { fork() }.expect("a child") {
        ForkResult::Parent { child } => {
            drop(writer);
            let _ = setpgid(child, child); // it does so itself as well: whoever comes first
            let lines = read_all(reader, child);
            nix::sys::wait::waitpid(child, None).expect("the child");
            let mut lines: Vec<String> = lines.lines().map(str::to_owned).collect();
            let counts = lines.pop().expect("a worker that came to its end");
            (counts, lines)
        }
        ForkResult::Child => {
            let _ = setpgid(Pid::from_raw(0), Pid::from_raw(0)); // nothing refuses it to a new process
            // Its siblings (CLONE_PARENT) are to be reaped too, so there is a process between the test and the worker.
            work(init().and_then(|()| (place.2)()), calls, writer);
            // SAFETY: ends this process.
            unsafe { libc::_exit(0) }
        }
    }
}

/// Reads to the end; kills the group and panics if that is late.
fn read_all(mut reader: PipeReader, group: Pid) -> String {
    let mut all = Vec::new();
    if !deadline::read_until(&mut reader, &mut all, Instant::now() + PATIENCE) {
        let _ = killpg(group, Signal::SIGKILL); // it may have ended in this very moment
        panic!("too late after {PATIENCE:?}: {}", String::from_utf8_lossy(&all));
    }
    String::from_utf8(all).expect("ASCII")
}

/// The worker.
fn work(entered: nix::Result<()>, calls: &[Call], mut out: PipeWriter) {
    for which in Signal::iterator().filter(|which| *which != Signal::SIGCHLD) {
        // SAFETY: no handler.
        let _ = unsafe { signal(which, SigHandler::SigIgn) };
    }
    for realtime in 34..65 {
        // SAFETY: likewise.
        unsafe { libc::signal(realtime, libc::SIG_IGN) };
    }
    if let Err(errno) = entered {
        let _ = writeln!(out, "no way there: {errno}");
    }
    let here = Place::here();
    let (mut refused, mut by_ids, mut by_cgroups) = (0, 0, 0);
    for (number, call) in calls.iter().enumerate() {
        let verdict = rule::predict(call, &here).expect("the kernel can be asked");
        let predicted = verdict.expected.errno().map_or(0, |errno| errno.number() as i32);
        let answer = kernel(call);
        refused += usize::from(answer != 0);
        by_ids += usize::from(verdict.rule().is_some_and(|rule| rule.id == "F5"));
        by_cgroups += usize::from(verdict.rule().is_some_and(|rule| rule.id == "F8"));
        let mut tell = |what: &str, call: &Call, predicted: i32, answer: i32| {
            let rule = verdict.rule().map(|rule| rule.id);
            let [predicted, answer] = [predicted, answer].map(nix::errno::Errno::from_raw);
            let _ = writeln!(out, "{what} {}: {predicted:?} by {rule:?}, {answer:?}", spelled(call));
        };
        if predicted != answer {
            tell("call", call, predicted, answer);
        }
        if predicted != 0 && number.is_multiple_of(REMEDIES) {
            let Remedy::Call(better) = amend(call, &here).expect("likewise") else { continue };
            let answer = kernel(&better);
            if answer != 0 {
                tell("remedy", &better, 0, answer);
            }
        }
    }
    let [refused, ids, cgroups] = [refused, by_ids, by_cgroups];
    let _ = writeln!(out, "{} calls, {refused} refused: {ids} for ids, {cgroups} for cgroups", calls.len());
}

/// A call in words.
fn spelled(call: &Call) -> String {
    let ids: Vec<u32> = call.set_tid.iter().map(|id| id.load(Relaxed)).collect();
    let Call { api, exit_signal, stack, tls, cgroup, size, .. } = call;
    let flags = names(call.flags);
    format!("{api:?} {flags} signal {exit_signal} {stack:?} tls {tls:x?} ids {ids:?} cgroup {cgroup} size {size}")
}

fn names(flags: Flags) -> String {
    let named = FLAGS.iter().filter(|flag| flags.contains(flag.bit));
    let mut names: Vec<String> = named.clone().map(|flag| flag.name.to_owned()).collect();
    let rest = named.fold(flags, |rest, flag| rest - flag.bit);
    if !rest.is_empty() {
        names.push(format!("{:#x}", rest.bits()));
    }
    names.join("|")
}

/// All sets of up to so many flags, by both calls.
fn sets(size: usize) -> Vec<Call> {
    let mut calls = Vec::new();
    for api in [Api::Clone, Api::Clone3] {
        let all: Vec<u64> = FLAGS
            .iter()
            .map(|flag| flag.bit.bits())
            .filter(|bit| api == Api::Clone3 || (256..1 << 32).contains(bit))
            .collect();
        let mut sets = vec![(0, 0)];
        for _ in 0..size {
            let longer = |&(bits, next): &(u64, usize)| {
                (next..all.len()).map({
                    let all = &all;
                    move |at| (bits | all[at], at + 1)
                })
            };
            sets = sets.iter().flat_map(longer).collect();
            calls.extend(sets.iter().map(|(bits, _)| Call::usual(api, Flags::from_bits_retain(*bits))));
        }
        calls.push(Call::usual(api, Flags::empty()));
    }
    calls
}

/// Whether this user gets to a place here; if not, the reason is told.
fn is_possible(place: &Where) -> bool {
    let refused = if place.1 && !is_root() {
        "only root gets there"
    } else if place.0.contains("namespace") && !is_allowed(None) {
        "user namespaces are forbidden here"
    } else {
        return true;
    };
    skip_part(format!("{}: {refused}", place.0));
    false
}

/// One test after another: one place forbids all further tasks of its user.
static ALONE: Mutex<()> = Mutex::new(());

/// Tries the calls of each place there. Namespaces are waited for more than worked at, so several places at once.
#[track_caller]
fn everywhere(calls: impl Fn(usize) -> Vec<Call> + Sync) {
    let _alone = ALONE.lock();
    let places: Vec<_> = PLACES.iter().enumerate().filter(|(_, place)| is_possible(place)).collect();
    let (next, all) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(&(number, place)) = places.get(next.fetch_add(1, Relaxed)) {
            let (counts, faults) = hold(place, &calls(number));
            eprintln!("{}: {counts}; {} differ", place.0, faults.len());
            all.lock().unwrap().extend(faults.iter().take(25).map(|fault| format!("{}: {fault}", place.0)));
        }
    };
    std::thread::scope(|scope| (0..6).for_each(|_| _ = scope.spawn(work)));
    let all = all.into_inner().unwrap();
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn all_sets_of_up_to_three_flags() {
    let all = sets(3);
    everywhere(|place| {
        let is_tried = |&(number, call): &(usize, &Call)| {
            place < FULL || call.flags.bits().count_ones() < 3 || number.is_multiple_of(STEP)
        };
        all.iter().enumerate().filter(is_tried).map(|(_, call)| *call).collect()
    });
}

/// xorshift64*, from a seed that is printed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

/// Cgroups by their descriptors, which stay open: that of none, what is none, and groups of the test's own.
struct Groups(Vec<u64>, #[allow(dead_code, reason = "removed when this is dropped")] Option<Group>);

impl Groups {
    fn new() -> Self {
        let open = |path: &str| std::fs::File::open(path).map_or(NO_CGROUP, |file| file.into_raw_fd() as u64);
        let mut all = vec![NO_CGROUP, open("/"), open("/sys/fs/cgroup"), open("/sys/fs/cgroup/pids")];
        let group = Group::new();
        if let Some(group) = &group {
            all.push(open(group.path()));
            // A threaded group beside another makes that one invalid.
            let [plain, threaded, beside] =
                ["plain", "threads/threaded", "threads/beside"].map(|name| group.below(name));
            group.write("threads/threaded/cgroup.type", "threaded");
            all.extend([plain, threaded, beside].map(|path| open(&path)));
            let removed = group.below("removed");
            all.push(open(&removed));
            std::fs::remove_dir(&removed).expect("an empty group");
            if let Some(controller) = group.domain_controller() {
                group.write("cgroup.subtree_control", &format!("+{controller}"));
            }
        }
        Self(all, group)
    }
}

/// Calls by chance in a place. Each place has ids of its own to choose, or one would take another's.
fn by_chance(count: usize, seed: u64, place: usize, groups: &[u64]) -> Vec<Call> {
    let mut chance = Chance(seed);
    let free = 20_000 + 50 * place as u32;
    let ids: [&'static [AtomicU32]; 14] = [
        &[][..],
        &[0],
        &[1],
        &[1, 1],
        &[1, 0],
        &[7],
        &[free],
        &[1, free + 1],
        &[1, free + 2, free + 3],
        &[1, 1 << 22],
        &[free + 4, 1],
        &[1, 1, 1, 1],
        &[1 << 22],
        &[1; 33],
    ]
    .map(|ids: &[u32]| &*ids.iter().map(|id| AtomicU32::new(*id)).collect::<Vec<_>>().leak());
    (0..count)
        .map(|_| {
            let api = chance.one(&[Api::Clone, Api::Clone3, Api::Clone3]);
            let mut flags = 0;
            for _ in 0..chance.below(7) {
                flags |= FLAGS[chance.below(FLAGS.len())].bit.bits();
            }
            if chance.below(16) == 0 {
                flags |= 1 << (8 + chance.below(56));
            }
            let mut call = Call::usual(api, Flags::from_bits_retain(flags));
            if api == Api::Clone3 && chance.below(2) == 0 {
                // What few flags stand in the way of: ids and cgroups.
                let none = Flags::empty();
                let namespaces =
                    chance.one(&[none, none, Flags::NEWPID, Flags::NEWUSER, Flags::NEWUSER | Flags::NEWPID]);
                let thread = Flags::VM | Flags::SIGHAND | Flags::THREAD;
                let flags = namespaces | chance.one(&[none, none, Flags::VM, thread]);
                call = Call::usual(api, flags | chance.one(&[none, Flags::INTO_CGROUP]));
                call.set_tid = chance.one(&ids);
                call.cgroup = chance.one(groups);
                return call;
            }
            if chance.below(3) == 0 {
                call.exit_signal = chance.one(&[0, 0, 1, 10, 17, 34, 64, 65, 128, 129, 255, 256, 1 << 32]);
                if api == Api::Clone {
                    call.exit_signal &= 0xff;
                }
            }
            if chance.below(4) == 0 {
                call.stack = chance.one(&[
                    StackOf::Caller,
                    StackOf::Own(0),
                    StackOf::Own(15),
                    StackOf::Own(16),
                    StackOf::Own(4096),
                ]);
            }
            if chance.below(4) == 0 {
                call.tls = chance.one(&[
                    Some(0),
                    Some(4096),
                    Some(0x7fff_ffff_efff),
                    Some(0x7fff_ffff_f000),
                    Some(usize::MAX),
                ]);
            }
            if api == Api::Clone3 {
                if chance.below(4) == 0 {
                    call.set_tid = chance.one(&ids);
                }
                if chance.below(2) == 0 {
                    call.cgroup = chance.one(groups);
                }
                if chance.below(8) == 0 {
                    call.size = chance.one(&[0, 63, 64, 68, 72, 79, 80, 81, 87, 88, 89, 96, 4096, 4097, 8192]);
                }
            }
            call
        })
        .collect()
}

/// By default a second's worth; COUNT=500 takes longer.
#[test]
fn sets_and_arguments_by_chance() {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let seed = number("SEED").unwrap_or(1);
    let count = number("COUNT").unwrap_or(120);
    eprintln!("SEED={seed} COUNT={count}");
    let Groups(groups, _group) = &Groups::new();
    // Ids in namespaces further out cannot all be seen in a PID namespace that waits for its first process.
    let is_known = |place: usize, call: &Call| call.set_tid.len() < 3 || PLACES[place].0 != WAITING;
    everywhere(|place| {
        let calls = by_chance(count as usize, seed, place, groups);
        calls.into_iter().filter(|call| is_known(place, call)).collect()
    });
}

/// Ids for the first process of a PID namespace, which a probe must not use up: each call has a namespace of its own.
#[test]
fn ids_of_a_namespace_that_waits() {
    let _alone = ALONE.lock();
    let places: [Where; 4] = [
        ("namespaces that wait", true, || unshare(CloneFlags::CLONE_NEWPID)),
        ("namespaces that wait, without rights", true, || {
            unshare(CloneFlags::CLONE_NEWPID).and_then(|()| rights(|_| false))
        }),
        ("namespaces that wait, with CAP_CHECKPOINT_RESTORE", true, || {
            unshare(CloneFlags::CLONE_NEWPID).and_then(|()| rights(|capability| capability == CAP_CHECKPOINT_RESTORE))
        }),
        ("namespaces of a user namespace that wait", false, || {
            root_of_new().and_then(|()| unshare(CloneFlags::CLONE_NEWPID))
        }),
    ];
    let ids: [&[u32]; 11] =
        [&[1], &[2], &[0], &[1, 31_000], &[1, 1], &[1, 0], &[1, 1 << 22], &[31_001, 1], &[1; 3], &[1; 32], &[1, 2, 3]];
    for place in places.iter().filter(|place| is_possible(place)) {
        for ids in ids {
            let set_tid = ids.iter().map(|id| AtomicU32::new(*id)).collect::<Vec<_>>().leak();
            let call = Call { set_tid, ..Call::usual(Api::Clone3, Flags::empty()) };
            let (_, faults) = hold(place, &[call]);
            assert!(faults.is_empty(), "{}: {}", place.0, faults.join("\n"));
        }
    }
}
