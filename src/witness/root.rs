//! Becoming root of a new user namespace, step by step, and the proof of it.
//!
//! The child writes its own maps (one id needs no help from outside, so no handshake), and only after its id was seen
//! to be unmapped: without a new namespace the steps would act on the old one.

use crate::board::fact::Fact;
use crate::board::record::{Becoming, Experiment};
use crate::clone::flags::Kind;
use crate::error::{Failure, Step};
use crate::host::id_map;
use crate::host::namespace::{self, HOST};
use crate::sys::namespace::sethostname;
use crate::sys::{Errno, Result as SysResult, ids};

/// What a step writes to its file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Writes {
    /// Nothing: the step is a different call.
    Nothing,
    /// The word `deny`.
    Deny,
    /// A map that names the outer user id.
    User,
    /// A map that names the outer group id.
    Group,
}

/// A step: its name, what it writes, and the fact with its result.
pub type RootStep = (Step, Writes, fn(&Becoming) -> &Fact);

/// All steps, in order.
pub static STEPS: [RootStep; 8] = [
    (Step::WriteSetgroups, Writes::Deny, |steps| &steps.setgroups),
    (Step::UidMap, Writes::User, |steps| &steps.uid_map),
    (Step::GidMap, Writes::Group, |steps| &steps.gid_map),
    (Step::Getuid, Writes::Nothing, |steps| &steps.getuid),
    (Step::Getgid, Writes::Nothing, |steps| &steps.getgid),
    (Step::SetuidRoot, Writes::Nothing, |steps| &steps.setuid),
    (Step::UnshareUts, Writes::Nothing, |steps| &steps.unshare),
    (Step::NameHost, Writes::Nothing, |steps| &steps.sethostname),
];

/// Whether a step is one of these.
pub fn is_step(step: Step) -> bool {
    STEPS.iter().any(|(name, ..)| *name == step)
}

/// In the child, after [`act`](super::behaviour::act): becomes root, if the parent left its ids, the parent's id is
/// mapped and the child's is not. If the child could not check that, the first step fails with the same errno and
/// nothing is written. A refused step does not stop the later steps, which are then refused too; the first refusal is
/// reported.
pub fn become_root(facts: &Experiment) {
    let steps = &facts.becoming;
    let is_briefed = steps.outer.euid.get().is_some();
    if !is_briefed || facts.parent.keep_uid.errno() == Some(Errno::EINVAL) {
        return;
    }
    match facts.child.keep_uid.errno() {
        None => return,
        Some(Errno::EINVAL) => {}
        Some(errno) => return steps.setgroups.put(Err::<(), _>(errno)),
    }
    id_map::become_root(steps);
    steps.getuid.put(ids::getuid());
    steps.getgid.put(ids::getgid());
    steps.setuid.put(ids::setuid(0));
    let host = namespace::enter_new(Kind::Uts).map(|_| ());
    steps.unshare.put(host);
    steps.sethostname.put(host.and_then(|()| name_host()));
}

/// Sets the host name of a new UTS namespace and reads it back. EIO: the name differs.
fn name_host() -> SysResult<()> {
    sethostname(HOST)?;
    if namespace::is_host_ours()? { Ok(()) } else { Err(Errno::EIO) }
}

/// Whether the child tried: without a new namespace it does not, and the verdict on the namespace is all there is.
pub fn was_tried(steps: &Becoming) -> bool {
    steps.setgroups.get().is_some()
}

/// The first step that failed. An id other than 0 is a failure too (EIO), and so is a step that was never taken
/// (ECANCELED).
pub fn check(steps: &Becoming) -> Result<(), Failure> {
    for (step, _, fact) in &STEPS {
        let is_id = matches!(step, Step::Getuid | Step::Getgid);
        match fact(steps).get().unwrap_or(Err(Errno::ECANCELED)) {
            Ok(id) if is_id && id != 0 => return Err(Failure::new(*step, Errno::EIO)),
            Ok(_) => {}
            Err(errno) => return Err(Failure::new(*step, errno)),
        }
    }
    Ok(())
}
