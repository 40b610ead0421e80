//! The report: a page for people, or one JSON object.

use super::settings;
use super::told::Told;
use super::tries::{OTHERS, Outcome, Try, USER};
use crate::error::{Failure, Step, Why};
use crate::host::aside::SharedText;
use crate::report::json;
use crate::report::page::Page;
use crate::report::show::Name;
use crate::sys::Result;
use crate::text::json::{List, Object};
use crate::text::table::{Column, Layout};
use crate::text::{Outside, Repeat, Show, Sink, Style, Styled, WIDTH, Wrapped, out};
use core::cell::Cell;
use core::ffi::CStr;

/// The form of the report.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// For people.
    Page,
    /// `--json`
    Json,
}

impl Form {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Page, Self::Json];

    /// The word that has the program of a trial [`conclude`] the report.
    pub const fn word(self) -> &'static CStr {
        match self {
            Self::Page => c"conclude",
            Self::Json => c"conclude-json",
        }
    }
}

/// What a report is made with.
pub struct Report {
    form: Form,
    value: SharedText,
    told: Told,
}

/// The page, which has to be written out in the middle of a report where the rest is written by another program. It is
/// absent only while one of the methods below has it.
struct Shared<'a>(Cell<Option<&'a mut Page>>);

impl Shared<'_> {
    /// Calls `act` with the page.
    fn with(&self, act: impl FnOnce(&mut Page)) {
        if let Some(page) = self.0.take() {
            act(page);
            self.0.set(Some(page));
        }
    }
}

impl Sink for &Shared<'_> {
    fn put(&mut self, bytes: &[u8]) {
        self.with(|page| page.put(bytes));
    }

    fn column(&self) -> usize {
        let mut column = 0;
        self.with(|page| column = page.column());
        column
    }

    fn width(&mut self) -> usize {
        let mut width = WIDTH;
        self.with(|page| width = page.width());
        width
    }

    fn paint(&mut self, style: Style) {
        self.with(|page| page.paint(style));
    }
}

impl Report {
    /// Nothing looked at yet.
    pub fn new(form: Form) -> Result<Self> {
        Ok(Self { form, value: SharedText::new(1023)?, told: Told::new()? })
    }

    /// Looks, tries and writes all of it; returns whether `run -r` works.
    pub fn write(&self, page: &mut Page) -> bool {
        let page = &Shared(Cell::new(Some(page)));
        match self.form {
            Form::Page => self.page(page),
            Form::Json => self.object(page),
        }
    }

    /// Writes everything for people.
    fn page(&self, page: &Shared) -> bool {
        let out: &mut dyn Sink = &mut &*page;
        self.settings(out);
        let mut tries = of_tries();
        tries.begin(out);
        let user = self.try_all(page, &mut |tried, outcome, is_usable| {
            let out: &mut dyn Sink = &mut &*page;
            line(out, &tries, tried, outcome);
            // What forbids the user namespace forbids the others too, and is told at the end.
            if let (true, Outcome::Failed(failure)) = (is_usable, outcome)
                && let Some(told) = self.told.find(failure, tried.flags())
            {
                out!(out, "    cause: ", Wrapped { text: &told.cause, indent: 6 }, "\n    try: ", told.remedy, "\n");
            }
        });
        self.verdict(out, user);
        user == Outcome::Works
    }

    /// Writes the settings for people.
    fn settings(&self, out: &mut dyn Sink) {
        out!(out, "What decides about user namespaces here\n");
        let mut layout = Layout::new(&OF_SETTINGS);
        settings::each(&mut |about| {
            // How long the values are is known only later, and the last column wraps.
            layout.measure(&[about.name, &"good", &about.options, &about.source, &Repeat(" ", VALUE)]);
        });
        layout.begin(out);
        settings::look(&self.value, &mut |about, good| {
            let (style, state) = match good {
                Some(true) => (Style::Good, "good"),
                Some(false) => (Style::Bad, "bad"),
                None => (Style::Plain, "-"),
            };
            let value = Styled(if good == Some(false) { style } else { Style::Plain }, &self.value);
            layout.row(out, &[about.name, &Styled(style, state), &about.options, &about.source, &value]);
        });
        layout.end(out);
        out!(out, Wrapped { text: LEGEND, indent: 2 }, "\n\n");
    }

    /// Writes the verdict for people.
    fn verdict(&self, out: &mut dyn Sink, user: Outcome) {
        let Some(failure) = user.failure() else { return usable(out) };
        out!(out, "\nverdict: ", Styled(Style::Bad, "forbidden"), ": ");
        // What may be pasted is never broken.
        match self.told.find(failure, USER.flags()) {
            Some(told) => out!(out, Wrapped { text: &told.cause, indent: 2 }, "\n  try: ", told.remedy, "\n"),
            None => out!(out, Wrapped { text: (Shown(failure, &USER), "; no cause was found"), indent: 2 }, "\n"),
        }
    }

    /// Writes everything as one JSON object.
    fn object(&self, page: &Shared) -> bool {
        let mut user = None;
        Object::line(&mut &*page, |object| {
            json::kernel(object);
            object.list("rows", |list| self.rows(list));
            object.list("tries", |list| {
                user = Some(self.try_all(page, &mut |tried, outcome, _| {
                    list.object(|object| self.members(object, tried, outcome));
                }));
            });
            let failure = user.and_then(Outcome::failure);
            object.text("verdict", if failure.is_none() { "usable" } else { "forbidden" });
            let told = failure.and_then(|failure| self.told.find(failure, USER.flags()));
            object.text_or_null("cause", told.map(|told| &told.cause));
            object.text_or_null("remedy", told.map(|told| &told.remedy));
        });
        user == Some(Outcome::Works)
    }

