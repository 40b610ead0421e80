//! The pages of `explain`: a topic, the list of all topics, and how to read a page.

use crate::explain::topic::{Kind, Topic, Visit};
use crate::report::table::{note, resources};
use crate::text::json::Object;
use crate::text::table::{Column, Row, table};
use crate::text::{Joined, Show, Sink, Style, Styled, Wrapped, out};
use crate::witness::resource::RESOURCES;
use crate::witness::verdict::{Asked, Row as Judged, Says};

/// How an example begins.
const PROGRAM: &str = "chimera ";

/// Prints a topic.
pub fn page(out: &mut dyn Sink, topic: &Topic) {
    out!(out, Styled(Style::Strong, topic.name), " (", topic.kind.name(), ")\n");
    note(out, topic.text);
    table(out, &[Column::text(""), Column::prose("")], &|row| facts(topic, row));
}

/// The rows below the text of a topic.
fn facts(topic: &Topic, row: &mut dyn FnMut(&Row<'_, 2>)) {
    let names_flag = matches!(topic.kind, Kind::Flag | Kind::Preset | Kind::Rule);
    if !topic.flags.is_empty() && !names_flag {
        row(&[&"flag", &topic.flags]);
    }
    if let Some(witnesses) = topic.witnesses {
        row(&[&"kernel", &witnesses.kernel]);
        row(&[&"behaviour", &witnesses.behaviour]);
    }
    for (place, example) in topic.examples.iter().enumerate() {
        row(&[&if place == 0 { "try" } else { "" }, &(PROGRAM, *example)]);
    }
    if !topic.see.is_empty() {
        row(&[&"see", &Joined(", ", topic.see.iter())]);
    }
}

/// Writes a topic as a JSON object on one line.
pub fn json(out: &mut dyn Sink, topic: &Topic) {
    Object::line(out, |object| {
        object.text("topic", topic.name);
        object.text("kind", topic.kind.name());
        object.text("text", topic.text);
        object.text_or_null("flag", Some(topic.flags).filter(|flags| !flags.is_empty()));
        match topic.witnesses {
            None => object.null("witnesses"),
            Some(witnesses) => object.object("witnesses", |object| {
                object.text("kernel", witnesses.kernel);
                object.text("behaviour", witnesses.behaviour);
            }),
        }
        object.list("examples", |list| topic.examples.iter().for_each(|example| list.text((PROGRAM, *example))));
        object.list("see", |list| topic.see.iter().for_each(|word| list.text(*word)));
    });
}

/// What the first page says before its example.
const BEFORE: &[&str] = &[
    "chimera makes a task, a process or a thread, and proves what the new task shares with the task that made it. This \
     is part of what `chimera clone VM` prints:",
];

/// What it says of each column.
#[rustfmt::skip]
const COLUMNS: &[(&str, &str)] = &[
    ("resource", "what the row is about: something of which a task has one, alone or together with others"),
    ("asked", "what the flags ask for: shared (one for both tasks), copied (two, equal at first) or new (fresh)"),
    ("kernel", "the first witness: what the kernel says when it is asked, same or different"),
    ("behaviour", "the second witness: one task changes something, the other looks; shared or separate"),
    ("verdict", "honoured: the kernel did what was asked; not-honoured: something else; unknown: neither is proven"),
];

/// What it says after that.
const AFTER: &[&str] = &[
    "Read the first row so: the flag CLONE_VM asks for one memory for both tasks; the kernel says that both have the \
     same; the child wrote to a variable and the parent saw it. So the flag was honoured.",
    "One witness is enough. For the mount namespace nothing could be watched, so behaviour says unknown, and the \
     kernel's word decides alone. If the two witnesses contradict each other, the verdict is unknown. No answer is \
     copied from the flags.",
    "The exit signal is no object to share but an effect: asked is yes or no, and both witnesses say seen or \
     not-seen. Above the table stand the call as strace prints it, what was predicted, and the ids of both tasks; \
     counter is the variable that the child writes to. Below it stands the outcome, from which the exit status \
     follows.",
];

/// What to type next.
#[rustfmt::skip]
const NEXT: &[(&str, &str)] = &[
    ("chimera", "the four kinds of task, compared"),
    ("chimera thread", "one of them: a thread"),
    ("chimera clone VM", "any set of flags: this one makes a chimera"),
    ("chimera rules THREAD", "why the kernel refuses a set"),
    ("chimera explain counter", "any word of these pages"),
];

/// The resources of the example, with what is asked for and what the two witnesses say.
const EXAMPLE: [(&str, Asked, Says, Says); 4] = [
    ("memory", Asked::Shared, Says::One, Says::One),
    ("files", Asked::Copied, Says::Two, Says::Two),
    ("mnt namespace", Asked::Shared, Says::One, Says::Unknown),
    ("exit signal", Asked::New, Says::Two, Says::Two),
];

/// Prints how to read a page, and the list of topics.
pub fn overview(out: &mut dyn Sink, each: &dyn Fn(&mut Visit)) {
    out!(out, Styled(Style::Strong, "How to read a page of chimera"), "\n");
    paragraphs(out, BEFORE);
    out!(out, "\n");
    example(out);
    out!(out, "\n");
    pairs(out, COLUMNS);
    out!(out, "\n");
    paragraphs(out, AFTER);
    out!(out, "\n", Styled(Style::Strong, "What to type next"), "\n");
    pairs(out, NEXT);
    out!(out, "\n", Styled(Style::Strong, "Topics of `chimera explain TOPIC`"), "\n");
    for kind in Kind::ALL {
        out!(out, "  ");
        let topics = Topics { kind, each };
        out!(out, Wrapped { text: &topics, indent: 4 }, "\n");
    }
}

fn paragraphs(out: &mut dyn Sink, texts: &[&str]) {
    texts.iter().for_each(|text| note(out, text));
}

fn pairs(out: &mut dyn Sink, pairs: &[(&str, &str)]) {
    table(out, &[Column::text(""), Column::prose("")], &|row| {
        pairs.iter().for_each(|(name, text)| row(&[name, text]));
    });
}

/// The table of the example, judged as any other.
fn example(out: &mut dyn Sink) {
    let judged = EXAMPLE.map(|(_, asked, kernel, behaviour)| Judged::judge(asked, kernel, behaviour));
    let resource = |name| RESOURCES.iter().find(|resource| resource.name == name);
    let rows = EXAMPLE.iter().zip(&judged).filter_map(|((name, ..), row)| Some((resource(*name)?, row)));
    resources(out, rows);
}

/// The names of the topics of a group, behind the group's.
struct Topics<'a> {
    kind: Kind,
    each: &'a dyn Fn(&mut Visit),
}

impl Show for Topics<'_> {
    fn show(&self, out: &mut dyn Sink) {
        // These are sentences, some with commas.
        let next = if matches!(self.kind, Kind::Cause | Kind::Step) { "; " } else { ", " };
        let mut glue = ": ";
        out!(out, Styled(Style::Strong, self.kind.plural()));
        (self.each)(&mut |topic| {
            if topic.kind == self.kind && topic.is_listed {
                out!(out, core::mem::replace(&mut glue, next), topic.name);
            }
        });
    }
}
