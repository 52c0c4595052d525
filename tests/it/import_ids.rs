//! Ids in what is imported: lost, standing twice, or those of something else. Whatever the input does, what is written
//! loads, and what is not there is named.

use std::io;

use pathproof::diagnostic::Severity;
use pathproof::import::{self, Imported, Outcome, tencent, terraform};
use pathproof::model::Network;
use pathproof::scenario::{Files, load};
use serde_json::{Value, json};

use crate::import_corpus::corpus;
use crate::import_tencent::files;

/// What is written loads; the network that it holds.
#[track_caller]
fn loads(imported: &Imported) -> Network {
    loaded(imported).expect("it loads")
}

/// The network that is written, or why it does not load.
fn loaded(imported: &Imported) -> Result<Network, String> {
    let text = import::write(&imported.document);
    let loaded = load("main.ron", &Only(&text));
    let mut all = loaded.diagnostics.iter();
    match all.find(|it| it.severity == Severity::Error) {
        Some(error) => Err(error.message.to_string()),
        None => Ok(loaded.scenario.expect("a scenario").network),
    }
}

struct Only<'t>(&'t str);

impl Files for Only<'_> {
    fn read(&self, _: &str) -> io::Result<Vec<u8>> {
        Ok(self.0.as_bytes().to_vec())
    }
}

fn dump(files: &[(String, String)]) -> Option<Imported> {
    import::tencent(files, &tencent::Options::default()).ok()
}

fn is_named(imported: &Imported) -> bool {
    let mut notes = imported.notes.iter();
    notes.any(|it| matches!(it.outcome, Outcome::LeftOut | Outcome::Doubtful))
}

