//! `pathproof explain`: a code, a rule, or the list of all codes, in words.
//!
//! The pages stand in `pages/en/*.md` and `pages/zh/*.md`, a topic a file, a code a section
//! (`# name`): what it means, `## Example`, `## What to do`. The cloud's rules are not repeated in
//! the pages; they are put in from [`super::rules`] by the ids that the code's row names. Pages are
//! plain Markdown, at most 100 columns wide; examples are indented and the same in both languages.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::rules::{self, Rule, rule};
use super::screen::width;
use super::wrap::wrap;
use crate::code::{Class, Code, CodeKind, Language};
use crate::limit::told;

/// The schema name of the JSON form.
const SCHEMA: &str = "pathproof.explain/1";

const ENGLISH: [&str; 14] = [
    include_str!("pages/en/filters.md"),
    include_str!("pages/en/routes.md"),
    include_str!("pages/en/peering-and-ccn.md"),
    include_str!("pages/en/vpn-and-direct-connect.md"),
    include_str!("pages/en/internet.md"),
    include_str!("pages/en/services.md"),
    include_str!("pages/en/private-link.md"),
    include_str!("pages/en/classic-link.md"),
    include_str!("pages/en/migration.md"),
    include_str!("pages/en/classic-network.md"),
    include_str!("pages/en/addresses-and-quotas.md"),
    include_str!("pages/en/files.md"),
    include_str!("pages/en/names-and-questions.md"),
    include_str!("pages/en/lints.md"),
];

const CHINESE: [&str; 14] = [
    include_str!("pages/zh/filters.md"),
    include_str!("pages/zh/routes.md"),
    include_str!("pages/zh/peering-and-ccn.md"),
    include_str!("pages/zh/vpn-and-direct-connect.md"),
    include_str!("pages/zh/internet.md"),
    include_str!("pages/zh/services.md"),
    include_str!("pages/zh/private-link.md"),
    include_str!("pages/zh/classic-link.md"),
    include_str!("pages/zh/migration.md"),
    include_str!("pages/zh/classic-network.md"),
    include_str!("pages/zh/addresses-and-quotas.md"),
    include_str!("pages/zh/files.md"),
    include_str!("pages/zh/names-and-questions.md"),
    include_str!("pages/zh/lints.md"),
];

/// The code's page as written: Markdown without the heading that names the code.
#[must_use]
pub fn page(code: Code, language: Language) -> &'static str {
    sections(language).find(|(name, _)| *name == code.name()).map_or("", |(_, body)| body)
}

/// One code for a terminal: title, meaning, the cloud's rules with their sources, an example, and
/// what to do. Ends with a line break.
#[must_use]
pub fn explain_one(code: Code, language: Language) -> String {
    let words = Words::of(language);
    let page = page(code, language);
    let (meaning, rest) = page.split_once("\n\n## ").unwrap_or((page, ""));
    let mut text = format!("{code}  ({})\n", label(code, language));
    let title = format!("{}{}\n\n{meaning}", code.meaning(language), words.stop);
    text += &set(&title);
    if !code.rules().is_empty() {
        let _ = writeln!(text, "\n{}\n", words.rules);
        for id in code.rules() {
            if let Some(rule) = rule(id, language) {
                text.push_str(&paragraph(&rule));
            }
        }
    }
    for part in rest.split("\n\n## ").filter(|part| !part.is_empty()) {
        text.push('\n');
        text += &set(part);
    }
    text
}

/// One rule for a terminal, with its sources and the codes that follow from it; `None` when there
/// is no rule of this id. Ends with a line break.
#[must_use]
pub fn explain_rule(id: &str, language: Language) -> Option<String> {
    let rule = rule(id, language)?;
    let mut text = paragraph(&rule);
    let codes = citing(&rule);
    if !codes.is_empty() {
        let _ = writeln!(text, "\n{}\n", Words::of(language).codes);
        for code in codes {
            text.push_str(&row(code, language));
        }
    }
    Some(text)
}

/// All codes for a terminal: by kind, a line each, name and meaning in aligned columns.
#[must_use]
pub fn explain_all(language: Language) -> String {
    let mut text = String::new();
    for kind in CodeKind::ALL {
        let _ = writeln!(text, "{}\n", heading(kind, language));
        for &code in Code::ALL.iter().filter(|code| code.kind() == kind) {
            text.push_str(&row(code, language));
        }
        text.push('\n');
    }
    text += &set(Words::of(language).more);
    text
}

