//! What the condition of a rule can look at: a call and a place, and what the kernel answers there.
//!
//! Each answer is kept, so that rules about the same fact ask the kernel once.

use super::expected::Expected;
use crate::clone::call::{Api, Call, NO_CGROUP};
use crate::clone::flags::{FLAGS, Flags, NAMESPACES, OF_CLONE3, Version};
use crate::error::{Failure, Why};
use crate::host::cgroup::{self, Entry};
use crate::host::place::Place;
use crate::host::probe::{self, Filtered};
use crate::host::{limits, namespace};
use crate::sys::{Errno, RawFd, Result as SysResult, Signal, ids};
use core::cell::Cell;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// The lowest number that is no id on any kernel, PID_MAX_LIMIT of linux/threads.h.
const NO_ID: u32 = 1 << 22;

/// The bits that clone3(2) refuses though it knows them: CLONE_DETACHED, and those of clone(2)'s exit signal.
pub(super) const NOT_OF_CLONE3: Flags = Flags::from_bits_retain(0x40_007f);

/// An answer, once there is one.
type Kept<T> = Cell<Option<T>>;

/// The input of a rule.
pub struct Question<'a> {
    pub(super) call: &'a Call,
    pub(super) place: &'a Place,
    /// Whether a filter intervenes.
    of_filter: Kept<Option<Filtered>>,
    /// The kernel's answer to a user namespace alone.
    of_user: Kept<SysResult<()>>,
    /// The kernel's answer to the call's namespaces.
    of_namespaces: Kept<SysResult<()>>,
    /// The kernel's answer to the namespaces and ids.
    of_ids: Kept<SysResult<()>>,
    /// Whether the call's cgroup takes the task.
    of_cgroup: Kept<Option<Entry>>,
    /// The failure that kept the kernel from being asked.
    failure: Kept<Failure>,
}

impl<'a> Question<'a> {
    pub(super) const fn new(call: &'a Call, place: &'a Place) -> Self {
        Self {
            call,
            place,
            of_filter: Cell::new(None),
            of_user: Cell::new(None),
            of_namespaces: Cell::new(None),
            of_ids: Cell::new(None),
            of_cgroup: Cell::new(None),
            failure: Cell::new(None),
        }
    }

    /// The failure that kept the kernel from being asked since the last look, if any.
    pub(super) fn take_failure(&self) -> Option<Failure> {
        self.failure.take()
    }

    /// The flags that the call can carry: clone(2) has no room for the others, and ignores them.
    pub(super) fn flags(&self) -> Flags {
        if self.call.api == Api::Clone3 { self.call.flags } else { self.call.flags - OF_CLONE3 }
    }

    pub(super) fn has(&self, flags: Flags) -> bool {
        self.flags().contains(flags)
    }

    pub(super) fn has_any(&self, flags: Flags) -> bool {
        self.flags().intersects(flags)
    }

    /// The requested namespaces.
    fn namespaces(&self) -> Flags {
        self.flags() & NAMESPACES
    }

    /// Keeps a failure, so that `predict` can return it instead of an answer based on missing facts. That a filter
    /// kills the asking call says nothing about the call in question, which differs from it.
    fn ok_or_keep<T>(&self, answer: Result<T, Failure>) -> Option<T> {
        let keep = |failure: &Failure| {
            if failure.why != Why::Signal(Signal::SYS) {
                self.failure.set(Some(*failure));
            }
        };
        answer.inspect_err(keep).ok()
    }

    /// What is kept, or else the answer of `ask`, which is kept. Elsewhere there is nobody to ask.
    fn once<T: Copy>(&self, kept: &Kept<T>, ask: impl FnOnce() -> Result<T, Failure>) -> Option<T> {
        if !self.place.is_here {
            return None;
        }
        let said = kept.get().or_else(|| self.ok_or_keep(ask()))?;
        kept.set(Some(said));
        Some(said)
    }

    /// The kernel's answer to a call with these flags and exit signal, and nothing else that could be refused.
    fn probe(&self, api: Api, flags: Flags, signal: u64) -> Option<SysResult<()>> {
        self.ok_or_keep(probe::probe(api, flags, signal))
    }

    /// What a filter does to the call; none if the kernel gets to see it.
    pub(super) fn filtered(&self) -> Option<Expected> {
        Some(match self.once(&self.of_filter, || probe::filtered(self.call)).flatten()? {
            Filtered::Refused(errno) => Expected::Refused(errno),
            Filtered::Killed => Expected::Killed,
        })
    }