/// The places of all ids in a value: members whose names end in `Id`.
fn ids(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let at = format!("{at}/{name}");
                if name.ends_with("Id") && member.is_string() {
                    found.push(at.clone());
                }
                ids(member, &at, found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                ids(item, &format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn whatever_id_of_a_dump_is_lost_or_becomes_another_one_the_file_loads() {
    let files = files();
    let (mut tried, mut wrong) = (0, Vec::new());
    for (index, (_, text)) in files.iter().enumerate() {
        let value: Value = serde_json::from_str(text).expect("JSON");
        let mut places = Vec::new();
        ids(&value, "", &mut places);
        for place in places {
            let words = ["vpc-shop", "dcx-1", "all", "203.0.113.9", "::/0", "tag:a=b"];
            let mut others = vec![Value::Null];
            others.extend(words.map(Value::from));
            let other = others[tried % others.len()].clone();
            for other in [json!(""), other] {
                let mut changed = value.clone();
                *changed.pointer_mut(&place).expect("an id") = other;
                let mut files = files.clone();
                files[index].1 = changed.to_string();
                let imported = dump(&files).expect("the other files");
                if let Err(error) = loaded(&imported) {
                    wrong.push(format!("{} {place}: {error}", files[index].0));
                }
                tried += 1;
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(tried > 200, "{tried}");
}

/// The lists of a dump's file, each with the things in it.
fn list_of(value: &mut Value) -> Option<&mut Vec<Value>> {
    let body = value.get_mut("Response")?.as_object_mut()?;
    let mut lists = body.values_mut().filter_map(Value::as_array_mut);
    lists.find(|list| list.iter().any(Value::is_object))
}

#[test]
fn what_two_pages_tell_alike_is_one_thing_and_what_they_tell_differently_is_said() {
    let files = files();
    let whole = loads(&dump(&files).expect("a dump"));
    for (index, (name, text)) in files.iter().enumerate() {
        let mut value: Value = serde_json::from_str(text).expect("JSON");
        let Some(list) = list_of(&mut value) else {
            continue;
        };
        let again = list.clone();
        list.extend(again);
        let mut doubled = files.clone();
        doubled[index].1 = value.to_string();
        let imported = dump(&doubled).expect("a dump");
        let network = loads(&imported);
        let kinds = |it: &Network| it.ids().count();
        assert_eq!(kinds(&network), kinds(&whole), "{name}");
    }
    let doubled = |stopped: &str| {
        let mut files = files.clone();
        let other =
            json!({ "InstanceSet": [{ "InstanceId": "ins-web", "InstanceState": stopped }] });
        files.push(("DescribeInstances.9.json".to_owned(), other.to_string()));
        dump(&files).expect("a dump")
    };
    let imported = doubled("STOPPED");
    let network = loads(&imported);
    let place = "DescribeInstances.9.json InstanceSet[0]";
    let mut told = network.unmodelled.iter();
    let entry = told.find(|it| it.what == "ins-web" && it.reason.contains(place));
    assert_eq!(entry.expect("named").touches, ["ins-web".into()]);
}

#[test]
fn what_a_dump_lists_without_an_id_is_named_with_the_place_where_it_stands() {
    for (name, list, id, bears_on_all) in [
        ("DescribeInstances.1.json", "InstanceSet", "InstanceId", true),
        ("DescribeNatGateways.json", "NatGatewaySet", "NatGatewayId", false),
        ("DescribeLoadBalancers.json", "LoadBalancerSet", "LoadBalancerId", true),
    ] {
        let mut files = files();
        let file = files.iter_mut().find(|(own, _)| own == name);
        let (_, text) = file.expect("the file");
        let mut value: Value = serde_json::from_str(text).expect("JSON");
        value["Response"][list][0][id] = json!("");
        *text = value.to_string();
        let imported = dump(&files).expect("a dump");
        let network = loads(&imported);
        let what = format!("{name} {list}[0]");
        let entry = network.unmodelled.iter().find(|it| it.what == what);
        let entry = entry.unwrap_or_else(|| panic!("{what} in {:?}", network.unmodelled));
        assert_eq!(!entry.missing_from.is_empty(), bears_on_all, "{what}");
        assert!(!imported.is_complete());
    }
}

#[test]
fn a_machine_whose_groups_are_not_told_is_never_shut_for_certain() {
    for groups in [json!([]), Value::Null, json!("sg-app"), json!([{ "Id": "sg-app" }])] {
        for has_default in [false, true] {
            let mut files = files();
            for (name, text) in &mut files {
                let mut value: Value = serde_json::from_str(text).expect("JSON");
                if name == "DescribeInstances.1.json" {
                    value["Response"]["InstanceSet"][0]["SecurityGroupIds"] = groups.clone();
                }
                if name == "DescribeSecurityGroups.json" && has_default {
                    value["Response"]["SecurityGroupSet"][0]["IsDefault"] = json!(true);
                }
                *text = value.to_string();
            }
            let imported = dump(&files).expect("a dump");
            let network = loads(&imported);
            let instances: Value = serde_json::from_str(
                &files.iter().find(|(name, _)| name == "DescribeInstances.1.json").expect("it").1,
            )
            .expect("JSON");
            let id = instances["Response"]["InstanceSet"][0]["InstanceId"].as_str().expect("an id");
            let entry = network.unmodelled.iter().find(|it| it.what == id);
            let entry = entry.expect("undetermined");
            assert_eq!(entry.touches, [id.into()]);
            // all but the stand-in for a default one that is not told
            let told = network.security_groups.len() - usize::from(!has_default);
            assert_eq!(entry.missing_from.len(), told);
            let own = &network.instances[id].security_groups;
            let is_stand_in = own[0].as_str().starts_with("default-security-group");
            assert_eq!((own.len(), is_stand_in), (1, !has_default));
        }
    }
}

/// The resources of a plan, wherever they stand.
fn resources<'v>(module: &'v mut Value, all: &mut Vec<&'v mut Value>) {
    let Some(module) = module.as_object_mut() else {
        return;
    };
    for (name, member) in module {
        match (name.as_str(), member) {
            ("resources", Value::Array(list)) => all.extend(list),
            ("child_modules", Value::Array(list)) => {
                for child in list {
                    resources(child, all);
                }
            }
            _ => {}
        }
    }
}

#[test]
fn two_resources_with_one_id_are_one_thing_and_that_is_said() {
    // shown plans only: the others are the same networks
    let plans = corpus().into_iter();
    let plans = plans.filter(|(_, document)| document.get("planned_values").is_some());
    for (name, plan) in plans {
        let mut plan = plan;
        let (mut count, mut at) = (1, 1);
        while at < count {
            let mut changed = plan.clone();
            let mut all = Vec::new();
            resources(&mut changed["planned_values"]["root_module"], &mut all);
            count = all.len();
            if at < count {
                all[0]["values"]["id"] = json!("same-1");
                all[at]["values"]["id"] = json!("same-1");
                let text = changed.to_string();
                let options = terraform::Options::default();
                let imported = import::terraform(&text, &options).expect(&name);
                loads(&imported);
            }
            at += 1;
        }
        plan["planned_values"]["root_module"]["resources"] = json!([
            { "address": "tencentcloud_vpc.a", "mode": "managed", "type": "tencentcloud_vpc", "name": "a", "values": { "id": "vpc-1", "cidr_block": "10.0.0.0/16" } },
            { "address": "tencentcloud_vpc.b", "mode": "managed", "type": "tencentcloud_vpc", "name": "b", "values": { "id": "vpc-1", "cidr_block": "10.0.0.0/16" } },
            { "address": "", "mode": "managed", "type": "tencentcloud_vpc", "name": "c", "values": { "cidr_block": "10.9.0.0/16" } },
        ]);
        let options = terraform::Options {
            region: Some("ap-guangzhou".to_owned()),
            ..terraform::Options::default()
        };
        let imported = import::terraform(&plan.to_string(), &options).expect(&name);
        let network = loads(&imported);
        assert!(network.vpcs.contains_key("vpc-1"), "{name}");
        assert!(is_named(&imported), "{name}");
        let entry = network.unmodelled.iter().find(|it| it.what == "tencentcloud_vpc.b");
        assert_eq!(entry.expect("said").touches, ["vpc-1".into()], "{name}");
    }
}

/// What has no id at all is named after what it does not say.
#[test]
fn a_member_without_any_id_is_named_and_what_is_written_loads() {
    let mut files = files();
    files.retain(|(name, _)| !name.starts_with("DescribeCcnAttachedInstances"));
    let nameless = json!({ "Response": { "InstanceSet": [{ "InstanceType": "VPC", "InstanceId": "", "CcnId": "" }] } });
    files.push(("DescribeCcnAttachedInstances.json".to_owned(), nameless.to_string()));
    let imported = dump(&files).expect("a dump");
    let network = loads(&imported);
    let mut unmodelled = network.unmodelled.iter();
    assert!(unmodelled.any(|it| it.what == "CcnId"), "{network:#?}");
}
