//! What `trace` prints: the answer, every hop there and back with who decided, and last what would have to
//! change.
//!
//! Hops are numbered through, there and back; a blocker is spoken of by the number of its hop. Where the
//! cloud may take several ways, each is a picture of its own and numbered anew.

mod headline;
mod hop;

pub(super) use headline::ends;

use std::fmt::Write as _;

use super::remedy::{remedy, same};
use super::scene::Scene;
use super::several::several;
use super::style::{BAD, DOUBT, FAINT, GOOD, Line, STRONG, paragraph};
use crate::code::Language;
use crate::query::{Reason, Trace, TracePath, TraceStep};
use crate::verify::TraceReport;

/// So many ways are drawn.
const WAYS: usize = 4;

/// A connection explained.
#[must_use]
pub fn trace_text(report: &TraceReport, language: Language) -> String {
    let scene = Scene::of_trace(report, language);
    let mut text = headline::headline(report, language);
    text += &headline::remarks(scene, report);
    let mut blockers = Vec::new();
    if let Some(trace) = &report.trace {
        let ways = chosen(trace);
        for (number, path) in &ways {
            let way = (trace.paths.len() > 1).then_some(*number);
            if let Some(number) = way {
                text += &way_heading(path, number, trace.paths.len(), language);
            }
            text += &way_text(scene, path, way, &mut blockers);
        }
        text += &left_out(trace.paths.len() - ways.len(), language);
    }
    text + &remedies(scene, &blockers)
}

/// The first line without colours and alignment, for formats that have their own.
pub(super) fn plain_headline(report: &TraceReport, language: Language) -> String {
    unstyled(&headline::headline(report, language)).join(" ")
}

/// What the first line does not say, line by line, without colours.
pub(super) fn plain_remarks(scene: Scene<'_>, report: &TraceReport) -> Vec<String> {
    unstyled(&headline::remarks(scene, report))
}

/// The hops of one way as they are printed, without colours.
pub(super) fn plain_way(scene: Scene<'_>, path: &TracePath) -> Vec<String> {
    let text = way_text(scene, path, None, &mut Vec::new());
    let text = anstream::adapter::strip_str(&text).to_string();
    let lines = text.lines().skip_while(|line| line.is_empty());
    lines.map(str::to_owned).collect()
}

fn unstyled(text: &str) -> Vec<String> {
    let text = anstream::adapter::strip_str(text).to_string();
    let lines = text.lines().map(|line| {
        let parts: Vec<&str> = line.split("  ").map(str::trim).collect();
        let parts = parts.into_iter().filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(" · ")
    });
    lines.filter(|line| !line.is_empty()).collect()
}

/// The ways that are drawn: all, or if they are many the blocked ones first; with their numbers.
fn chosen(trace: &Trace) -> Vec<(usize, &TracePath)> {
    let mut ways: Vec<_> = (1..).zip(&trace.paths).collect();
    if ways.len() > WAYS {
        ways.sort_by_key(|(_, path)| path.always);
        ways.truncate(WAYS);
    }
    ways
}

fn left_out(count: usize, language: Language) -> String {
    match (count, language) {
        (0, _) => String::new(),
        (1, Language::English) => "\n  … and 1 more way\n".to_owned(),
        (_, Language::English) => format!("\n  … and {count} more ways\n"),
        (_, Language::Chinese) => format!("\n  ……另有 {count} 条路径\n"),
    }
}

fn way_heading(path: &TracePath, number: usize, all: usize, language: Language) -> String {
    let (style, word) = match (path.always, path.sometimes, language) {
        (true, _, Language::English) => (GOOD, "works"),
        (false, true, Language::English) => (DOUBT, "works on some ways back only"),
        (false, false, Language::English) => (BAD, "is blocked"),
        (true, _, Language::Chinese) => (GOOD, "可达"),
        (false, true, Language::Chinese) => (DOUBT, "仅部分回程可达"),
        (false, false, Language::Chinese) => (BAD, "被阻断"),
    };
    let title = match language {
        Language::English => format!("way {number} of {all}"),
        Language::Chinese => format!("路径 {number}/{all}"),
    };
    let line = Line::indented(2).styled(STRONG, &title).then("  ");
    format!("\n{}", line.styled(style, word).end())
}

/// A blocker with the number of its hop.
struct Blocker<'a> {
    number: String,
    reason: &'a Reason,
}

