//! What the language server tells beside `check`: lints, what can be mended, what stands over a line.

use pathproof::code::Language;
use serde_json::{Value, json};

use super::{Editor, SHOP, shop};

#[test]
fn lints_are_told_as_loudly_as_lint_tells_them() {
    let mut editor = shop();
    let twice = "ingress: [Accept(service: \"tcp:443\"), Drop(service: \"tcp:443\")]";
    let text = SHOP.replace("ingress: [Accept(service: \"tcp:443\")]", twice);
    let text = text
        .replace("security_groups: { \"sg-web\"", "security_groups: { \"sg-idle\": (), \"sg-web\"");
    let told = editor.write(&text);
    assert_eq!(Editor::codes(&told, 1), [""; 0]);
    assert_eq!(Editor::codes(&told, 2), ["shadowed-rule"]);
    assert_eq!(Editor::codes(&told, 3), ["unused-object"]);
    let shadowed = told.iter().find(|it| it["severity"] == 2).expect("one");
    assert_eq!(shadowed["relatedInformation"].as_array().map(Vec::len), Some(1));
    assert_eq!(shadowed["tags"], json!([1]), "drawn faint");
    // While the text cannot be used there is nothing to lint.
    let told = editor.write("Scenario(");
    assert_eq!(Editor::codes(&told, 2), [""; 0]);
}

#[test]
fn an_expectation_is_mended_while_lints_are_found_and_they_come_by_themselves() {
    let mut editor = shop();
    let text = SHOP.replace("\"ins-b\", service: \"tcp:443\"", "\"ins-b\", service: \"tcp:444\"");
    let text = text
        .replace("security_groups: { \"sg-web\"", "security_groups: { \"sg-idle\": (), \"sg-web\"");
    editor.write_only(&text);
    let actions = editor.actions("Reachable(");
    assert!(actions.iter().any(|it| it["title"].as_str().is_some_and(|it| it.starts_with("Mend"))));
    assert_eq!(Editor::codes(&editor.diagnostics(), 3), ["unused-object"]);
    // It is written over while it is linted.
    for count in 0..20 {
        editor.write_only(&format!("{text}{}", "// more\n".repeat(count)));
        editor.actions("Reachable(");
    }
    assert_eq!(Editor::codes(&editor.diagnostics(), 3), ["unused-object"]);
}

#[test]
fn an_expectation_that_fails_is_mended_by_an_edit_that_means_the_change() {
    let mut editor = shop();
    // Opened by a rule more, in the one list and in a list that is not there.
    for text in [
        SHOP.replace("tcp:443\")],", "tcp:80\")],"),
        SHOP.replace("ingress: [Accept(service: \"tcp:443\")]", "ingress: []"),
        SHOP.replace("ingress: [Accept(service: \"tcp:443\")], ", ""),
        SHOP.replace(
            "ingress: [Accept(service: \"tcp:443\")]",
            "ingress: [\n                Drop(service: \"tcp:443\"),\n                Accept(service: \"tcp:443\"),\n            ]",
        ),
    ] {
        assert_eq!(Editor::codes(&editor.write(&text), 1).len(), 1, "{text}");
        let actions = editor.actions("Reachable(from: \"ins-a\", to");
        let title = actions[0]["title"].as_str().expect("a title");
        assert!(title.starts_with("Mend: "), "{title}");
        let mended = editor.edited(&actions[0]);
        assert_eq!(Editor::codes(&editor.write(&mended), 1), [""; 0], "{mended}");
    }
    // Closed by a rule more or less.
    let open = SHOP.replace("service: \"tcp:443\")],", "service: \"tcp:22,443\")],");
    let open = open.replace(", because: \"security-group-ingress-denied\"", "");
    assert_eq!(Editor::codes(&editor.write(&open), 1).len(), 1);
    let actions = editor.actions("Unreachable(from");
    assert!(!actions.is_empty());
    let mended = editor.edited(&actions[0]);
    assert_eq!(Editor::codes(&editor.write(&mended), 1), [""; 0], "{mended}");
}

