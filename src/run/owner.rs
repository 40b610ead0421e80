//! The owner of a new user namespace, user_namespaces(7): who makes the namespace owns it. With `--owner` the caller
//! becomes somebody else for good before it makes it; the helper, which was made before, keeps the caller's rights.

use super::ids::id;
use crate::clone::process::has_lost;
use crate::error::{At, Failure, Step};
use crate::host::id_map::Ids;
use crate::sys::{Pid, control, ids};
use crate::text::read::parts;

/// Who is to own the namespace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Owner {
    /// The user id.
    pub user: usize,
    /// The group id.
    pub group: usize,
    /// The word of the command line.
    pub word: &'static [u8],
}

impl Owner {
    /// Parses `USER:GROUP`, names or numbers.
    pub fn read(word: &'static [u8]) -> Option<Self> {
        let mut named = parts(word, b":");
        let (user, group) = (id(Ids::Users, named.next()?)?, id(Ids::Groups, named.next()?)?);
        named.next().is_none().then_some(Self { user, group, word })
    }
}

/// In the process that makes the namespace: becomes the owner, as unshare(1) does, without any group but its own.
pub(super) fn become_owner(owner: Owner) -> Result<(), Failure> {
    let was_dumpable = control::is_dumpable() == Ok(true);
    ids::no_groups().and_then(|()| ids::setgid(owner.group)).at(Step::OwnerGroup)?;
    ids::setuid(owner.user).at(Step::OwnerUser)?;
    if was_dumpable {
        // The files of a process whose ids have changed are root's in proc(5), and root of the new namespace is not
        // that root. If this is refused, so is the step that needs them.
        let _ = control::dumpable();
    }
    Ok(())
}

/// In the helper, the child of `parent`: lets a parent that has become the owner end it. The kernel sends the signal for
/// the parent's end as kill(2) would, for which an id of the sender must be the real one of the helper. Returns whether
/// the parent still lives.
pub(super) fn follow(owner: Owner, parent: Pid) -> bool {
    // If this is refused, so are the ids of the owner, and the parent keeps those that it shares with the helper.
    let _ = ids::set_real_uid(owner.user);
    // An owner that ended just before has sent no signal.
    !has_lost(Some(parent))
}
