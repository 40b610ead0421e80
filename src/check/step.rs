//! The named steps of cases that are not about a call of clone(2): what was done, or written, in a word.

macro_rules! steps {
    ($($name:ident $text:literal)*) => {
        /// A step.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Step {
            $(#[doc = concat!("`", $text, "`")] $name,)*
        }

        impl Step {
            /// All, in the order of their indexes.
            pub const ALL: &[Step] = &[$(Step::$name),*];

            /// The word in diagnostics.
            pub fn name(self) -> &'static str {
                match self {
                    $(Step::$name => $text,)*
                }
            }
        }
    };
}

steps! {
    // What other steps need.
    Enter "enter"
    EnterAgain "enter-again"
    Open "open"
    Make "make"
    WriteUidMap "write-uid_map"
    WriteGidMap "write-gid_map"
    WriteProjidMap "write-projid_map"
    WriteSetgroups "write-setgroups"
    WriteLimit "write-limit"
    Setuid "setuid"

    // Ids and rights.
    Getuid "getuid"
    Geteuid "geteuid"
    Getgid "getgid"
    SetuidRoot "setuid-0"
    SetgidRoot "setgid-0"
    SetuidUnmapped "setuid-unmapped"
    SetgidUnmapped "setgid-unmapped"
    Setgroups "setgroups"
    SetgroupsDenied "setgroups-denied"
    SetgroupsMapped "setgroups-mapped"
    SetgroupsAllowed "setgroups-allowed"
    Capabilities "capabilities"
    InnerId "inner-id"
    LastId "last-id"
    ReadMap "read-map"
    OwnerUnmapped "owner-unmapped"
    OwnerMapped "owner-mapped"
    OwnerInside "owner-inside"
    OwnerOutside "owner-outside"
    Undumpable "undumpable"

    // Lines of a map.
    Plain "plain"
    Newline "newline"
    Tabs "tabs"
    Blanks "blanks"
    BlanksBehind "blanks-behind"
    ZeroByte "zero-byte"
    First "first"
    AfterUidMap "after-uid_map"
    UidMapFirst "uid_map-first"
    NotDenied "not-denied"
    Denied "denied"
    Same "same"
    Another "another"
    Garbage "garbage"
    Empty "empty"
    SameFile "same-file"
    AfterRefusal "after-refusal"
    OtherId "other-id"
    Two "two-ids"
    TwoLines "two-lines"
    AllIds "all-ids"
    OnlyNewline "only-newline"
    OnlyBlank "only-blank"
    CountZero "count-0"
    NoCount "no-count"
    OneField "one-field"
    FourFields "four-fields"
    Letters "letters"
    Hexadecimal "hexadecimal"
    Commas "commas"
    InnerNegative "inner-negative"
    OuterNegative "outer-negative"
    CountNegative "count-negative"
    InnerNone "inner-none"
    OuterNone "outer-none"
    InnerWraps "inner-wraps"
    OuterWraps "outer-wraps"
    EmptyFirst "empty-first-line"
    EmptySecond "empty-second-line"
    ShortSecond "short-second-line"
    InnerTwice "inner-twice"
    OuterTwice "outer-twice"
    RangesMeet "ranges-meet"
    Lines340 "340-lines"
    Lines341 "341-lines"
    Bytes4095 "4095-bytes"
    Bytes4096 "4096-bytes"
    Bytes4097 "4097-bytes"
    Offset1 "offset-1"
    OffsetBack "offset-back"

    // The word of setgroups.
    Deny "deny"
    DenyNewline "deny-newline"
    DenyBlanks "deny-blanks"
    DenyTwice "deny-twice"
    DenyLong "deny-8-bytes"
    Allow "allow"
    AllowNewline "allow-newline"
    CapitalLetter "capital-letter"
    LetterBehind "letter-behind"
    AllowAfterDeny "allow-after-deny"
    DenyAfterMap "deny-after-map"
    AllowAfterMap "allow-after-map"
    AllowBelow "allow-below"

    // Who writes.
    Outside "outside"
    AllThree "all-three"
    OutsideSecond "outside-second"
    InsideSecond "inside-second"
    OtherGroup "other-group"
    GroupZero "group-0"
    Unmapped "not-mapped-outside"
    NoSetfcapInside "no-setfcap-inside"
    NoSetfcapOutside "no-setfcap-outside"
    SetfcapInside "setfcap-inside"
    SetfcapOutside "setfcap-outside"
    OwnPlace "own-place"
    ParentsUidMap "parents-uid_map"
    ParentsProjidMap "parents-projid_map"
    Siblings "siblings"
    Grandchilds "grandchilds"

    // Namespaces in each other.
    NoMap "no-map"
    OnlyUidMap "only-uid_map"
    OnlyGidMap "only-gid_map"
    BothMaps "both-maps"
    MiddleId "middle-id"
    OuterId "outer-id"
    Deepest "deepest"
    Levels "levels"
    LimitOwn "limit-own"
    LimitThere "limit-there"
    LimitBelow "limit-below"
    LimitOutside "limit-outside"

    // What is shared, and entered.
    OfItself "of-itself"
    OfParent "of-parent"
    OfChild "of-child"
    OfParentUnmapped "of-parent-unmapped"
    SetnsShared "setns-shared"
    UnshareShared "unshare-shared"
    SetnsThread "setns-thread"
    UnshareThread "unshare-thread"
    UnshareMemory "unshare-memory"
    // Waiting for a task, and what its end tells.
    AwaitEnd "await-end"
    Wait "wait"
    WaitAgain "wait-again"
    WaitForRunning "wait-for-running-child"
    WaitForEnded "wait-for-ended-child"
    Take "wait-and-reap"
    WaitForTaken "wait-for-reaped-child"
    WaitForOthers "wait-for-other-children"
    WaitByParent "wait-by-callers-parent"
    WaitAsThread "wait-with-wnothread"
    WaitAsHeir "wait-with-wnothread-after-threads-end"
    Arrive "signal-arrives"
    LeaveZombie "zombie-is-left"
    IgnoreChild "sigchld-is-ignored"
}
