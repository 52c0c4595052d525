//! What is done to a network to see whether anybody notices: the cloud's own actions, each by its name.

use crate::code::Language;

/// A kind of small mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the rows of the table below say what each does")]
pub enum Operator {
    RuleDeleted,
    AclReplyDeleted,
    RuleFlipped,
    RulesSwapped,
    AddressesWider,
    AddressesNarrower,
    PortMoved,
    RangeShrunk,
    RangeGrown,
    PortsAll,
    ProtocolSwitched,
    ProtocolAll,
    GroupReplaced,
    GroupUnbound,
    GroupsReordered,
    AclUnbound,
    RouteDeleted,
    RouteDisabled,
    RouteRedirected,
    RouteWider,
    RouteNarrower,
    LinkDetached,
    PeeringDown,
    MemberDetached,
    CcnRouteSwitched,
    SnatDeleted,
    DnatDeleted,
    MappingDeleted,
    ListenerDeleted,
    TargetDeleted,
    PolicyDeleted,
    PolicyNarrowed,
    TunnelDown,
}

/// Each operator: its name, and what it does in both languages.
const TABLE: [(Operator, &str, &str, &str); 33] = {
    use Operator as O;
    [
        (O::RuleDeleted, "rule-deleted", "a rule is deleted", "删除一条规则"),
        (
            O::AclReplyDeleted,
            "acl-reply-deleted",
            "the ACL rule that lets replies through is deleted",
            "删除 ACL 中放行回包的规则",
        ),
        (
            O::RuleFlipped,
            "rule-flipped",
            "a rule accepts what it dropped, or drops what it accepted",
            "规则的允许与拒绝对调",
        ),
        (
            O::RulesSwapped,
            "rules-swapped",
            "a rule changes places with the next one",
            "与下一条规则交换顺序",
        ),
        (
            O::AddressesWider,
            "addresses-wider",
            "the addresses of a rule are one bit wider",
            "规则的地址范围放宽一位",
        ),
        (
            O::AddressesNarrower,
            "addresses-narrower",
            "the addresses of a rule are one bit narrower",
            "规则的地址范围收窄一位",
        ),
        (O::PortMoved, "port-moved", "a port is one higher or lower", "端口加一或减一"),
        (
            O::RangeShrunk,
            "range-shrunk",
            "a range of ports ends one port earlier",
            "端口范围一端缩小一",
        ),
        (
            O::RangeGrown,
            "range-grown",
            "a range of ports ends one port later",
            "端口范围一端扩大一",
        ),
        (O::PortsAll, "ports-all", "a rule speaks of all ports", "规则改为所有端口"),
        (
            O::ProtocolSwitched,
            "protocol-switched",
            "TCP becomes UDP, or UDP becomes TCP",
            "TCP 与 UDP 互换",
        ),
        (O::ProtocolAll, "protocol-all", "a rule speaks of all protocols", "规则改为所有协议"),
        (
            O::GroupReplaced,
            "group-replaced",
            "a rule names another security group",
            "规则改为引用另一个安全组",
        ),
        (O::GroupUnbound, "group-unbound", "a security group is unbound", "解绑一个安全组"),
        (
            O::GroupsReordered,
            "groups-reordered",
            "a security group changes places with the next one",
            "与下一个安全组交换顺序",
        ),
        (O::AclUnbound, "acl-unbound", "a subnet loses its network ACL", "子网解除网络 ACL"),
        (O::RouteDeleted, "route-deleted", "a route is deleted", "删除一条路由"),
        (O::RouteDisabled, "route-disabled", "a route is disabled", "禁用一条路由"),
        (O::RouteRedirected, "route-redirected", "a route leads elsewhere", "路由改为其他下一跳"),
        (
            O::RouteWider,
            "route-wider",
            "the destination of a route is one bit wider",
            "路由目的网段放宽一位",
        ),
        (
            O::RouteNarrower,
            "route-narrower",
            "the destination of a route is one bit narrower",
            "路由目的网段收窄一位",
        ),
        (
            O::LinkDetached,
            "link-detached",
            "a classic CVM is unlinked from a VPC",
            "解除一台基础网络云服务器的互通",
        ),
        (O::PeeringDown, "peering-down", "a peering connection fails", "对等连接故障"),
        (O::MemberDetached, "member-detached", "a member leaves a CCN", "成员退出云联网"),
        (
            O::CcnRouteSwitched,
            "ccn-route-switched",
            "a route of a CCN is switched off, or on",
            "开启或关闭一条云联网路由",
        ),
        (O::SnatDeleted, "snat-deleted", "an SNAT entry is deleted", "删除一条 SNAT"),
        (O::DnatDeleted, "dnat-deleted", "a port forwarding is deleted", "删除一条端口转发"),
        (
            O::MappingDeleted,
            "mapping-deleted",
            "a 1:1 mapping of a Direct Connect gateway is deleted",
            "删除专线网关的一条 1:1 映射",
        ),
        (O::ListenerDeleted, "listener-deleted", "a listener is deleted", "删除一个监听器"),
        (O::TargetDeleted, "target-deleted", "a target is deregistered", "解绑一个后端"),
        (
            O::PolicyDeleted,
            "policy-deleted",
            "a policy of a VPN connection is deleted",
            "删除 VPN 通道的一条 SPD 策略",
        ),
        (
            O::PolicyNarrowed,
            "policy-narrowed",
            "a policy of a VPN connection is one bit narrower",
            "VPN 通道的 SPD 策略收窄一位",
        ),
        (O::TunnelDown, "tunnel-down", "a tunnel fails", "通道故障"),
    ]
};

impl Operator {
    /// All of them, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|(operator, ..)| *operator)
    }

    fn row(self) -> &'static (Self, &'static str, &'static str, &'static str) {
        // A test holds that the table has a row for each, in order.
        &TABLE[self as usize]
    }

    /// As it is written in output and documentation.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// What it does.
    #[must_use]
    pub fn words(self, language: Language) -> &'static str {
        match language {
            Language::English => self.row().2,
            Language::Chinese => self.row().3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operator_has_its_row_and_a_name_of_its_own() {
        let mut names: Vec<_> = Operator::all().map(Operator::name).collect();
        for (index, (operator, ..)) in TABLE.iter().enumerate() {
            assert_eq!(*operator as usize, index, "{operator:?}");
        }
        assert_eq!(names.len(), Operator::TunnelDown as usize + 1);
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TABLE.len());
    }
}