    /// Whether the kernel has no clone3(2).
    pub(super) fn lacks_clone3(&self) -> bool {
        !self.place.is_here && self.place.version < Version::WITH_CLONE3
    }

    /// Whether members of the struct that the kernel does not know are not zero: the ids, which came with Linux 5.5, or
    /// the cgroup, which came with 5.7.
    pub(super) fn has_unknown_member(&self) -> bool {
        let Call { size, set_tid, cgroup, .. } = self.call;
        let lacks = |major, minor| !self.place.is_here && self.place.version < Version::new(major, minor);
        let mut of_cgroup = cgroup.to_le_bytes().into_iter().take(size.saturating_sub(80));
        lacks(5, 5) && *size > 64 && !set_tid.is_empty()
            || lacks(5, 7) && self.has(Flags::INTO_CGROUP) && of_cgroup.any(|byte| byte != 0)
    }

    /// Whether clone3(2) does not know one of the call's flags beyond clone(2)'s.
    pub(super) fn has_unknown_flag(&self) -> bool {
        let late = self.flags() & OF_CLONE3;
        if late.is_empty() {
            return false;
        }
        if !self.place.is_here {
            let known = FLAGS.iter().filter(|flag| flag.since <= self.place.version);
            return !(late - known.fold(Flags::empty(), |all, flag| all | flag.bit)).is_empty();
        }
        let with = if late.contains(Flags::PIDFD_AUTOKILL) { Flags::AUTOREAP | Flags::NNP } else { Flags::empty() };
        self.probe(Api::Clone3, late | with, 0) == Some(Err(Errno::EINVAL))
    }

    /// Whether the exit signal is no signal: clone3(2) looks at that, clone(2) since 7.1 or with a backport.
    pub(super) fn is_no_signal(&self) -> bool {
        let signal = self.call.signal_number();
        match signal {
            ..=64 => false,
            256.. => true,
            _ if self.place.is_here => self.probe(self.call.api, Flags::empty(), signal) == Some(Err(Errno::EINVAL)),
            _ => self.call.api == Api::Clone3 || self.place.version >= Version::new(7, 1),
        }
    }

    /// Whether the caller is process 1 of its PID namespace.
    pub(super) fn is_process_1(&self) -> bool {
        self.place.is_here && ids::getpid().is_ok_and(|pid| pid.number() == 1)
    }

    /// Whether children are made in a different PID namespace from the caller's.
    pub(super) fn are_children_elsewhere(&self) -> bool {
        self.place.is_here && probe::are_children_elsewhere()
    }

    /// Whether a thread gets no descriptor.
    pub(super) fn lacks_thread_pidfd(&self) -> bool {
        if !self.place.is_here {
            return self.place.version < Version::new(6, 9);
        }
        let thread = Flags::SIGHAND | Flags::THREAD | Flags::CHILD_CLEARTID;
        self.probe(Api::Clone, thread, 0) == Some(Err(Errno::EINVAL))
    }

    /// Whether the kernel refuses a user namespace with this errno, whatever else is asked for.
    pub(super) fn is_user_refused(&self, errno: Errno) -> bool {
        let ask = || probe::probe(self.call.api, Flags::NEWUSER, 0);
        self.has(Flags::NEWUSER) && self.once(&self.of_user, ask) == Some(Err(errno))
    }

    /// Whether the caller is in a chroot.
    pub(super) fn is_chroot(&self) -> bool {
        namespace::is_chroot()
    }

    /// Whether the kernel refuses the namespaces with this errno.
    pub(super) fn is_refused(&self, errno: Errno) -> bool {
        let refusal = Some(Err(errno));
        self.once(&self.of_namespaces, || probe::probe(self.call.api, self.namespaces(), 0)) == refusal
            // If the kernel refuses even the plain call, EINVAL says nothing about the namespaces.
            && (errno != Errno::EINVAL || self.probe(self.call.api, Flags::empty(), 0) != refusal)
    }

    /// Whether the namespaces need privileges that the caller does not have.
    pub(super) fn needs_rights(&self) -> bool {
        let asks = !self.namespaces().is_empty() && !self.has(Flags::NEWUSER);
        asks && (!self.place.is_privileged() || self.is_refused(Errno::EPERM))
    }