#[test]
fn a_rule_of_an_acl_is_mended_in_the_words_of_its_list() {
    let text = r#"Scenario(
    network: (
        vpcs: { "vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16") },
        subnets: {
            "subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24", network_acl: "acl-a"),
            "subnet-b": (vpc: "vpc-a", cidr: "10.1.2.0/24"),
        },
        network_acls: { "acl-a": (vpc: "vpc-a", ingress: [Accept()], egress: [Accept(to: "10.9.0.0/16")]) },
        security_groups: { "sg-a": (ingress: [Accept()], egress: [Accept()]) },
        instances: {
            "ins-a": (subnet: "subnet-a", ip: "10.1.1.10", security_groups: ["sg-a"]),
            "ins-b": (subnet: "subnet-b", ip: "10.1.2.10", security_groups: ["sg-a"]),
        },
    ),
    expect: [Reachable(from: "ins-a", to: "ins-b", service: "tcp:443")],
)
"#;
    let mut editor = shop();
    assert_eq!(Editor::codes(&editor.write(text), 1).len(), 1);
    let actions = editor.actions("Reachable(from");
    let mended = editor.edited(&actions[0]);
    assert!(mended.contains("Accept(to: \"10.1.2."), "{mended}");
    assert_eq!(Editor::codes(&editor.write(&mended), 1), [""; 0], "{mended}");
}

#[test]
fn a_fix_that_is_more_than_rules_is_shown() {
    let mut editor = shop();
    let text = SHOP.replace(
        "vpcs: { \"vpc-a\"",
        "vpcs: { \"vpc-b\": (region: \"ap-guangzhou\", cidr: \"10.2.0.0/16\"), \"vpc-a\"",
    );
    let text = text.replace(
        "subnets: { \"subnet-a\"",
        "subnets: { \"subnet-b\": (vpc: \"vpc-b\", cidr: \"10.2.1.0/24\"), \"subnet-a\"",
    );
    let text = text.replace(
        "\"ins-b\": (subnet: \"subnet-a\", ip: \"10.1.1.20\"",
        "\"ins-b\": (subnet: \"subnet-b\", ip: \"10.2.1.20\"",
    );
    editor.write(&text);
    let actions = editor.actions("Reachable(from: \"ins-a\", to");
    let shown = actions.iter().find(|it| it["command"] == "pathproof.show");
    let shown = shown.expect("a command").clone();
    let params = json!({ "command": shown["command"], "arguments": shown["arguments"] });
    let told = editor.ask("workspace/executeCommand", params);
    let change = told["text"].as_str().expect("a text");
    assert!(change.contains("vpc-b"), "{change}");
    assert!(editor.shown[0].contains(change));
}

#[test]
fn what_fails_in_a_step_is_mended_by_a_change_more() {
    let mut editor = shop();
    let drop = "CreateSecurityGroupPolicies(security_group: \"sg-web\", ingress: [Drop(service: \"tcp\")])";
    let expected = "Reachable( from: \"ins-a\", to: \"ins-b\", service: \"tcp:443\")";
    for (list, changes) in
        [("steps", format!("[{drop}]")), ("what_if", format!("[\n            {drop},\n        ]"))]
    {
        let stage = format!(
            "    {list}: [\n        (name: \"shut\", changes: {changes}, expect: [ {expected} ]),\n    ],\n)\n"
        );
        let text = format!("{}{stage}", SHOP.strip_suffix(")\n").expect("an end"));
        let told = editor.write(&text);
        assert_eq!(Editor::codes(&told, 1).len(), 1, "{told:?}");
        let actions = editor.actions("Reachable( from");
        let mended = actions.iter().find(|it| it["edit"].is_object());
        let mended = editor.edited(mended.expect("an edit"));
        assert!(mended.contains(drop), "what was there stays: {mended}");
        let told = editor.write(&mended);
        assert_eq!(Editor::codes(&told, 1), Vec::<&str>::new(), "{mended}");
    }
}

