//! When the program itself fails: one line that says what to report, a document for scripts, and the status for it.
//!
//! A panic is a bug, wherever it happens. What it left half done is not used: nothing is answered after it.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::{Mutex, PoisonError};

use super::args::{Format, Global};
use super::exit::Exit;
use super::output::Output;
use crate::code::{Code, Language};
use crate::diagnostic::visible;
use crate::render::json::complaint_json;

/// What was said of the first panic, and where it happened: a hook has nobody else to tell.
static STORY: Mutex<Option<String>> = Mutex::new(None);

/// So many letters of a panic's own words are told; the rest is in the backtrace.
const LONGEST: usize = 400;

/// Keeps what a panic says instead of printing it; with `RUST_BACKTRACE`, it is printed as well.
pub fn listen() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let mut story = STORY.lock().unwrap_or_else(PoisonError::into_inner);
        story.get_or_insert_with(|| of_panic(info));
        if std::env::var_os("RUST_BACKTRACE").is_some() {
            usual(info);
        }
    }));
}

/// Runs a command; if it panics, tells what to report.
pub fn guarded(
    global: &Global,
    output: &mut Output,
    work: impl FnOnce(&mut Output) -> Exit,
) -> Exit {
    let done = panic::catch_unwind(AssertUnwindSafe(|| work(output)));
    done.unwrap_or_else(|panic| {
        let story = STORY.lock().unwrap_or_else(PoisonError::into_inner).take();
        let story = story.unwrap_or_else(|| words(&*panic).to_owned());
        tell(&story, global, output);
        Exit::Failed
    })
}

fn of_panic(info: &PanicHookInfo<'_>) -> String {
    let words = words(info.payload());
    match info.location() {
        Some(place) => format!("{words} ({}:{})", place.file(), place.line()),
        None => words.to_owned(),
    }
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without words")
}

fn tell(story: &str, global: &Global, output: &mut Output) {
    let version = env!("CARGO_PKG_VERSION");
    let story = visible(story);
    let shown: String = story.chars().take(LONGEST).collect();
    let (message, help) = match global.language() {
        Language::English => (
            format!("pathproof {version} itself failed: {shown}"),
            "this is a bug: please report this line, the command and, if you may, its input",
        ),
        Language::Chinese => (
            format!("pathproof {version} 自身出错：{shown}"),
            "这是程序缺陷：请报告此行、所用命令，如方便请附上输入",
        ),
    };
    let code = Code::InternalError;
    let head = match global.language() {
        Language::English => "error",
        Language::Chinese => "错误",
    };
    output.note(&format!("{head}[{code}]: {message}; {help}\n"));
    if global.format == Format::Json && !output.has_results() {
        output.complain(complaint_json(code, &message, Some(help), None));
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::Arc;

    use super::super::args::Cli;
    use super::*;

    #[derive(Clone, Default)]
    struct Screen(Arc<Mutex<Vec<u8>>>);

    impl Screen {
        fn text(&self) -> String {
            let bytes = self.0.lock().expect("one writer").clone();
            String::from_utf8(bytes).expect("text")
        }
    }

    impl Write for Screen {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("one writer").extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn failing(format: &str, before: &'static str) -> (Exit, String, String) {
        let (out, err) = (Screen::default(), Screen::default());
        let words = ["pathproof", "schema", "check", "--format", format];
        let cli = Cli::of(words).expect("a command line");
        let mut output = Output::to(out.clone(), err.clone());
        let exit = guarded(&cli.global, &mut output, |output| {
            output.result(before);
            panic!("a set\nof nothing \u{1b}[2K")
        });
        (output.end(exit), out.text(), err.text())
    }

    #[test]
    fn a_panic_is_told_in_one_line_and_ends_with_its_own_status() {
        let (exit, out, err) = failing("text", "half of a\n");
        assert_eq!((exit, out.as_str()), (Exit::Failed, "half of a\n"));
        assert!(err.starts_with("error[internal-error]: pathproof "), "{err}");
        assert!(err.contains("please report this line, the command"), "{err}");
        assert!(err.contains("a set\\nof nothing \\u{1b}[2K"), "{err}");
        assert_eq!(err.lines().count(), 1, "{err}");
    }

    #[test]
    fn a_script_gets_one_document() {
        let (exit, out, err) = failing("json", "");
        let told: serde_json::Value = serde_json::from_str(&out).expect("one document");
        assert_eq!(exit, Exit::Failed);
        assert_eq!(told["schema"], "pathproof.diagnostics/1");
        assert_eq!(told["diagnostics"][0]["code"], "internal-error");
        assert_eq!(err.lines().count(), 1, "{err}");
    }
}
