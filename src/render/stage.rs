//! The stages of a way, in the reader's words.

use crate::code::Language;

/// Each stage, in English and in Chinese.
#[rustfmt::skip]
pub const STAGES: [(&str, [&str; 2]); 26] = [
    ("security-group-egress", ["security group", "安全组"]),
    ("security-group-ingress", ["security group", "安全组"]),
    ("network-acl-egress", ["network ACL", "网络 ACL"]),
    ("network-acl-ingress", ["network ACL", "网络 ACL"]),
    ("route", ["route", "路由"]),
    ("local", ["VPC", "私有网络"]),
    ("subnet", ["subnet", "子网"]),
    ("classic-link", ["classic link", "基础网络互通"]),
    ("classic-network", ["classic network", "基础网络"]),
    ("peering", ["peering", "对等连接"]),
    ("ccn", ["CCN", "云联网"]),
    ("nat-gateway", ["NAT gateway", "NAT 网关"]),
    ("public-gateway", ["public gateway", "公网网关"]),
    ("forwarder", ["forwarder", "转发实例"]),
    ("vpn-gateway", ["VPN gateway", "VPN 网关"]),
    ("direct-connect-gateway", ["Direct Connect", "专线网关"]),
    ("site", ["site", "用户机房"]),
    ("internet", ["Internet", "公网"]),
    ("load-balancer", ["load balancer", "负载均衡"]),
    ("endpoint-connection", ["endpoint conn.", "终端连接"]),
    ("vpc-endpoint", ["VPC endpoint", "终端节点"]),
    ("database", ["database", "云数据库"]),
    ("destination", ["destination", "目的端"]),
    ("opener", ["opener", "发起方"]),
    ("platform", ["platform", "平台"]),
    ("gateway", ["gateway", "网关"]),
];

/// A stage in the reader's words.
pub(super) fn stage_word(stage: &str, language: Language) -> Option<&'static str> {
    let (_, [english, chinese]) = STAGES.iter().find(|(name, _)| *name == stage)?;
    Some(match language {
        Language::English => english,
        Language::Chinese => chinese,
    })
}