/// The hops of one way, there and back.
fn way_text<'a>(
    scene: Scene<'_>,
    path: &'a TracePath,
    way: Option<usize>,
    blockers: &mut Vec<Blocker<'a>>,
) -> String {
    let english = scene.language == Language::English;
    let mut number = 0;
    let mut hops = |steps: &'a [TraceStep], text: &mut String| {
        for (index, step) in steps.iter().enumerate() {
            number += 1;
            text.push_str(&hop::hop(scene, step, steps.get(index + 1), number));
            if let Some(reason) = &step.reason {
                let number = match (way, english) {
                    (None, _) => number.to_string(),
                    (Some(way), true) => format!("{number} of way {way}"),
                    (Some(way), false) => format!("路径 {way} 的 {number}"),
                };
                blockers.push(Blocker { number, reason });
            }
        }
    };
    let mut text = direction(if english { "there" } else { "去程" });
    hops(&path.forward, &mut text);
    let back = if english { "back" } else { "回程" };
    if path.back.is_empty() {
        text += &direction(back);
        let lost = path.forward.iter().any(|step| !step.passed);
        let words = match (lost, english) {
            (true, true) => "not judged: the packet does not arrive",
            (true, false) => "未判断：报文未能到达",
            (false, true) => "nothing to judge",
            (false, false) => "无须判断",
        };
        text += &Line::indented(5).styled(FAINT, words).right("D20-13").end();
    }
    for (index, steps) in path.back.iter().enumerate() {
        let mut title = back.to_owned();
        if path.back.len() > 1 {
            let _ = match scene.language {
                Language::English => write!(title, ", way {} of {}", index + 1, path.back.len()),
                Language::Chinese => write!(title, "路径 {}/{}", index + 1, path.back.len()),
            };
        }
        text += &direction(&title);
        text += &hop::remembered(scene, &path.forward, hop::End::Receiver);
        hops(steps, &mut text);
        if steps.iter().all(|step| step.passed) {
            text += &hop::remembered(scene, &path.forward, hop::End::Opener);
        }
    }
    text
}

/// The last section: what would have to change for each blocker.
fn remedies(scene: Scene<'_>, blockers: &[Blocker<'_>]) -> String {
    let mut groups: Vec<(Vec<&str>, &Reason)> = Vec::new();
    for Blocker { number, reason } in blockers {
        match groups.iter_mut().find(|(_, other)| same(other, reason)) {
            Some((numbers, _)) => numbers.push(number),
            None => groups.push((vec![number], reason)),
        }
    }
    if groups.is_empty() {
        return String::new();
    }
    let mut text = direction(match scene.language {
        Language::English => "to make it work",
        Language::Chinese => "如何放通",
    });
    for (letter, (numbers, reason)) in ('A'..).zip(&groups) {
        let words =
            remedy(scene.network, &several(numbers, scene.language), reason, scene.language);
        let place = scene.blame(reason).map_or(String::new(), |place| scene.short(place));
        // The letter stands where the paragraph is indented.
        let words = paragraph(5, &words, &place);
        let _ = write!(text, "  {letter}  {}", words.trim_start());
    }
    text
}

fn direction(title: &str) -> String {
    format!("\n{}", Line::indented(2).styled(STRONG, title).end())
}

#[cfg(test)]
mod tests {
    use super::super::sample::{assert_narrow, blocked_way, half_way, open_way, plain, trace};
    use super::*;
    use crate::model::Endpoint;
    use crate::query::{Direction, Verdict};

    fn text(verdict: Verdict, ways: Vec<TracePath>, language: Language) -> String {
        let text = trace_text(&trace(verdict, ways), language);
        assert_narrow(&text);
        plain(&text)
    }

