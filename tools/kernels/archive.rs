//! An archive in the format of cpio's `newc`, of which the kernel makes the first root of files.
//!
//! The same files make the same bytes: nothing of the machine (times, owners, inodes) gets in.

/// What an entry is.
pub enum Kind<'a> {
    Folder,
    File(&'a [u8]),
    /// A character device: major and minor number.
    Device(u32, u32),
    /// A symbolic link, to this path.
    Link(&'a str),
}

/// An archive to which entries are added, a folder before what lies in it.
#[derive(Default)]
pub struct Archive {
    bytes: Vec<u8>,
    entries: u32,
}

impl Archive {
    /// Adds an entry, owned by root.
    pub fn add(&mut self, name: &str, permissions: u32, kind: &Kind) {
        let (mode, content, device): (u32, &[u8], (u32, u32)) = match *kind {
            Kind::Folder => (0o040000, &[], (0, 0)),
            Kind::File(content) => (0o100000, content, (0, 0)),
            Kind::Device(major, minor) => (0o020000, &[], (major, minor)),
            Kind::Link(path) => (0o120000, path.as_bytes(), (0, 0)),
        };
        self.entry(name, mode | permissions, content, device);
    }

    /// The whole archive.
    pub fn finish(mut self) -> Vec<u8> {
        self.entry("TRAILER!!!", 0, &[], (0, 0));
        self.bytes
    }

    fn entry(&mut self, name: &str, mode: u32, content: &[u8], device: (u32, u32)) {
        self.entries += 1;
        let size = |bytes: usize| u32::try_from(bytes).expect("less than 4 GiB");
        // Inode, mode, owner, group, links, time, size, the device that holds it and the one that it is (two numbers
        // each), the size of the name with its zero, and a checksum, which this format does not have.
        let fields =
            [self.entries, mode, 0, 0, 1, 0, size(content.len()), 0, 0, device.0, device.1, size(name.len() + 1), 0];
        self.bytes.extend_from_slice(b"070701");
        fields.iter().for_each(|field| self.bytes.extend_from_slice(format!("{field:08x}").as_bytes()));
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.push(0);
        self.pad();
        self.bytes.extend_from_slice(content);
        self.pad();
    }

    fn pad(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
    }
}
