//! Holds a sweep back while the kernel has many of its networks still to take down.
//!
//! One thread of the kernel takes networks down, some time after their last tasks (`cleanup_net()`). On a busy machine a
//! sweep would make them faster than they go: they would fill the memory, and user.max_net_namespaces would forbid
//! networks to the user's other programs. So a token is made before each piece: a network, which ends at once, and of
//! which a user namespace of the sweep's own may own only a few. Networks go in the order in which they end. If a token
//! is refused, the oldest one is not gone yet, and neither may be what was made after it.

use crate::board::record::Checking;
use crate::board::{Board, Turn};
use crate::check::ground::Ground;
use crate::check::rules::place::limit;
use crate::clone::flags::{Flags, Kind};
use crate::clone::process::{Process, by_child};
use crate::error::{At, Failure, Step};
use crate::host::namespace::enter_new;
use crate::host::proc::Tasks;
use crate::sys::clock::now;
use crate::sys::{Errno, Fd, file, ids, namespace};

/// How many tokens there may be, and so the networks of how many pieces.
const TOKENS: &[u8] = b"8";

/// How long a refused token is not asked for again, in nanoseconds.
const PAUSE: u64 = 20_000_000;

/// How long tokens may be refused before the sweep is given up, in nanoseconds.
const PATIENCE: u64 = 100_000_000_000;

/// The networks that are still there, as far as tokens tell.
pub struct Networks {
    /// The user namespace that owns the tokens; none if there is nothing to hold back, or no such namespace.
    owner: Option<Fd>,
    /// When the first token in a row was refused, and when the last.
    refused: Option<(u64, u64)>,
}

impl Networks {
    /// No token so far. For sets with these flags, which will be asked here; the board is free meanwhile.
    pub fn new(flags: Flags, ground: &Ground, board: Board<Checking>) -> Self {
        let are_made = flags.contains(Flags::NEWNET) && ground.allows(Kind::Net);
        Self { owner: if are_made { make_owner(board) } else { None }, refused: None }
    }

    /// Whether there is room for the networks of one more piece. ETIMEDOUT: the kernel takes none down.
    pub fn have_room(&mut self) -> Result<bool, Failure> {
        let Some(owner) = &self.owner else { return Ok(true) };
        let time = now().at(Step::Clock)?;
        if self.refused.is_some_and(|(_, last)| time.saturating_sub(last) < PAUSE) {
            return Ok(false);
        }
        // Where a token is refused for another reason, there is nothing that tells.
        if by_child(|| token(owner)) != Ok(FULL) {
            self.refused = None;
            return Ok(true);
        }
        let (first, _) = *self.refused.insert((self.refused.map_or(time, |(first, _)| first), time));
        if time.saturating_sub(first) < PATIENCE {
            Ok(false)
        } else {
            Err(Failure::new(Step::TakeDown, Errno::ETIMEDOUT))
        }
    }
}

/// The status of a process that finds no room for a token.
const FULL: i32 = 1;

/// Makes a token, in a process of its own, which ends then.
fn token(owner: &Fd) -> i32 {
    let made = namespace::enter(owner.raw(), Flags::NEWUSER.bits() as usize)
        .and_then(|()| namespace::unshare(Flags::NEWNET.bits() as usize));
    if made == Err(Errno::ENOSPC) { FULL } else { 0 }
}

/// Makes the user namespace of the tokens, in which a process sets the limit; none if that is refused.
fn make_owner(board: Board<Checking>) -> Option<Fd> {
    board.set_turn(Turn::ChildActs);
    let acts = || {
        if enter_new(Kind::User).is_ok() && limit(Kind::Net, TOKENS).is_ok() {
            // The result does not matter: the caller kills this process when it has opened the file.
            let _ = board.hand_over(1);
        }
        0
    };
    let tasks = Tasks::here()?;
    let made = Process::make_tied(ids::getpid().ok(), 0, 0, acts).ok()?;
    board.await_turn_after(Turn::ChildActs, Some(made.pid())).ok()?;
    let open = || tasks.with_path(made.pid(), [b"ns/", b"user"], |path| file::open(path, file::O_RDONLY));
    if board.is_turn(Turn::ParentLooks) { open().ok() } else { None }
}
