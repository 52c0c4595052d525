//! `pathproof import` as a script sees it.

use std::path::{Path, PathBuf};

use assert_cmd::Command;

fn pathproof() -> Command {
    Command::from_std(crate::shipped::program())
}

fn dump() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/import/tencent")
}

/// A folder of its own for one test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // what an earlier run left
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

const STATE: &str = r#"{"values": {"root_module": {"resources": [{
    "address": "tencentcloud_vpc.main", "mode": "managed", "type": "tencentcloud_vpc", "name": "main",
    "values": {"id": "vpc-1", "cidr_block": "10.1.0.0/16"}
}]}}}"#;

#[test]
fn a_plan_from_standard_input_becomes_a_scenario_on_standard_output() {
    let mut command = pathproof();
    command.args(["import", "terraform", "-", "--region", "ap-chengdu"]);
    let done = command.write_stdin(STATE).assert().success();
    let output = done.get_output();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("\"vpc-1\": (name: \"tencentcloud_vpc.main\""), "{text}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "1 imported\n");
}

#[test]
fn what_is_left_out_ends_with_1_and_a_line() {
    let mut command = pathproof();
    let command = command.args(["import", "terraform", "-"]);
    let done = command.write_stdin(STATE).assert().code(1);
    let told = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
    let line = "left out: tencentcloud_vpc.main, region: nothing in the input says its region";
    assert!(told.starts_with(line), "{told}");
}

#[test]
fn what_is_no_plan_ends_with_2() {
    let mut command = pathproof();
    let command = command.args(["import", "terraform", "-"]);
    command.write_stdin("{\"a\": 1}").assert().code(2).stdout("");
    let mut command = pathproof();
    command.args(["import", "tencent", "no-such-folder"]).assert().code(2);
}

#[test]
fn a_dump_in_several_files_can_be_checked() {
    let folder = folder("import-split");
    let main = folder.join("shop.ron");
    let mut command = pathproof();
    command.args(["import", "tencent"]).arg(dump());
    command.arg("-o").arg(&main).arg("--split");
    command.assert().code(1).stdout("");
    assert!(folder.join("shop.vpc-shop.ron").is_file());
    let mut command = pathproof();
    command.arg("links").arg(&main).assert().success();
}

#[test]
fn scripts_read_the_notes_as_data() {
    let mut command = pathproof();
    command.args(["import", "terraform", "-", "--format", "json"]);
    let done = command.write_stdin(STATE).assert().code(1);
    let value: serde_json::Value = serde_json::from_slice(&done.get_output().stdout).expect("JSON");
    assert_eq!(value["complete"], false);
    assert_eq!(value["notes"][0]["outcome"], "left_out");
}

#[test]
fn notes_and_comments_speak_chinese_too() {
    let mut command = pathproof();
    command.args(["import", "tencent", "--lang", "zh"]).arg(dump());
    let done = command.assert().code(1);
    let output = done.get_output();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let is_chinese = |line: &str| line.chars().any(|letter| ('一'..='龥').contains(&letter));
    assert!(told.lines().all(is_chinese), "{told}");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("// 未导入：ins-unknown，InstanceId：文件中没有"), "{text}");
    assert!(!text.contains("left out"), "{text}");
}

#[test]
fn what_cannot_be_imported_is_said_in_chinese_too() {
    let mut command = pathproof();
    let command = command.args(["import", "terraform", "-", "--lang", "zh"]);
    let done = command.write_stdin("{\"a\": 1}").assert().code(2);
    let told = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
    assert!(told.starts_with("错误: 这既不是计划也不是状态"), "{told}");
}

/// Nothing that stands among the resources is passed over: a document that is not one is refused.
#[test]
fn a_document_that_is_none_is_refused_whatever_it_says_of_itself() {
    for text in [
        r#"{"planned_values": 3}"#,
        r#"{"values": []}"#,
        r#"{"values": {"root_module": "x"}}"#,
        r#"{"values": {"root_module": {"resources": {}}}}"#,
        r#"{"values": {"root_module": {"resources": [null]}}}"#,
        r#"{"values": {"root_module": {"resources": [{"type": 7}]}}}"#,
        r#"{"values": {"root_module": {"child_modules": [{"resources": [5]}]}}}"#,
        r#"{"planned_values": {}, "prior_state": {"values": {"root_module": {"resources": [{}]}}}}"#,
    ] {
        let mut command = pathproof();
        command.args(["import", "terraform", "-"]);
        let done = command.write_stdin(text).assert().code(2);
        let told = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
        assert!(told.contains("no plan and no state as Terraform writes them"), "{text}: {told}");
    }
}