    /// The requested ids, if the struct is long enough to hold them.
    pub(super) fn set_tid(&self) -> &'static [AtomicU32] {
        if self.call.size > 72 { self.call.set_tid } else { &[] }
    }

    /// The ids up to the first that an ordinary user may not choose, and whether there is one: only the id in a PID
    /// namespace whose user namespace the call makes too is anybody's to choose.
    fn ids_by_rights(&self) -> (&'static [AtomicU32], bool) {
        let ids = self.set_tid();
        let owned = usize::from(self.has(Flags::NEWUSER | Flags::NEWPID));
        match ids.get(..=owned) {
            Some(first) if self.place.is_unprivileged => (first, true),
            _ => (ids, false),
        }
    }

    /// The kernel's answer to the ids; none elsewhere, or without ids.
    fn of_ids(&self) -> Option<SysResult<()>> {
        let (ids, _) = self.ids_by_rights();
        let ask = || probe::ids(self.namespaces(), ids);
        if ids.is_empty() { None } else { self.once(&self.of_ids, ask) }
    }

    /// Whether the kernel refuses the ids with this errno.
    pub(super) fn are_ids_refused(&self, errno: Errno) -> bool {
        self.of_ids() == Some(Err(errno))
    }

    /// Whether the task would be in fewer PID namespaces than there are ids.
    pub(super) fn has_too_many_ids(&self) -> bool {
        let ids = self.set_tid().len();
        self.place.is_here && ids > 1 && self.ok_or_keep(probe::has_levels(self.namespaces(), ids)) == Some(false)
    }

    /// Whether the first id is that of a new PID namespace's process 1, and is not 1.
    pub(super) fn is_first_not_1(&self) -> bool {
        let Some(first) = self.set_tid().first() else { return false };
        let is_new = || {
            self.has(Flags::NEWPID) || self.place.is_here && self.ok_or_keep(probe::is_first_to_come()) == Some(true)
        };
        first.load(Relaxed) != 1 && is_new()
    }

    /// Whether an id is out of range.
    pub(super) fn is_id_out_of_range(&self) -> bool {
        let (ids, _) = self.ids_by_rights();
        let is_no_id = |id: &AtomicU32| !(1..NO_ID).contains(&id.load(Relaxed));
        if self.place.is_here { self.are_ids_refused(Errno::EINVAL) } else { ids.iter().any(is_no_id) }
    }

    /// Whether an id is not the caller's to choose.
    pub(super) fn may_not_choose(&self) -> bool {
        let (_, is_beyond) = self.ids_by_rights();
        // An id that is taken is met after the right to choose it.
        let is_open = || matches!(self.of_ids(), None | Some(Err(Errno::EFAULT | Errno::EEXIST | Errno::EPERM)));
        self.are_ids_refused(Errno::EPERM) || is_beyond && is_open()
    }

    /// The descriptor of the call's cgroup.
    fn folder(&self) -> Option<RawFd> {
        RawFd::new(self.call.cgroup as usize)
    }

    /// Whether the cgroup refuses the task with this errno.
    pub(super) fn is_cgroup_refused(&self, refused: Entry) -> bool {
        if !self.has(Flags::INTO_CGROUP) {
            return false;
        }
        let look = || {
            let folder = self.folder();
            Ok(folder.map(|folder| cgroup::enter(folder, self.has(Flags::THREAD), self.place.is_unprivileged)))
        };
        match self.once(&self.of_cgroup, look) {
            Some(Some(entry)) => entry == refused,
            // A number that is no descriptor, and elsewhere the one that stands for none.
            Some(None) => refused == Entry::NoCgroup,
            None => refused == Entry::NoCgroup && self.call.cgroup == NO_CGROUP,
        }
    }

    /// Whether the cgroup of the task, or one above, has as many tasks as its pids.max allows.
    pub(super) fn is_cgroup_full(&self) -> bool {
        if !self.place.is_here {
            return false;
        }
        let into = if self.has(Flags::INTO_CGROUP) { self.folder() } else { None };
        match into.map(cgroup::tasks) {
            Some(cgroup::Tasks::Full) => true,
            Some(cgroup::Tasks::Free) => false,
            Some(cgroup::Tasks::NotCounted) | None => {
                limits::tasks_of_cgroup().is_some_and(|used| used.now >= used.most)
            }
        }
    }
}
