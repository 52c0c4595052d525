//! How far a long run is, for somebody who waits at a terminal: what is being done, how much of it, how long already.
//!
//! Nothing is shown before half a second, nothing into a pipe, and nothing stays: before anything is printed the line is
//! taken away.

use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::code::Language;

/// Shorter work is not worth a word.
const PATIENCE: Duration = Duration::from_millis(500);

/// How often the line is written over.
const PAUSE: Duration = Duration::from_millis(100);

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Texts are read.
    Reading,
    /// A network becomes a graph, and a question an answer.
    Answering,
    /// Expectations are judged, file by file.
    Judging,
    /// Row by row of a matrix.
    Pairing,
    /// Two networks are compared.
    Comparing,
    /// Changes are tried.
    Searching,
    /// An order of steps is looked for.
    Planning,
    /// What looks wrong is looked for.
    Linting,
    /// Everything fails in turn.
    Failing,
    /// A picture or a page is drawn.
    Drawing,
}

impl Phase {
    fn words(self, language: Language) -> &'static str {
        let [english, chinese] = match self {
            Self::Reading => ["reading", "读取文件"],
            Self::Answering => ["asking every pair", "逐对求解"],
            Self::Judging => ["judging", "验证期望"],
            Self::Pairing => ["everybody to everybody", "计算互通矩阵"],
            Self::Comparing => ["comparing the two networks", "比较两个网络"],
            Self::Searching => ["trying changes", "尝试各种变更"],
            Self::Planning => ["looking for an order of steps", "寻找步骤顺序"],
            Self::Linting => ["looking for what looks wrong", "检查可疑配置"],
            Self::Failing => ["letting everything fail in turn", "逐一模拟故障"],
            Self::Drawing => ["drawing", "绘图"],
        };
        match language {
            Language::English => english,
            Language::Chinese => chinese,
        }
    }
}

/// A line on standard error that is written over and taken away again.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    language: Language,
}

impl Progress {
    /// Nobody looks on.
    #[must_use]
    pub fn nobody() -> Self {
        Self { bar: ProgressBar::hidden(), language: Language::English }
    }

    /// Somebody at a terminal may lose patience.
    #[must_use]
    pub fn somebody(language: Language) -> Self {
        Self::patient(language, PATIENCE, ProgressDrawTarget::stderr())
    }

    fn patient(language: Language, patience: Duration, target: ProgressDrawTarget) -> Self {
        let bar = ProgressBar::hidden();
        let later = bar.clone();
        // It ends with the program; until then it waits and holds nothing up.
        thread::spawn(move || {
            thread::sleep(patience);
            // A server does nothing that could be told, and waits for as long as it runs.
            while later.message().is_empty() && !later.is_finished() {
                thread::sleep(PAUSE);
            }
            if !later.is_finished() {
                later.set_draw_target(target);
                later.enable_steady_tick(PAUSE);
            }
        });
        Self { bar, language }
    }

    /// Something else is being done.
    pub fn phase(&self, phase: Phase) {
        self.bar.set_length(0);
        self.bar.set_position(0);
        self.bar.set_style(style("{spinner} {msg} {elapsed}"));
        self.bar.set_message(phase.words(self.language));
    }

    /// So much of it is done.
    pub fn step(&self, done: usize, total: usize) {
        if self.bar.length().unwrap_or(0) == 0 {
            self.bar.set_style(style("{spinner} {msg} {pos}/{len} {elapsed}"));
        }
        self.bar.set_length(total as u64);
        self.bar.set_position(done as u64);
    }

    /// Prints something where the line stands, which comes again below it.
    pub fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }

    /// Takes the line away.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// How the line is laid out; a layout that cannot be read is a slip of this file and leaves the usual one.
fn style(template: &str) -> ProgressStyle {
    let plain = ProgressStyle::default_spinner();
    plain.template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

#[cfg(test)]
mod tests {
    use indicatif::InMemoryTerm;

    use super::*;

    fn watched(patience: Duration) -> (InMemoryTerm, Progress) {
        let screen = InMemoryTerm::new(4, 80);
        let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
        (screen.clone(), Progress::patient(Language::Chinese, patience, target))
    }

    /// What stands on the screen as soon as it says something.
    fn wait_for(screen: &InMemoryTerm, words: &str) -> String {
        for _ in 0..200 {
            let seen = screen.contents();
            if seen.contains(words) {
                return seen;
            }
            thread::sleep(Duration::from_millis(20));
        }
        screen.contents()
    }

    #[test]
    fn nothing_is_shown_before_it_is_said_what_is_done() {
        let (screen, progress) = watched(Duration::ZERO);
        thread::sleep(PAUSE * 3);
        assert_eq!(screen.contents(), "");
        progress.phase(Phase::Linting);
        assert!(wait_for(&screen, "检查").contains("检查"));
        progress.end();
    }

    #[test]
    fn somebody_who_waits_sees_what_is_done_and_how_much_and_nothing_stays() {
        let (screen, progress) = watched(Duration::ZERO);
        progress.phase(Phase::Judging);
        assert!(wait_for(&screen, "验证期望").contains("验证期望"));
        progress.step(2, 3);
        assert!(wait_for(&screen, "2/3").contains("2/3"));
        progress.phase(Phase::Drawing);
        let seen = wait_for(&screen, "绘图");
        assert!(seen.contains("绘图") && !seen.contains("2/3"), "{seen}");
        progress.end();
        assert_eq!(screen.contents(), "");
    }

    #[test]
    fn short_work_is_silent() {
        let (screen, progress) = watched(Duration::from_hours(1));
        progress.phase(Phase::Judging);
        progress.step(1, 2);
        assert_eq!(screen.contents(), "");
    }

    #[test]
    fn every_phase_has_a_name_in_both_languages() {
        let all = [
            Phase::Reading,
            Phase::Answering,
            Phase::Judging,
            Phase::Pairing,
            Phase::Comparing,
            Phase::Searching,
            Phase::Planning,
            Phase::Linting,
            Phase::Failing,
            Phase::Drawing,
        ];
        for phase in all {
            assert!(phase.words(Language::English).is_ascii());
            assert!(!phase.words(Language::Chinese).is_ascii());
        }
    }
}
