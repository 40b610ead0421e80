//! Why something cannot be seen, by name. `caller.rs` finds out.

use crate::sys::Errno;

macro_rules! causes {
    ($($(#[$about:meta])* $name:ident $key:literal $text:literal)*) => {
        /// Why something cannot be seen.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Cause {
            $($(#[$about])* $name,)*
        }

        impl Cause {
            /// All causes.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The name for machines.
            pub const fn key(self) -> &'static str {
                match self {
                    $(Self::$name => $key,)*
                }
            }

            /// The text for people.
            pub const fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

causes! {
    /// The ids differ, and the caller may not trace all.
    OtherUser "other user" "another user's, and the caller lacks CAP_SYS_PTRACE"
    /// The process is not dumpable, and the caller may not trace all.
    NotDumpable "not dumpable" "not dumpable, and the caller lacks CAP_SYS_PTRACE"
    /// The task has capabilities that the caller lacks.
    Capabilities "capabilities" "with capabilities that the caller lacks"
    /// The task is in a user namespace in which the caller has no rights.
    UserNamespace "another user namespace" "in another user namespace, where the caller has no rights"
    /// A seccomp filter, or a tracer, answers instead of the kernel.
    Filter "a filter" "a seccomp filter or a tracer refuses kcmp(2)"
    /// A security module.
    SecurityModule "a security module" "a security module refuses: the caller has CAP_SYS_PTRACE"
    /// The kernel lacks the call.
    NoKcmp "no CONFIG_KCMP" "this kernel has no kcmp(2), CONFIG_KCMP"
    /// Without a child that has ended, none cannot be told from same.
    NoChild "no child" "no child could be made by which none is told from same"
    /// /proc hides it.
    Hidden "hidepid" "/proc hides it, by its mount option hidepid"
    /// The inodes of namespaces mean nothing.
    Unstable "unstable inodes" "a namespace has another inode at each reading here"
    /// The task was another at each look.
    Changing "changing" "changing at each look"
}

/// What was refused, and why.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unseen {
    /// The answer.
    pub errno: Errno,
    /// The cause, if one was found.
    pub cause: Option<Cause>,
}

/// Why an object is not known, though the kernel answers for its task.
pub const CHANGING: Unseen = Unseen { errno: Errno::EAGAIN, cause: Some(Cause::Changing) };

/// Why the namespaces are not known, though they can be read.
pub const UNSTABLE: Unseen = Unseen { errno: Errno::EAGAIN, cause: Some(Cause::Unstable) };
