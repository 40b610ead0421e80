//! Becoming root of a new user namespace, step by step, and the proof of it.
//!
//! The child writes its own maps (one id needs no help from outside, so no handshake), and only after its id was seen
//! to be unmapped: without a new namespace the steps would act on the old one.

use crate::board::fact::Fact;
use crate::board::record::{Becoming, Experiment};
use crate::clone::flags::Kind;
use crate::error::{At, Failure, Step};
use crate::host::id_map;
use crate::host::namespace::{self, HOST, NotMoved};
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

/// A step of becoming root.
pub struct RootStep {
    /// The step.
    pub step: Step,
    /// What the step writes.
    pub writes: Writes,
    /// The fact with its result.
    fact: fn(&Becoming) -> &Fact,
    /// What the step is for.
    part: Part,
}

/// What a step is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Makes the child root, or shows its id, which must be 0.
    Root,
    /// Shows one of root's privileges: a container that forbids it does not take the rest.
    Privilege,
}

/// A row of the table.
const fn step(step: Step, writes: Writes, fact: fn(&Becoming) -> &Fact, part: Part) -> RootStep {
    RootStep { step, writes, fact, part }
}

/// All steps, in order.
pub static STEPS: [RootStep; 8] = [
    step(Step::WriteSetgroups, Writes::Deny, |steps| &steps.setgroups, Part::Root),
    step(Step::UidMap, Writes::User, |steps| &steps.uid_map, Part::Root),
    step(Step::GidMap, Writes::Group, |steps| &steps.gid_map, Part::Root),
    step(Step::Getuid, Writes::Nothing, |steps| &steps.getuid, Part::Root),
    step(Step::Getgid, Writes::Nothing, |steps| &steps.getgid, Part::Root),
    step(Step::SetuidRoot, Writes::Nothing, |steps| &steps.setuid, Part::Privilege),
    step(Step::UnshareUts, Writes::Nothing, |steps| &steps.unshare, Part::Privilege),
    step(Step::NameHost, Writes::Nothing, |steps| &steps.sethostname, Part::Privilege),
];

impl RootStep {
    /// The result; ECANCELED for a step that was never taken.
    pub fn result(&self, steps: &Becoming) -> SysResult<usize> {
        (self.fact)(steps).get().unwrap_or(Err(Errno::ECANCELED))
    }

    /// Checks the result. An id other than 0 is a failure too (EIO).
    pub fn check(&self, steps: &Becoming) -> Result<(), Failure> {
        let is_id = matches!(self.step, Step::Getuid | Step::Getgid);
        let result = match self.result(steps) {
            Ok(id) if is_id && id != 0 => Err(Errno::EIO),
            written if self.step == Step::WriteSetgroups => id_map::is_denied(written),
            result => result.map(|_| ()),
        };
        result.at(self.step)
    }
}

/// Whether a step is one of these.
pub fn is_step(step: Step) -> bool {
    STEPS.iter().any(|row| row.step == step)
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
    let host = namespace::enter_new(Kind::Uts).map(|_| ()).map_err(NotMoved::errno);
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

/// The first failure that keeps the child from being root.
pub fn check(steps: &Becoming) -> Result<(), Failure> {
    STEPS.iter().filter(|row| row.part == Part::Root).try_for_each(|row| row.check(steps))
}
