//! Seccomp filters, as sandboxes and containers set them.

use nix::libc::{self, c_long};
use nix::sys::prctl;

/// One call that is refused: its number, bits of the first argument of which one must be set (0: whatever it is), and
/// the errno.
pub type Refusal = (c_long, u32, i32);

/// The calls of Docker's default filter that chimera makes, for a container without CAP_SYS_ADMIN.
const CONTAINER: [Refusal; 4] = [
    (libc::SYS_clone, 0x7e02_0000, libc::EPERM),
    (libc::SYS_clone3, 0, libc::ENOSYS),
    (libc::SYS_unshare, 0, libc::EPERM),
    (libc::SYS_kcmp, 0, libc::EPERM),
];

/// The filter of a container.
pub fn container() -> nix::Result<()> {
    refuse(&CONTAINER)
}

/// Sets a filter that refuses these calls and lets all others in.
pub fn refuse<const N: usize>(refusals: &[Refusal; N]) -> nix::Result<()> {
    let line = |code: u32, jt: u8, jf: u8, k: u32| libc::sock_filter { code: code as u16, jt, jf, k };
    let load = libc::BPF_LD | libc::BPF_W | libc::BPF_ABS;
    let lines = |(call, bits, errno): &Refusal| {
        [
            line(load, 0, 0, 0), // the number of the call
            line(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 0, 4, *call as u32),
            line(libc::BPF_JMP | libc::BPF_JA, 0, 0, if *bits == 0 { 2 } else { 0 }),
            line(load, 0, 0, 16), // the low half of the first argument
            line(libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K, 0, 1, *bits),
            line(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ERRNO | *errno as u32),
        ]
    };
    let all = [[line(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ALLOW); 6]];
    // On the stack: between fork and exec no memory is to be asked for.
    let mut filter = [all[0]; 9];
    filter.iter_mut().zip(refusals).for_each(|(to, refusal)| *to = lines(refusal));
    set(&mut filter.as_flattened_mut()[..=6 * N])
}

/// Sets a filter that kills the process at this call.
pub fn kill(call: c_long) -> nix::Result<()> {
    end_with(call, 0, libc::SECCOMP_RET_KILL_PROCESS)
}

/// Sets a filter that sends SIGSYS to the process at this call.
pub fn trap(call: c_long) -> nix::Result<()> {
    end_with(call, 0, libc::SECCOMP_RET_TRAP)
}

/// Sets a filter with this action (SECCOMP_RET_*) for a call whose first argument has one of these bits; 0: for every one.
pub fn end_with(call: c_long, bits: u32, action: u32) -> nix::Result<()> {
    let line = |code: u32, jf: u8, k: u32| libc::sock_filter { code: code as u16, jt: 0, jf, k };
    let load = libc::BPF_LD | libc::BPF_W | libc::BPF_ABS;
    let of_bits = if bits == 0 { libc::BPF_JA } else { libc::BPF_JSET | libc::BPF_K };
    set(&mut [
        line(load, 0, 0), // the number of the call
        line(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 3, call as u32),
        line(load, 0, 16), // the low half of the first argument
        line(libc::BPF_JMP | of_bits, 1, bits),
        line(libc::BPF_RET | libc::BPF_K, 0, action),
        line(libc::BPF_RET | libc::BPF_K, 0, libc::SECCOMP_RET_ALLOW),
    ])
}

/// Sets this filter.
fn set(filter: &mut [libc::sock_filter]) -> nix::Result<()> {
    let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };
    prctl::set_no_new_privs()?;
    // SAFETY: the kernel copies the program.
    let result = unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program) };
    nix::errno::Errno::result(result).map(drop)
}
