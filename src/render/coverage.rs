//! What `coverage` prints: which parts of a network the expectations pin, and which they would not miss.
//!
//! | file | format |
//! |---|---|
//! | `json` | for scripts |
//! | `lines` | lcov and Cobertura, for what shows coverage beside a source |
//! | `html` | the source itself, line by line in colour |

mod html;
mod json;
mod lines;

use super::check_github::annotation;
use super::rule::place_name;
use super::scene::{Scene, Spot};
use super::style::{BAD, DOUBT, FAINT, GOOD, Line, paragraph};
use crate::code::Language;
use crate::mutate::{Covered, Hold, Holds, PairsAsserted, ThingKind};

pub use html::coverage_html;
pub(super) use html::{said, worst};
pub use json::coverage_json;
pub use lines::{cobertura, lcov};

/// The coverage of a file, and what is needed to speak of it.
#[derive(Clone, Copy)]
pub struct CoverageScene<'a> {
    /// The file that was asked for.
    pub path: &'a str,
    /// Its network.
    pub scene: Scene<'a>,
    /// What of it is held how.
    pub covered: &'a [Covered],
    /// The cells that an expectation speaks about; `None` = it was not measured.
    pub pairs: Option<PairsAsserted>,
}

impl<'a> CoverageScene<'a> {
    fn spot(&self, covered: &Covered) -> Option<Spot<'a>> {
        self.scene.find(&covered.place)
    }
}

/// What all files together come to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Total {
    /// Rules.
    pub rules: Holds,
    /// Everything that coverage counts.
    pub all: Holds,
    /// Cells; `None` = of some file they were not measured.
    pub pairs: Option<PairsAsserted>,
}

