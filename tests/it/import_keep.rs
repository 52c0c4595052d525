//! `import --keep` and `--report`.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::{Value, json};

use crate::plans::state;

/// A folder of its own for one test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // what an earlier run left
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn import(folder: &Path, state: &Value, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::cargo_bin("pathproof").expect("the program");
    command.current_dir(folder);
    command.args(["import", "terraform", "-"]).args(arguments);
    let done = command.write_stdin(state.to_string()).output().expect("an end");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (done.status.code(), text(&done.stdout), text(&done.stderr))
}

fn network(machine: &str) -> Value {
    state(&[
        ("tencentcloud_vpc.main", json!({ "id": "vpc-1", "cidr_block": "10.1.0.0/16" })),
        (
            "tencentcloud_subnet.a",
            json!({ "id": "subnet-1", "vpc_id": "vpc-1", "cidr_block": "10.1.1.0/24", "availability_zone": "ap-chengdu-1" }),
        ),
        ("tencentcloud_security_group.web", json!({ "id": "sg-1" })),
        (
            "tencentcloud_security_group_lite_rule.web",
            json!({ "security_group_id": "sg-1", "ingress": ["ACCEPT#0.0.0.0/0#80#TCP"], "egress": ["ACCEPT#0.0.0.0/0#ALL#ALL"] }),
        ),
        (
            "tencentcloud_instance.a",
            json!({ "id": "ins-1", "vpc_id": "vpc-1", "subnet_id": "subnet-1", "private_ip": machine, "orderly_security_groups": ["sg-1"], "tags": { "team": "shop" } }),
        ),
        (
            "tencentcloud_instance.b",
            json!({ "id": "ins-2", "vpc_id": "vpc-1", "subnet_id": "subnet-1", "private_ip": "10.1.1.20", "orderly_security_groups": ["sg-1"] }),
        ),
    ])
}

#[test]
fn what_people_wrote_outlives_the_network() {
    let folder = folder("import-keep");
    let path = folder.join("mine.ron");
    let first = import(&folder, &network("10.1.1.9"), &["-o", "mine.ron"]);
    assert_eq!(first.0, Some(0), "{}", first.2);
    let text = std::fs::read_to_string(&path).expect("the file");
    let text = text.replace("name: \"tencentcloud_instance.a\"", "name: \"the shop\"");
    let text = text.replace("{\"team\": \"shop\"}", "{\"team\": \"shop\", \"owner\": \"tom\"}");
    let end = text.rfind(')').expect("an end");
    let promise = "    expect: [\n        // they talk\n        Reachable(from: \"ins-1\", to: \"ins-2\", service: \"tcp:80\"),\n    ],\n    lint: [Allow(code: \"unused-object\", reason: \"meant so\")],\n";
    std::fs::write(&path, format!("{}{promise}{}", &text[..end], &text[end..])).expect("a file");
    let (status, out, told) =
        import(&folder, &network("10.1.1.10"), &["-o", "mine.ron", "--keep", "mine.ron"]);
    assert_eq!((status, out.as_str()), (Some(0), ""), "{told}");
    assert!(told.contains("changed: instance ins-1\n"), "{told}");
    assert!(told.contains("since mine.ron: 0 added, 1 changed, 0 removed"), "{told}");
    let text = std::fs::read_to_string(&path).expect("the file");
    for kept in [
        "// they talk",
        "Allow(code: \"unused-object\"",
        "\"the shop\"",
        "\"owner\": \"tom\"",
        "10.1.1.10",
    ] {
        assert!(text.contains(kept), "{kept}: {text}");
    }
    let mut command = Command::cargo_bin("pathproof").expect("the program");
    command.arg("check").arg(&path).assert().success();
    let again = import(
        &folder,
        &network("10.1.1.10"),
        &["-o", "mine.ron", "--keep", "mine.ron", "--lang", "zh"],
    );
    assert!(again.2.contains("自 mine.ron 以来没有变化"), "{}", again.2);
}

#[test]
fn what_is_to_be_kept_must_load() {
    let folder = folder("import-keep-broken");
    std::fs::write(folder.join("mine.ron"), "(network: (").expect("a file");
    let (status, out, _) = import(&folder, &network("10.1.1.9"), &["--keep", "mine.ron"]);
    assert_eq!((status, out.as_str()), (Some(2), ""));
}

#[test]
fn a_report_counts_and_says_what_hangs_on_what_is_missing() {
    let folder = folder("import-report");
    let mut state = network("10.1.1.9");
    let route = json!({ "address": "tencentcloud_security_group_rule_set.x", "mode": "managed", "type": "tencentcloud_security_group_rule_set", "name": "x",
        "values": { "security_group_id": "sg-1", "ingress": [{ "action": "ACCEPT", "cidr_block": "10.0.0.0/8", "protocol": "SCTP", "port": "80" }] } });
    let resources = state["values"]["root_module"]["resources"].as_array_mut().expect("a list");
    resources.push(route);
    let (status, _, told) = import(&folder, &state, &["-o", "out.ron", "--report", "import.json"]);
    assert_eq!(status, Some(1), "{told}");
    let report = std::fs::read_to_string(folder.join("import.json")).expect("the report");
    let report: Value = serde_json::from_str(&report).expect("JSON");
    let rows = report["read"].as_array().expect("rows");
    let machines = rows.iter().find(|row| row["type"] == "tencentcloud_instance");
    assert_eq!(
        machines,
        Some(&json!({ "type": "tencentcloud_instance", "read": 2, "imported": 2, "left_out": 0 }))
    );
    let notes = report["notes"].as_array().expect("notes").iter();
    let left: Vec<_> = notes.filter(|note| note["outcome"] == "left_out").collect();
    assert_eq!(left[0]["undetermined"], "what begins, ends or passes at sg-1");
    import(&folder, &state, &["-o", "out.ron", "--report", "import.md", "--lang", "zh"]);
    let report = std::fs::read_to_string(folder.join("import.md")).expect("the report");
    assert!(report.starts_with("# 导入报告\n\n有内容未导入。\n"), "{report}");
    assert!(report.contains("| tencentcloud_instance | 2 | 2 | 0 |"), "{report}");
    assert!(report.contains("| 起止或经过 sg-1 的连接 |"), "{report}");
    let (status, ..) = import(&folder, &state, &["--report", "import.txt"]);
    assert_eq!(status, Some(2));
}