    #[test]
    fn a_blocked_connection_shows_every_blocker_and_what_to_do() {
        let text = text(Verdict::Unreachable, vec![blocked_way()], Language::English);
        insta::assert_snapshot!(text, @r"
        UNREACHABLE  ins-tom 10.60.5.7 → cdb-1 172.16.3.9:3306/tcp         2 blockers, both on the way there

          there
          1  ✓ ins-tom          sg-classic egress #1    accept all                               shop.ron:15
          2  ✗ classic link     classic-link-secondary-cidr                                       shop.ron:3
               172.16.3.9 lies in a secondary CIDR; a linked classic CVM meets only the primary
               10.8.0.0/16                                                                              CL-6
          3  ✓ network ACL      acl-db ingress #1                                                shop.ron:10
               accept tcp:3306 from 10.0.0.0/8  (as if it had arrived)
          4  ✗ cdb-1            security-group-ingress-denied  (as if it had arrived)            shop.ron:17
               no ingress rule of sg-db accepts tcp:3306 from 10.60.5.7                                 SG-5
               nearest: sg-db #2 accept tcp:3306 from 10.1.0.0/16 — protocol ✓ port ✓ source ✗   shop.ron:19

          back
             not judged: the packet does not arrive                                                   D20-13

          to make it work
          A  no rule lifts 2, which is the platform's: move the endpoint into a subnet of the
             primary CIDR                                                                         shop.ron:3
          B  4: sg-db ingress #2 is nearest; it, or a new rule, has to accept source 10.60.5.7   shop.ron:17
        ");
    }

    #[test]
    fn the_same_in_chinese() {
        let text = text(Verdict::Unreachable, vec![blocked_way()], Language::Chinese);
        insta::assert_snapshot!(text, @r"
        不可达  ins-tom 10.60.5.7 → cdb-1 172.16.3.9:3306/tcp                             2 处阻断，均在去程

          去程
          1  ✓ ins-tom          sg-classic egress #1    允许 all                                 shop.ron:15
          2  ✗ 基础网络互通     classic-link-secondary-cidr                                       shop.ron:3
               172.16.3.9 属于辅助 CIDR；关联的基础网络云服务器只与主 CIDR 10.8.0.0/16 互通             CL-6
          3  ✓ 网络 ACL         acl-db ingress #1                                                shop.ron:10
               允许 tcp:3306，来源 10.0.0.0/8  （假设报文已到达）
          4  ✗ cdb-1            security-group-ingress-denied  （假设报文已到达）                shop.ron:17
               sg-db 没有入站规则放通来自 10.60.5.7 的 tcp:3306                                         SG-5
               最接近的规则：sg-db #2 允许 tcp:3306，来源 10.1.0.0/16 — 协议 ✓ 端口 ✓ 来源 ✗     shop.ron:19

          回程
             未判断：报文未能到达                                                                     D20-13

          如何放通
          A  2 为平台限制，任何规则都无法放开：将该实例迁到主 CIDR 内的子网                       shop.ron:3
          B  4：最接近的是 sg-db ingress #2；它或新规则须放通来源 10.60.5.7                      shop.ron:17
        ");
    }

    #[test]
    fn a_lost_reply_stands_on_the_way_back_and_rewrites_are_shown() {
        let text = text(Verdict::Partial, vec![half_way()], Language::English);
        insta::assert_snapshot!(text, @r"
        PARTIAL  ins-tom 10.60.5.7 → cdb-1 172.16.3.9:3306/tcp                    1 blocker, on the way back
          no service works for every pair and source port; for example tcp 10.60.5.7:1024 → 172.16.3.9:3306
          shown: a packet that is lost

          there
          1  ✓ ins-tom          sg-classic egress #1    accept all                               shop.ron:15
          2  ✓ route            rtb-shop #1             10.2.0.0/16 via pcx-1                     shop.ron:5
               destination 172.16.3.9:3306 ⇒ 172.16.3.10:13306
          3  ✓ cdb-1            sg-db ingress #2        accept tcp:3306 from 10.1.0.0/16         shop.ron:19
               destination 172.16.3.10:13306 ⇒ 172.16.3.9:3306

          back
             ✓ cdb-1            reply of the connection, remembered by sg-db
          4  ✗ network ACL      network-acl-egress-denied                                        shop.ron:11
               the reply 172.16.3.9:3306 → 10.60.5.7:1024 is dropped: no egress rule of acl-db
               accepts it                                                                              ACL-4
               nearest: acl-db #1 accept tcp:49152-65535 to 10.0.0.0/8 — protocol ✓ port ✗
               destination ✓                                                                     shop.ron:11

          to make it work
          A  4: acl-db egress #1 is nearest; it, or a new rule, has to accept port 1024, and replies to the
             opener's other ports                                                                shop.ron:11
        ");
    }

    #[test]
    fn several_ways_are_drawn_one_by_one() {
        let ways = vec![open_way(), half_way()];
        let text = text(Verdict::Partial, ways, Language::English);
        assert!(text.contains("way 1 of 2  works\n"), "{text}");
        assert!(text.contains("way 2 of 2  is blocked\n"), "{text}");
        assert!(text.contains("  A  4 of way 2: acl-db egress #1 is nearest"), "{text}");
    }

    #[test]
    fn of_many_ways_the_blocked_ones_are_drawn_first() {
        let mut ways = vec![open_way(); 5];
        ways.push(half_way());
        let text = text(Verdict::Partial, ways, Language::English);
        assert!(text.contains("way 6 of 6  is blocked"), "{text}");
        assert!(text.contains("… and 2 more ways"), "{text}");
    }

    #[test]
    fn what_works_has_nothing_to_repair() {
        let text = text(Verdict::Reachable, vec![open_way()], Language::English);
        assert!(text.starts_with("REACHABLE  ins-tom 10.60.5.7 → cdb-1 172.16.3.9:3306/tcp\n"));
        assert!(!text.contains("to make it work"), "{text}");
    }

    #[test]
    fn an_endpoint_that_is_named_by_its_address_is_not_named_twice() {
        let mut report = trace(Verdict::Reachable, vec![open_way()]);
        let address = packet_address(&report);
        report.shown =
            report.shown.map(|(from, _)| (from, Endpoint::GroupMember("asg-db".into(), address)));
        let text = plain(&trace_text(&report, Language::English));
        assert!(text.contains("→ asg-db[172.16.3.9]:3306/tcp"), "{text}");
    }

    fn packet_address(report: &TraceReport) -> std::net::IpAddr {
        let trace = report.trace.as_ref().expect("a trace");
        trace.packet.destination
    }

    #[test]
    fn without_a_packet_to_show_the_reasons_are_told() {
        let mut report = trace(Verdict::Undetermined, Vec::new());
        report.shown = None;
        report.trace = None;
        report.found.pairs = 12;
        let code = crate::code::Code::BudgetExceeded;
        let reason = super::super::sample::reason(code, "x-1", Direction::Forward);
        report.found.reasons = vec![reason];
        insta::assert_snapshot!(plain(&trace_text(&report, Language::English)), @r"
        UNDETERMINED  ins-tom → cdb-1 tcp:3306                                   1 blocker, on the way there
          the question was too large to decide within its budget
          shown: 1 of 12 pairs
        ");
    }
}
