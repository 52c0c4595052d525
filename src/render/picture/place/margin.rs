//! What stands around the picture: the title above; below it the legend of the lines that are used, and the
//! connection in words.

use super::{MIDDLE, PITCH, Rect, SIZE, Text, UNIT, pixels};
use crate::code::Language;
use crate::render::picture::boxes::{Picture, WireKind};
use crate::render::picture::route::Cut;
use crate::render::picture::width::{Bold, width};
use crate::render::wrap::wrap;

/// Where the drawing begins.
pub(super) const TOP: i32 = 7 * UNIT;

/// Words need some room, however small the network.
const LEAST: i32 = 640;

/// How long a sample of a line is.
const SAMPLE: i32 = 5 * UNIT;

pub(super) fn title(text: &str) -> Text {
    const LARGE: u32 = 16;
    Text {
        rect: Rect {
            x: MIDDLE,
            y: 2 * UNIT,
            width: pixels(width(text, LARGE, Bold::Yes)),
            height: 3 * UNIT,
        },
        text: text.to_owned(),
        class: "title",
        size: LARGE,
    }
}

/// What stands below, and how large the picture is with it.
pub(super) struct Below {
    pub(super) size: (i32, i32),
    pub(super) samples: Vec<(Rect, &'static str)>,
}

pub(super) fn below(
    picture: &Picture,
    texts: &mut Vec<Text>,
    (wide, high): (i32, i32),
    cut: Option<Cut>,
) -> Below {
    let titles = texts.first().map_or(0, |title| title.rect.right() + MIDDLE);
    let wide = wide.max(LEAST).max(titles);
    let mut y = high;
    let samples = legend(picture, texts, wide, &mut y);
    if let Some(cut) = cut {
        let note = match (cut, picture.language) {
            (Cut::Many, Language::English) => {
                "too many lines to find a way around everything for each: the others are drawn straight"
            }
            (Cut::Many, Language::Chinese) => "连线过多，无法逐一绕行：其余连线以直线画出",
            (Cut::Late, Language::English) => {
                "no time was left to find a way around everything for each line: the others are drawn straight"
            }
            (Cut::Late, Language::Chinese) => "时间已用完，无法逐一绕行：其余连线以直线画出",
        };
        words(texts, note, "words", wide, &mut y);
    }
    if let Some(journey) = &picture.journey {
        y += UNIT;
        words(texts, &journey.headline, "headline", wide, &mut y);
        y += UNIT / 2;
        for line in &journey.words {
            words(texts, line, "words", wide, &mut y);
        }
    }
    let right = texts.iter().map(|text| text.rect.right()).max();
    Below { size: (wide.max(right.unwrap_or(0) + MIDDLE), y + 3 * UNIT), samples }
}

/// A sample and a word for each kind of line that is drawn.
fn legend(
    picture: &Picture,
    texts: &mut Vec<Text>,
    wide: i32,
    y: &mut i32,
) -> Vec<(Rect, &'static str)> {
    let mut samples = Vec::new();
    let mut x = MIDDLE;
    for (class, word) in entries(picture) {
        let room = pixels(width(word, SIZE, Bold::No));
        if x > MIDDLE && x + SAMPLE + UNIT + room + MIDDLE > wide {
            x = MIDDLE;
            *y += PITCH;
        }
        let sample = Rect { x, y: *y, width: SAMPLE, height: PITCH };
        samples.push((sample, class));
        texts.push(Text {
            rect: Rect { x: x + SAMPLE + UNIT, y: *y, width: room, height: PITCH },
            text: word.to_owned(),
            class: "legend",
            size: SIZE,
        });
        x += SAMPLE + UNIT + room + 3 * UNIT;
    }
    if !samples.is_empty() {
        *y += PITCH;
    }
    samples
}

fn entries(picture: &Picture) -> Vec<(&'static str, &'static str)> {
    let has = |kind| picture.wires.iter().any(|wire| wire.kind == kind);
    let stops = picture.journey.as_ref().map_or(0, |journey| journey.stops.len());
    let broken = picture.journey.as_ref().is_some_and(|journey| journey.broken < stops);
    let walked = picture.journey.as_ref().is_some_and(|journey| journey.broken > 1);
    let entries = [
        (has(WireKind::Up), "up", ["attached or connected", "已连接"]),
        (has(WireKind::ClassicLink), "classic-link", ["ClassicLink", "基础网络互通"]),
        (has(WireKind::Target), "target", ["load balancer to target", "负载均衡与后端"]),
        (
            has(WireKind::Down),
            "down",
            ["down, pending or stale: carries nothing", "故障、待接受或已失效"],
        ),
        (walked, "walked", ["way of the packet", "报文路径"]),
        (broken, "broken", ["behind a blocker, as if it had arrived", "阻断之后（假设能够到达）"]),
    ];
    let used = entries.into_iter().filter(|(used, ..)| *used);
    let said = used.map(|(_, class, [english, chinese])| match picture.language {
        Language::English => (class, english),
        Language::Chinese => (class, chinese),
    });
    said.collect()
}

/// A text over as many lines as it needs.
fn words(texts: &mut Vec<Text>, text: &str, class: &'static str, wide: i32, y: &mut i32) {
    let bold = if class == "headline" { Bold::Yes } else { Bold::No };
    let room = wide - 2 * MIDDLE;
    for line in fitting(text, room, bold) {
        texts.push(Text {
            rect: Rect { x: MIDDLE, y: *y, width: pixels(width(&line, SIZE, bold)), height: PITCH },
            text: line,
            class,
            size: SIZE,
        });
        *y += PITCH;
    }
}

/// Breaks a text so that no line is wider than the room, words that are wider alone excepted.
fn fitting(text: &str, room: i32, bold: Bold) -> Vec<String> {
    let most = usize::try_from(room / 6).unwrap_or(20).max(20);
    let fits = |lines: &[String]| {
        let mut lines = lines.iter();
        lines.all(|line| pixels(width(line, SIZE, bold)) <= room)
    };
    let mut tries = (20..=most).rev().step_by(4).map(|limit| wrap(text, limit));
    tries.find(|lines| fits(lines)).unwrap_or_else(|| wrap(text, 20))
}
