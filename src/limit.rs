//! How many of something the cloud allows, each number once.
//!
//! `model::check` judges by these, `generate` and `plan` stay within them, and texts (rules, pages, meanings of codes) name them in braces,
//! as `{CLASSIC_LINKS}`, where the number is put in ([`told`]). The source of a number is that of its rule.

use std::borrow::Cow;

/// How many of something there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What texts call it.
    pub name: &'static str,
    /// The rule that states it.
    pub rule: &'static str,
    /// How many there may be.
    pub most: usize,
    /// Of what: "route tables", and in Chinese with its measure word.
    pub of: [&'static str; 2],
}

macro_rules! limits {
    ($($name:ident: $rule:literal $most:literal $english:literal $chinese:literal;)+) => {
        $(
            #[doc = concat!($rule, ": ", $english, ".")]
            pub const $name: Limit = Limit {
                name: stringify!($name),
                rule: $rule,
                most: $most,
                of: [$english, $chinese],
            };
        )+

        /// All of them.
        pub const ALL: &[Limit] = &[$($name),+];
    };
}

limits! {
    SECONDARY_CIDRS: "VPC-2" 5 "secondary CIDRs" "个辅助 CIDR";
    SUBNETS: "VPC-3" 100 "subnets" "个子网";
    VPCS: "VPC-7" 20 "VPCs" "个私有网络";
    ROUTE_TABLES: "RT-2" 10 "route tables" "个路由表";
    ROUTES: "RT-2" 50 "routes" "条路由";
    EQUAL_ROUTES: "RT-10" 8 "equal routes of one type" "条同类型等价路由";
    TEMPLATE_MEMBERS: "SG-14" 20 "members" "个成员";
    EXPANDED_RULES: "SG-14" 512 "rules, templates counted out," "条规则（模板展开后）";
    SECURITY_GROUPS: "SG-15" 50 "security groups" "个安全组";
    GROUP_RULES: "SG-15" 100 "rules" "条规则";
    GROUP_REFERENCES: "SG-15" 10 "references to security groups" "处安全组引用";
    BOUND_GROUPS: "SG-15" 5 "security groups" "个安全组";
    GROUP_MEMBERS: "SG-15" 2000 "instances" "台云服务器";
    NETWORK_ACLS: "ACL-10" 50 "network ACLs" "个网络 ACL";
    ACL_RULES: "ACL-10" 20 "rules" "条规则";
    PEERINGS: "PCX-8" 10 "peering connections" "个对等连接";
    NAT_GATEWAYS: "NAT-14" 3 "NAT gateways" "个 NAT 网关";
    NAT_EIPS: "NAT-14" 10 "EIPs" "个 EIP";
    DNAT_ENTRIES: "NAT-14" 200 "DNAT entries" "条端口转发规则";
    SNAT_RULES: "NAT-14" 200 "SNAT rules" "条 SNAT 规则";
    CCNS: "CCN-13" 5 "CCNs" "个云联网";
    CCN_MEMBERS: "CCN-13" 25 "members" "个成员";
    JOINED_CCNS: "CCN-14" 5 "CCNs" "个云联网";
    CCN_TABLES: "CCN-8" 10 "route tables of its own" "个自定义路由表";
    CCN_SELECTION: "CCN-8" 20 "selection policies" "条路由表选择策略";
    DIRECT_CONNECT_CIDRS: "DC-3" 10 "secondary CIDRs behind a Direct Connect gateway" "个经专线网关的辅助 CIDR";
    ENDPOINTS: "PL-9" 50 "VPC endpoints" "个终端节点";
    ENDPOINT_SERVICES: "PL-9" 100 "endpoint services" "个终端节点服务";
    SERVICE_ENDPOINTS: "PL-9" 500 "endpoints" "个终端节点";
    CLASSIC_LINKS: "CL-9" 100 "linked classic CVMs" "台关联的基础网络云服务器";
    MOVED_AT_ONCE: "MIG-4" 100 "instances in one request" "台一次迁移的云服务器";
}

/// A text with the numbers in place of their names.
#[must_use]
pub fn told(text: &'static str) -> Cow<'static, str> {
    let mut told = Cow::Borrowed(text);
    for limit in ALL {
        let name = format!("{{{}}}", limit.name);
        if told.contains(&name) {
            told = Cow::Owned(told.replace(&name, &limit.most.to_string()));
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_tells_the_number_and_keeps_other_braces() {
        assert_eq!(told("at most {CLASSIC_LINKS} of {VPCS}"), "at most 100 of 20");
        assert_eq!(told("vpcs: { \"a\": () } {NO_LIMIT}"), "vpcs: { \"a\": () } {NO_LIMIT}");
    }

    #[test]
    fn no_two_have_one_name() {
        let names: std::collections::BTreeSet<_> = ALL.iter().map(|limit| limit.name).collect();
        assert_eq!(names.len(), ALL.len());
    }
}
