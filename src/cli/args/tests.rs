//! The command line, held to what its help promises.

use super::*;

#[test]
fn the_command_line_is_well_formed() {
    Cli::command().debug_assert();
    Cli::whole().debug_assert();
}

#[test]
fn every_command_shows_an_example_that_can_be_read() {
    fn hold(command: &clap::Command) {
        let name = command.get_name();
        let help = command.get_after_help().map(ToString::to_string);
        let help = help.unwrap_or_default();
        let examples = help.lines().filter_map(|line| line.strip_prefix("  "));
        let mut count = 0;
        for example in examples {
            let example = example.split(" > ").next().unwrap_or_default();
            let words = words(example);
            assert!(words.iter().any(|word| word == name), "{name}: {example}");
            let read = Cli::of(&words);
            assert!(read.is_ok(), "{words:?}: {:?}", read.err());
            count += 1;
        }
        assert!(count > 0, "{name} has no example");
        command.get_subcommands().for_each(hold);
    }
    hold(&Cli::whole());
}

#[test]
fn a_format_that_a_command_does_not_have_is_refused_with_those_that_it_has() {
    let refused = |line: &str| {
        let error = Cli::of(line.split(' ')).expect_err(line);
        assert_eq!(error.exit_code(), 2, "{line}");
        error.to_string()
    };
    let error = refused("pathproof links shop.ron --format junit");
    assert!(error.contains("[possible values: text, json, csv]"), "{error}");
    let error = refused("pathproof --format junit links shop.ron");
    assert!(error.contains("`links` has no format `junit`; it has text, json, csv"), "{error}");
    let error = refused("pathproof man --format json");
    assert!(error.contains("[possible values: text]"), "{error}");
    let error = refused("pathproof check shop.ron --format xml");
    assert!(error.contains("junit, sarif, github, tap, markdown"), "{error}");
    assert!(Cli::of("pathproof --format json import tencent dump".split(' ')).is_ok());
    for line in ["pathproof --format tap check a", "pathproof check a --format tap"] {
        let cli = Cli::of(line.split(' ')).expect(line);
        assert_eq!(cli.global.format_name, FormatName::Tap);
    }
}

/// The words of a line as a shell sees them, quotes of both kinds included.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for letter in line.chars() {
        match (quote, letter) {
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), letter) if open == letter => quote = None,
            (None, ' ') => words.push(String::new()),
            (_, letter) => words.last_mut().expect("one at least").push(letter),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn options_of_every_command_may_follow_the_command() {
    let cli = Cli::of(["pathproof", "explain", "CL-6", "--lang", "zh", "-v"]);
    let cli = cli.expect("a command line");
    assert_eq!(cli.global.language(), Language::Chinese);
    assert_eq!(cli.global.verbosity(), Verbosity::Verbose);
    assert!(Cli::of(["pathproof", "explain", "-q", "-v"]).is_err());
}
