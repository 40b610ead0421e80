//! System calls in a form that every kernel refuses, or that changes nothing: any other answer is that of a filter, or of
//! a tracer.

use super::filter::is_avoided;
use super::{Errno, done};
use linux_raw_sys::general::{MAP_ANONYMOUS, MAP_PRIVATE};
use linux_raw_sys::prctl::{PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, PR_SET_PDEATHSIG};
use sc::nr;

/// All bits: an id that does not exist, a size that is too large, a descriptor that is not open.
const NONE: usize = usize::MAX;
/// Of no signal, no clock, and no choice of prctl(2).
const BEYOND: usize = 0x7fff;

macro_rules! calls {
    ($($(#[$about:meta])* $name:ident $number:expr, [$($argument:expr),*], $answer:expr;)*) => {
        /// A system call that is asked in vain.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Harmless {
            $($(#[$about])* $name,)*
        }

        impl Harmless {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The number of the call, its arguments, and the errno of a kernel; none for success.
            const fn form(self) -> (usize, [usize; 5], Option<Errno>) {
                match self {
                    $(Self::$name => ($number, arguments(&[$($argument),*]), $answer),)*
                }
            }
        }
    };
}

/// Five arguments, of which those that are not given are 0.
const fn arguments(given: &[usize]) -> [usize; 5] {
    let mut all = [0; 5];
    let (first, _) = all.split_at_mut(given.len());
    first.copy_from_slice(given);
    all
}

calls! {
    /// chroot(2) without a path.
    Chroot nr::CHROOT, [], Some(Errno::EFAULT);
    /// chdir(2) without a path.
    Chdir nr::CHDIR, [], Some(Errno::EFAULT);
    /// mount(2) without a path.
    Mount nr::MOUNT, [], Some(Errno::EFAULT);
    /// sethostname(2) with a name that is too long; the kernel looks at the privileges first.
    Sethostname nr::SETHOSTNAME, [0, NONE], Some(Errno::EINVAL);
    /// setgroups(2) with too many; the kernel looks at the privileges first.
    Setgroups nr::SETGROUPS, [NONE], Some(Errno::EINVAL);
    /// setgid(2) to no id.
    Setgid nr::SETGID, [NONE], Some(Errno::EINVAL);
    /// setuid(2) to no id.
    Setuid nr::SETUID, [NONE], Some(Errno::EINVAL);
    /// setresuid(2) that keeps all ids.
    Setresuid nr::SETRESUID, [NONE, NONE, NONE], None;
    /// capset(2) without a header.
    Capset nr::CAPSET, [], Some(Errno::EFAULT);
    /// prctl(2) that neither sets no_new_privs nor says so.
    Renounce nr::PRCTL, [PR_SET_NO_NEW_PRIVS as usize], Some(Errno::EINVAL);
    /// prctl(2) with no choice of PR_SET_DUMPABLE.
    Dumpable nr::PRCTL, [PR_SET_DUMPABLE as usize, BEYOND], Some(Errno::EINVAL);
    /// prctl(2) with no signal for the parent's end.
    DeathSignal nr::PRCTL, [PR_SET_PDEATHSIG as usize, BEYOND], Some(Errno::EINVAL);
    /// rt_sigprocmask(2) with sets of no size.
    Block nr::RT_SIGPROCMASK, [], Some(Errno::EINVAL);
    /// clock_gettime(2) of no clock.
    Clock nr::CLOCK_GETTIME, [BEYOND], Some(Errno::EINVAL);
    /// mmap(2) of nothing.
    Mmap nr::MMAP, [0, 0, 0, (MAP_PRIVATE | MAP_ANONYMOUS) as usize, NONE], Some(Errno::EINVAL);
    /// mprotect(2) of an odd address.
    Mprotect nr::MPROTECT, [1, 1], Some(Errno::EINVAL);
    /// execve(2) without a path.
    Execve nr::EXECVE, [], Some(Errno::EFAULT);
}

impl Harmless {
    /// Makes the call. Returns the errno that is not the kernel's own; none for the kernel's answer.
    pub fn foreign_answer(self) -> Option<Errno> {
        let (number, [a, b, c, d, e], own) = self.form();
        if is_avoided(number) {
            return Some(Errno::ENOSYS);
        }
        // SAFETY: all pointers are null, so that nothing is read or written; the kernel refuses the call, or has nothing
        // to change.
        let answer = done(unsafe { sc::platform::syscall5(number, a, b, c, d, e) });
        answer.err().filter(|errno| Some(*errno) != own)
    }
}
