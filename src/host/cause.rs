//! Why the kernel refuses a step on this machine: found by looking, and only after a refusal.
//!
//! One table. A row speaks of steps, and of errnos that these steps can have for its reason; it is the cause if its
//! look, which examines this machine now, finds it. The first such row is reported; if there is none, nothing is
//! guessed.

use super::id_block;
use super::look;
use super::reason::Seen;
use super::refused::{Circumstances, Refusal};
use crate::error::{Failure, Step, Why};
use crate::sys::{Errno, Signal, ids};

pub use super::look::is_filtered;
pub use super::reason::{Reason, Told};

/// The reasons of a failure of which a row speaks.
enum Whys {
    /// These errnos.
    Errnos(&'static [Errno]),
    /// Any errno: a filter may choose it.
    AnyErrno,
    /// The status of another program.
    Status,
    /// This signal.
    Signal(Signal),
}

impl Whys {
    fn has(&self, why: Why) -> bool {
        match (self, why) {
            (Self::Errnos(errnos), Why::Errno(errno)) => errnos.contains(&errno),
            (Self::AnyErrno, Why::Errno(_)) | (Self::Status, Why::Status(_)) => true,
            (Self::Signal(one), Why::Signal(other)) => *one == other,
            _ => false,
        }
    }
}

/// A row: when it applies, and the reason that it gives.
struct Cause {
    steps: &'static [Step],
    whys: Whys,
    /// Looks at this machine; none if the reason does not hold.
    look: fn(&Refusal) -> Option<Seen>,
    reason: Reason,
}

const fn on(
    steps: &'static [Step],
    errnos: &'static [Errno],
    look: fn(&Refusal) -> Option<Seen>,
    reason: Reason,
) -> Cause {
    Cause { steps, whys: Whys::Errnos(errnos), look, reason }
}

/// A row for the status of newuidmap(1) or newgidmap(1).
const fn on_status(look: fn(&Refusal) -> Option<Seen>, reason: Reason) -> Cause {
    Cause { steps: HELPERS, whys: Whys::Status, look, reason }
}

/// The calls that make the namespaces.
const CALL: &[Step] = &[Step::Call, Step::Unshare];
/// The calls that make the namespaces, or one of them.
const NAMESPACES: &[Step] = &[Step::Call, Step::Unshare, Step::UnshareUts, Step::UnshareIpc];
/// The steps that make a task.
#[rustfmt::skip]
const MAKES: &[Step] = &[
    Step::Call, Step::Subject, Step::Alone, Step::Helper, Step::Program, Step::Between, Step::Trial, Step::Kind, Step::Sleeper,
    Step::Newuidmap, Step::Newgidmap,
];
/// Writes to files of /proc/self.
const WRITES: &[Step] = &[Step::WriteSetgroups, Step::UidMap, Step::GidMap, Step::Offsets];
/// What reads or writes files of /proc.
#[rustfmt::skip]
const PROC: &[Step] = &[
    Step::WriteSetgroups, Step::UidMap, Step::GidMap, Step::Offsets, Step::ProveNew, Step::ProveTasks, Step::StatChildren,
    Step::Keep,
];
/// What opens files.
#[rustfmt::skip]
const OPENS: &[Step] = &[
    Step::Call, Step::OpenCgroup, Step::OpenSweep, Step::WriteSetgroups, Step::UidMap, Step::GidMap, Step::Offsets,
    Step::ProveTasks, Step::UserBlock, Step::GroupBlock, Step::MakeBinfmt, Step::LoadInterpreter,
];
/// Looking for a block of ids.
const BLOCKS: &[Step] = &[Step::UserBlock, Step::GroupBlock];
/// Having another program write a map.
const HELPERS: &[Step] = &[Step::Newuidmap, Step::Newgidmap];
/// Writing a map.
const MAPS: &[Step] = &[Step::UidMap, Step::GidMap];
/// What needs CAP_SYS_ADMIN or the like, and no ids.
const RIGHTS: &[Step] = &[Step::Propagation, Step::Sethostname, Step::Chroot, Step::MountProc, Step::Offsets];
/// What changes ids.
const IDS: &[Step] = &[Step::Setgroups, Step::Setgid, Step::Setuid, Step::OwnerGroup, Step::OwnerUser];
/// Mounting a namespace on a file.
const KEEP: &[Step] = &[Step::Keep];
/// What AppArmor refuses root of a new user namespace, by way of its capabilities.
#[rustfmt::skip]
const OF_ROOT: &[Step] = &[
    Step::WriteSetgroups, Step::UidMap, Step::GidMap, Step::SetuidRoot, Step::UnshareUts, Step::NameHost,
    Step::Propagation, Step::Sethostname, Step::Chroot, Step::MountProc, Step::MakeBinfmt, Step::Offsets, Step::Setgroups,
    Step::Setgid, Step::Setuid, Step::KeepCapabilities,
];
/// What maps memory.
const MAPPED: &[Step] = &[Step::Board, Step::Plan, Step::Stack, Step::Heap];
/// What maps memory that is counted as data, or makes it so.
const DATA: &[Step] = &[Step::Plan, Step::Guard, Step::Heap];

const EACCES: &[Errno] = &[Errno::EACCES];
const EAGAIN: &[Errno] = &[Errno::EAGAIN];
const EINVAL: &[Errno] = &[Errno::EINVAL];
const ENOENT: &[Errno] = &[Errno::ENOENT];
const ENOMEM: &[Errno] = &[Errno::ENOMEM];
const ENOSPC: &[Errno] = &[Errno::ENOSPC];
const EPERM: &[Errno] = &[Errno::EPERM];
/// What a security module answers.
const DENIED: &[Errno] = &[Errno::EPERM, Errno::EACCES];

/// In the order of the kernel's checks where more than one may hold.
#[rustfmt::skip]
static CAUSES: &[Cause] = &[
    on(PROC, ENOENT, |_| look::has_no_proc(), Reason::NoProc),
    on(OPENS, &[Errno::EMFILE], |_| look::lacks_descriptors(), Reason::NoDescriptors),
    on(WRITES, &[Errno::EROFS], |_| look::is_proc_read_only(), Reason::ProcReadOnly),
    on(&[Step::ProveTasks], &[Errno::ESRCH], |_| look::is_proc_of_others(), Reason::OtherTasks),
    Cause { steps: Step::ALL, whys: Whys::AnyErrno, look: look::filter, reason: Reason::Seccomp },
    Cause { steps: &[Step::Killed, Step::Call], whys: Whys::Signal(Signal::SYS), look: |_| look::has_filter(), reason: Reason::Seccomp },

    on(CALL, EPERM, look::unprivileged, Reason::Unprivileged),
    on(CALL, EPERM, look::chroot, Reason::Chroot),
    on(CALL, EPERM, look::unmapped, Reason::Unmapped),
    on(CALL, EPERM, look::lacks_rights, Reason::NoRights),
    on(CALL, DENIED, look::apparmor_refuses, Reason::Apparmor),
    on(CALL, EACCES, look::selinux, Reason::Selinux),
    on(NAMESPACES, ENOSPC, look::none_allowed, Reason::NoneAllowed),
    on(CALL, ENOSPC, look::is_used_up, Reason::LimitReached),
    on(CALL, EINVAL, look::not_built, Reason::NotBuilt),
    on(MAKES, EAGAIN, |_| look::cgroup_is_full(), Reason::LimitCgroup),
    on(MAKES, EAGAIN, |_| look::kernel_is_full(), Reason::LimitKernel),
    on(MAKES, EAGAIN, |_| look::user_is_full(), Reason::LimitUser),
    on(MAKES, EAGAIN, |_| look::ids_are_used_up(), Reason::LimitIds),
    on(MAKES, ENOMEM, |_| look::has_lost_process_1(), Reason::NoFirst),

    on(BLOCKS, ENOENT, |refusal| look::no_blocks(refusal, true), Reason::NoBlocks),
    on(BLOCKS, ENOENT, |refusal| look::no_blocks(refusal, false), Reason::NoBlock),
    on(HELPERS, ENOENT, |refusal| look::program(refusal, id_block::Program::Missing), Reason::NoHelper),
    on(HELPERS, EACCES, |refusal| look::program(refusal, id_block::Program::Closed), Reason::HelperClosed),
    on_status(look::two_lines, Reason::TwoLines),
    on_status(look::outside_map, Reason::OutsideMap),
    on_status(|refusal| look::no_blocks(refusal, true), Reason::NoBlocks),
    on_status(|refusal| look::no_blocks(refusal, false), Reason::NoBlock),
    on_status(look::not_covered, Reason::NotCovered),
    on_status(|refusal| look::program(refusal, id_block::Program::Plain), Reason::HelperPlain),
    on_status(|refusal| look::program(refusal, id_block::Program::Renounced), Reason::HelperRenounced),
    on_status(|refusal| look::program(refusal, id_block::Program::Nosuid), Reason::HelperNosuid),
    on_status(|_| look::lacks_descriptors(), Reason::NoDescriptors),
    // That it ended so was seen, and that it has said why.
    on_status(|_| Some(Seen::default()), Reason::HelperSays),

    on(WRITES, EACCES, |_| look::is_file_closed(), Reason::NotReadable),
    on(WRITES, EACCES, |_| look::is_hidden_by_ids(), Reason::IdsDiffer),
    on(MAPS, EINVAL, look::overlap, Reason::Overlap),
    on(MAPS, EPERM, look::two_lines, Reason::TwoLines),
    on(MAPS, EPERM, look::outside_map, Reason::OutsideMap),
    on(&[Step::WriteSetgroups], EPERM, look::groups_denied_outside, Reason::GroupsDeniedOutside),
    on(OF_ROOT, DENIED, look::apparmor_restricts, Reason::Apparmor),
    on(RIGHTS, EPERM, look::lacks_rights, Reason::NoRights),
    on(IDS, EPERM, look::lacks_rights, Reason::NoRightsToIds),
    on(&[Step::Setgroups], EPERM, look::groups_denied, Reason::GroupsDenied),
    on(&[Step::Setgroups, Step::OwnerGroup], EPERM, |_| look::is_setgroups_denied(), Reason::GroupsDeniedOutside),
    on(&[Step::Setgid, Step::Setuid], EINVAL, |refusal| look::no_such_id(refusal, true), Reason::NoSuchId),
    on(&[Step::Setgid, Step::Setuid, Step::OwnerGroup, Step::OwnerUser], EINVAL, |refusal| look::no_such_id(refusal, false), Reason::NoSuchIdHere),
    on(KEEP, EPERM, look::lacks_rights, Reason::NoRightsToMount),
    on(KEEP, ENOENT, look::has_no_file, Reason::NoFile),
    on(KEEP, &[Errno::ENOTDIR], look::is_folder, Reason::NotAFile),
    on(KEEP, EINVAL, look::counts_as_older, Reason::CountsAsOlder),
    on(KEEP, EINVAL, look::is_shared, Reason::SharedMount),
    on(&[Step::MountProc], EPERM, look::proc_of_others, Reason::ProcOfOthers),
    on(&[Step::MountProc], EPERM, look::proc_covered, Reason::ProcCovered),
    on(&[Step::MountProc], EPERM, look::proc_read_only, Reason::ProcReadOnly),
    on(&[Step::MakeBinfmt], &[Errno::ENODEV], |_| look::has_no_binfmt(), Reason::NoBinfmt),
    on(&[Step::MakeBinfmt], &[Errno::EPERM, Errno::EOPNOTSUPP], |_| look::has_one_binfmt(), Reason::OneBinfmt),
    on(&[Step::LoadInterpreter], EACCES, look::is_without_root, Reason::NoRootThere),
    on(&[Step::LoadInterpreter], ENOENT, look::has_no_interpreter, Reason::NoInterpreter),
    on(&[Step::LoadInterpreter], EINVAL, look::is_no_line, Reason::NoSuchLine),
    // That a namespace is not new was seen by the step itself.
    on(&[Step::ProveNew], &[Errno::EIO], |_| Some(Seen::default()), Reason::FlagIgnored),

    on(MAPPED, ENOMEM, look::address_space_is_full, Reason::LimitMemory),
    on(DATA, ENOMEM, look::data_is_full, Reason::LimitData),
    on(&[Step::Heap], ENOMEM, look::more_than_available, Reason::LimitAvailable),
];

/// The first row that speaks of this failure and whose look finds its reason. The caller is the one to whom the step
/// was refused, or its parent.
pub fn find<'a>(failure: Failure, asked: impl Into<Circumstances<'a>>) -> Option<Told> {
    let refusal = Refusal { failure, asked: asked.into() };
    let speaks = |cause: &&Cause| cause.steps.contains(&failure.step) && cause.whys.has(failure.why);
    CAUSES.iter().filter(speaks).find_map(|cause| {
        let seen = (cause.look)(&refusal)?;
        let user = ids::getuid().ok();
        Some(Told { reason: cause.reason, seen, ids: look::kind_of(failure.step), user, file: None })
    })
}
