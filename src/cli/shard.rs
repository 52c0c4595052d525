//! `--shard`: a slice of the work, the same on every machine, so that many machines share it without talking.
//!
//! Work that comes in numbered pieces (files, failures) is dealt out in turn, so that no shard gets all that is heavy; work
//! whose order counts (rows) is cut in stretches. Either way every piece falls into exactly one shard.

use std::ffi::OsString;
use std::fmt;
use std::ops::Range;

use clap::Args;

use super::args::Global;
use super::chinese::Wrong;
use super::exit::Exit;
use super::one::complain;
use super::output::Output;
use crate::diagnostic::{Words, visible};

/// Which slice a Job of Kubernetes gives, from 0, and of how many.
const INDEX: &str = "JOB_COMPLETION_INDEX";
const COUNT: &str = "JOB_COMPLETIONS";

/// The option of every command whose work can be shared.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct ShardOption {
    /// Do only slice K of N of the work, K from 1; without it `JOB_COMPLETION_INDEX` and `JOB_COMPLETIONS` decide
    #[arg(long, value_name = "K/N", value_parser = read)]
    pub shard: Option<Shard>,
}

impl ShardOption {
    /// The slice that is asked for, by the option or by the variables of a Job; tells what is wrong with those.
    ///
    /// # Errors
    ///
    /// With the status to end with.
    pub fn slice(self, global: &Global, output: &mut Output) -> Result<Shard, Exit> {
        if let Some(shard) = self.shard {
            return Ok(shard);
        }
        of_job(|name| std::env::var_os(name)).map_err(|wrong| {
            complain(global, output, wrong.0.text(global.language()), None);
            Exit::Unusable
        })
    }
}

/// Slice `number` of `of`, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which.
    pub number: usize,
    /// Of how many.
    pub of: usize,
}

