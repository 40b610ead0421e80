//! Every word that the program can say, in one list.
//!
//! The decision behind it: a text is a small number. Tables hold these instead of pointers, a call that prints
//! one needs no address, and whoever wants to know what the program says reads it here. A text may have places for
//! values: `#` for a number in decimal, `$` for one in hexadecimal, `@` for another text. `\t` goes on at the next
//! column of 20, 30, 40 and so on, `\n` ends a line.

/// Makes the list: the names, and the texts in the same order.
macro_rules! texts {
    ($($(#[$only:meta])* $name:ident $text:expr;)*) => {
        /// A text, by its name.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u16)]
        #[allow(missing_docs, reason = "each is its text")]
        pub enum Text {
            $($(#[$only])* $name,)*
        }

        const LIST: &[&str] = &[$($(#[$only])* $text,)*];
    };
}

texts! {
    Nothing "";
    // Resources, and the flags that decide about them.
    Memory "memory";
    Files "files";
    Fs "cwd/root/umask";
    Handlers "signal handlers";
    ThreadGroup "thread group";
    Parent "parent";
    UserNamespace "user namespace";
    FlagVm "VM";
    FlagFs "FS";
    FlagFiles "FILES";
    FlagSighand "SIGHAND";
    FlagParent "PARENT";
    FlagThread "THREAD";
    FlagSysvsem "SYSVSEM";
    FlagSettls "SETTLS";
    FlagParentSettid "PARENT_SETTID";
    FlagChildCleartid "CHILD_CLEARTID";
    FlagNewuser "NEWUSER";
    // What is said of a resource.
    Shared "shared";
    Copied "copied";
    New "new";
    Different "different";
    Same "same";
    Separate "separate";
    // The verdicts, in the order of `Tally`.
    Honoured "honoured";
    NotHonoured "not-honoured";
    Unknown "unknown";
    // The modes and their tasks.
    Fork "fork";
    Fork2 "fork(2)";
    Chimera "chimera";
    Thread "thread";
    Pthread "pthread";
    User "user";
    AboutFork "a copy of everything";
    AboutFork2 "by fork(2)";
    AboutChimera "a process in this memory";
    AboutThread "the barest thread";
    AboutPthread "by pthread_create(3)";
    AboutUser "root of a user namespace";
    // The page of a task.
    Title "@: @\n";
    Indent "  ";
    CallFork "fork()";
    CallCopied "clone(child_stack=NULL, flags=";
    CallStack "clone(child_stack=0x$, flags=";
    FlagPrefix "CLONE_";
    FlagGlue "|CLONE_";
    SignalAlone "SIGCHLD";
    SignalGlue "|SIGCHLD";
    ParentTid ", parent_tid=[#]";
    Tls ", tls=0x$";
    ChildTid ", child_tidptr=0x$";
    Null "null";
    CallEnd ")";
    CallResult " = #\n";
    IdsHead "\tppid\tpid\ttid\tuid\tgid\tcounter\n";
    IdsParent "  parent";
    IdsChild "  child";
    Ids "\t#\t#\t#\t#\t#\t#\n";
    ResourcesHead "  resource\tCLONE_\tasked\tkernel\tbehaviour\tverdict\n";
    Resource "  @\t@\t@\t@\t@\t@\n";
    RootHead "  then the child:\n";
    RootDeny " \"deny\"";
    RootMap " \"0 # 1\"";
    Compared "clone(2) and fork(2): @ facts\n";
    Tally "# facts proven, # not as claimed, # unknown\n";
    // What can be refused, in the order of `CAUSES`; then the deaths, which no errno explains.
    Call "";
    Board "mmap the board";
    Stack "mmap a stack";
    Guard "guard a stack";
    Act "await the child's act";
    End "await the child's end";
    Output "write to fd 1";
    RootSetgroups "write /proc/self/setgroups";
    RootUidMap "write /proc/self/uid_map";
    RootGidMap "write /proc/self/gid_map";
    RootGetuid "getuid()";
    RootGetgid "getgid()";
    RootSetuid "setuid(0)";
    RootUnshare "unshare(CLONE_NEWUTS)";
    RootSethostname "sethostname(\"chimera\")";
    Killed "the child was killed";
    AtGuard "the child ran into its guard page";
    // Errors.
    Name "chimera: ";
    Colon ": ";
    Signal "signal #";
    Errno "errno #";
    Usage "usage: ";
    UsageEnd "? see chimera --help\n";
    Eperm "EPERM (Operation not permitted)";
    Enoent "ENOENT (No such file or directory)";
    Eintr "EINTR (Interrupted system call)";
    Eio "EIO (Input/output error)";
    Ebadf "EBADF (Bad file descriptor)";
    Echild "ECHILD (No child processes)";
    Eagain "EAGAIN (Resource temporarily unavailable)";
    Enomem "ENOMEM (Cannot allocate memory)";
    Eacces "EACCES (Permission denied)";
    Einval "EINVAL (Invalid argument)";
    Enospc "ENOSPC (No space left on device)";
    Enosys "ENOSYS (Function not implemented)";
    Etimedout "ETIMEDOUT (Connection timed out)";
    // The command line.
    #[cfg(not(feature = "laboratory"))] Synopsis "usage: chimera [fork|chimera|thread|user]\n";
    #[cfg(feature = "laboratory")] Synopsis "\
usage: chimera [fork|chimera|thread|user] [-v] [--json]

Makes tasks with clone(2) and proves what they share.\n";
    #[cfg(feature = "laboratory")] Help "
  -v, --verbose  stacks too
  --json         one object a task
  -h, --help     -V, --version

status: 0 proven, 1 not or failed, 2 usage, 4 refused here\n";
    Version concat!("chimera ", env!("CARGO_PKG_VERSION"), "\n");
    OptionHelp "--help";
    OptionH "-h";
    OptionVersion "--version";
    OptionV "-V";
    #[cfg(feature = "laboratory")] OptionVerbose "--verbose";
    #[cfg(feature = "laboratory")] OptionSmallV "-v";
    #[cfg(feature = "laboratory")] OptionJson "--json";
    // The causes of a refusal, each with its remedy.
    #[cfg(feature = "laboratory")] Cause "  cause: @\n";
    #[cfg(feature = "laboratory")] NoProc "no /proc; mount -t proc proc /proc";
    #[cfg(feature = "laboratory")] Unmapped "uid is not mapped; write uid_map first";
    #[cfg(feature = "laboratory")] Chroot "a chroot; run outside";
    #[cfg(feature = "laboratory")] Unprivileged "only root may; sysctl kernel.unprivileged_userns_clone=1";
    #[cfg(feature = "laboratory")] Apparmor "AppArmor; sysctl kernel.apparmor_restrict_unprivileged_userns=0";
    #[cfg(feature = "laboratory")] NoneAllowed "none allowed; sysctl user.max_user_namespaces=1000";
    #[cfg(feature = "laboratory")] LimitReached "too many or deep; sysctl user.max_user_namespaces";
    #[cfg(feature = "laboratory")] LimitTasks "too many tasks; ulimit -u or pids.max";
    #[cfg(feature = "laboratory")] LimitMemory "no memory; ulimit -v";
    #[cfg(feature = "laboratory")] Seccomp "seccomp; run with seccomp=unconfined";
    // The stack as built.
    #[cfg(feature = "laboratory")] StackCopied "    a copy of its maker's\n";
    #[cfg(feature = "laboratory")] StackTop "    0x$ top\n";
    #[cfg(feature = "laboratory")] StackWord "    0x$: 0x$ ";
    #[cfg(feature = "laboratory")] StackEntry "entry\n";
    #[cfg(feature = "laboratory")] StackArgument "argument\n";
    #[cfg(feature = "laboratory")] StackExit "last call\n";
    #[cfg(feature = "laboratory")] StackEnd "the end\n";
    #[cfg(feature = "laboratory")] StackBase "    0x$ base\n    0x$ guard\n";
    // The table of the tour.
    #[cfg(feature = "laboratory")] TableHead "What tasks share with their maker\n  resource";
    #[cfg(feature = "laboratory")] Skip "SKIP";
    #[cfg(feature = "laboratory")] Failed "FAILED";
    #[cfg(feature = "laboratory")] Wrong "WRONG";
    #[cfg(feature = "laboratory")] TableFoot "  shared: one for both; copied: equal at first; new: fresh
  parent: new is the maker, shared its own\n";
    // The object of JSON.
    #[cfg(feature = "laboratory")] JsonHead "{\"api\":\"@\",\"flags\":\"";
    #[cfg(feature = "laboratory")] JsonBits "\",\"bits\":\"0x$\",\"exit_signal\":#,\"predicted\":\"OK\",\"result\":\"";
    #[cfg(feature = "laboratory")] JsonClone "clone";
    #[cfg(feature = "laboratory")] JsonOk "OK";
    #[cfg(feature = "laboratory")] JsonOutcome "\",\"rule\":null,\"why\":@@@,\"outcome\":\"@\",\"kernel\":\"";
    #[cfg(feature = "laboratory")] JsonQuote "\"";
    #[cfg(feature = "laboratory")] JsonRefused "refused-otherwise";
    #[cfg(feature = "laboratory")] JsonCrashed "crashed";
    #[cfg(feature = "laboratory")] JsonParent "\",\"parent\":";
    #[cfg(feature = "laboratory")] JsonChild ",\"child\":";
    #[cfg(feature = "laboratory")] JsonIds "{\"ppid\":#,\"pid\":#,\"tid\":#,\"uid\":#}";
    #[cfg(feature = "laboratory")] JsonResources ",\"resources\":[";
    #[cfg(feature = "laboratory")] JsonComma ",";
    #[cfg(feature = "laboratory")] JsonResource "{\"name\":\"@\",\"flag\":\"CLONE_@\",\"asked\":\"@\",\"kernel\":\"@\",\"behaviour\":\"@\",\"verdict\":\"@\"}";
    #[cfg(feature = "laboratory")] JsonEnd "]}\n";
}

/// How long each text is, in bytes.
const LENGTHS: [u8; LIST.len()] = {
    let (mut lengths, mut place) = ([0; LIST.len()], 0);
    while place < LIST.len() {
        assert!(LIST[place].len() <= u8::MAX as usize, "a text too long for its length: make two of it");
        lengths[place] = LIST[place].len() as u8;
        place += 1;
    }
    lengths
};

/// How many bytes the first `count` texts have together.
const fn length(lengths: &[u8], count: usize) -> usize {
    let (mut sum, mut place) = (0, 0);
    while place < count {
        sum += lengths[place] as usize;
        place += 1;
    }
    sum
}

/// All texts, one after another.
const BYTES: [u8; length(&LENGTHS, LIST.len())] = {
    let (mut bytes, mut end, mut place) = ([0; length(&LENGTHS, LIST.len())], 0, 0);
    while place < LIST.len() {
        let (text, mut byte) = (LIST[place].as_bytes(), 0);
        while byte < text.len() {
            bytes[end] = text[byte];
            byte += 1;
            end += 1;
        }
        place += 1;
    }
    bytes
};

impl Text {
    /// Its bytes.
    pub fn bytes(self) -> &'static [u8] {
        static ALL: [u8; BYTES.len()] = BYTES;
        static EACH: [u8; LENGTHS.len()] = LENGTHS;
        let (mut rest, mut place) = (&ALL[..], self as usize);
        for length in &EACH {
            let text;
            (text, rest) = rest.split_at_checked(usize::from(*length)).unwrap_or_default();
            if place == 0 {
                return text;
            }
            place -= 1;
        }
        &[]
    }
}

/// Writes the digits of a number at the end of `room` and answers where they begin; what has no room is left out.
pub fn digits(mut n: usize, base: usize, room: &mut [u8]) -> usize {
    for (place, room) in room.iter_mut().enumerate().rev() {
        let digit = (n % base) as u8;
        *room = if digit < 10 { b'0' + digit } else { b'a' - 10 + digit };
        n /= base;
        if n == 0 {
            return place;
        }
    }
    0
}
