//! docs/costs.svg is what the peers draw of the tables in docs/costs.md.
//!
//! The peers measure and draw; this test draws what was measured, and with UPDATE_DOCS=1 in the environment it writes the
//! picture anew.

#[path = "../../tools/peers/chart.rs"]
mod chart;

use crate::common::svg::Picture;
use chart::{Group, draw, groups};
use std::path::Path;

fn group(title: &str, bars: &[(&str, f64)]) -> Group {
    let bars = bars.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
    Group { title: title.to_owned(), bars }
}

#[test]
fn the_picture_of_the_costs_is_that_of_the_tables() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let page = std::fs::read_to_string(docs.join("costs.md")).expect("docs/costs.md");
    let groups = groups(&page).expect("medians");
    let drawn = draw(&groups);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(docs.join("costs.svg"), &drawn).expect("docs/costs.svg");
    }
    let picture = Picture::read(&drawn);
    let bars = groups.iter().flat_map(|group| &group.bars);
    assert_eq!(picture.boxes, 2 + bars.clone().count(), "a bar each, and two in the legend");
    for (_, value) in bars {
        assert!(picture.has(&format!("{value:.1}")), "{value}: {picture:#?}");
    }
    let kept = std::fs::read_to_string(docs.join("costs.svg")).expect("docs/costs.svg");
    assert_eq!(kept, drawn, "UPDATE_DOCS=1 cargo test --test library costs");
}

#[test]
fn tables_with_medians_are_read_and_others_are_not() {
    let page = "\
| a | median, us | more |\n|---|---:|---|\n| `chimera x` | 1.5 | 2 |\n| other | 3.0 | 1 |\n\ntext\n\n\
| page faults of | in the maker |\n|---|---:|\n| chimera | 4.0 |\n\n| b | median, us |\n|---|---:|\n| y | 7 |\n";
    let read = groups(page).expect("two tables");
    assert_eq!(read, [group("a", &[("chimera x", 1.5), ("other", 3.0)]), group("b", &[("y", 7.0)])]);
    assert_eq!(groups("no table").map_err(|error| error.is_empty()), Err(false));
    assert_eq!(groups("| a | median, us |\n| x | soon |\n").map_err(|error| error.contains("soon")), Err(true));
}

#[test]
fn no_bar_ends_beyond_the_axis_whatever_was_measured() {
    for value in [0.1, 1.0, 9.9, 13.6, 99.9, 1000.0, 1313.2, 54321.0] {
        let names = ["chimera <&>", "a long name that has no room in one line beside the bars of the picture"];
        let picture = draw(&[group("a title", &[(names[0], value), (names[1], value / 3.0)])]);
        let read = Picture::read(&picture);
        assert!(read.has("chimera <&>") && read.has(&format!("{value:.1}")), "{picture}");
        let own = picture.lines().filter(|line| line.starts_with("<rect") && line.contains("url(#own)")).count();
        assert_eq!(own, 2, "the one of chimera, and the legend: {picture}");
        for line in picture.lines().filter(|line| line.starts_with("<rect x=\"352\"")) {
            let width = line.split("width=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a width");
            assert!(width.parse::<usize>().expect("a number") <= 360, "{line}");
        }
    }
}
