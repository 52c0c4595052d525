//! Coverage as a page: the source of every file, each line in the colour of what stands on it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::lines::escaped;
use super::{CoverageScene, Total, extent, headline, word};
use crate::code::Language;
use crate::mutate::{Covered, Hold};
use crate::render::rule::place_name;

/// It needs nothing from outside.
const STYLE: &str = "\
body{font:14px/1.5 system-ui,sans-serif;margin:2em;color:#1f2328;background:#fff}
pre{margin:0;font:13px/1.45 ui-monospace,monospace}
table{border-collapse:collapse;width:100%}
td{padding:0 .6em;vertical-align:top}
td.n{color:#6e7781;text-align:right;user-select:none;width:1%}
td.s{color:#57606a;width:30%;font-size:12px}
tr.pinned{background:#dafbe1}tr.part{background:#fff8c5}tr.touched{background:#ffebc9}
tr.untouched{background:#ffd7d5}tr.dead{color:#8c959f}
@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}
tr.pinned{background:#12331d}tr.part{background:#3b3209}tr.touched{background:#4d3411}
tr.untouched{background:#4b1113}}
";

/// The page of all files.
#[must_use]
pub fn coverage_html(files: &[CoverageScene<'_>]) -> String {
    let language = files.first().map(|file| file.scene.language).unwrap_or_default();
    let (lang, title) = match language {
        Language::English => ("en", "What the expectations pin"),
        Language::Chinese => ("zh", "期望固定了什么"),
    };
    let mut text = format!(
        "<!DOCTYPE html>\n<html lang=\"{lang}\"><head><meta charset=\"utf-8\"><title>{title}</title>\n\
         <style>\n{STYLE}</style></head><body>\n<h1>{title}</h1>\n<p>{}</p>\n",
        escaped(headline(&Total::of(files)).trim_end())
    );
    for file in files {
        for (number, source) in file.scene.sources.iter().enumerate() {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            let mut on_line: BTreeMap<usize, Vec<&Covered>> = BTreeMap::new();
            for covered in file.covered {
                if let Some(spot) = file.spot(covered).filter(|spot| spot.span.file == number) {
                    on_line.entry(spot.line).or_default().push(covered);
                }
            }
            if on_line.is_empty() {
                continue;
            }
            let _ = writeln!(text, "<h2>{}</h2>\n<table>", escaped(&source.path));
            for (index, line) in source.text.lines().enumerate() {
                let own = on_line.get(&(index + 1)).map_or(&[][..], Vec::as_slice);
                let class = worst(own);
                let told = own.iter().map(|covered| escaped(&said(covered, language)));
                let told = told.collect::<Vec<_>>().join("<br>");
                let _ = writeln!(
                    text,
                    "<tr class=\"{class}\"><td class=\"n\">{}</td><td><pre>{}</pre></td><td class=\"s\">{told}</td></tr>",
                    index + 1,
                    escaped(line)
                );
            }
            text += "</table>\n";
        }
    }
    text + "</body></html>\n"
}

/// The class of a line: that of what on it is held least.
pub(in crate::render) fn worst(things: &[&Covered]) -> &'static str {
    let rank = |covered: &&Covered| match covered.hold {
        Hold::Untouched => (0, "untouched"),
        Hold::Touched => (1, "touched"),
        Hold::Unknown => (2, "part"),
        Hold::Pinned if !covered.open.is_empty() => (3, "part"),
        Hold::Pinned => (4, "pinned"),
        Hold::Dead => (5, "dead"),
    };
    things.iter().map(rank).min().map_or("", |(_, class)| class)
}

/// What is said of a thing beside its line.
pub(in crate::render) fn said(covered: &Covered, language: Language) -> String {
    let (_, word) = word(covered, language);
    let extent = extent(covered, language).map_or(String::new(), |text| format!(": {text}"));
    format!("{} {}{extent}", place_name(&covered.place), word.to_lowercase())
}
