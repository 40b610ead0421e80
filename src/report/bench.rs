//! The page of `bench`: what each kind of task costs, in a table with a bar.

use super::show::Name;
use crate::bench::ratio;
use crate::bench::sample::Cell;
use crate::clone::call::Call;
use crate::error::Failure;
use crate::host::place::Place;
use crate::rules::expected::Expected;
use crate::rules::rule;
use crate::text::table::{Column, Layout};
use crate::text::{Fixed, Outside, Repeat, Show, Sink, Style, Styled, With, Wrapped, out};

/// The columns, of which the last is a bar.
const COLUMNS: [Column; 7] = [
    Column::text("kind"),
    Column::number("p10 us").leaves(1),
    Column::number("p50 us"),
    Column::number("p99 us").leaves(2),
    Column::number("bare us").leaves(3),
    Column::number("ratio"),
    Column::prose("p50").least(LEAST + NOISY.len()),
];

/// The number of columns.
const COUNT: usize = COLUMNS.len();

/// The layout of the table.
pub type OfBench = Layout<'static, COUNT>;

/// The longest bar, and the room for one on a narrow page.
const LONGEST: usize = 50;
const LEAST: usize = 10;

/// The time for which a mark stands, in nanoseconds.
const MARK: usize = 10_000;

/// What follows a bar that is unreliable.
const NOISY: &str = " noisy";

/// Says what the columns are.
pub fn legend(out: &mut dyn Sink) {
    let text = "The time to make a task, to let it end and to reap it, in microseconds (us). Half of the runs took less than \
                p50, one in ten less than p10; one in a hundred took more than p99, mostly because other programs ran \
                meanwhile. bare is the p50 of the same system calls in a loop of assembly, and ratio is p50 divided by bare. \
                In the bar a # is 10 us of p50, and > is more than there is room for.";
    out!(out, Wrapped { text, indent: 0 }, "\n");
}

/// Says which rows mean little.
pub fn noise(out: &mut dyn Sink) {
    out!(out, "Rows marked noisy are unreliable: the machine was busy.\n");
}

/// A layout that has room for a kind of each of these names, once it is told of them.
pub fn layout() -> OfBench {
    Layout::new(&COLUMNS)
}

/// Makes room for a kind of this name.
pub fn measure(layout: &mut OfBench, name: &[u8]) {
    // What is measured is known only later.
    let (time, ratio) = (Repeat("9", "99999.99".len()), "99.999");
    layout.measure(&[&Outside(name), &time, &time, &time, &time, &ratio, &Repeat("#", LONGEST + NOISY.len())]);
}

/// Writes the row of a kind.
pub fn row(out: &mut dyn Sink, layout: &OfBench, name: &[u8], cell: &Cell) {
    let [p10, p50, p99, bare] = [cell.own.p10, cell.own.p50, cell.own.p99, cell.floor.p50].map(microseconds);
    let bar = With(|out: &mut dyn Sink| bar(out, layout.last_width() - NOISY.len(), cell));
    layout.row(out, &[&Outside(name), &p10, &p50, &p99, &bare, &ratio_of(cell), &bar]);
}

/// Nanoseconds as microseconds.
fn microseconds(nanoseconds: usize) -> Fixed {
    Fixed { number: nanoseconds as u64 / 10, places: 2 }
}

/// The ratio of the medians, in thousandths.
pub fn ratio_of(cell: &Cell) -> Fixed {
    Fixed { number: ratio(cell.own.p50, cell.floor.p50) as u64, places: 3 }
}

/// Writes the bar of a median, which ends with a sign if it is longer than its room.
fn bar(out: &mut dyn Sink, room: usize, cell: &Cell) {
    match cell.own.p50.div_ceil(MARK) {
        marks if marks <= room => Repeat("#", marks).show(out),
        _ => out!(out, Repeat("#", room.saturating_sub(1)), ">"),
    }
    if cell.is_noisy {
        Styled(Style::Doubtful, NOISY).show(out);
    }
}

/// Writes the line of a kind that could not be made: the step, its errno, and the rule by which the kernel refuses it.
pub fn refused(out: &mut dyn Sink, name: &[u8], call: &Call, failure: Failure) {
    let text = With(|out: &mut dyn Sink| {
        out!(out, Styled(Style::Bad, "refused"), ": ", failure.step.name(), ": ");
        match failure.errno() {
            Some(errno) => out!(out, Name(errno)),
            None => out!(out, failure.why),
        }
        let predicted = rule::predict(call, &Place::here()).ok();
        let is_it = |expected| failure.errno().is_some_and(|errno| expected == Expected::Refused(errno));
        if let Some(rule) = predicted.filter(|it| is_it(it.expected)).and_then(rule::Prediction::rule) {
            out!(out, ", rule ", rule.id, ": ", rule.why);
        }
    });
    out!(out, "  ", Outside(name), "  ", Wrapped { text, indent: 4 }, "\n");
}
