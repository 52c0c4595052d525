//! `--lang zh`: what is wrong with an input, an argument or a change is told in Chinese, in text and in JSON.

use super::{SMALL, file, run};

const TYPO: &str = "scenarios/mistakes/unknown-field.ron.bad";

/// What a command prints on both streams.
fn said(arguments: &[&str]) -> String {
    let ended = run(arguments);
    ended.out + &ended.err
}

/// Says it in Chinese, each part, and in English nothing of it.
#[track_caller]
fn speaks(arguments: &[&str], chinese: &[&str]) {
    let text = said(&[arguments, &["--lang", "zh"]].concat());
    for part in chinese {
        assert!(text.contains(part), "{part}: {text}");
    }
    let english = said(arguments);
    let is_han = |letter: char| ('\u{4e00}'..='\u{9fff}').contains(&letter);
    assert!(!english.contains(is_han), "{english}");
}

#[test]
fn mistakes_of_a_file_are_told_in_the_language_asked_for() {
    speaks(
        &["check", TYPO],
        &["错误[unknown-field]", "没有字段 `zoen`", "建议", "是否想写 `zone`？", "无法使用"],
    );
    speaks(
        &["check", TYPO, "--format", "json"],
        &["\"message\": \"`subnet` 没有字段 `zoen`\"", "\"help\": \"是否想写 `zone`？\""],
    );
    speaks(&["trace", TYPO, "--from", "a", "--to", "b"], &["错误[unknown-field]"]);
    speaks(&["check", "no-such-file.ron"], &["错误[io]", "文件不存在"]);
}

#[test]
fn arguments_are_complained_about_in_the_language_asked_for() {
    let small = &file("chinese-arguments", "small.ron", SMALL);
    speaks(
        &["trace", small, "--from", "ins-clint", "--to", "ins-web"],
        &["错误[unknown-id]", "建议: 是否想写 `ins-client`？"],
    );
    speaks(&["reach", small, "--from", "ins-web", "--to", "ins-web"], &["错误: 没有可判断的对象"]);
    speaks(
        &["trace", small, "--from", "ins-web", "--to", "ins-client", "--service", "tcp:80-1"],
        &["范围的终点小于起点"],
    );
    speaks(
        &["trace", small, "--from", "ins-web", "--to", "ins-client", "--via", "nat-x"],
        &["没有名为 `nat-x` 的对象"],
    );
    speaks(&["links", small, "--vpc", "vpc-x"], &["没有私有网络 `vpc-x`"]);
    speaks(
        &["links", small, "--at", "never"],
        &["没有名为 `never` 的 step 或 what_if", "文件中有"],
    );
    speaks(&["explain", "no-rout"], &["错误: 没有名为"]);
}

#[test]
fn a_change_is_refused_in_the_language_asked_for() {
    let text = SMALL.replace("Down(\"ins-web\")", "Down(\"vpc-a\")");
    let path = &file("chinese-refusal", "refused.ron", text);
    let words = "`vpc-a` 没有加入云联网，而私有网络本身不会发生故障";
    speaks(&["check", path], &["invalid-value", words]);
    speaks(&["check", path, "--format", "json"], &[words]);
}

#[test]
fn the_surroundings_choose_the_language_where_no_option_does() {
    let said = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = crate::shipped::program();
        command.current_dir(crate::shipped::root()).args(arguments);
        let output = command.envs(variables.iter().copied()).output();
        let output = output.expect("the program runs");
        let text = [output.stdout, output.stderr].concat();
        String::from_utf8(text).expect("text")
    };
    for variables in
        [[("PATHPROOF_LANG", "zh")], [("LC_ALL", "zh_CN.UTF-8")], [("LANG", "zh_CN.UTF-8")]]
    {
        for (arguments, part) in [
            (["check", TYPO], "错误[unknown-field]"),
            (["check", "--help"], "用法："),
            (["check", "--nonsense"], "错误: 没有参数 '--nonsense'"),
        ] {
            let text = said(&variables, &arguments);
            assert!(text.contains(part), "{variables:?}: {text}");
        }
    }
    let english = said(&[("PATHPROOF_LANG", "zh")], &["check", TYPO, "--lang", "en"]);
    assert!(english.contains("error[unknown-field]"), "{english}");
    let wrong = said(&[("PATHPROOF_LANG", "klingon")], &["check", TYPO]);
    assert!(wrong.contains("PATHPROOF_LANG is `klingon`; it can be en or zh"), "{wrong}");
}
