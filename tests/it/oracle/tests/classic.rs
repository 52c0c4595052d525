//! The classic network and its links.

use super::*;

#[test]
fn the_founding_document_holds() {
    let mut n = tom();
    works(&n, "ins-tom", "ins-web", "tcp 10.60.3.4:1024 10.1.1.10:22");
    works(&n, "ins-web", "ins-tom", "tcp 10.1.1.10:1024 10.60.3.4:22");
    works(&n, "ins-tom", "cdb-tom", "tcp 10.60.3.4:1024 10.1.2.20:3306");
    works(&n, "ins-tom", "ins-other", "tcp 10.60.3.4:1024 10.60.3.5:22");
    works(&n, "ins-web", "ep-old", "tcp 10.1.1.10:1024 10.1.2.30:3306");
    let secondary = [Code::ClassicLinkSecondaryCidr];
    fails(&n, "ins-tom", "ins-new", "tcp 10.60.3.4:1024 172.16.1.10:22", &secondary);
    fails(&n, "ins-new", "ins-tom", "tcp 172.16.1.10:1024 10.60.3.4:22", &secondary);
    fails(
        &n,
        "ins-web",
        "cdb-old",
        "tcp 10.1.1.10:1024 10.66.1.20:3306",
        &[Code::ClassicLinkCvmOnly],
    );
    fails(
        &n,
        "ins-web",
        "ins-other",
        "tcp 10.1.1.10:1024 10.60.3.5:22",
        &[Code::ClassicLinkNotLinked],
    );
    fails(
        &n,
        "ins-other",
        "ins-web",
        "tcp 10.60.3.5:1024 10.1.1.10:22",
        &[Code::ClassicLinkNotLinked],
    );
    fails(
        &n,
        "ins-tom",
        "ep-old",
        "tcp 10.60.3.4:1024 10.1.2.30:3306",
        &[Code::EndpointConnectionNoTransit],
    );
    n.classic_instances["ins-tom"].ip = ip("10.60.9.9");
    fails(
        &n,
        "ins-tom",
        "ins-web",
        "tcp 10.60.9.9:1024 10.1.1.10:22",
        &[Code::ClassicLinkStaleAddress],
    );
    fails(
        &n,
        "ins-web",
        "ins-tom",
        "tcp 10.1.1.10:1024 10.60.9.9:22",
        &[Code::ClassicLinkStaleAddress],
    );
}

#[test]
fn a_linked_classic_cvm_does_not_pass_the_gateways_of_the_vpc() {
    let mut n = tom();
    sketch::nat_gateway(&mut n, "nat-1", "vpc-tom", &["1.2.3.4"]);
    sketch::site(&mut n, "idc", "192.168.0.0/16");
    let gateway = sketch::vpn_gateway(&mut n, "vpngw-1", Attachment::Vpc(id("vpc-tom")));
    gateway.connections.push(sketch::vpn_connection("vpnx-1", "idc"));
    let out = [Code::NoPublicAddress, Code::ClassicLinkNoTransit];
    fails(&n, "ins-tom", "internet", "tcp 10.60.3.4:1024 8.8.8.8:443", &out);
    fails(
        &n,
        "ins-tom",
        "idc",
        "tcp 10.60.3.4:1024 192.168.1.1:443",
        &[Code::ClassicLinkNoTransit],
    );
    fails(
        &n,
        "idc",
        "ins-tom",
        "tcp 192.168.1.1:1024 10.60.3.4:443",
        &[Code::ClassicLinkNoTransit],
    );
    fails(&n, "internet", "ins-tom", "tcp 8.8.8.8:1024 10.60.3.4:443", &[Code::NoPublicAddress]);
    n.classic_instances["ins-tom"].public_ip = Some(ip("1.2.3.5"));
    works(&n, "ins-tom", "internet", "tcp 10.60.3.4:1024 8.8.8.8:443");
    works(&n, "internet", "ins-tom", "tcp 8.8.8.8:1024 1.2.3.5:443");
}

#[test]
fn tenants_and_regions_of_the_classic_network_are_kept_apart() {
    let mut n = tom();
    n.classic_instances["ins-other"].meta.account = Some(id("bob"));
    fails(
        &n,
        "ins-tom",
        "ins-other",
        "tcp 10.60.3.4:1024 10.60.3.5:22",
        &[Code::ClassicOtherTenant],
    );
    n.classic_instances["ins-other"].meta.account = None;
    n.classic_instances["ins-other"].region = "ap-beijing".into();
    fails(
        &n,
        "ins-tom",
        "ins-other",
        "tcp 10.60.3.4:1024 10.60.3.5:22",
        &[Code::ClassicOtherRegion],
    );
}

#[test]
fn groups_of_a_classic_cvm_leave_its_mysql_alone_and_nothing_else() {
    let mut n = tom();
    sketch::classic_database(&mut n, "pg-old", "10.66.1.21", Engine::PostgreSql);
    sketch::security_group(&mut n, "sg-shut", vec![], vec![]);
    n.classic_instances["ins-tom"].security_groups = vec![id("sg-shut")];
    works(&n, "ins-tom", "cdb-old", "tcp 10.60.3.4:1024 10.66.1.20:3306");
    let shut = [Code::SecurityGroupEgressDenied];
    fails(&n, "ins-tom", "pg-old", "tcp 10.60.3.4:1024 10.66.1.21:5432", &shut);
}

#[test]
fn filters_are_judged_on_both_sides_of_a_stop_and_the_way_back_is_not() {
    let mut n = tom();
    sketch::security_group(&mut n, "sg-shut", vec![], vec![]);
    sketch::network_acl(&mut n, "acl-shut", "vpc-tom", vec![], vec![]);
    n.subnets["subnet-new"].network_acl = Some(id("acl-shut"));
    n.instances["ins-new"].security_groups = vec![id("sg-shut")];
    let codes = [
        Code::ClassicLinkSecondaryCidr,
        Code::NetworkAclIngressDenied,
        Code::SecurityGroupIngressDenied,
    ];
    fails(&n, "ins-tom", "ins-new", "tcp 10.60.3.4:1024 172.16.1.10:22", &codes);
}
