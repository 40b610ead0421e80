//! What the head of a sweep says of the place: it must be the same in all outputs that are added up.

use crate::check::sweep::Space;
use crate::error::named;

named! {
    /// What a line of the head is about; its text is what the line begins with.
    About;

    /// The program, and the version of its rules.
    Chimera "chimera"
    /// The kernel.
    Kernel "kernel"
    /// The user.
    Uid "uid"
    /// Whether the caller has CAP_SYS_ADMIN.
    Administrator "CAP_SYS_ADMIN"
    /// Whether the caller may make a user namespace.
    Users "user namespaces"
    /// Whether a seccomp filter is in force.
    Filter "seccomp filter"
    /// The security modules.
    Modules "security modules"
    /// What a whole sweep asks.
    Space "space"
}

impl About {
    /// How many lines a head has.
    pub const COUNT: usize = Self::ALL.len();

    /// The index in [`About::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// What a line of the head is about, and what it says; none if it is another line.
    pub fn of(line: &[u8]) -> Option<(Self, &[u8])> {
        let text = line.strip_prefix(b"# ")?;
        let said = |about: Self| text.strip_prefix(about.name().as_bytes())?.strip_prefix(b": ");
        Self::ALL.iter().find_map(|about| Some((*about, said(*about)?)))
    }
}

/// The space of this name.
pub fn space(name: &[u8]) -> Option<Space> {
    [Space::All, Space::WithoutNet].into_iter().find(|space| space.name().as_bytes() == name)
}
