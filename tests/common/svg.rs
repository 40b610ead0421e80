//! A picture in SVG, read by another reader of XML: whether it is one, needs nothing else, and has room for its texts.

use roxmltree::{Document, Node};

/// The width of a letter, in hundredths of its size, that fonts of one width do not exceed.
const LETTER: f64 = 0.62;

/// A rectangle: left, top, right, bottom.
type Area = [f64; 4];

/// What is in a picture.
#[derive(Debug)]
pub struct Picture {
    /// Its texts, in their order.
    pub texts: Vec<String>,
    /// The number of boxes.
    pub boxes: usize,
}

impl Picture {
    /// Reads a picture, and panics if it is none, or if a text is not within its box.
    #[track_caller]
    pub fn read(text: &str) -> Self {
        let document = Document::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let root = document.root_element();
        assert_eq!((root.tag_name().name(), root.tag_name().namespace()), ("svg", Some("http://www.w3.org/2000/svg")));
        let whole = [0.0, 0.0, number(root, "width"), number(root, "height")];
        for node in document.descendants().filter(Node::is_element) {
            let name = node.tag_name().name();
            let known = ["svg", "title", "defs", "marker", "pattern", "path", "rect", "circle", "text", "g"];
            assert!(known.contains(&name), "{name}: {text}");
            // Nothing is loaded from anywhere.
            assert!(node.attributes().all(|attribute| !attribute.name().ends_with("href")), "{text}");
        }
        let mut boxes = document.descendants().filter(|node| node.has_tag_name((SVG, "rect")) && !is_defined(*node));
        let ground = boxes.next().expect("a ground");
        assert_eq!((area_of_box(ground), ground.attribute("fill")), (whole, Some("white")), "{text}");
        let boxes: Vec<Area> = boxes.map(area_of_box).collect();
        for area in &boxes {
            assert!(is_within(*area, whole), "{area:?}: {text}");
        }
        let texts = document.descendants().filter(|node| node.has_tag_name((SVG, "text")));
        let texts = texts.map(|node| {
            let area = area_of_text(node);
            // The innermost box in which the text begins, or is centred.
            let at = [number(node, "x"), (area[1] + area[3]) / 2.0];
            let around = boxes.iter().filter(|area| is_within([at[0], at[1], at[0], at[1]], **area));
            let around = around.min_by(|one, other| size(**one).total_cmp(&size(**other))).unwrap_or(&whole);
            let words = node.text().unwrap_or_default();
            assert!(is_within(area, *around), "{words}: {area:?} in {around:?}: {text}");
            words.to_owned()
        });
        Self { texts: texts.collect(), boxes: boxes.len() }
    }

    /// Whether a text is one of these words.
    pub fn has(&self, words: &str) -> bool {
        self.texts.iter().any(|text| text == words)
    }
}

const SVG: &str = "http://www.w3.org/2000/svg";

/// Whether an element only stands for others.
fn is_defined(node: Node) -> bool {
    node.ancestors().any(|node| node.has_tag_name((SVG, "defs")))
}

fn number(node: Node, name: &str) -> f64 {
    let value = node.attribute(name).unwrap_or("0");
    value.parse().unwrap_or_else(|_| panic!("{name}: {value}"))
}

fn area_of_box(node: Node) -> Area {
    let [x, y, width, height] = ["x", "y", "width", "height"].map(|name| number(node, name));
    [x, y, x + width, y + height]
}

/// The room that a text takes; a character that is no letter of ASCII may be as wide as two.
fn area_of_text(node: Node) -> Area {
    let [x, y, size] = ["x", "y", "font-size"].map(|name| number(node, name));
    let letters = node.text().unwrap_or_default().chars().map(|letter| if letter.is_ascii() { 1.0 } else { 2.0 });
    let width = letters.sum::<f64>() * LETTER * size;
    let left = match node.attribute("text-anchor") {
        Some("middle") => x - width / 2.0,
        Some("end") => x - width,
        _ => x,
    };
    [left, y - size * 0.8, left + width, y + size * 0.25]
}

/// Whether an area is in another; a tenth is lost by rounding.
fn is_within(one: Area, other: Area) -> bool {
    let slack = 0.1;
    one[0] >= other[0] - slack && one[1] >= other[1] - slack && one[2] <= other[2] + slack && one[3] <= other[3] + slack
}

fn size([left, top, right, bottom]: Area) -> f64 {
    (right - left) * (bottom - top)
}
