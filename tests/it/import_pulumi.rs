//! An exported stack of Pulumi, which says what a state of Terraform says in other words.

use pathproof::import::write;
use serde_json::{Value, json};

use crate::import_write::network;
use crate::plans::{import, state};

fn resource(kind: &str, name: &str, id: &str, outputs: &Value) -> Value {
    json!({
        "urn": format!("urn:pulumi:dev::shop::{kind}::{name}"), "custom": true, "id": id, "type": kind,
        "inputs": {}, "outputs": outputs, "parent": "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev",
    })
}

fn export() -> Value {
    let provider = json!({
        "urn": "urn:pulumi:dev::shop::pulumi:providers:tencentcloud::default", "custom": true, "id": "9",
        "type": "pulumi:providers:tencentcloud", "inputs": { "region": "ap-nanjing" },
    });
    let vpc = json!({ "cidrBlock": "10.1.0.0/16", "name": "main", "tags": { "costCentre": "7" }, "__meta": "{}" });
    let subnet =
        json!({ "cidrBlock": "10.1.1.0/24", "vpcId": "vpc-1", "availabilityZone": "ap-nanjing-1" });
    let rules = json!({ "securityGroupId": "sg-1", "ingresses": ["ACCEPT#10.0.0.0/8#22#TCP"], "egresses": ["ACCEPT#0.0.0.0/0#ALL#ALL"] });
    let secret = json!({ "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": "\"10.1.1.9\"" });
    let machine = json!({ "vpcId": "vpc-1", "subnetId": "subnet-1", "privateIp": secret, "orderlySecurityGroups": ["sg-1"] });
    let nat = json!({ "vpcId": "vpc-1", "assignedEipSets": ["203.0.113.9"] });
    let link = json!({
        "vpcId": "vpc-1", "vpnGatewayId": "vpngw-1", "customerGatewayId": "cgw-1",
        "securityGroupPolicies": [{ "localCidrBlock": "10.1.0.0/16", "remoteCidrBlocks": ["192.168.0.0/16"] }],
    });
    let kafka = json!({ "vpcId": "vpc-1", "subnetId": "subnet-1" });
    json!({ "version": 3, "deployment": { "manifest": {}, "resources": [
        { "urn": "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev", "custom": false, "type": "pulumi:pulumi:Stack" },
        provider,
        resource("tencentcloud:Vpc/instance:Instance", "main", "vpc-1", &vpc),
        resource("tencentcloud:Subnet/instance:Instance", "app", "subnet-1", &subnet),
        resource("tencentcloud:Security/group:Group", "web", "sg-1", &json!({ "name": "web" })),
        resource("tencentcloud:Security/groupLiteRule:GroupLiteRule", "web", "sg-1", &rules),
        resource("tencentcloud:Instance/instance:Instance", "web", "ins-1", &machine),
        resource("tencentcloud:Nat/gateway:Gateway", "out", "nat-1", &nat),
        resource("tencentcloud:Vpn/gateway:Gateway", "office", "vpngw-1", &json!({ "vpcId": "vpc-1", "type": "IPSEC" })),
        resource("tencentcloud:Vpn/customerGateway:CustomerGateway", "office", "cgw-1", &json!({ "publicIpAddress": "198.51.100.9" })),
        resource("tencentcloud:Vpn/connection:Connection", "office", "vpnx-1", &link),
        resource("tencentcloud:Ckafka/instance:Instance", "log", "ckafka-1", &kafka),
    ] } })
}

#[test]
fn a_stack_says_what_the_state_of_the_same_network_says() {
    let of_pulumi = import(&export());
    let network = network(&[("main.ron".to_owned(), write(&of_pulumi.document))]);
    assert_eq!(network.vpcs["vpc-1"].region, "ap-nanjing");
    assert_eq!(network.instances["ins-1"].ip.to_string(), "10.1.1.9");
    assert_eq!(network.instances["ins-1"].security_groups, ["sg-1".into()]);
    let group = &network.security_groups["sg-1"];
    assert_eq!((group.ingress.len(), group.egress.len()), (1, 1));
    assert_eq!(network.nat_gateways["nat-1"].eips.len(), 1);
    let policies = &network.vpn_gateways["vpngw-1"].connections[0].policies;
    assert_eq!(policies[0].remote[0].to_string(), "192.168.0.0/16");
    // what no importer reads is named, as everywhere
    let kafka = network.unmodelled.iter().find(|it| it.what == "tencentcloud_ckafka_instance.log");
    assert_eq!(kafka.expect("named").missing_from, ["vpc-1".into(), "subnet-1".into()]);
    let of_terraform = import(&state(&[
        (
            "tencentcloud_vpc.main",
            json!({ "id": "vpc-1", "cidr_block": "10.1.0.0/16", "name": "main", "tags": { "costCentre": "7" } }),
        ),
        (
            "tencentcloud_subnet.app",
            json!({ "id": "subnet-1", "vpc_id": "vpc-1", "cidr_block": "10.1.1.0/24", "availability_zone": "ap-nanjing-1" }),
        ),
    ]));
    let own = &of_terraform.document.fragment.network;
    assert_eq!(network.vpcs["vpc-1"], own.vpcs["vpc-1"]);
    assert_eq!(network.subnets["subnet-1"], own.subnets["subnet-1"]);
}

#[test]
fn two_of_one_name_are_two() {
    let mut export = export();
    let resources = export["deployment"]["resources"].as_array_mut().expect("a list");
    let other = json!({ "cidrBlock": "10.2.0.0/16" });
    resources.push(resource("tencentcloud:Vpc/instance:Instance", "main", "vpc-2", &other));
    let network = import(&export).document.fragment.network;
    let names: Vec<_> = network.vpcs.values().map(|vpc| vpc.meta.name.as_deref()).collect();
    assert_eq!(names, [Some("tencentcloud_vpc.main"), Some("tencentcloud_vpc.main-2")]);
}
