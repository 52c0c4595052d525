//! The script that collects answers of the API, against a `tccli` that is not the real one, and the answers beside the
//! common ones.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use pathproof::import::{self, tencent};
use pathproof::model::{Engine, Network};
use serde_json::{Value, json};

use crate::import_write::network;
use crate::plans::ip;
use crate::shipped::root;

fn script() -> PathBuf {
    root().join("tools/collect.sh")
}

#[test]
fn every_action_that_is_collected_is_understood_and_only_reads() {
    let script = std::fs::read_to_string(script()).expect("the script");
    let script = script.replace("Describe${old}", "DescribeClassicalLB");
    let words = script.split(|letter: char| !letter.is_ascii_alphanumeric());
    let actions: Vec<&str> = words.filter(|word| word.starts_with("Describe")).collect();
    assert!(actions.len() > 40);
    let known = |action: &str| {
        let mut known = tencent::answer::ACTIONS.iter();
        known.any(|it| it.name.rsplit('.').next() == Some(action))
    };
    let unknown: Vec<_> = actions.iter().filter(|action| !known(action)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

/// A cloud of files: `SERVICE.ACTION.OFFSET.json` is a page, `SERVICE.ACTION.refuse` says how often it is too busy, or -1
/// for what nobody may do. Every call is written down.
const TCCLI: &str = r#"#!/usr/bin/env bash
name=$1.$2 offset=0; shift 2
while [ $# -gt 0 ]; do
  case $1 in
    --Offset) offset=$2 ;;
    --region|--Limit|--Product) ;;
    *) name=$name.$2 ;;
  esac
  shift 2
done
echo "$name $offset" >> "$FAKE/calls"
fail() { echo "[TencentCloudSDKException] code:$1 message:$2 requestId:1-2" >&2; exit 255; }
if [ -e "$FAKE/$name.refuse" ]; then
  left=$(cat "$FAKE/$name.refuse")
  [ "$left" -ge 0 ] || fail UnauthorizedOperation "no right to do this"
  if [ "$left" -gt 0 ]; then echo $((left - 1)) > "$FAKE/$name.refuse"; fail RequestLimitExceeded "too fast"; fi
fi
[ -e "$FAKE/$name.$offset.json" ] || fail UnsupportedRegion "nothing of this is here"
cat "$FAKE/$name.$offset.json"
"#;

/// A cloud that has two VPCs, 230 machines and two groups.
fn cloud(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // what an earlier run left
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("bin")).expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("a file");
    write("bin/tccli", TCCLI);
    let vpc = |id: &str, cidr: &str| json!({ "VpcId": id, "CidrBlock": cidr });
    let machine = |number: u8| {
        let place = json!({ "VpcId": "vpc-1", "SubnetId": "subnet-1" });
        json!({ "InstanceId": format!("ins-{number}"), "PrivateIpAddresses": [format!("10.1.1.{}", number + 5)],
            "VirtualPrivateCloud": place, "SecurityGroupIds": ["sg-1"] })
    };
    let machines: Vec<Value> = (0..230).map(machine).collect();
    let lists = [
        (
            "vpc.DescribeVpcs",
            json!({ "VpcSet": [vpc("vpc-1", "10.1.0.0/16"), vpc("vpc-2", "10.2.0.0/16")] }),
        ),
        (
            "vpc.DescribeSubnets",
            json!({ "SubnetSet": [{ "SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.1.1.0/24" }] }),
        ),
        ("cvm.DescribeInstances", json!({ "InstanceSet": machines })),
        (
            "vpc.DescribeSecurityGroups",
            json!({ "SecurityGroupSet": [{ "SecurityGroupId": "sg-1" }, { "SecurityGroupId": "sg-2" }] }),
        ),
        ("vpc.DescribeSecurityGroupPolicies.sg-1", json!({ "SecurityGroupPolicySet": {} })),
        ("vpc.DescribeSecurityGroupPolicies.sg-2", json!({ "SecurityGroupPolicySet": {} })),
    ];
    for (name, answer) in lists {
        let (list, things) = answer.as_object().and_then(|it| it.iter().next()).expect("a list");
        let things = things.as_array().cloned().unwrap_or_default();
        let pages = things.chunks(100).enumerate();
        let pages = pages
            .map(|(page, some)| (page * 100, json!({ "TotalCount": things.len(), list: some })));
        let mut pages: Vec<(usize, Value)> = pages.collect();
        if pages.is_empty() {
            pages.push((0, answer.clone()));
        }
        for (offset, page) in pages {
            write(&format!("{name}.{offset}.json"), &json!({ "Response": page }).to_string());
        }
    }
    folder
}

#[cfg(unix)]
fn collect(cloud: &Path) -> Output {
    use std::os::unix::fs::PermissionsExt as _;
    let tccli = cloud.join("bin/tccli");
    let may_run = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&tccli, may_run).expect("a program");
    let path = std::env::var("PATH").unwrap_or_default();
    let done = Command::new("bash")
        .arg(script())
        .arg("-o")
        .arg(cloud.join("dump"))
        .arg("ap-chengdu")
        .env("PATH", format!("{}:{path}", cloud.join("bin").display()))
        .env("FAKE", cloud)
        .env("WAIT", "0")
        .output();
    let _ = std::fs::copy(cloud.join("calls"), cloud.join("calls.last"));
    let _ = std::fs::remove_file(cloud.join("calls"));
    done.expect("bash")
}

