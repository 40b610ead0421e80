//! The board: one shared page on which the two tasks take turns and leave their facts.
//!
//! The decision behind it: the page is MAP_SHARED and its futexes are not private, so it works with and without
//! CLONE_VM and CLONE_FILES and across every namespace, where pipes do not. The turns replace every sleep: the child
//! acts, then the parent looks while the child is held alive, then the child may end.

use crate::clone::flags::{Flags, KINDS};
use crate::clone::task::{Failure, Task, TidWords, await_change};
use crate::sys::memory::{self, FACTS, SharedPage};
use crate::sys::signal;
use crate::sys::{Answer, Errno, Result, futex};
use crate::words::Text;
use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Acquire, Ordering::Relaxed, Ordering::Release};

/// Where the board is asked for, so that the addresses of two runs are equal; the kernel may answer otherwise.
const HINT: usize = 0x2000_0000;

/// The facts that a task leaves: each is a result or an errno. The first six are printed in this order.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
#[allow(missing_docs, reason = "each is the act of the same name in `behaviour`, `effects`, `root` or `laboratory`")]
#[rustfmt::skip]
pub enum Word {
    Ppid, Pid, Tid, Uid, Gid, Counter,
    KeepUid, File, Umask, Disposition,
    Euid, Egid, Setgroups, UidMap, GidMap, RootUid, RootGid, Setuid, Unshare, Sethostname,
    Handled, IoPriority, Semaphore, Socket, Host, Mounts, FsBase, TidAddress, TidWord, NoNewPrivileges, CgroupRoot,
    TimeOffset, Proc, Rule, Refusal, Result, Asleep, Returned, ParentTid, Descriptor, Tls, Stack, Begun, Ended, Gone, Signal, Killed, Exec, Undone, Step,
    /// What the examiner has opened before it made the subject: a file whose owner the child becomes, and itself.
    Owner, Examiner,
    /// The terminal that the parent has opened for itself.
    Terminal,
    /// What the subject has prepared for the child: an IPC namespace, whether the end of a
    /// task takes back there what it has adjusted, and the name of a socket.
    OwnIpc, UndoWorks, SocketName,
    /// The namespaces of a process that asks for new ones, in the order of `KINDS`.
    Kinds,
}

const _: () = assert!(Word::Kinds as usize + KINDS.len() <= FACTS);

/// One task's part of the board.
#[derive(Clone, Copy)]
pub struct Side(pub &'static [AtomicUsize; FACTS]);

impl Side {
    /// Leaves a fact.
    pub fn put(self, word: Word, fact: Answer) {
        self.0[word as usize].store(fact.0, Relaxed);
    }

    /// Reads a fact; ECANCELED if it was never left.
    pub fn get(self, word: Word) -> Answer {
        Answer(self.0[word as usize].load(Relaxed))
    }
}

/// Whose turn it is: the value of the first futex.
pub const CHILD_ACTS: u32 = 0;
/// The child has acted, and is held.
pub const PARENT_LOOKS: u32 = 1;
/// The child may end.
pub const CHILD_ENDS: u32 = 2;
/// The subject of the laboratory has seen all.
pub const SUBJECT_DONE: u32 = 3;
/// The subject of the laboratory waits for its tracer.
pub const SUBJECT_WAITS: u32 = 4;

/// The page, by the names of its parts.
#[derive(Clone, Copy)]
pub struct Board(pub &'static SharedPage);

impl Board {
    /// Makes the page.
    pub fn new() -> core::result::Result<Self, Failure> {
        memory::shared_page(HINT).map(Self).map_err(|errno| Failure { step: Text::Board, errno })
    }

    /// Wipes it for the next child: nothing has been said yet.
    pub fn wipe(self) {
        for word in self.0.words.as_flattened() {
            word.store(Answer::error(Errno::ECANCELED).0, Relaxed);
        }
        self.0.flags.store(0, Relaxed);
        self.0.mask.store(0, Relaxed);
        self.turn().store(CHILD_ACTS, Release);
    }

    /// Where the parent leaves its facts.
    pub fn parent(self) -> Side {
        Side(&self.0.words[1])
    }

    /// Where the child leaves its facts.
    pub fn child(self) -> Side {
        Side(&self.0.words[0])
    }

    /// The flags of the call, as the parent has left them.
    pub fn flags(self) -> Flags {
        Flags::from_bits_retain(self.0.flags.load(Relaxed))
    }

    /// Leaves the flags of the call for the child.
    pub fn set_flags(self, flags: Flags) {
        self.0.flags.store(flags.bits(), Relaxed);
    }

    /// The signals that a program is to have blocked: those that were when chimera began.
    pub fn mask(self) -> signal::Set {
        self.0.mask.load(Relaxed)
    }

    /// Leaves these signals for the program.
    pub fn set_mask(self, mask: signal::Set) {
        self.0.mask.store(mask, Relaxed);
    }

    /// Whose turn it is.
    pub fn turn(self) -> &'static AtomicU32 {
        &self.0.futexes[0]
    }

    /// The words whose addresses clone(2) takes: they outlive every stack.
    pub fn tids(self) -> TidWords {
        TidWords { parent_tid: &self.0.futexes[1], child_tid: &self.0.futexes[2], pidfd: &self.0.futexes[3] }
    }

    /// The child: hands over and sleeps until it may end. A parent that has died does not keep it for ever.
    pub fn hand_over(self) -> Result<()> {
        self.pass_turn(PARENT_LOOKS);
        let waited = await_change(self.turn(), PARENT_LOOKS, None);
        self.turn().store(CHILD_ENDS, Release); // whoever looks from here on does not see it alive
        waited
    }

    /// The parent: sleeps until the child has acted, or has ended if it is a process.
    pub fn await_child(self, child: &Task) -> Result<()> {
        await_change(self.turn(), CHILD_ACTS, if child.is_thread() { None } else { child.tid })
    }

    /// Whether the child is still held: what was seen of it until now was seen alive.
    pub fn is_held(self) -> bool {
        self.turn().load(Acquire) == PARENT_LOOKS
    }

    /// The parent: lets the child end.
    pub fn release(self) {
        self.pass_turn(CHILD_ENDS);
    }

    /// Gives the turn to another and wakes it.
    pub fn pass_turn(self, turn: u32) {
        self.turn().store(turn, Release);
        // A failed wake costs time alone: who sleeps looks by itself every now and then.
        let _ = futex::wake(self.turn());
    }
}
