//! The stages of a way, in the reader's words.

use crate::code::Language;

/// A stage in the reader's words.
pub(super) fn stage_word(stage: &str, language: Language) -> Option<&'static str> {
    let [english, chinese] = match stage {
        "security-group-egress" | "security-group-ingress" => ["security group", "安全组"],
        "network-acl-egress" | "network-acl-ingress" => ["network ACL", "网络 ACL"],
        "route" => ["route", "路由"],
        "local" => ["VPC", "私有网络"],
        "subnet" => ["subnet", "子网"],
        "classic-link" => ["classic link", "基础网络互通"],
        "classic-network" => ["classic network", "基础网络"],
        "peering" => ["peering", "对等连接"],
        "ccn" => ["CCN", "云联网"],
        "nat-gateway" => ["NAT gateway", "NAT 网关"],
        "public-gateway" => ["public gateway", "公网网关"],
        "forwarder" => ["forwarder", "转发实例"],
        "vpn-gateway" => ["VPN gateway", "VPN 网关"],
        "direct-connect-gateway" => ["Direct Connect", "专线网关"],
        "site" => ["site", "用户机房"],
        "internet" => ["Internet", "公网"],
        "load-balancer" => ["load balancer", "负载均衡"],
        "endpoint-connection" => ["endpoint conn.", "终端连接"],
        "vpc-endpoint" => ["VPC endpoint", "终端节点"],
        "database" => ["database", "云数据库"],
        "destination" => ["destination", "目的端"],
        "opener" => ["opener", "发起方"],
        "platform" => ["platform", "平台"],
        "gateway" => ["gateway", "网关"],
        _ => return None,
    };
    Some(match language {
        Language::English => english,
        Language::Chinese => chinese,
    })
}
