//! What a shell offers when somebody presses Tab: commands and options, and from the file that is named before, its ids,
//! steps and services; and the codes that there are.
//!
//! The shell asks the program itself, so that nothing it offers is older than the file.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::Path;

use clap::{Arg, Command};
use clap_complete::CompleteEnv;
use clap_complete::engine::{
    ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter as _,
};

use super::args::Cli;
use super::files::Disk;
use crate::code::{Code, CodeKind};
use crate::render::format::names;
use crate::scenario::{Scenario, load};

/// Services that people ask for, beside those of the file.
const SERVICES: [&str; 8] =
    ["all", "tcp:22", "tcp:80", "tcp:443", "tcp:3306", "tcp:6379", "udp:53", "icmp"];

/// Answers a shell and ends, if it is one that asks.
pub(super) fn answer() {
    CompleteEnv::with_factory(command).complete();
}

/// The command line with what can be offered for its values.
fn command() -> Command {
    offering(Cli::whole())
}

/// A command whose values, and those of the commands below it, are offered.
fn offering(mut command: Command) -> Command {
    let names: Vec<String> =
        command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    for name in names {
        command = command.mut_subcommand(name, offering);
    }
    let explains = command.get_name() == "explain";
    command.mut_args(|arg| {
        let offer: fn() -> Vec<String> = match arg.get_id().as_str() {
            "from" | "to" | "around" => ends,
            "via" | "not_via" => ids,
            "vpc" => vpcs,
            "service" => services,
            "step" | "explain" => steps,
            "deny" | "warn" | "allow" => lints,
            "code" if explains => words,
            _ if is_path(&arg) => return arg.add(ArgValueCompleter::new(paths)),
            _ => return arg,
        };
        arg.add(ArgValueCompleter::new(move |current: &OsStr| matching(current, offer())))
    })
}

/// Whether a value is a file or a folder, as its name says.
fn is_path(arg: &Arg) -> bool {
    let names = arg.get_value_names().unwrap_or_default();
    let mut words = names.iter().flat_map(|name| name.split(['|', '.']));
    arg.get_action().takes_values()
        && words.any(|word| matches!(word, "FILE" | "PATH" | "DIR" | "OLD" | "NEW" | "ron"))
}

/// Files and folders that begin as the word that is written.
fn paths(current: &OsStr) -> Vec<CompletionCandidate> {
    PathCompleter::any().complete(OsStr::new(&unquoted(current)))
}

/// A word as the program will get it, without the quotes and backslashes of a shell; a quote may still be open.
fn unquoted(word: &OsStr) -> String {
    let mut text = String::new();
    let mut open = None;
    let word = word.to_string_lossy();
    let mut letters = word.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if open != Some('\'') => text.extend(letters.next()),
            '"' | '\'' if open.is_none() => open = Some(letter),
            _ if open == Some(letter) => open = None,
            _ => text.push(letter),
        }
    }
    text
}

/// Those that begin as the word that is written; of a set, its last part.
fn matching(current: &OsStr, offered: Vec<String>) -> Vec<CompletionCandidate> {
    let current = unquoted(current);
    let whole = |it: &String| it.starts_with(&current);
    let begun = match current.rfind(['|', '&', '!', '(', ' ']) {
        Some(at) if !offered.iter().any(whole) => at + 1,
        _ => 0,
    };
    let (before, word) = current.split_at(begun);
    let offered = offered.into_iter().filter(|it| it.starts_with(word));
    let offered = offered.map(|it| CompletionCandidate::new(format!("{before}{it}")));
    offered.collect()
}

/// The scenario that the command line names: its first word that is a file. Shells hand words over as they are written.
fn scenario() -> Option<Scenario> {
    let mut words = std::env::args_os().skip(1).map(|word| unquoted(&word));
    let path = words.find(|word| {
        let path = Path::new(word);
        path.extension().is_some_and(|it| it == "ron") && path.is_file()
    })?;
    load(&path, &Disk::default()).scenario
}

