//! The line that registers an interpreter with binfmt_misc: its fields, and what the kernel does not take
//! (`create_entry()` of fs/binfmt_misc.c).

/// The fields of a line, which begins with the byte that is between them. A field that is missing is empty.
pub struct Fields<'a> {
    name: &'a [u8],
    kind: &'a [u8],
    magic: &'a [u8],
    /// The path of the interpreter.
    pub interpreter: &'a [u8],
    flags: &'a [u8],
    /// Whether there are more fields.
    has_more: bool,
}

impl<'a> Fields<'a> {
    /// Takes a line apart; none if it is empty.
    pub fn of(line: &'a [u8]) -> Option<Self> {
        let (between, fields) = line.split_first()?;
        let mut fields = fields.split(|byte| byte == between);
        let mut next = || fields.next().unwrap_or_default();
        let [name, kind, _, magic, _, interpreter, flags] = [(); 7].map(|()| next());
        Some(Self { name, kind, magic, interpreter, flags, has_more: fields.next().is_some() })
    }

    /// Whether the kernel opens the interpreter when the line is written.
    pub fn opens_at_once(&self) -> bool {
        self.flags.contains(&b'F')
    }

    /// Whether there is a field that the kernel does not take.
    fn is_wrong(&self) -> bool {
        let is_no_name = matches!(self.name, b"" | b"." | b"..") || self.name.contains(&b'/');
        let is_no_kind = !matches!(self.kind, b"E" | b"M");
        let is_no_flag = |flag: &u8| !b"POCF\n".contains(flag);
        is_no_name
            || is_no_kind
            || self.magic.is_empty()
            || self.interpreter.is_empty()
            || self.flags.iter().any(is_no_flag)
            || self.has_more
    }
}

/// The shortest line, in bytes.
const SHORTEST: usize = 11;
/// The longest line in bytes: MAX_REGISTER_LENGTH.
const LONGEST: usize = 1920;

/// Whether the kernel takes this for no line.
pub fn is_no_line(line: &[u8]) -> bool {
    !(SHORTEST..=LONGEST).contains(&line.len()) || Fields::of(line).is_none_or(|fields| fields.is_wrong())
}