/// One code as JSON: schema, code, kind, class, whether a change can be refused with it, rules,
/// meaning, page.
#[must_use]
pub fn explain_json(code: Code, language: Language) -> Value {
    let mut value = json!({ "schema": SCHEMA });
    if let (Value::Object(fields), Value::Object(more)) = (&mut value, code_json(code, language)) {
        fields.extend(more);
    }
    value
}

/// One rule as JSON: schema, rule, statement, sources, and the codes that follow from it; `None`
/// when there is no rule of this id.
#[must_use]
pub fn explain_rule_json(id: &str, language: Language) -> Option<Value> {
    let rule = rule(id, language)?;
    let codes: Vec<&str> = citing(&rule).into_iter().map(Code::name).collect();
    Some(json!({
        "schema": SCHEMA,
        "rule": rule.id,
        "statement": rule.statement,
        "sources": sources_json(&rule),
        "codes": codes,
    }))
}

/// All codes as JSON, each as [`explain_json`] has it but for the schema, in the order of the
/// table.
#[must_use]
pub fn explain_all_json(language: Language) -> Value {
    let codes: Vec<Value> = Code::ALL.iter().map(|&code| code_json(code, language)).collect();
    json!({ "schema": SCHEMA, "codes": codes })
}

/// Everything that can be explained: names of codes, then ids of rules; for completions and near
/// names.
pub fn topics() -> impl Iterator<Item = &'static str> {
    Code::ALL.iter().map(|code| code.name()).chain(rules::ids())
}

/// The pages with the numbers of limits in them.
static PAGES: LazyLock<[[Cow<'static, str>; 14]; 2]> =
    LazyLock::new(|| [ENGLISH, CHINESE].map(|pages| pages.map(told)));

/// Name and body of each section of the language's pages.
fn sections(language: Language) -> impl Iterator<Item = (&'static str, &'static str)> {
    let [english, chinese] = &*PAGES;
    let files = match language {
        Language::English => english,
        Language::Chinese => chinese,
    };
    files.iter().flat_map(|file| {
        file.trim_start_matches("# ")
            .split("\n# ")
            .filter_map(|section| section.split_once('\n'))
            .map(|(name, body)| (name, body.trim()))
    })
}

fn citing(rule: &Rule) -> Vec<Code> {
    Code::ALL.iter().copied().filter(|code| code.rules().contains(&rule.id)).collect()
}

fn code_json(code: Code, language: Language) -> Value {
    let rules: Vec<Value> = code
        .rules()
        .iter()
        .filter_map(|id| rule(id, language))
        .map(|rule| {
            json!({ "id": rule.id, "statement": rule.statement, "sources": sources_json(&rule) })
        })
        .collect();
    json!({
        "code": code.name(),
        "kind": code.kind().name(),
        "class": code.class().map(Class::name),
        "can_refuse": code.can_refuse(),
        "rules": rules,
        "meaning": code.meaning(language),
        "page": page(code, language),
    })
}

fn sources_json(rule: &Rule) -> Vec<Value> {
    rule.sources.iter().map(|source| json!({ "key": source.key, "title": source.title })).collect()
}

/// A line of the list.
fn row(code: Code, language: Language) -> String {
    let (name, column) = (code.name(), 42);
    let mut text = String::new();
    for (index, line) in wrap(code.meaning(language), width() - column).iter().enumerate() {
        let name = if index == 0 { name } else { "" };
        let _ = writeln!(text, "  {name:<38}  {line}");
    }
    text
}

/// Markdown in lines of the screen: paragraphs and points are set anew, examples stay.
fn set(markdown: &str) -> String {
    let mut text = String::new();
    for block in blocks(markdown) {
        if block.starts_with("    ") || block.is_empty() {
            text.extend([&block, "\n"]);
            continue;
        }
        let indent = if block.starts_with("- ") { 2 } else { 0 };
        for (index, line) in wrap(&block, width() - indent).iter().enumerate() {
            let indent = if index == 0 { 0 } else { indent };
            let _ = writeln!(text, "{:indent$}{line}", "");
        }
    }
    text
}

/// The lines of Markdown, each paragraph and each point as one.
fn blocks(markdown: &str) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    let mut open = false;
    for line in markdown.lines() {
        let alone = line.is_empty() || line.starts_with("    ");
        match blocks.last_mut() {
            Some(last) if open && !alone && !line.starts_with("- ") => {
                let line = line.trim_start();
                let wide = |letter: Option<char>| letter.is_some_and(|it| it > '\u{2e80}');
                if !(wide(last.chars().last()) && wide(line.chars().next())) {
                    last.push(' ');
                }
                last.push_str(line);
            }
            _ => blocks.push(line.to_owned()),
        }
        open = !alone;
    }
    blocks
}

/// A rule with its id in a column of its own and its sources below.
fn paragraph(rule: &Rule) -> String {
    let indent = 10;
    let mut text = String::new();
    let mut id = rule.id;
    let sources = rule.sources.iter().map(|source| format!("— {}", source.title));
    for part in std::iter::once(rule.statement.to_owned()).chain(sources) {
        for line in wrap(&part, width() - indent) {
            let _ = writeln!(text, "  {id:<6}  {line}");
            id = "";
        }
    }
    text
}

/// `reason, platform`.
fn label(code: Code, language: Language) -> String {
    let (kind, class) = match language {
        Language::English => (code.kind().name(), code.class().map(Class::name)),
        Language::Chinese => (kind_in_chinese(code.kind()), code.class().map(class_in_chinese)),
    };
    let comma = match language {
        Language::English => ", ",
        Language::Chinese => "，",
    };
    let parts = [Some(kind), class].into_iter().flatten();
    parts.collect::<Vec<_>>().join(comma)
}

fn kind_in_chinese(kind: CodeKind) -> &'static str {
    match kind {
        CodeKind::Reason => "原因",
        CodeKind::Refusal => "拒绝",
        CodeKind::Mistake => "错误",
        CodeKind::Warning => "警告",
        CodeKind::Undetermined => "未决",
        CodeKind::Lint => "检查",
    }
}