/// All ids of the file.
fn ids() -> Vec<String> {
    let ids = scenario().map(|it| {
        let ids = it.network.ids();
        ids.map(|(id, _)| id.to_string()).collect()
    });
    ids.unwrap_or_default()
}

/// Who can be asked.
fn ends() -> Vec<String> {
    let mut all = ids();
    all.push(String::from("internet"));
    all
}

fn vpcs() -> Vec<String> {
    let vpcs = scenario().map(|it| it.network.vpcs.keys().map(ToString::to_string).collect());
    vpcs.unwrap_or_default()
}

/// The services that the file asks for, then those that many people do.
fn services() -> Vec<String> {
    let asked = scenario().map(|it| {
        let stages = it.steps.into_iter().chain(it.what_if);
        let later = stages.flat_map(|stage| stage.expectations);
        let all = it.base.into_iter().chain(later);
        all.map(|one| one.value.service_text).collect()
    });
    let mut all: BTreeSet<String> = asked.unwrap_or_default();
    all.extend(SERVICES.map(str::to_owned));
    all.into_iter().collect()
}

/// The steps and what-ifs of the file.
fn steps() -> Vec<String> {
    let steps = scenario().map(|it| {
        let stages = it.steps.into_iter().chain(it.what_if);
        stages.map(|stage| stage.name).collect()
    });
    steps.unwrap_or_default()
}

fn lints() -> Vec<String> {
    let lints = Code::ALL.iter().filter(|it| it.kind() == CodeKind::Lint);
    let lints = lints.map(|it| it.name().to_owned());
    lints.chain([String::from("all")]).collect()
}

/// What `explain` knows: codes, sections and actions.
fn words() -> Vec<String> {
    let codes = Code::ALL.iter().map(|it| it.name().to_owned());
    codes.chain(names().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(current: &str, all: &[&str]) -> Vec<String> {
        let all = all.iter().map(|it| (*it).to_owned()).collect();
        let offered = matching(OsStr::new(current), all).into_iter();
        offered.map(|it| it.get_value().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn the_last_word_of_a_set_goes_on() {
        assert_eq!(offered("ins-", &["ins-a", "vpc-a"]), ["ins-a"]);
        assert_eq!(offered("vpc-a & !in", &["ins-a", "vpc-a"]), ["vpc-a & !ins-a"]);
        assert_eq!(offered("", &["a", "b"]).len(), 2);
    }

    #[test]
    fn names_with_blanks_go_on_however_they_are_quoted() {
        let steps = ["one in", "one out, one in"];
        for written in ["one o", "\"one o", "'one o", "one\\ o", "'one out,'\\ o"] {
            assert_eq!(offered(written, &steps), ["one out, one in"], "{written}");
        }
        assert_eq!(offered("\"vpc-a & !in", &["ins-a"]), ["vpc-a & !ins-a"]);
    }

    #[test]
    fn files_are_offered_where_a_file_is_asked_for() {
        for (commands, value) in [
            (&["check"][..], "paths"),
            (&["trace"], "file"),
            (&["diff"], "old"),
            (&["report"], "output"),
            (&["import", "terraform"], "files"),
            (&["import", "tencent"], "folder"),
        ] {
            let whole = command();
            let found =
                commands.iter().try_fold(&whole, |command, name| command.find_subcommand(name));
            let mut args = found.expect("a command").get_arguments();
            let arg = args.find(|arg| arg.get_id() == value).expect("an argument");
            assert!(arg.get::<ArgValueCompleter>().is_some(), "{commands:?} {value}");
        }
    }

    #[test]
    fn every_value_that_a_file_knows_is_offered() {
        let whole = command();
        for (name, value) in [
            ("trace", "from"),
            ("reach", "to"),
            ("trace", "service"),
            ("matrix", "step"),
            ("links", "vpc"),
            ("lint", "deny"),
            ("graph", "around"),
        ] {
            let command = whole.find_subcommand(name).expect("a command");
            let mut args = command.get_arguments();
            let arg = args.find(|arg| arg.get_id() == value).expect("an argument");
            assert!(arg.get::<ArgValueCompleter>().is_some(), "{name} {value}");
        }
    }
}
