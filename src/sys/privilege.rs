//! Rights: capget(2).

use super::Answer;
use core::mem::MaybeUninit;
use linux_raw_sys::general::{
    __user_cap_data_struct, __user_cap_header_struct, _LINUX_CAPABILITY_VERSION_3, CAP_SYS_ADMIN,
};
use sc::syscall;

/// Whether the caller has CAP_SYS_ADMIN in its user namespace; a refusal counts as no.
pub fn is_administrator() -> bool {
    let header = __user_cap_header_struct { version: _LINUX_CAPABILITY_VERSION_3, pid: 0 };
    let mut data = MaybeUninit::<[__user_cap_data_struct; 2]>::zeroed();
    // SAFETY: the kernel reads one header and writes two structs, as this version says.
    let _ = Answer(unsafe { syscall!(CAPGET, &raw const header, data.as_mut_ptr()) });
    // SAFETY: zeroes are valid structs, and so is what the kernel may have written.
    let data = unsafe { data.assume_init_ref() };
    data.first().is_some_and(|low| low.effective >> CAP_SYS_ADMIN & 1 != 0)
}