    /// Writes the settings as objects.
    fn rows(&self, list: &mut List) {
        settings::look(&self.value, &mut |about, good| {
            list.object(|row| {
                row.text("name", about.name);
                row.text("value", &self.value);
                row.bool_or_null("good", good);
                row.text("options", about.options);
                row.text("source", about.source);
            });
        });
    }

    /// Writes the members of a try.
    fn members(&self, object: &mut Object, tried: &Try, outcome: Outcome) {
        head(object, tried, outcome);
        let told = outcome.failure().and_then(|failure| self.told.find(failure, tried.flags()));
        object.text_or_null("cause", told.map(|told| &told.cause));
        object.text_or_null("remedy", told.map(|told| &told.remedy));
    }

    /// Tries everything and passes each outcome to `report`, and whether the user namespace is known to work. Returns
    /// the outcome of the user namespace.
    ///
    /// Without a process to try it in, this one does it, at last: then the report is concluded by its next program.
    fn try_all(&self, page: &Shared, report: &mut dyn FnMut(&Try, Outcome, bool)) -> Outcome {
        let mut user = USER.attempt();
        let is_alone = matches!(user, Outcome::Untried(_));
        if !is_alone {
            report(&USER, user, false);
        }
        for tried in &OTHERS {
            report(tried, tried.attempt(), user == Outcome::Works);
        }
        if is_alone {
            page.with(Page::flush);
            user = USER.attempt_in_place(self.form.word());
            report(&USER, user, false);
        }
        user
    }
}

/// The columns of the settings.
const OF_SETTINGS: [Column; 5] = [
    Column::text("setting"),
    Column::text("state"),
    Column::text("for run").leaves(2),
    Column::text("looked at").leaves(1),
    Column::prose("value").least(VALUE),
];

/// The least width of a value: that of the longest names of capabilities.
const VALUE: usize = 16;

const LEGEND: &str = "\
  state: a good setting allows, and a bad one forbids, what `chimera run` does with the options named in \"for run\"; - by \
  itself does neither. The verdict rests on -r alone. A value - is not there, or cannot be seen.";

/// The columns of the tries.
const OF_TRIES: [Column; 3] = [Column::text("namespace"), Column::text("result"), Column::prose("made by")];

/// The layout of the tries, the same in each program that writes some of them.
fn of_tries() -> Layout<'static, 3> {
    let mut layout = Layout::new(&OF_TRIES);
    for Try { name, options, .. } in [&USER].into_iter().chain(&OTHERS) {
        layout.measure(&[name, &"EOPNOTSUPP", &("chimera run ", options)]);
    }
    layout
}

/// Writes the verdict where it is good.
fn usable(out: &mut dyn Sink) {
    out!(out, "\nverdict: ", Styled(Style::Good, "usable"), ": `chimera run -r` works here\n");
}

/// In the next program of a process that became root in place: writes the rest of the report.
pub fn conclude(page: &mut Page, form: Form) {
    match form {
        Form::Page => {
            line(page, &of_tries(), &USER, Outcome::Works);
            usable(page);
        }
        Form::Json => {
            out!(page, ",");
            Object::write(page, |object| {
                head(object, &USER, Outcome::Works);
                object.null("cause");
                object.null("remedy");
            });
            out!(page, "],\"verdict\":\"usable\",\"cause\":null,\"remedy\":null}\n");
        }
    }
}

/// Writes the line of a try, and the failed step below it. What was not tried has one reason, which is written once.
fn line(out: &mut dyn Sink, layout: &Layout<3>, tried: &Try, outcome: Outcome) {
    let style = match outcome {
        Outcome::Works => Style::Good,
        Outcome::Failed(_) => Style::Bad,
        Outcome::Absent | Outcome::Untried(_) => Style::Doubtful,
    };
    layout.row(out, &[&tried.name, &Styled(style, outcome), &("chimera run ", tried.options)]);
    let is_told = matches!(outcome, Outcome::Untried(_)) && tried.name != OTHERS[0].name;
    if let Some(failure) = outcome.failure().filter(|_| !is_told) {
        out!(out, "    ", Wrapped { text: Shown(failure, tried), indent: 6 }, "\n");
    }
}

/// Writes the first members of a try.
fn head(object: &mut Object, tried: &Try, outcome: Outcome) {
    object.text("kind", tried.name);
    object.text("options", tried.options);
    object.text("result", outcome);
    object.text_or_null("step", outcome.failure().map(|failure| failure.step.name()));
}

/// The outcome in a word.
impl Show for Outcome {
    fn show(&self, out: &mut dyn Sink) {
        match self {
            Self::Works => out!(out, "OK"),
            Self::Absent => out!(out, "absent"),
            Self::Untried(_) => out!(out, "untried"),
            Self::Failed(Failure { why: Why::Errno(errno), .. }) => out!(out, Name(*errno)),
            Self::Failed(Failure { why, .. }) => out!(out, why),
        }
    }
}

/// The step of a try, and why it failed.
struct Shown<'a>(Failure, &'a Try);

impl Show for Shown<'_> {
    fn show(&self, out: &mut dyn Sink) {
        let Self(Failure { step, why }, tried) = *self;
        // A process that was killed outside of any step has none.
        if !matches!((step, why), (Step::Killed, Why::Signal(_))) {
            let argument = tried.argument(step);
            out!(out, step.name(), if argument.is_empty() { "" } else { " " }, Outside(argument), ": ");
        }
        match why {
            Why::Signal(signal) => out!(out, "killed by ", signal),
            why => out!(out, why),
        }
    }
}