fn class_in_chinese(class: Class) -> &'static str {
    match class {
        Class::Platform => "平台限制",
        Class::Config => "用户配置",
        Class::State => "运行状态",
        Class::Quota => "配额",
        Class::Query => "提问",
    }
}

fn heading(kind: CodeKind, language: Language) -> &'static str {
    match (kind, language) {
        (CodeKind::Reason, Language::English) => "Reasons: why packets do not cross",
        (CodeKind::Refusal, Language::English) => "Refusals: what the cloud lets nobody build",
        (CodeKind::Mistake, Language::English) => "Mistakes: what is wrong with a file or question",
        (CodeKind::Warning, Language::English) => "Warnings: legal, and worth a look",
        (CodeKind::Undetermined, Language::English) => "Undetermined: why there is no verdict",
        (CodeKind::Lint, Language::English) => "Lints: legal, and looks wrong",
        (CodeKind::Reason, Language::Chinese) => "原因：报文为何不通",
        (CodeKind::Refusal, Language::Chinese) => "拒绝：云平台不允许的配置或变更",
        (CodeKind::Mistake, Language::Chinese) => "错误：文件或提问有误",
        (CodeKind::Warning, Language::Chinese) => "警告：合法但值得留意",
        (CodeKind::Undetermined, Language::Chinese) => "未决：为何没有结论",
        (CodeKind::Lint, Language::Chinese) => "检查：合法但看起来有问题",
    }
}

/// The fixed words of the explanations in one language.
struct Words {
    rules: &'static str,
    codes: &'static str,
    more: &'static str,
    stop: &'static str,
}