#[cfg(unix)]
fn imported(cloud: &Path) -> import::Imported {
    let entries = std::fs::read_dir(cloud.join("dump")).expect("a folder");
    let files = entries.map(|entry| {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        (name, std::fs::read_to_string(&path).expect("a file"))
    });
    let files: Vec<_> = files
        .filter(|(name, _)| std::path::Path::new(name).extension().is_some_and(|it| it == "json"))
        .collect();
    import::tencent(&files, &tencent::Options::default()).expect("a dump")
}

#[cfg(unix)]
#[test]
fn what_is_collected_is_whole_and_what_failed_is_asked_again_the_next_time() {
    let cloud = cloud("collect");
    let refuse = |name: &str, times: &str| {
        std::fs::write(cloud.join(format!("{name}.refuse")), times).expect("a file");
    };
    refuse("vpc.DescribeVpcs", "2");
    refuse("vpc.DescribeSecurityGroupPolicies.sg-2", "-1");
    let done = collect(&cloud);
    let told = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(1), "{told}");
    assert!(told.contains("sg-2.json: UnauthorizedOperation: no right to do this"), "{told}");
    let first = imported(&cloud);
    assert_eq!(first.document.fragment.network.instances.len(), 230, "{told}");
    let left = first.notes.iter().filter(|note| note.outcome == import::Outcome::LeftOut);
    let left: Vec<_> = left.map(ToString::to_string).collect();
    assert!(left[0].contains("sg-2"), "{left:#?}");
    assert!(left.iter().all(|note| note.contains("sg-2")), "{left:#?}");
    // the second time only what has no answer yet
    std::fs::remove_file(cloud.join("vpc.DescribeSecurityGroupPolicies.sg-2.refuse"))
        .expect("a file");
    collect(&cloud);
    let calls = std::fs::read_to_string(cloud.join("calls.last")).expect("the calls");
    assert!(calls.contains("vpc.DescribeSecurityGroupPolicies.sg-2 0"), "{calls}");
    assert!(!calls.contains("DescribeVpcs") && !calls.contains("cvm.DescribeInstances"), "{calls}");
    assert!(imported(&cloud).is_complete());
}

fn dump(files: &[(&str, Value)]) -> Network {
    let ground = [
        (
            "DescribeVpcs.ap-chengdu.1.json",
            json!({ "Response": { "VpcSet": [{ "VpcId": "vpc-1", "CidrBlock": "10.1.0.0/16" }] } }),
        ),
        (
            "vpc.DescribeVpcs.ap-beijing.1.json",
            json!({ "VpcSet": [{ "VpcId": "vpc-2", "CidrBlock": "10.2.0.0/16" }] }),
        ),
        (
            "DescribeSubnets.json",
            json!({ "SubnetSet": [{ "SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.1.1.0/24" }] }),
        ),
        (
            "DescribeSecurityGroups.json",
            json!({ "SecurityGroupSet": [{ "SecurityGroupId": "sg-1" }] }),
        ),
        ("DescribeSecurityGroupPolicies.sg-1.json", json!({ "SecurityGroupPolicySet": {} })),
    ];
    let files = ground.iter().chain(files);
    let files: Vec<_> =
        files.map(|(name, value)| ((*name).to_owned(), value.to_string())).collect();
    let imported = import::tencent(&files, &tencent::Options::default()).expect("a dump");
    network(&[("main.ron".to_owned(), import::write(&imported.document))])
}

#[test]
fn a_file_name_says_service_region_and_page() {
    let network = dump(&[]);
    assert_eq!(network.vpcs["vpc-1"].region, "ap-chengdu");
    assert_eq!(network.vpcs["vpc-2"].region, "ap-beijing");
    assert!(network.unmodelled.is_empty());
}