impl Total {
    /// Of these files.
    #[must_use]
    pub fn of(files: &[CoverageScene<'_>]) -> Self {
        let mut total = Self::none();
        for file in files {
            total.add(file.covered, file.pairs);
        }
        total
    }

    /// Of no file yet.
    #[must_use]
    pub fn none() -> Self {
        Self { pairs: Some(PairsAsserted::default()), ..Self::default() }
    }

    /// Counts a file.
    pub fn add(&mut self, covered: &[Covered], pairs: Option<PairsAsserted>) {
        for covered in covered {
            self.all.add(covered.hold);
            if covered.kind == ThingKind::Rule {
                self.rules.add(covered.hold);
            }
        }
        self.pairs = self.pairs.zip(pairs).map(|(mut sum, own)| {
            sum.add(&own);
            sum
        });
    }
}

/// The last line of a run, the same in every language: scripts read it.
#[must_use]
pub fn headline(total: &Total) -> String {
    let share = |share: Option<f64>| share.map_or("-".to_owned(), |share| format!("{share:.1}"));
    let pairs = total.pairs.and_then(|pairs| pairs.share());
    format!("rules pinned {} %, pairs asserted {} %\n", share(total.rules.share()), share(pairs))
}

/// The coverage of a file for people: what is not pinned, and what is in part only. With `all`, everything.
#[must_use]
pub fn coverage_text(file: CoverageScene<'_>, all: bool) -> String {
    let told = file.covered.iter().filter(|covered| {
        all || matches!(covered.hold, Hold::Touched | Hold::Untouched | Hold::Unknown)
            || (covered.hold == Hold::Pinned && !covered.open.is_empty())
    });
    told.map(|covered| thing(file, covered)).collect()
}

fn thing(file: CoverageScene<'_>, covered: &Covered) -> String {
    let language = file.scene.language;
    let (style, word) = word(covered, language);
    let spot = file.spot(covered).map_or(String::new(), |spot| file.scene.short(spot));
    let mut text = Line::indented(2)
        .styled(style, word)
        .gap_to(14)
        .then(&place_name(&covered.place))
        .right(&spot)
        .end();
    if let Some(extent) = extent(covered, language) {
        text += &paragraph(14, &extent, "");
    }
    if covered.hold == Hold::Pinned {
        let lines = covered.by.iter().filter_map(|span| file.scene.spot(*span));
        let lines: Vec<String> = lines.map(|spot| spot.line.to_string()).collect();
        let told = match language {
            Language::English => paragraph(14, &format!("by line {}", lines.join(", ")), ""),
            Language::Chinese => paragraph(14, &format!("由第 {} 行固定", lines.join("、")), ""),
        };
        text.push_str(&told);
    }
    text
}

/// `port 22 pinned, 80 not`, where it is in part only.
fn extent(covered: &Covered, language: Language) -> Option<String> {
    if covered.open.is_empty() {
        return None;
    }
    let (pinned, open) = (covered.pinned.join("; "), covered.open.join("; "));
    Some(match (language, covered.pinned.is_empty()) {
        (Language::English, true) => format!("decides {open}"),
        (Language::English, false) => format!("{pinned} pinned, {open} not"),
        (Language::Chinese, true) => format!("决定 {open}"),
        (Language::Chinese, false) => format!("{pinned} 已固定，{open} 未固定"),
    })
}

fn word(covered: &Covered, language: Language) -> (anstyle::Style, &'static str) {
    let partly = !covered.open.is_empty() && !covered.pinned.is_empty();
    match (covered.hold, language) {
        (Hold::Pinned, Language::English) if partly => (DOUBT, "in part"),
        (Hold::Pinned, Language::Chinese) if partly => (DOUBT, "部分固定"),
        (Hold::Pinned, Language::English) => (GOOD, "pinned"),
        (Hold::Pinned, Language::Chinese) => (GOOD, "已固定"),
        (Hold::Touched, Language::English) => (BAD, "TOUCHED"),
        (Hold::Touched, Language::Chinese) => (BAD, "仅触及"),
        (Hold::Untouched, Language::English) => (BAD, "UNTOUCHED"),
        (Hold::Untouched, Language::Chinese) => (BAD, "未触及"),
        (Hold::Dead, Language::English) => (FAINT, "dead"),
        (Hold::Dead, Language::Chinese) => (FAINT, "不起作用"),
        (Hold::Unknown, Language::English) => (DOUBT, "unknown"),
        (Hold::Unknown, Language::Chinese) => (DOUBT, "未知"),
    }
}

/// The counts of each kind, and of the pairs.
#[must_use]
pub fn counts_text(files: &[CoverageScene<'_>], language: Language) -> String {
    let mut text = String::new();
    for kind in ThingKind::COUNTED {
        let mut holds = Holds::default();
        let own = files.iter().flat_map(|file| file.covered);
        own.filter(|it| it.kind == kind).for_each(|it| holds.add(it.hold));
        let (pinned, all, dead) = (holds.pinned, holds.all(), holds.dead);
        if all + dead + holds.unknown == 0 {
            continue;
        }
        let touched = holds.touched;
        let told = match language {
            Language::English => format!(
                "  {:<16}{pinned} of {all} pinned, {touched} only touched; {dead} dead\n",
                kind_name(kind, language)
            ),
            Language::Chinese => format!(
                "  {}：{all} 项中 {pinned} 项已固定，{touched} 项仅触及；{dead} 项不起作用\n",
                kind_name(kind, language)
            ),
        };
        text.push_str(&told);
    }
    if let Some(pairs) = Total::of(files).pairs {
        let (works, blocked) = (pairs.works, pairs.blocked);
        let told = match language {
            Language::English => format!(
                "  {:<16}{} of {} that work asserted, {} of {} that are blocked\n",
                "pairs", works.0, works.1, blocked.0, blocked.1
            ),
            Language::Chinese => format!(
                "  配对：可通的 {} 项中 {} 项有断言，不通的 {} 项中 {} 项有断言\n",
                works.1, works.0, blocked.1, blocked.0
            ),
        };
        text.push_str(&told);
    }
    text
}

fn kind_name(kind: ThingKind, language: Language) -> &'static str {
    match (kind, language) {
        (ThingKind::Rule, Language::English) => "rules",
        (ThingKind::Rule, Language::Chinese) => "规则",
        (ThingKind::Route, Language::English) => "routes",
        (ThingKind::Route, Language::Chinese) => "路由",
        (ThingKind::GatewayEntry, Language::English) => "gateway entries",
        (ThingKind::GatewayEntry, Language::Chinese) => "网关条目",
        (ThingKind::Link, Language::English) => "links",
        (ThingKind::Link, Language::Chinese) => "互通与连接",
        (ThingKind::Target, Language::English) => "targets",
        (ThingKind::Target, Language::Chinese) => "后端",
        (ThingKind::Other, Language::English) => "others",
        (ThingKind::Other, Language::Chinese) => "其他",
    }
}

/// Annotations on the lines of what is not pinned, as GitHub shows them; the headline last.
#[must_use]
pub fn coverage_github(files: &[CoverageScene<'_>]) -> String {
    let mut text = String::new();
    for file in files {
        let language = file.scene.language;
        for covered in file.covered {
            let level = match covered.hold {
                Hold::Touched | Hold::Untouched => "warning",
                Hold::Pinned if !covered.open.is_empty() && !covered.pinned.is_empty() => "notice",
                Hold::Pinned | Hold::Dead | Hold::Unknown => continue,
            };
            let (_, word) = word(covered, language);
            let name = place_name(&covered.place);
            let message = extent(covered, language).unwrap_or_else(|| name.clone());
            let title = format!("{}: {name}", word.to_lowercase());
            text += &annotation(level, file.path, file.spot(covered), &title, &message);
        }
    }
    text + &headline(&Total::of(files))
}
