//! What is told where the budget was not enough: of what, how much there was, and how to give more.

use std::time::Duration;

use serde_json::{Value, json};

use super::number::number;
use crate::code::{Code, Language};
use crate::space::Exceeded;

/// More nodes than these cannot be numbered, so that more cannot be given.
const MOST_NODES: usize = 1 << 30;

/// One sentence, without a full stop.
#[must_use]
pub fn exceeded_text(exceeded: Exceeded, language: Language) -> String {
    let what = match (exceeded, language) {
        (Exceeded::Nodes(nodes), Language::English) => {
            format!("the question takes more room than {} diagram nodes", number(nodes))
        }
        (Exceeded::Nodes(nodes), Language::Chinese) => {
            format!("该问题所需空间超过 {} 个图节点", number(nodes))
        }
        (Exceeded::Steps(steps), Language::English) => {
            format!("the ways of one pair of ends have more than {} steps", number(steps))
        }
        (Exceeded::Steps(steps), Language::Chinese) => {
            format!("一对端点的路径合计超过 {} 跳", number(steps))
        }
        (Exceeded::Rows(rows), Language::English) => {
            format!("the answer takes more than {} rows", number(rows))
        }
        (Exceeded::Rows(rows), Language::Chinese) => {
            format!("答案超过 {} 行", number(rows))
        }
        (Exceeded::Time(time), Language::English) => {
            let (count, unit) = whole(time);
            let unit = if unit == "m" { "min" } else { unit };
            format!("the question takes longer than {count} {unit}")
        }
        (Exceeded::Time(time), Language::Chinese) => {
            let (count, unit) = whole(time);
            let unit = match unit {
                "h" => "小时",
                "m" => "分钟",
                "s" => "秒",
                _ => "毫秒",
            };
            format!("该问题耗时超过 {count} {unit}")
        }
    };
    match (more(exceeded), language) {
        (Some(more), Language::English) => format!("{what}; --budget {more} allows more"),
        (Some(more), Language::Chinese) => format!("{what}；可用 --budget {more} 放宽"),
        (None, _) => what,
    }
}

/// For scripts; null if it was enough.
#[must_use]
pub fn exceeded_json(exceeded: Option<Exceeded>, language: Language) -> Value {
    let Some(exceeded) = exceeded else {
        return Value::Null;
    };
    let (what, limit) = match exceeded {
        Exceeded::Nodes(nodes) => ("nodes", nodes as u128),
        Exceeded::Steps(steps) => ("steps", steps as u128),
        Exceeded::Rows(rows) => ("rows", rows as u128),
        Exceeded::Time(time) => ("time", time.as_millis()),
    };
    json!({
        "code": Code::BudgetExceeded.name(),
        "what": what,
        "limit": u64::try_from(limit).unwrap_or(u64::MAX),
        "message": exceeded_text(exceeded, language),
    })
}

/// Ten times as much, as `--budget` takes it.
fn more(exceeded: Exceeded) -> Option<String> {
    match exceeded {
        Exceeded::Nodes(count) | Exceeded::Steps(count) | Exceeded::Rows(count) => {
            let more = count.saturating_mul(10);
            Some(match more {
                _ if count >= MOST_NODES => return None,
                _ if more.is_multiple_of(1_000_000) => format!("{}M", more / 1_000_000),
                _ if more.is_multiple_of(1_000) => format!("{}k", more / 1_000),
                _ => more.to_string(),
            })
        }
        Exceeded::Time(time) => {
            let (count, unit) = whole(time.checked_mul(10)?);
            Some(format!("{count}{unit}"))
        }
    }
}

/// 30 and `s`: the largest unit that is whole, as `--budget` takes it.
fn whole(time: Duration) -> (u128, &'static str) {
    let millis = time.as_millis();
    let units = [(3_600_000, "h"), (60_000, "m"), (1000, "s")];
    let mut units = units.into_iter().filter(|(unit, _)| millis.is_multiple_of(*unit));
    let (unit, name) = units.next().unwrap_or((1, "ms"));
    (millis / unit, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_enough_is_told_with_what_would_be_more() {
        let millis = |millis| Exceeded::Time(Duration::from_millis(millis));
        let all = [
            Exceeded::Nodes(10),
            Exceeded::Nodes(500_000),
            Exceeded::Nodes(4_000_000),
            Exceeded::Nodes(MOST_NODES),
            Exceeded::Steps(1_000),
            Exceeded::Rows(1_000),
            millis(1),
            millis(30_000),
            millis(300_000),
            millis(7_200_000),
        ];
        let lines = all.map(|one| {
            let both = [Language::English, Language::Chinese].map(|it| exceeded_text(one, it));
            both.join("\n") + "\n"
        });
        insta::assert_snapshot!(lines.concat(), @r"
        the question takes more room than 10 diagram nodes; --budget 100 allows more
        该问题所需空间超过 10 个图节点；可用 --budget 100 放宽
        the question takes more room than 500,000 diagram nodes; --budget 5M allows more
        该问题所需空间超过 500,000 个图节点；可用 --budget 5M 放宽
        the question takes more room than 4,000,000 diagram nodes; --budget 40M allows more
        该问题所需空间超过 4,000,000 个图节点；可用 --budget 40M 放宽
        the question takes more room than 1,073,741,824 diagram nodes
        该问题所需空间超过 1,073,741,824 个图节点
        the ways of one pair of ends have more than 1,000 steps; --budget 10k allows more
        一对端点的路径合计超过 1,000 跳；可用 --budget 10k 放宽
        the answer takes more than 1,000 rows; --budget 10k allows more
        答案超过 1,000 行；可用 --budget 10k 放宽
        the question takes longer than 1 ms; --budget 10ms allows more
        该问题耗时超过 1 毫秒；可用 --budget 10ms 放宽
        the question takes longer than 30 s; --budget 5m allows more
        该问题耗时超过 30 秒；可用 --budget 5m 放宽
        the question takes longer than 5 min; --budget 50m allows more
        该问题耗时超过 5 分钟；可用 --budget 50m 放宽
        the question takes longer than 2 h; --budget 20h allows more
        该问题耗时超过 2 小时；可用 --budget 20h 放宽
        ");
    }
}