#[test]
fn databases_are_told_apart_by_their_service() {
    let mysql = json!({ "InstanceId": "cdb-1", "Vip": "10.1.1.20", "Vport": 3307, "UniqVpcId": "vpc-1", "UniqSubnetId": "subnet-1" });
    let redis = json!({ "InstanceId": "crs-1", "WanIp": "10.1.1.21", "Port": 6379, "UniqVpcId": "vpc-1", "UniqSubnetId": "subnet-1" });
    let old = json!({ "InstanceId": "cdb-2", "Vip": "10.66.1.20", "Vport": 3306, "UniqVpcId": "", "Zone": "ap-chengdu-1" });
    let pg = json!({ "DBInstanceId": "postgres-1", "VpcId": "vpc-1", "SubnetId": "subnet-1", "DBInstanceNetInfo": [
        { "NetType": "public", "Ip": "", "Port": 0 }, { "NetType": "private", "Ip": "10.1.1.22", "Port": 5432 },
    ] });
    let groups = json!({ "Groups": [{ "SecurityGroupId": "sg-1" }] });
    let network = dump(&[
        ("cdb.DescribeDBInstances.ap-chengdu.1.json", json!({ "Items": [mysql, old] })),
        ("cdb.DescribeDBSecurityGroups.cdb-1.json", groups.clone()),
        ("redis.DescribeInstances.ap-chengdu.1.json", json!({ "InstanceSet": [redis] })),
        ("postgres.DescribeDBInstances.json", json!({ "DBInstanceSet": [pg] })),
        ("postgres.DescribeDBInstanceSecurityGroups.postgres-1.json", groups),
    ]);
    let database = &network.databases["cdb-1"];
    assert_eq!((database.engine, database.port), (Engine::MySql, 3307));
    assert_eq!(database.security_groups.len(), 1);
    assert_eq!(network.databases["crs-1"].engine, Engine::Redis);
    assert_eq!(network.databases["postgres-1"].ip, ip("10.1.1.22"));
    assert_eq!(network.classic_databases["cdb-2"].region, "ap-chengdu");
    // nobody told whom the Redis admits
    let open: Vec<_> = network.unmodelled.iter().map(|it| it.what.as_str()).collect();
    assert_eq!(open, ["crs-1"]);
}

fn ccn(policies: &[Value]) -> Network {
    let member = |vpc: &str, region: &str, table: &str| json!({ "CcnId": "ccn-1", "InstanceType": "VPC", "InstanceId": vpc, "InstanceRegion": region, "State": "ACTIVE", "AttachedTime": vpc, "RouteTableId": table });
    let sets = json!({ "PolicySet": [
        { "PolicyVersion": 1, "Policys": [{ "Action": "accept" }] },
        { "PolicyVersion": 2, "Policys": policies },
    ] });
    dump(&[
        ("DescribeCcns.json", json!({ "CcnSet": [{ "CcnId": "ccn-1" }] })),
        (
            "DescribeCcnAttachedInstances.json",
            json!({ "InstanceSet": [member("vpc-1", "ap-chengdu", "ccnrtb-1"), member("vpc-2", "ap-beijing", "ccnrtb-0")] }),
        ),
        (
            "DescribeCcnRouteTables.json",
            json!({ "CcnRouteTableSet": [{ "CcnId": "ccn-1", "CcnRouteTableId": "ccnrtb-1", "IsDefaultTable": false }] }),
        ),
        ("DescribeCcnRouteTableInputPolicys.ccnrtb-1.json", sets),
    ])
}

#[test]
fn a_table_of_a_ccn_accepts_what_its_newest_policies_say() {
    let condition =
        |name: &str, value: &str| json!({ "Name": name, "Values": [value], "MatchPattern": 1 });
    let network = ccn(&[
        json!({ "Action": "drop", "RouteConditions": [condition("instance-region", "ap-beijing"), condition("instance-type", "VPC")] }),
        json!({ "Action": "accept", "RouteConditions": [] }),
    ]);
    let accept = &network.ccns["ccn-1"].route_tables["ccnrtb-1"].accept;
    let told: Vec<_> =
        accept.iter().map(|it| it.from.as_ref().map(|from| from.id().to_string())).collect();
    assert_eq!(told, [Some("vpc-2".to_owned()), None]);
    assert!(network.unmodelled.is_empty());
}

#[test]
fn a_condition_that_is_not_known_leaves_the_ccn_open() {
    let policy = json!({ "Action": "accept", "RouteConditions": [{ "Name": "moon-phase", "Values": ["full"] }] });
    let network = ccn(&[policy]);
    assert_eq!(network.unmodelled[0].touches[0].as_str(), "ccn-1");
}

#[test]
fn a_load_balancer_of_the_old_kind_has_its_own_answers() {
    let balancer = json!({ "LoadBalancerId": "lb-1", "LoadBalancerType": "INTERNAL", "Forward": 0, "LoadBalancerVips": ["10.1.1.60"], "VpcId": "vpc-1", "SubnetId": "subnet-1" });
    let machine = json!({ "InstanceId": "ins-1", "PrivateIpAddresses": ["10.1.1.9"], "VirtualPrivateCloud": { "VpcId": "vpc-1", "SubnetId": "subnet-1" }, "SecurityGroupIds": ["sg-1"] });
    let mut files = vec![
        ("DescribeInstances.json", json!({ "InstanceSet": [machine] })),
        ("DescribeLoadBalancers.json", json!({ "LoadBalancerSet": [balancer] })),
    ];
    assert_eq!(dump(&files).unmodelled[0].touches[0].as_str(), "lb-1");
    files.push((
        "DescribeClassicalLBListeners.lb-1.json",
        json!({ "Listeners": [{ "ListenerId": "lbl-1", "ListenerPort": 80, "InstancePort": 8080, "Protocol": "tcp" }] }),
    ));
    files.push((
        "DescribeClassicalLBTargets.lb-1.json",
        json!({ "Targets": [{ "InstanceId": "ins-1", "Weight": 30 }] }),
    ));
    let network = dump(&files);
    let target = &network.load_balancers["lb-1"].listeners[0].targets[0];
    assert_eq!((target.port, target.weight), (8080, 30));
    assert!(network.unmodelled.is_empty());
}
