//! Tables: rows of cells in columns that have names, as wide as their widest cell, and never wider than the page.
//!
//! The rows are produced twice, first to measure them and then to write them, so nothing is kept and no column shifts. On
//! a page that is too narrow, the last column wraps if it may, and then columns are left out in an order that the table
//! states; a line below the table names them.

use super::form::{Repeat, Styled};
use super::show::{Show, Sink};
use super::style::Style;
use super::wrap::{Wrapped, characters};
use crate::out;

/// The blanks before a row, and between two columns.
const INDENT: usize = 2;
const GAP: usize = 2;

/// The least width of a column that wraps.
const LEAST: usize = 24;

/// On which side the cells of a column are aligned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Side {
    /// Texts.
    Left,
    /// Numbers.
    Right,
}

/// A column of a table.
#[derive(Clone, Copy)]
pub struct Column {
    name: &'static str,
    side: Side,
    /// The turn in which the column is left out on a narrow page; none for never.
    turn: Option<u8>,
    /// Whether its cells wrap.
    wraps: bool,
}

impl Column {
    /// A column of texts.
    pub const fn text(name: &'static str) -> Self {
        Self { name, side: Side::Left, turn: None, wraps: false }
    }

    /// A column of numbers, aligned at their last digit.
    pub const fn number(name: &'static str) -> Self {
        Self { side: Side::Right, ..Self::text(name) }
    }

    /// The last column of a table, whose cells wrap on a page that is too narrow for them.
    pub const fn prose(name: &'static str) -> Self {
        Self { wraps: true, ..Self::text(name) }
    }

    /// Leaves the column out on a narrow page: the one with the lowest turn goes first.
    pub const fn leaves(mut self, turn: u8) -> Self {
        self.turn = Some(turn);
        self
    }
}

/// The cells of a row.
pub type Row<'a, const N: usize> = [&'a dyn Show; N];

/// The rows of a table: calls its argument for each.
pub type Rows<'a, const N: usize> = dyn Fn(&mut dyn FnMut(&Row<'_, N>)) + 'a;

/// Writes a table. `rows` is called twice and has to produce the same rows, one call of its argument for each.
pub fn table<const N: usize>(out: &mut dyn Sink, columns: &[Column; N], rows: &Rows<'_, N>) {
    let mut widths = columns.map(|column| characters(column.name.as_bytes()));
    rows(&mut |row| {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(width_of(*cell));
        }
    });
    let shown = fit(columns, &mut widths, out.width());
    if columns.iter().any(|column| !column.name.is_empty()) {
        let names = columns.each_ref().map(|column| Styled(Style::Strong, column.name));
        write(out, columns, &widths, &shown, &names.each_ref().map(|name| name as &dyn Show));
    }
    rows(&mut |row| write(out, columns, &widths, &shown, row));
    left_out(out, columns, &shown);
}

/// Says which columns a narrow page has no room for.
fn left_out<const N: usize>(out: &mut dyn Sink, columns: &[Column; N], shown: &[bool; N]) {
    let mut glue = "  no room for: ";
    for (column, _) in columns.iter().zip(shown).filter(|(_, is_shown)| !**is_shown) {
        out!(out, core::mem::replace(&mut glue, ", "), column.name);
    }
    if glue == ", " {
        out!(out, "\n");
    }
}

/// Which columns a page of this width shows; the last one's width is what is left for it.
fn fit<const N: usize>(columns: &[Column; N], widths: &mut [usize; N], page: usize) -> [bool; N] {
    let mut shown = [true; N];
    loop {
        let total: usize = (0..N).filter(|place| shown[*place]).map(|place| widths[place] + GAP).sum();
        let excess = (INDENT + total).saturating_sub(GAP + page);
        if excess == 0 {
            return shown;
        }
        if columns[N - 1].wraps && shown[N - 1] && widths[N - 1] > LEAST {
            widths[N - 1] = widths[N - 1].saturating_sub(excess).max(LEAST);
            continue;
        }
        let next = (0..N).filter(|place| shown[*place] && columns[*place].turn.is_some());
        let Some(next) = next.min_by_key(|place| columns[*place].turn) else { return shown };
        shown[next] = false;
    }
}

/// Writes a row.
fn write<const N: usize>(
    out: &mut dyn Sink,
    columns: &[Column; N],
    widths: &[usize; N],
    shown: &[bool; N],
    row: &Row<'_, N>,
) {
    let mut start = INDENT;
    for place in (0..N).filter(|place| shown[*place]) {
        let (column, cell) = (&columns[place], row[place]);
        let width = width_of(cell);
        let begin = match column.side {
            Side::Left => start,
            Side::Right => start + widths[place].saturating_sub(width),
        };
        if width > 0 {
            let blanks = begin.saturating_sub(out.column());
            Repeat(" ", blanks).show(out);
            if column.wraps { Wrapped { text: cell, indent: start }.show(out) } else { cell.show(out) }
        }
        start += widths[place] + GAP;
    }
    out!(out, "\n");
}

/// The number of characters that a value takes.
pub fn width_of(value: &dyn Show) -> usize {
    let mut width = Width(0);
    value.show(&mut width);
    width.0
}

/// Counts characters.
struct Width(usize);

impl Sink for Width {
    fn put(&mut self, bytes: &[u8]) {
        self.0 += characters(bytes);
    }

    fn column(&self) -> usize {
        self.0
    }
}
