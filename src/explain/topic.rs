//! A topic: one meaning of a word that the program prints.

use crate::clone::flags::Flags;
use crate::text::nearest::Name;
use crate::text::{Show, Sink, out};

/// The groups of topics, in the order in which they are listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "each is the group of its name")]
pub enum Kind {
    Command,
    Mode,
    Preset,
    Flag,
    Resource,
    Effect,
    Column,
    Value,
    Verdict,
    Outcome,
    Word,
    Rule,
    Errno,
    Signal,
    Cause,
    Step,
    Status,
    Option,
    Setting,
    Question,
    Group,
    Reason,
    Apart,
    Key,
}

impl Kind {
    /// All groups, in their order.
    pub const ALL: [Self; 24] = [
        Self::Command,
        Self::Mode,
        Self::Preset,
        Self::Flag,
        Self::Resource,
        Self::Effect,
        Self::Column,
        Self::Value,
        Self::Verdict,
        Self::Outcome,
        Self::Word,
        Self::Rule,
        Self::Errno,
        Self::Signal,
        Self::Cause,
        Self::Step,
        Self::Status,
        Self::Option,
        Self::Setting,
        Self::Question,
        Self::Group,
        Self::Reason,
        Self::Apart,
        Self::Key,
    ];

    /// One of the group, and all of it.
    const fn names(self) -> [&'static str; 2] {
        match self {
            Self::Command => ["command", "commands"],
            Self::Mode => ["mode", "modes"],
            Self::Preset => ["preset", "presets"],
            Self::Flag => ["flag", "flags"],
            Self::Resource => ["resource", "resources"],
            Self::Effect => ["effect", "effects of flags"],
            Self::Column => ["column", "columns"],
            Self::Value => ["value", "values in columns"],
            Self::Verdict => ["verdict", "verdicts"],
            Self::Outcome => ["outcome", "outcomes"],
            Self::Word => ["word", "words"],
            Self::Rule => ["rule", "rules"],
            Self::Errno => ["error number", "error numbers"],
            Self::Signal => ["signal", "signals"],
            Self::Cause => ["cause", "causes of refusals"],
            Self::Step => ["step", "steps that can fail"],
            Self::Status => ["exit status", "exit statuses"],
            Self::Option => ["option", "options"],
            Self::Setting => ["setting", "settings of `chimera doctor`"],
            Self::Question => ["question", "questions of `chimera quiz`"],
            Self::Group => ["group", "groups of `chimera check`"],
            Self::Reason => ["reason to skip", "reasons to skip cases"],
            Self::Apart => ["what sets a case apart", "what sets cases of `chimera check` apart"],
            Self::Key => ["JSON key", "JSON keys"],
        }
    }

    /// What one topic of the group is called.
    pub const fn name(self) -> &'static str {
        self.names()[0]
    }

    /// What the group is called.
    pub const fn plural(self) -> &'static str {
        self.names()[1]
    }
}

/// How the two witnesses look: what the kernel is asked, and what the two tasks do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Witnesses {
    /// What the kernel is asked.
    pub kernel: &'static str,
    /// What the two tasks do.
    pub behaviour: &'static str,
}

/// One meaning of a word.
#[derive(Clone, Copy)]
pub struct Topic<'a> {
    /// The group.
    pub kind: Kind,
    /// The word.
    pub name: Name,
    /// Other words that mean the same. Where a text has a word in brackets, any text may stand.
    pub also: &'a [&'static str],
    /// What it is, in plain words.
    pub text: &'a dyn Show,
    /// The flags that decide; empty for none.
    pub flags: Flags,
    /// How the two witnesses look; none where there is nothing to look at.
    pub witnesses: Option<Witnesses>,
    /// Command lines to type, the words after `chimera`.
    pub examples: &'a [&'a dyn Show],
    /// Other topics, and pages of the manual.
    pub see: &'a [&'a str],
    /// Whether the topic is worth its place in the list of all.
    pub is_listed: bool,
}

/// What takes topics, one after another.
pub type Visit<'a> = dyn FnMut(&Topic) + 'a;

/// A text of a table: what something is, command lines that show it, and where to read on.
#[derive(Clone, Copy)]
pub struct Plain {
    /// What it is, in plain words.
    pub text: &'static str,
    /// Command lines to type, the words after `chimera`.
    pub examples: &'static [&'static str],
    /// Other topics, and pages of the manual.
    pub see: &'static [&'static str],
}

impl Plain {
    /// A text of a table.
    pub const fn new(text: &'static str, examples: &'static [&'static str], see: &'static [&'static str]) -> Self {
        Self { text, examples, see }
    }

    /// Passes on a topic with this text, followed by facts from another table.
    pub fn visit_with(&self, kind: Kind, name: Name, also: &[&'static str], facts: &dyn Show, visit: &mut Visit) {
        self.visit_about(&About { kind, name, also, facts, flags: Flags::empty(), witnesses: None }, visit);
    }

    /// Passes on a topic with this text.
    pub fn visit(&self, kind: Kind, name: &'static str, also: &[&'static str], visit: &mut Visit) {
        self.visit_with(kind, ("", name), also, &"", visit);
    }

    /// Passes on a topic with this text, and all that is known about it.
    pub fn visit_about(&self, about: &About, visit: &mut Visit) {
        const MOST: usize = 3;
        let mut examples: [&dyn Show; MOST] = [&""; MOST];
        let count = self.examples.len().min(MOST);
        for (place, example) in examples.iter_mut().zip(self.examples) {
            *place = example;
        }
        visit(&Topic {
            kind: about.kind,
            name: about.name,
            also: about.also,
            text: &Facts(self.text, about.facts),
            flags: about.flags,
            witnesses: about.witnesses,
            examples: &examples[..count],
            see: self.see,
            is_listed: true,
        });
    }
}

/// What a topic has besides its text.
pub struct About<'a> {
    /// The group.
    pub kind: Kind,
    /// The word.
    pub name: Name,
    /// Other words that mean the same.
    pub also: &'a [&'static str],
    /// Facts from another table, which follow the text.
    pub facts: &'a dyn Show,
    /// The flags that decide.
    pub flags: Flags,
    /// How the two witnesses look.
    pub witnesses: Option<Witnesses>,
}

/// A text, and facts behind it.
struct Facts<'a>(&'a str, &'a dyn Show);

impl Show for Facts<'_> {
    fn show(&self, out: &mut dyn Sink) {
        out!(out, self.0, self.1);
    }
}
