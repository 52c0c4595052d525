//! `--budget`: how much a question may take.

use std::time::Duration;

use clap::Args;

use super::chinese::Wrong;
use crate::diagnostic::Words;
use crate::verify::Budget;

/// The option of every command that asks.
#[derive(Clone, Copy, Debug, Args)]
pub struct BudgetOption {
    /// How much a question may take before it is undetermined: 30s, 1M diagram nodes, both as 30s,1M, or none
    ///
    /// Time (500ms, 30s, 2m, 1h) is for all that is computed for a question; nodes (1000000, 500k, 1M) are those
    /// of the diagrams of its sets of packets. Nodes give the same answer every time, time does not. What is
    /// not given stays as it is; none,1M sets a limit of nodes alone. Without any limit, with none, a question
    /// may take all memory or never end. Reading a file may take the same time again, and 2s at least; so may
    /// the lines of pictures, which are drawn straight beyond it.
    #[arg(long = "budget", value_name = "BUDGET", default_value = "5m,4M")]
    #[arg(value_parser = read, allow_negative_numbers = true)]
    pub budget: Budget,
}

/// Reads `30s,1M`.
///
/// # Errors
///
/// With what is wrong and an example.
pub fn read(text: &str) -> Result<Budget, Wrong> {
    let mut budget = Budget::default();
    let (mut nodes, mut time) = (None, None);
    for (at, part) in text.split(',').enumerate() {
        if part == "none" && at == 0 {
            budget = Budget::NONE;
            continue;
        }
        if part == "none" {
            return wrong("`none` stands first, as in none,1M", "`none` 要写在最前，如 none,1M");
        }
        let twice = match amount(part)? {
            Amount::Nodes(amount) => nodes.replace(amount).is_some(),
            Amount::Time(amount) => time.replace(amount).is_some(),
        };
        if twice {
            return wrong(
                format!("`{part}` says a second time what was said before; {EXAMPLE}"),
                format!("`{part}` 与前面重复；{EXAMPLE_ZH}"),
            );
        }
    }
    budget.nodes = nodes.unwrap_or(budget.nodes);
    budget.time = time.or(budget.time);
    Ok(budget)
}

const EXAMPLE: &str = "a budget is a time, a number of nodes, or both, as in 30s, 1M or 30s,1M";
const EXAMPLE_ZH: &str = "预算是时间、节点数或两者，例如 30s、1M 或 30s,1M";

fn wrong<T>(english: impl Into<String>, chinese: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong(Words::new(english, chinese)))
}

enum Amount {
    Nodes(usize),
    Time(Duration),
}

/// A number with its unit.
fn amount(part: &str) -> Result<Amount, Wrong> {
    let digits = part.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = part.split_at(digits);
    if number.is_empty() {
        return match part {
            "" => wrong(
                format!("nothing is given; {EXAMPLE}"),
                format!("未给出任何内容；{EXAMPLE_ZH}"),
            ),
            _ => wrong(
                format!("`{part}` does not begin with a whole number; {EXAMPLE}"),
                format!("`{part}` 不以整数开头；{EXAMPLE_ZH}"),
            ),
        };
    }
    let too_large = || {
        Wrong(Words::new(
            format!("`{part}` is too large; `none` is no limit at all"),
            format!("`{part}` 过大；`none` 表示不设限制"),
        ))
    };
    let number: u64 = number.parse().map_err(|_| too_large())?;
    if number == 0 {
        return wrong(
            format!("with `{part}` nothing can be decided; {EXAMPLE}"),
            format!("`{part}` 无法判断任何问题；{EXAMPLE_ZH}"),
        );
    }
    let times = |factor: u64| number.checked_mul(factor).ok_or_else(too_large);
    let nodes = |factor: u64| {
        let nodes = times(factor)?;
        usize::try_from(nodes).map_err(|_| too_large())
    };
    Ok(match unit {
        "" => Amount::Nodes(nodes(1)?),
        "k" => Amount::Nodes(nodes(1_000)?),
        "M" => Amount::Nodes(nodes(1_000_000)?),
        "ms" => Amount::Time(Duration::from_millis(number)),
        "s" => Amount::Time(Duration::from_secs(number)),
        "m" => Amount::Time(Duration::from_secs(times(60)?)),
        "h" => Amount::Time(Duration::from_secs(times(3600)?)),
        _ => {
            return wrong(
                format!(
                    "`{unit}` is no unit: ms, s, m and h are for time, k and M for nodes; {EXAMPLE}"
                ),
                format!("`{unit}` 不是单位：ms、s、m、h 用于时间，k、M 用于节点数；{EXAMPLE_ZH}"),
            );
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(nodes: usize, time: Option<u64>) -> Budget {
        Budget { nodes, time: time.map(Duration::from_millis), ..Budget::NONE }
    }

    #[test]
    fn a_budget_is_time_or_nodes_or_both() {
        let (nodes, time) = (4_000_000, Some(300_000));
        for (text, budget) in [
            ("5m,4M", Budget::default()),
            ("30s", both(nodes, Some(30_000))),
            ("500ms", both(nodes, Some(500))),
            ("2m", both(nodes, Some(120_000))),
            ("1h", both(nodes, Some(3_600_000))),
            ("1000000", both(1_000_000, time)),
            ("1M", both(1_000_000, time)),
            ("500k", both(500_000, time)),
            ("30s,1M", both(1_000_000, Some(30_000))),
            ("1M,30s", both(1_000_000, Some(30_000))),
            ("none", Budget::NONE),
            ("none,1M", both(1_000_000, None)),
            ("none,30s", both(usize::MAX, Some(30_000))),
        ] {
            assert_eq!(read(text), Ok(budget), "{text}");
        }
    }

    #[test]
    fn what_is_no_budget_is_refused_with_an_example() {
        let huge = "9".repeat(40);
        for (text, words) in [
            ("", "nothing is given"),
            ("30s,", "nothing is given"),
            ("0", "nothing can be decided"),
            ("0s", "nothing can be decided"),
            ("-5", "does not begin with a whole number"),
            ("s", "does not begin with a whole number"),
            (" 30s", "does not begin with a whole number"),
            ("unlimited", "does not begin with a whole number"),
            ("30 s", "` s` is no unit"),
            ("30S", "`S` is no unit"),
            ("1.5s", "`.5s` is no unit"),
            ("1m30s", "`m30s` is no unit"),
            ("1e6", "`e6` is no unit"),
            ("30s,1m", "second time"),
            ("1M,none", "none,1M"),
            (&huge, "too large"),
            ("18446744073709551615M", "too large"),
            ("18446744073709551615m", "too large"),
        ] {
            let refusal = read(text).expect_err(text).to_string();
            assert!(refusal.contains(words), "{text}: {refusal}");
            assert!(refusal.contains("1M") || refusal.contains("none"), "{text}");
        }
    }
}