#[test]
fn a_rule_tells_what_it_decides_when_it_is_looked_at() {
    let mut editor = shop();
    let document = json!({ "textDocument": { "uri": editor.uri } });
    let lenses = editor.ask("textDocument/codeLens", document.clone());
    let lenses = lenses.as_array().expect("a list").clone();
    let rules: Vec<Value> = lenses.into_iter().filter(|it| it["command"].is_null()).collect();
    assert_eq!(rules.len(), 2);
    let mut title = |lens: &Value| {
        let told = editor.ask("codeLens/resolve", lens.clone());
        told["command"]["title"].as_str().expect("words").to_owned()
    };
    assert_eq!(title(&rules[0]), "decides 1 expectation; reached by 2");
    let twice = SHOP.replace(
        "[Accept(service: \"tcp:443\")]",
        "[Accept(service: \"tcp:443\"), Accept(service: \"tcp:443\")]",
    );
    editor.write(&twice);
    let lenses = editor.ask("textDocument/codeLens", document);
    let told = editor.ask("codeLens/resolve", lenses[3].clone());
    let told = told["command"]["title"].as_str().expect("words").to_owned();
    assert!(told.contains("decides nothing"), "{told}");
}

#[test]
fn an_expectation_shows_its_way() {
    let mut editor = shop();
    let document = json!({ "textDocument": { "uri": editor.uri } });
    let lenses = editor.ask("textDocument/codeLens", document);
    let command = lenses[1]["command"].clone();
    let params = json!({ "command": command["command"], "arguments": command["arguments"] });
    let told = editor.ask("workspace/executeCommand", params);
    let text = told["text"].as_str().expect("a text");
    assert!(text.contains("security-group-ingress-denied"), "{text}");
    assert!(!text.contains('\u{1b}'), "no colours");
    assert_eq!(editor.shown, ["PASS: ins-a & !ins-b → ins-b tcp:22"]);
    let nonsense = json!({ "command": "pathproof.run", "arguments": [editor.uri, 7] });
    assert_eq!(editor.ask("workspace/executeCommand", nonsense), Value::Null);
    let other = json!({ "command": "rm", "arguments": [] });
    let refused = editor.asked("workspace/executeCommand", other);
    assert!(refused.response_result.is_err());
}

#[test]
fn what_is_not_wanted_any_more_is_called_off_and_the_last_text_counts() {
    let mut editor = shop();
    for count in 0..50 {
        let text = format!("{SHOP}{}", "// more\n".repeat(count));
        let document = json!({ "uri": editor.uri, "version": count });
        let params = json!({ "textDocument": document, "contentChanges": [{ "text": text }] });
        editor.tell("textDocument/didChange", params);
    }
    let broken = SHOP.replace("tcp:443\")],", "tcp:80\")],");
    assert_eq!(Editor::codes(&editor.write(&broken), 1).len(), 1);
    editor.tell("$/cancelRequest", json!({ "id": 77 }));
    assert_eq!(Editor::codes(&editor.write(SHOP), 1), [""; 0]);
}

#[test]
fn it_speaks_chinese_too() {
    let path = "/nowhere/shop.ron";
    let broken = SHOP.replace("tcp:443\")],", "tcp:80\")],");
    let mut editor = Editor::open(path, &broken, Language::Chinese);
    let message = editor.diagnostics()[0]["message"].to_string();
    assert!(message.contains("入站"), "{message}");
}

#[test]
fn a_file_is_laid_out_as_fmt_does_it() {
    let mut editor = shop();
    let params = |editor: &Editor| {
        let options = json!({ "tabSize": 4, "insertSpaces": true });
        json!({ "textDocument": { "uri": editor.uri }, "options": options })
    };
    assert_eq!(editor.ask("textDocument/formatting", params(&editor)), json!([]));
    editor.write(&SHOP.replace("    expect", "expect"));
    let edits = editor.ask("textDocument/formatting", params(&editor));
    assert_eq!(edits[0]["newText"], SHOP);
    editor.write("Scenario(");
    assert_eq!(editor.ask("textDocument/formatting", params(&editor)), Value::Null);
}
