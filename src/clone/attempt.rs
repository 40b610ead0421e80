//! A call as `check` varies it: where its arguments point, how long its struct is and what stands in there, which
//! stack.
//!
//! Whatever an attempt asks for is harmless. The kernel may write to words of this program and to a page that serves
//! for nothing else; the other addresses are such that nobody can write there. The task that is made touches no stack.

use super::asm::NOWHERE;
use super::call::Call;
use crate::sys::memory::PAGE;
use crate::sys::{Errno, Pid};
use core::sync::atomic::{AtomicU8, AtomicU32, Ordering::Relaxed};

/// A page before one that cannot be accessed, see [`edge`](crate::sys::memory::edge).
pub type Edge = &'static [AtomicU8; PAGE];

/// Where an argument points.
#[derive(Clone, Copy)]
pub enum Pointer {
    /// To memory for it.
    Own,
    /// Nowhere: null.
    Null,
    /// To the first page, which is never mapped.
    Unmapped,
    /// To the first address that needs more than 47 bits. It is not canonical, or on a processor with more bits nothing
    /// is mapped there.
    Hole,
    /// To the last page, which is the kernel's. The kernel has nothing there, Documentation/arch/x86/x86_64/mm.rst.
    Kernel,
    /// To memory that can only be read.
    ReadOnly,
    /// So far below the end of the page that this many bytes can be accessed, at most the whole page.
    Edge(Edge, usize),
}

/// What [`Pointer::ReadOnly`] points to.
static READ_ONLY: [u32; 2] = [0; 2];

impl Pointer {
    /// The address; `own` is that of the memory for the argument.
    pub const fn fixed(self) -> Option<usize> {
        match self {
            Self::Own | Self::ReadOnly | Self::Edge(..) => None,
            Self::Null => Some(0),
            Self::Unmapped => Some(NOWHERE),
            Self::Hole => Some(1 << 47),
            Self::Kernel => Some(usize::MAX - (PAGE - 1)),
        }
    }

    /// The address; `own` is that of the memory for the argument.
    pub fn address(self, own: usize) -> usize {
        match self {
            Self::ReadOnly => READ_ONLY.as_ptr() as usize,
            Self::Edge(page, room) => page.as_ptr() as usize + PAGE - room.min(PAGE),
            _ => self.fixed().unwrap_or(own),
        }
    }

    /// The word that the argument points to; `own` is the memory for it. None if there is no such word.
    pub fn word(self, own: &AtomicU32) -> Option<u32> {
        match self {
            Self::Own => Some(own.load(Relaxed)),
            Self::Edge(page, room) => {
                let bytes = page.get(PAGE.checked_sub(room)?..)?.first_chunk::<4>()?;
                Some(u32::from_ne_bytes(bytes.each_ref().map(|byte| byte.load(Relaxed))))
            }
            _ => None,
        }
    }

    /// Stores bytes on the page, as far as they can be accessed.
    pub fn fill(self, bytes: impl Iterator<Item = u8>) {
        if let Self::Edge(page, room) = self {
            let accessible = &page[PAGE - room.min(PAGE)..];
            accessible.iter().zip(bytes).for_each(|(place, byte)| place.store(byte, Relaxed));
        }
    }
}

/// The offset of the first member that came after the first version of clone3(2)'s struct.
pub const FIRST_VERSION: usize = 64;

/// A call, and what its arguments are besides.
#[derive(Clone, Copy)]
pub struct Attempt {
    /// The call.
    pub call: Call,
    /// clone3(2): the struct.
    pub structure: Pointer,
    /// clone3(2): the byte of the page from the struct on that is 1, whatever else stands there, from [`FIRST_VERSION`]
    /// on.
    pub odd_byte: Option<usize>,
    /// The stack: its address, and for clone3(2) its size; none for that of the call.
    pub stack: Option<[usize; 2]>,
    /// clone3(2): the ids; none for those of the call.
    pub set_tid: Option<Pointer>,
    /// clone3(2): how many there are; none for as many as the call has.
    pub set_tid_size: Option<u64>,
    /// The word of CLONE_CHILD_SETTID and CLONE_CHILD_CLEARTID.
    pub child_tid: Pointer,
    /// The word of CLONE_PARENT_SETTID, and for clone(2) of CLONE_PIDFD.
    pub parent_tid: Pointer,
    /// clone3(2): the word of CLONE_PIDFD; none for the one of CLONE_PARENT_SETTID.
    pub pidfd: Option<Pointer>,
    /// Whether the task reports its registers, which its maker sees if they share memory.
    pub reports: bool,
}

impl Attempt {
    /// An attempt at a call, with usual arguments.
    pub const fn new(call: Call) -> Self {
        Self {
            call,
            structure: Pointer::Own,
            odd_byte: None,
            stack: None,
            set_tid: None,
            set_tid_size: None,
            child_tid: Pointer::Own,
            parent_tid: Pointer::Own,
            pidfd: Some(Pointer::Own),
            reports: false,
        }
    }
}

/// What a task of [`Attempt`] left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Made {
    /// Its id.
    pub task: Pid,
    /// The word of CLONE_CHILD_SETTID and CLONE_CHILD_CLEARTID after its end; none without such a word.
    pub child_tid: Option<u32>,
    /// The word of CLONE_PARENT_SETTID; none without such a word.
    pub parent_tid: Option<u32>,
    /// What came of closing the descriptor that CLONE_PIDFD stored; none without such a word.
    pub closed: Option<Result<(), Errno>>,
    /// The stack pointer that the task reported; none if its report was not seen.
    pub stack_pointer: Option<usize>,
    /// The FS base that the task reported, with CLONE_SETTLS; none if its report was not seen.
    pub fs_base: Option<usize>,
}