impl Default for Shard {
    fn default() -> Self {
        Self::WHOLE
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl Shard {
    /// All of the work.
    pub const WHOLE: Self = Self { number: 1, of: 1 };

    /// Whether it is all of the work.
    #[must_use]
    pub fn is_whole(self) -> bool {
        self.of == 1
    }

    /// Whether the piece with this number, from 0, is in the slice: pieces are dealt out in turn.
    #[must_use]
    pub fn has(self, piece: usize) -> bool {
        piece % self.of == self.number - 1
    }

    /// The stretch of so many pieces that is in the slice: stretches are as equal as can be, and follow each other.
    #[must_use]
    pub fn stretch(self, pieces: usize) -> Range<usize> {
        let (each, more) = (pieces / self.of, pieces % self.of);
        let until = |shards: usize| shards * each + shards.min(more);
        until(self.number - 1)..until(self.number)
    }

    /// The stretch of pieces of these costs that is in the slice: stretches follow each other, and each ends where its share
    /// of all costs is reached.
    #[must_use]
    pub fn stretch_by(self, costs: &[u64]) -> Range<usize> {
        let all: u128 = costs.iter().map(|cost| u128::from(*cost)).sum();
        let until = |shards: usize| {
            if shards == self.of {
                return costs.len();
            }
            let mut so_far = 0_u128;
            // Half of a piece decides where it goes, so that no slice is always the larger one.
            let inside = costs.iter().take_while(|cost| {
                let middle = 2 * so_far + u128::from(**cost);
                so_far += u128::from(**cost);
                middle * self.of as u128 <= 2 * all * shards as u128 && shards > 0
            });
            inside.count()
        };
        until(self.number - 1)..until(self.number)
    }
}

/// Reads `2/4`.
///
/// # Errors
///
/// With what is wrong and an example.
pub fn read(text: &str) -> Result<Shard, Wrong> {
    let parts = text.split_once('/');
    let numbers = parts.and_then(|(number, of)| Some((whole(number)?, whole(of)?)));
    match numbers {
        Some((number, of)) if (1..=of).contains(&number) => Ok(Shard { number, of }),
        Some((0, _)) => wrong(
            "slices are counted from 1: the first of four is 1/4",
            "分片从 1 开始计数：四份中的第一份是 1/4",
        ),
        Some((number, of)) => wrong(
            format!("there is no slice {number} of {of}; the last one is {of}/{of}"),
            format!("{of} 份中没有第 {number} 份；最后一份是 {of}/{of}"),
        ),
        None => wrong("a slice is two whole numbers, as in 1/4", "分片是两个整数，例如 1/4"),
    }
}

/// A number without sign, blanks or anything else.
fn whole(text: &str) -> Option<usize> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// What the variables of a Job say; all of the work without them.
fn of_job(variable: impl Fn(&str) -> Option<OsString>) -> Result<Shard, Wrong> {
    let lone = |set: &str, missing: &str| {
        wrong(
            format!("{set} is set and {missing} is not: a slice needs both, or --shard K/N"),
            format!("已设置 {set}，但未设置 {missing}：分片需要两者，或使用 --shard K/N"),
        )
    };
    let (index, count) = match (variable(INDEX), variable(COUNT)) {
        (None, None) => return Ok(Shard::WHOLE),
        (Some(_), None) => return lone(INDEX, COUNT),
        (None, Some(_)) => return lone(COUNT, INDEX),
        (Some(index), Some(count)) => (index, count),
    };
    let number = |name: &str, value: &OsString| {
        let text = value.to_string_lossy();
        whole(&text).ok_or_else(|| {
            let text = visible(&text).into_owned();
            Wrong(Words::new(
                format!("{name} is `{text}`, which is no whole number"),
                format!("{name} 为 `{text}`，不是整数"),
            ))
        })
    };
    let (index, of) = (number(INDEX, &index)?, number(COUNT, &count)?);
    if index < of {
        return Ok(Shard { number: index + 1, of });
    }
    wrong(
        format!("{INDEX} is {index} and {COUNT} {of}: slices are counted from 0 there"),
        format!("{INDEX} 为 {index}，{COUNT} 为 {of}：其中分片从 0 开始计数"),
    )
}

fn wrong<T>(english: impl Into<String>, chinese: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong(Words::new(english, chinese)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(of: usize) -> impl Iterator<Item = Shard> {
        (1..=of).map(move |number| Shard { number, of })
    }

    #[test]
    fn every_piece_is_in_exactly_one_slice() {
        for of in 1..=9 {
            for pieces in 0..=23 {
                for piece in 0..pieces {
                    assert_eq!(all(of).filter(|shard| shard.has(piece)).count(), 1);
                }
                let stretches: Vec<usize> =
                    all(of).flat_map(|shard| shard.stretch(pieces)).collect();
                assert_eq!(stretches, (0..pieces).collect::<Vec<_>>());
                let sizes: Vec<usize> = all(of).map(|shard| shard.stretch(pieces).len()).collect();
                let (most, least) = (sizes.iter().max(), sizes.iter().min());
                assert!(most.zip(least).is_some_and(|(most, least)| most - least <= 1));
            }
        }
    }

    #[test]
    fn stretches_by_cost_are_all_of_it_and_about_equal() {
        let costs = [0, 7, 1, 1, 1, 30, 2, 2, 0, 5, 5, 5, 1, 0];
        let most = 30;
        for of in 1..=20 {
            let stretches: Vec<_> = all(of).map(|shard| shard.stretch_by(&costs)).collect();
            let whole: Vec<usize> = stretches.iter().cloned().flatten().collect();
            assert_eq!(whole, (0..costs.len()).collect::<Vec<_>>(), "{of}");
            let share = costs.iter().sum::<u64>() / of as u64;
            for stretch in stretches {
                let own: u64 = costs[stretch].iter().sum();
                assert!(own <= share + most + 1, "{of}: {own}");
            }
        }
        assert_eq!(read("1/2").expect("a slice").stretch_by(&[1, 1, 1, 1]), 0..2);
        assert!(all(3).all(|shard| shard.stretch_by(&[]).is_empty()));
    }

    #[test]
    fn a_slice_is_counted_from_1() {
        assert_eq!(read("2/4"), Ok(Shard { number: 2, of: 4 }));
        assert_eq!(read("1/1"), Ok(Shard::WHOLE));
        for (text, words) in [
            ("0/4", "counted from 1"),
            ("0/0", "counted from 1"),
            ("5/4", "no slice 5 of 4"),
            ("4", "two whole numbers"),
            ("", "two whole numbers"),
            ("/", "two whole numbers"),
            ("-1/4", "two whole numbers"),
            ("+1/4", "two whole numbers"),
            ("1 / 4", "two whole numbers"),
            ("1/4/4", "two whole numbers"),
            ("99999999999999999999999/1", "two whole numbers"),
        ] {
            let refusal = read(text).expect_err(text).to_string();
            assert!(refusal.contains(words), "{text}: {refusal}");
        }
    }

    #[test]
    fn a_job_counts_from_0_and_says_both_numbers_or_none() {
        let job = |index: Option<&str>, count: Option<&str>| {
            let value = |name: &str| if name == INDEX { index } else { count };
            of_job(|name| value(name).map(OsString::from)).map_err(|wrong| wrong.to_string())
        };
        assert_eq!(job(None, None), Ok(Shard::WHOLE));
        assert_eq!(job(Some("0"), Some("3")), Ok(Shard { number: 1, of: 3 }));
        assert_eq!(job(Some("2"), Some("3")), Ok(Shard { number: 3, of: 3 }));
        for (index, count, words) in [
            (Some("1"), None, "JOB_COMPLETIONS is not"),
            (None, Some("3"), "JOB_COMPLETION_INDEX is not"),
            (Some("3"), Some("3"), "counted from 0"),
            (Some("0"), Some("0"), "counted from 0"),
            (Some(""), Some("3"), "no whole number"),
            (Some("0"), Some("three"), "`three`"),
            (Some("-1"), Some("3"), "`-1`"),
        ] {
            let refusal = job(index, count).expect_err("nonsense");
            assert!(refusal.contains(words), "{index:?} {count:?}: {refusal}");
        }
    }
}
