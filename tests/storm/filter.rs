//! Filters of seccomp(2) that strike chimera alone.
//!
//! A filter is inherited by CMD, which is not under test. Chimera is linked at a fixed place
//! below 4 GiB and everything else runs above it, so the filter looks at the address of the call as well.

use crate::kernel;
use nix::libc;

/// Where `struct seccomp_data` holds the upper half of the address of the call.
const UPPER_ADDRESS: u32 = 12;

/// What the filter does with the call.
#[derive(Clone, Copy)]
pub enum Action {
    /// It answers this errno.
    Refuse(i32),
    /// It kills the process.
    Kill,
}

/// Which calls it strikes.
#[derive(Clone, Copy)]
pub enum Which {
    /// Those of this number.
    Call(i64),
    /// clone(2) and unshare(2) where they ask for new namespaces, as the filters of containers do.
    Namespaces,
}

/// The flags that ask for new namespaces, as far as clone(2) knows them.
const NAMESPACES: u32 = 0x7e02_0000;

/// Where `struct seccomp_data` holds the first argument.
const FIRST_ARGUMENT: u32 = 16;

/// Sets the filter on this process, for the program that it will be.
pub fn set(which: Which, action: Action) -> nix::Result<()> {
    let line = |code: u32, jt: u8, jf: u8, k: u32| libc::sock_filter { code: code as u16, jt, jf, k };
    let (load, jump) = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, libc::BPF_JMP | libc::BPF_K);
    let answer = libc::BPF_RET | libc::BPF_K;
    let verdict = match action {
        Action::Refuse(errno) => libc::SECCOMP_RET_ERRNO | errno as u32,
        Action::Kill => libc::SECCOMP_RET_KILL_PROCESS,
    };
    let (calls, flags) = match which {
        Which::Call(call) => ([call, call], None),
        Which::Namespaces => ([libc::SYS_clone, libc::SYS_unshare], Some(NAMESPACES)),
    };
    // Without flags to look at the jump goes to the same place either way.
    let (mask, without) = (flags.unwrap_or(0), u8::from(flags.is_some()));
    kernel::set_filter(&mut [
        line(load, 0, 0, UPPER_ADDRESS),
        line(jump | libc::BPF_JEQ, 0, 6, 0),
        line(load, 0, 0, 0), // the number of the call
        line(jump | libc::BPF_JEQ, 1, 0, calls[0] as u32),
        line(jump | libc::BPF_JEQ, 0, 3, calls[1] as u32),
        line(load, 0, 0, FIRST_ARGUMENT),
        line(jump | libc::BPF_JSET, 0, without, mask),
        line(answer, 0, 0, verdict),
        line(answer, 0, 0, libc::SECCOMP_RET_ALLOW),
    ])
}
