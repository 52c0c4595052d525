//! The texts of the blocks, in both languages. Ids and addresses are nobody's language.

use super::boxes::Shape;
use crate::code::Language;
use crate::model::{Engine, State};
use crate::render::number::number;

/// A word of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Region,
    Vpc,
    Secondary,
    Account,
    Acl,
    Routes,
    Classic,
    ClassicNote,
    Internet,
    Site,
    Ccn,
    Peering,
    Pending,
    Nat,
    Vpn,
    DirectConnect,
    DirectConnectNat,
    Down,
    Cvm,
    PublicGateway,
    Interface,
    Group,
    HaVip,
    BoundTo,
    Unbound,
    Balancer,
    PublicBalancer,
    EndpointConnection,
    EndpointService,
    VpcEndpoint,
    NotAccepted,
    Link,
    OnlyPrimary,
    Stale,
    Stopped,
    Isolated,
    Troubled,
    From,
    To,
    Back,
}

impl Word {
    /// The word in a language.
    pub(super) fn say(self, language: Language) -> &'static str {
        let [english, chinese] = self.both();
        match language {
            Language::English => english,
            Language::Chinese => chinese,
        }
    }

    fn both(self) -> [&'static str; 2] {
        match self {
            Self::Region => ["region", "地域"],
            Self::Vpc => ["VPC", "私有网络"],
            Self::Secondary => ["secondary", "辅助 CIDR"],
            Self::Account => ["account", "账号"],
            Self::Acl => ["ACL", "网络 ACL"],
            Self::Routes => ["routes", "路由表"],
            Self::Classic => ["Classic network", "基础网络"],
            Self::ClassicNote => ["one pool for all tenants", "所有用户的公共资源池"],
            Self::Internet => ["Internet", "公网"],
            Self::Site => ["site", "用户 IDC"],
            Self::Ccn => ["CCN", "云联网"],
            Self::Peering => ["peering connection", "对等连接"],
            Self::Pending => ["pending", "待接受"],
            Self::Nat => ["NAT gateway", "NAT 网关"],
            Self::Vpn => ["VPN gateway", "VPN 网关"],
            Self::DirectConnect => ["Direct Connect gateway", "专线网关"],
            Self::DirectConnectNat => ["Direct Connect gateway, NAT", "NAT 型专线网关"],
            Self::Down => ["down", "故障"],
            Self::Cvm => ["CVM", "云服务器"],
            Self::PublicGateway => ["public gateway", "公网网关"],
            Self::Interface => ["ENI of", "弹性网卡，属于"],
            Self::Group => ["CVMs", "台云服务器"],
            Self::HaVip => ["HAVIP", "高可用虚拟 IP"],
            Self::BoundTo => ["bound to", "绑定于"],
            Self::Unbound => ["bound to nobody", "未绑定"],
            Self::Balancer => ["load balancer", "负载均衡"],
            Self::PublicBalancer => ["public load balancer", "公网负载均衡"],
            Self::EndpointConnection => ["endpoint connection", "终端连接"],
            Self::EndpointService => ["endpoint service", "终端节点服务"],
            Self::VpcEndpoint => ["VPC endpoint", "终端节点"],
            Self::NotAccepted => ["not accepted", "尚未接受"],
            Self::Link => ["ClassicLink", "基础网络互通"],
            Self::OnlyPrimary => ["only the primary", "仅限主 CIDR"],
            Self::Stale => ["link is stale", "关联已失效"],
            Self::Stopped => ["stopped", "已关机"],
            Self::Isolated => ["isolated", "已隔离"],
            Self::Troubled => {
                ["down, stopped, pending or stale", "处异常（故障、关机、待接受或失效）"]
            }
            Self::From => ["from", "源端"],
            Self::To => ["to", "目的端"],
            Self::Back => ["back", "回程"],
        }
    }
}

/// The state of a machine that does not answer.
pub(super) fn state(state: State, language: Language) -> Option<&'static str> {
    match state {
        State::Running => None,
        State::Stopped => Some(Word::Stopped.say(language)),
        State::Isolated | State::IsolatedStopped => Some(Word::Isolated.say(language)),
    }
}

/// `1 subnet`, `12 subnets`.
pub(super) fn counted(shape: Shape, count: usize, language: Language) -> String {
    let [one, many, chinese] = match shape {
        Shape::Region => ["region", "regions", "个地域"],
        Shape::Vpc => ["VPC", "VPCs", "个私有网络"],
        Shape::Subnet => ["subnet", "subnets", "个子网"],
        Shape::Classic => ["classic network", "classic networks", "个基础网络"],
        Shape::Outside => ["site", "sites", "个用户 IDC"],
        Shape::Between => {
            ["CCN, peering or gateway", "CCNs, peerings and gateways", "个云联网、对等连接或网关"]
        }
        Shape::Gateway => ["gateway", "gateways", "个网关"],
        Shape::Link => ["link or endpoint", "links and endpoints", "个互通或终端连接"],
        Shape::Machine => ["machine", "machines", "台机器"],
        Shape::Database => ["database", "databases", "个数据库"],
        Shape::Balancer => [
            "load balancer, HAVIP or endpoint",
            "load balancers, HAVIPs and endpoints",
            "个负载均衡、虚拟 IP 或终端节点",
        ],
    };
    match language {
        Language::English if count == 1 => format!("1 {one}"),
        Language::English => format!("{} {many}", number(count)),
        Language::Chinese => format!("{} {chinese}", number(count)),
    }
}

/// The name of a product.
pub(super) fn product(engine: Engine) -> &'static str {
    match engine {
        Engine::MySql => "MySQL",
        Engine::Redis => "Redis",
        Engine::MongoDb => "MongoDB",
        Engine::Memcached => "Memcached",
        Engine::MariaDb => "MariaDB",
        Engine::SqlServer => "SQL Server",
        Engine::PostgreSql => "PostgreSQL",
        Engine::TdSql => "TDSQL",
    }
}

/// Free text of the file, cut where it would make a block too wide.
pub(super) fn free(text: &str) -> String {
    const MOST: usize = 32;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    let cut: String = text.chars().take(MOST - 1).collect();
    format!("{}…", cut.trim_end())
}
