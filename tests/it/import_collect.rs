//! The README's shell lines that collect answers of the API, and the answers beside the common ones.

use std::process::Command;

use pathproof::import::{self, tencent};
use pathproof::model::{Engine, Network};
use serde_json::{Value, json};

use crate::import_write::network;
use crate::plans::ip;
use crate::shipped::root;

/// The block of the README that calls `tccli`.
fn script() -> String {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("the README");
    let mut blocks = readme.split("```bash\n").skip(1);
    let block = blocks.find(|block| block.contains("tccli"));
    let block = block.expect("a block that collects");
    block.split("\n```").next().expect("its end").to_owned()
}

#[cfg(unix)]
#[test]
fn the_lines_that_collect_are_a_shell_script() {
    let done = Command::new("bash")
        .args(["-n", "-c", &script()])
        .output()
        .expect("bash");
    let told = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && told.is_empty(), "{told}");
}

#[test]
fn every_action_that_is_collected_is_understood_and_only_reads() {
    let script = script();
    let words = script.split(|letter: char| !letter.is_ascii_alphanumeric());
    let actions: Vec<&str> = words.filter(|word| word.starts_with("Describe")).collect();
    assert!(actions.len() > 40);
    let known = |action: &str| {
        let mut known = tencent::ACTIONS.iter();
        known.any(|it| it.rsplit('.').next() == Some(action))
    };
    let unknown: Vec<_> = actions.iter().filter(|action| !known(action)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
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
        (
            "DescribeSecurityGroupPolicies.sg-1.json",
            json!({ "SecurityGroupPolicySet": {} }),
        ),
    ];
    let files = ground.iter().chain(files);
    let files: Vec<_> = files
        .map(|(name, value)| ((*name).to_owned(), value.to_string()))
        .collect();
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
        (
            "cdb.DescribeDBInstances.ap-chengdu.1.json",
            json!({ "Items": [mysql, old] }),
        ),
        ("cdb.DescribeDBSecurityGroups.cdb-1.json", groups.clone()),
        (
            "redis.DescribeInstances.ap-chengdu.1.json",
            json!({ "InstanceSet": [redis] }),
        ),
        (
            "postgres.DescribeDBInstances.json",
            json!({ "DBInstanceSet": [pg] }),
        ),
        (
            "postgres.DescribeDBInstanceSecurityGroups.postgres-1.json",
            groups,
        ),
    ]);
    let database = &network.databases["cdb-1"];
    assert_eq!((database.engine, database.port), (Engine::MySql, 3307));
    assert_eq!(database.security_groups.len(), 1);
    assert_eq!(network.databases["crs-1"].engine, Engine::Redis);
    assert_eq!(network.databases["postgres-1"].ip, ip("10.1.1.22"));
    assert_eq!(network.classic_databases["cdb-2"].region, "ap-chengdu");
    // nobody told whom the Redis admits
    let open: Vec<_> = network
        .unmodelled
        .iter()
        .map(|it| it.what.as_str())
        .collect();
    assert_eq!(open, ["crs-1"]);
}

fn ccn(policies: &[Value]) -> Network {
    let member = |vpc: &str, region: &str, table: &str| json!({ "CcnId": "ccn-1", "InstanceType": "VPC", "InstanceId": vpc, "InstanceRegion": region, "State": "ACTIVE", "AttachedTime": vpc, "RouteTableId": table });
    let sets = json!({ "PolicySet": [
        { "PolicyVersion": 1, "Policys": [{ "Action": "accept" }] },
        { "PolicyVersion": 2, "Policys": policies },
    ] });
    dump(&[
        (
            "DescribeCcns.json",
            json!({ "CcnSet": [{ "CcnId": "ccn-1" }] }),
        ),
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
    let told: Vec<_> = accept
        .iter()
        .map(|it| it.from.as_ref().map(|from| from.id().to_string()))
        .collect();
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
        (
            "DescribeInstances.json",
            json!({ "InstanceSet": [machine] }),
        ),
        (
            "DescribeLoadBalancers.json",
            json!({ "LoadBalancerSet": [balancer] }),
        ),
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
