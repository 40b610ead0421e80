//! The look at this program's own file, before anything else: does the file give its caller more rights?
//!
//! The program executes what its caller wants, and changes ids and namespaces on the way. With the rights of the file's
//! owner, or with the file's capabilities, it would do so for anybody.

use crate::host::reason::Quoted;
use crate::report::page::Console;
use crate::sys::initial::InitialStack;
use crate::sys::{exec, file};
use crate::text::out;
use core::ffi::CStr;

/// This program's file, whatever its name is.
const OWN: &CStr = c"/proc/self/exe";

/// How the file gives more rights, and the command that takes these away.
struct Raised {
    how: &'static str,
    remedy: &'static str,
}

/// None if the file gives no rights. The kernel's flag alone does not say that it does: the flag is set too where the
/// caller's real and effective ids differ already, and by some security modules.
fn raised(stack: &InitialStack) -> Option<Raised> {
    if !stack.is_secure() {
        return None;
    }
    match (file::is_set_id(OWN), file::has_capabilities(OWN)) {
        (Ok(true), _) => Some(Raised { how: "is set-user-ID or set-group-ID", remedy: "chmod ug-s " }),
        (_, Ok(true)) => Some(Raised { how: "has capabilities", remedy: "setcap -r " }),
        (Ok(false), Ok(false)) => None,
        _ => Some(Raised { how: "may have raised rights, and cannot be looked at", remedy: "chmod ug-s " }),
    }
}

/// Whether the program must not go on, which is told on fd 2.
pub fn refuses(console: &mut Console, stack: &InitialStack) -> bool {
    let Some(Raised { how, remedy }) = raised(stack) else { return false };
    let own = exec::own_file().map_or(b"chimera".as_slice(), CStr::to_bytes);
    let page = &mut console.err;
    out!(page, "chimera: this program ", how, ": anybody could do with these rights what chimera can do\n");
    out!(page, "  try: ", remedy, Quoted(own), "\n");
    true
}
