//! Coverage line by line: lcov for `genhtml` and editors, Cobertura for code hosts.
//!
//! A line counts as covered if everything on it that could be pinned is; the things on it are its branches. What is dead or
//! unknown has no line.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::CoverageScene;

/// Per file, per line: of each thing on it, how many expectations turn without it. Things that several scenarios include
/// count for each line once, by the scenario that pins them best.
type Lines = BTreeMap<String, BTreeMap<usize, BTreeMap<String, usize>>>;

fn lines(files: &[CoverageScene<'_>], here: &str) -> Lines {
    let mut lines = Lines::new();
    for file in files {
        for covered in file.covered.iter().filter(|covered| covered.hold.counts()) {
            let Some(spot) = file.spot(covered) else {
                continue;
            };
            let own = lines.entry(relative(spot.path, here)).or_default();
            let own = own.entry(spot.line).or_default();
            let name = crate::render::rule::place_name(&covered.place);
            let hits = own.entry(name).or_default();
            *hits = (*hits).max(covered.by.len());
        }
    }
    lines
}

/// Readers look for the file below where they stand, or below the root.
fn relative(path: &str, here: &str) -> String {
    let below = path.strip_prefix(here).filter(|rest| rest.starts_with('/'));
    let path = below.unwrap_or(path).trim_start_matches("./");
    path.trim_start_matches('/').replace('\\', "/")
}

/// A line that nobody would miss has no hit, whatever else stands on it.
fn hits(things: &BTreeMap<String, usize>) -> usize {
    things.values().copied().min().unwrap_or(0)
}

/// The `.info` file of lcov; `here` is the folder that paths are relative to.
#[must_use]
pub fn lcov(files: &[CoverageScene<'_>], here: &str) -> String {
    let mut text = String::new();
    for (path, lines) in lines(files, here) {
        let _ = writeln!(text, "TN:\nSF:{path}");
        let (mut found, mut taken) = (0, 0);
        for (line, things) in lines.iter().filter(|(_, things)| things.len() > 1) {
            for (number, hits) in things.values().enumerate() {
                let _ = writeln!(text, "BRDA:{line},0,{number},{hits}");
                found += 1;
                taken += usize::from(*hits > 0);
            }
        }
        let _ = writeln!(text, "BRF:{found}\nBRH:{taken}");
        for (line, things) in &lines {
            let _ = writeln!(text, "DA:{line},{}", hits(things));
        }
        let covered = lines.values().filter(|things| hits(things) > 0).count();
        let _ = writeln!(text, "LF:{}\nLH:{covered}\nend_of_record", lines.len());
    }
    text
}

/// A document of Cobertura's DTD; `here` is the folder that paths are relative to.
#[must_use]
pub fn cobertura(files: &[CoverageScene<'_>], here: &str) -> String {
    let lines = lines(files, here);
    let all: usize = lines.values().map(BTreeMap::len).sum();
    let covered = |lines: &BTreeMap<usize, BTreeMap<String, usize>>| {
        lines.values().filter(|things| hits(things) > 0).count()
    };
    let pinned: usize = lines.values().map(covered).sum();
    let rate = rate(pinned, all);
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE coverage SYSTEM \"http://cobertura.sourceforge.net/xml/coverage-04.dtd\">\n\
         <coverage line-rate=\"{rate}\" branch-rate=\"0\" lines-covered=\"{pinned}\" lines-valid=\"{all}\" \
         branches-covered=\"0\" branches-valid=\"0\" complexity=\"0\" version=\"{}\" timestamp=\"0\">\n  \
         <sources>\n    <source>.</source>\n    <source>/</source>\n  </sources>\n  <packages>\n    \
         <package name=\"scenarios\" line-rate=\"{rate}\" branch-rate=\"0\" complexity=\"0\">\n      <classes>\n",
        env!("CARGO_PKG_VERSION")
    );
    for (path, lines) in &lines {
        let rate = self::rate(covered(lines), lines.len());
        let path = escaped(path);
        let _ = writeln!(
            text,
            "        <class name=\"{path}\" filename=\"{path}\" line-rate=\"{rate}\" branch-rate=\"0\" complexity=\"0\">\n          \
             <methods/>\n          <lines>"
        );
        for (line, things) in lines {
            let hits = hits(things);
            let _ = writeln!(
                text,
                "            <line number=\"{line}\" hits=\"{hits}\" branch=\"false\"/>"
            );
        }
        text += "          </lines>\n        </class>\n";
    }
    text + "      </classes>\n    </package>\n  </packages>\n</coverage>\n"
}

/// A share as a fraction with four digits; of nothing, everything is covered.
#[expect(clippy::cast_precision_loss, reason = "nobody has 2^52 lines")]
fn rate(part: usize, of: usize) -> String {
    if of == 0 {
        return "1".to_owned();
    }
    format!("{:.4}", part as f64 / of as f64)
}

/// A text for XML and HTML.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
