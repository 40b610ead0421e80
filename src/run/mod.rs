//! Running a program in namespaces of its own: what unshare(1) does, by one system call.
//!
//! The decision behind it: where nobody has to stay (no PID or time namespace, no `--fork`, no `--kill-child`) the caller
//! enters the namespaces itself and becomes the program. Else the program's process is made by one clone with all the
//! namespaces among its flags. Both then take the same steps, and the first that is refused is told.

pub mod init;
pub mod maps;
pub mod plan;
pub mod program;
pub mod steps;
pub mod watch;