impl Words {
    fn of(language: Language) -> Words {
        match language {
            Language::English => Words {
                rules: "Rules",
                codes: "Codes that follow from it",
                more: "`pathproof explain CODE` tells one in full, `pathproof explain CL-6` a rule.",
                stop: ".",
            },
            Language::Chinese => Words {
                rules: "依据的规则",
                codes: "由此产生的代码",
                more: "`pathproof explain CODE` 查看某个代码的详情，`pathproof explain CL-6` 查看某条规则。",
                stop: "。",
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::wrap::columns;
    use super::*;

    const LANGUAGES: [Language; 2] = [Language::English, Language::Chinese];

    /// The indented lines under the first heading: the example.
    fn example(page: &str) -> String {
        page.lines()
            .skip_while(|line| !line.starts_with("## "))
            .skip(2)
            .take_while(|line| line.starts_with("    "))
            .fold(String::new(), |text, line| text + &line[4..] + "\n")
    }

    #[test]
    fn every_limit_that_a_text_names_has_its_number() {
        let named = |text: &str| {
            let inside = text.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
            let inside = inside.map(|(name, _)| name).filter(|name| !name.is_empty());
            let mut names = inside
                .filter(|name| name.bytes().all(|it| b"ABCDEFGHIJKLMNOPQRSTUVWXYZ_".contains(&it)));
            names.next().map(str::to_owned)
        };
        for language in [Language::English, Language::Chinese] {
            for &code in Code::ALL {
                let texts = [page(code, language), code.meaning(language)];
                assert_eq!(texts.map(named), [None, None], "{code}");
            }
            for id in rules::ids() {
                let rule = rule(id, language).expect("a rule");
                assert_eq!(named(rule.statement), None, "{id}");
            }
        }
        assert_eq!(named("at most {CLASSIC_LINKS}").as_deref(), Some("CLASSIC_LINKS"));
    }

    #[test]
    fn every_code_has_one_page_in_each_language_and_every_page_has_a_code() {
        for language in LANGUAGES {
            let mut names: Vec<&str> = sections(language).map(|(name, _)| name).collect();
            let mut codes: Vec<&str> = Code::ALL.iter().map(|code| code.name()).collect();
            names.sort_unstable();
            codes.sort_unstable();
            assert_eq!(names, codes);
        }
    }

    #[test]
    fn every_page_says_what_it_means_shows_an_example_and_says_what_to_do() {
        for &code in Code::ALL {
            for (language, headings) in
                LANGUAGES.into_iter().zip([["Example", "What to do"], ["示例", "处理办法"]])
            {
                let page = page(code, language);
                let parts: Vec<&str> = page.split("\n\n## ").collect();
                assert_eq!(parts.len(), 3, "{code}");
                assert!(columns(parts[0]) > 50, "{code}");
                for (part, heading) in parts[1..].iter().zip(headings) {
                    assert!(part.starts_with(&format!("{heading}\n\n")), "{code}: {part}");
                }
                assert!((1..=12).contains(&example(page).lines().count()), "{code}");
                assert!(parts[2].contains("\n- "), "{code}");
            }
        }
    }

    #[test]
    fn both_languages_show_the_same_example() {
        for &code in Code::ALL {
            let [english, chinese] = LANGUAGES.map(|language| example(page(code, language)));
            assert_eq!(english, chinese, "{code}");
        }
    }

    #[test]
    fn examples_are_well_formed_except_where_that_is_the_point() {
        for &code in Code::ALL {
            let example = example(page(code, Language::English));
            let readable = ron::from_str::<ron::Value>(&format!("({example})"));
            if example.starts_with("$ ") || code == Code::Syntax {
                continue;
            }
            assert!(readable.is_ok(), "{code}: {readable:?}");
        }
    }

    #[test]
    fn examples_give_real_codes_as_reasons() {
        for &code in Code::ALL.iter().filter(|&&code| code != Code::UnknownReason) {
            let page = page(code, Language::English);
            for rest in page.split("because: \"").skip(1) {
                let name = rest.split('"').next().expect("a name");
                assert!(Code::from_name(name).is_some(), "{code}: {name}");
            }
        }
    }

    #[test]
    fn no_line_is_wider_than_100_columns() {
        for language in LANGUAGES {
            let mut texts = vec![explain_all(language)];
            texts.extend(Code::ALL.iter().map(|&code| page(code, language).to_owned()));
            texts.extend(Code::ALL.iter().map(|&code| explain_one(code, language)));
            texts.extend(rules::ids().filter_map(|id| explain_rule(id, language)));
            for line in texts.iter().flat_map(|text| text.lines()) {
                assert!(columns(line) <= width(), "{} columns: {line}", columns(line));
            }
        }
    }

    #[test]
    fn a_code_is_told_with_its_rule_and_the_rule_with_its_codes() {
        let code = explain_one(Code::ClassicLinkSecondaryCidr, Language::English);
        assert!(code.starts_with("classic-link-secondary-cidr  (reason, platform)\n"));
        assert!(code.contains("\n  CL-6    A classic link covers"));
        assert!(code.ends_with("at hand.\n"));
        let rule = explain_rule("CL-6", Language::English).expect("CL-6");
        assert!(rule.contains("classic-link-secondary-cidr"));
        assert_eq!(explain_rule("CL-0", Language::English), None);
    }

    #[test]
    fn json_holds_what_the_terminal_shows() {
        let value = explain_json(Code::NoRoute, Language::English);
        assert_eq!(value["schema"], "pathproof.explain/1");
        assert_eq!(value["code"], "no-route");
        assert_eq!(value["kind"], "reason");
        assert_eq!(value["class"], "config");
        assert_eq!(value["rules"][0]["id"], "RT-1");
        assert_eq!(value["page"], page(Code::NoRoute, Language::English));
        assert_eq!(explain_json(Code::Syntax, Language::English)["class"], Value::Null);
        let all = explain_all_json(Language::Chinese);
        assert_eq!(all["codes"].as_array().map(Vec::len), Some(Code::ALL.len()));
        let rule = explain_rule_json("RT-1", Language::English).expect("RT-1");
        assert_eq!(rule["codes"][0], "no-route");
    }
}
