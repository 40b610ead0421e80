//! As whom the tests run, and what that user may do here.
//!
//! Root tests as itself and drops to every other user; an ordinary user can only be itself.
//! Whether a place forbids user namespaces is asked of unshare(1), for the program under test may not be its own judge.

use super::{MODES, USERS, as_user, chimera, command, is_root, run, skip};
use std::os::unix::fs::MetadataExt;
use std::process::Command;

/// The user that a test runs as; none is the one who started the tests.
pub type Who = Option<u32>;

/// Everybody that these tests can be.
pub fn everybody() -> Vec<Who> {
    if is_root() {
        return std::iter::once(None).chain(USERS.map(Some)).collect();
    }
    skip::skip_part("as other users: the tests do not run as root");
    vec![None]
}

/// `command` as `who`.
pub fn run_as(command: Command, who: Who) -> Command {
    match who {
        Some(id) => as_user(command, id),
        None => command,
    }
}

/// The ELF with `arguments`, as `who`.
pub fn chimera_as(who: Who, arguments: &[&str]) -> Command {
    run_as(chimera(arguments), who)
}

/// The user id and the group id of `who`.
pub fn ids(who: Who) -> (u32, u32) {
    let own = std::fs::metadata("/proc/self").expect("/proc");
    who.map_or((own.uid(), own.gid()), |id| (id, id))
}

/// Whether `who` may become root of a new user namespace here.
pub fn is_allowed(who: Who) -> bool {
    // Without unshare(1) nothing is known, and the test decides.
    !skip::is_installed("unshare")
        || run(run_as(command("unshare", &["--user", "--map-root-user", "true"]), who)).status == Some(0)
}

/// The same; if not, the test that calls this is left out.
pub fn may_be_root(who: Who) -> bool {
    let may = is_allowed(who);
    if !may {
        skip::skip(forbidden(who));
    }
    may
}

/// Everybody who may become root of a new user namespace here.
pub fn everybody_allowed() -> Vec<Who> {
    let (allowed, others): (Vec<Who>, Vec<Who>) = everybody().into_iter().partition(|who| is_allowed(*who));
    others.iter().for_each(|who| skip::skip_part(forbidden(*who)));
    if allowed.is_empty() {
        skip::skip(forbidden(None));
    }
    allowed
}

fn forbidden(who: Who) -> String {
    let who = who.map_or("this user".into(), |id| format!("user {id}"));
    format!("user namespaces are forbidden here for {who}")
}

/// The command lines that make tasks, as far as `who` may: none of the modes is the tour.
pub fn command_lines(who: Who) -> Vec<Vec<&'static str>> {
    let may = is_allowed(who);
    if !may {
        skip::skip_part(forbidden(who));
    }
    let modes = MODES.iter().filter(|mode| may || **mode != "user").map(|mode| vec![*mode]);
    modes.chain(may.then(Vec::new)).collect()
}
