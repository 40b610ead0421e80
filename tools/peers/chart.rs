//! The picture of docs/costs.md: its medians as bars, a group for each table, in SVG.
//!
//! It is drawn from the tables as they stand in the page, so the two always say the same.

use std::fmt::Write as _;

/// A table: what its contestants did, and the median of each in microseconds.
#[derive(Debug, PartialEq)]
pub struct Group {
    /// What was done.
    pub title: String,
    /// The contestants, and their medians.
    pub bars: Vec<(String, f64)>,
}

/// The second column of the tables that are drawn.
const MEDIAN: &str = "median, us";

/// The tables of a page that have medians.
pub fn groups(page: &str) -> Result<Vec<Group>, String> {
    let mut groups: Vec<Group> = Vec::new();
    let mut is_drawn = false;
    for line in page.lines() {
        let Some(row) = line.strip_prefix('|') else {
            is_drawn = false;
            continue;
        };
        let mut cells = row.split('|').map(str::trim);
        let (Some(name), Some(value)) = (cells.next(), cells.next()) else { continue };
        if value == MEDIAN {
            groups.push(Group { title: name.to_owned(), bars: Vec::new() });
            is_drawn = true;
        } else if is_drawn && !value.starts_with('-') {
            let value = value.parse().map_err(|_| format!("{value} is no number: {line}"))?;
            let group = groups.last_mut().ok_or("a row without a table")?;
            group.bars.push((name.replace('`', ""), value));
        }
    }
    if groups.is_empty() { Err("there are no medians".into()) } else { Ok(groups) }
}

/// The page's width, the space around everything, and where the bars and the values behind them end.
const WIDTH: usize = 800;
const MARGIN: usize = 20;
const BARS: usize = 352;
const LONGEST: usize = 360;

/// The sizes of letters, and the width of a letter in hundredths of its size: fonts of one width have 55 to 61.
const TITLE: usize = 16;
const TEXT: usize = 12;
const LETTER: usize = 62;

/// The heights of a line of text, of a bar, and of a row with one line.
const LINE: usize = 16;
const BAR: usize = 14;
const ROW: usize = 24;

/// How bars look: those of chimera, and all others.
const OWN: &str = "fill=\"url(#own)\" stroke=\"black\"";
const OTHER: &str = "fill=\"#e0e0e0\" stroke=\"black\"";

/// The picture.
pub fn draw(groups: &[Group]) -> String {
    let mut body = String::new();
    let mut y = MARGIN;
    y += text(&mut body, MARGIN, y + TITLE, TITLE, " font-weight=\"bold\"", "What a task costs") + 6;
    let unit = "medians in microseconds (us); each group has an axis of its own, which begins at 0";
    y += text(&mut body, MARGIN, y + TEXT, TEXT, "", unit) + 6;
    for (x, look, name) in [(MARGIN, OWN, "chimera"), (MARGIN + 120, OTHER, "others")] {
        bar(&mut body, x, y, 28, look);
        text(&mut body, x + 36, y + BAR - 3, TEXT, "", name);
    }
    y += BAR + 12;
    for group in groups {
        y = draw_group(&mut body, group, y) + 14;
    }
    let height = y + MARGIN - 14;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" \
         viewBox=\"0 0 {WIDTH} {height}\" font-family=\"monospace\">\n<title>What a task costs</title>\n\
         <defs><pattern id=\"own\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">\
         <rect width=\"6\" height=\"6\" fill=\"#606060\"/><path d=\"M0 6L6 0\" stroke=\"white\"/></pattern></defs>\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"white\"/>\n{body}</svg>\n"
    )
}

/// A group from this height on; answers where it ends.
fn draw_group(body: &mut String, group: &Group, top: usize) -> usize {
    let mut y = top;
    y += text(body, MARGIN, y + TEXT, TEXT, " font-weight=\"bold\"", &capital(&group.title)) + 6;
    let end = axis_end(group.bars.iter().map(|(_, value)| *value).fold(0.0, f64::max));
    let length = |value: f64| ((value / end) * LONGEST as f64).round() as usize;
    let labels: Vec<Vec<String>> = group.bars.iter().map(|(name, _)| lines(name)).collect();
    let heights = labels.iter().map(|lines| ROW + (lines.len() - 1) * LINE);
    let foot = y + heights.clone().sum::<usize>();
    for part in 0..=2 {
        let x = BARS + LONGEST * part / 2;
        let _ = writeln!(body, "<path d=\"M{x} {y}V{}\" stroke=\"#a0a0a0\"/>", foot + 4);
        text(body, x, foot + 4 + TEXT, TEXT, " text-anchor=\"middle\"", &plain(end * part as f64 / 2.0));
    }
    text(body, BARS + LONGEST + 24, foot + 4 + TEXT, TEXT, "", "us");
    for ((lines, (name, value)), height) in labels.iter().zip(&group.bars).zip(heights) {
        let top = y + (height - lines.len() * LINE) / 2;
        for (number, line) in lines.iter().enumerate() {
            text(body, BARS - 8, top + number * LINE + TEXT, TEXT, " text-anchor=\"end\"", line);
        }
        let middle = y + height / 2;
        bar(body, BARS, middle - BAR / 2, length(*value).max(1), if is_own(name) { OWN } else { OTHER });
        // Behind the bar, on a ground of its own: the lines of the axis are behind it too.
        let label = format!("{value:.1}");
        let (x, width) = (BARS + length(*value) + 6, label.len() * LETTER * TEXT / 100 + 1);
        let _ = writeln!(body, "<path d=\"M{x} {}h{width}v{LINE}h-{width}z\" fill=\"white\"/>", middle - LINE / 2);
        text(body, x, middle + TEXT / 3, TEXT, "", &label);
        y += height;
    }
    foot + 4 + LINE
}

/// Whether a bar is one of chimera's.
fn is_own(name: &str) -> bool {
    name.starts_with("chimera")
}

/// A round number that is not below this one.
fn axis_end(most: f64) -> f64 {
    let mut unit = 1.0;
    loop {
        for step in [1.0, 1.2, 1.6, 2.0, 2.4, 3.0, 4.0, 5.0, 6.0, 8.0] {
            if unit * step >= most {
                return unit * step;
            }
        }
        unit *= 10.0;
    }
}

/// A number without a point where it is whole.
fn plain(number: f64) -> String {
    if number.fract() == 0.0 { format!("{number:.0}") } else { format!("{number:.1}") }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A name in lines that have room beside the bars.
fn lines(name: &str) -> Vec<String> {
    let most = (BARS - 8 - MARGIN) * 100 / (LETTER * TEXT);
    let mut lines = vec![String::new()];
    for word in name.split(' ') {
        let line = lines.last_mut().expect("one line");
        if line.is_empty() {
            line.push_str(word);
        } else if line.len() + 1 + word.len() <= most {
            let _ = write!(line, " {word}");
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// A line of text; answers its height.
fn text(body: &mut String, x: usize, y: usize, size: usize, more: &str, text: &str) -> usize {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let _ = writeln!(body, "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\"{more}>{text}</text>");
    size + 4
}

fn bar(body: &mut String, x: usize, y: usize, width: usize, look: &str) {
    let _ = writeln!(body, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{BAR}\" {look}/>");
}
