//! What kind of thing an id names.

use super::lookup::with_article;
use super::{Kind, Network, Section, sections};
use crate::diagnostic::Words;
use crate::id::Id;

impl Kind {
    /// What a name may lead to: what answers at an address of its own (MIG-10).
    pub const NAMED: &[Self] = &[
        Self::Instance,
        Self::NetworkInterface,
        Self::HaVip,
        Self::Database,
        Self::LoadBalancer,
        Self::ClassicInstance,
        Self::ClassicDatabase,
        Self::ClassicLoadBalancer,
        Self::EndpointConnection,
        Self::VpcEndpoint,
    ];

    /// The kinds of parts with ids of their own: of what they are parts, and in which field.
    pub const PARTS: [(Self, &str, Self); 3] = [
        (Self::Ccn, "route_tables", Self::CcnRouteTable),
        (Self::VpnGateway, "connections", Self::VpnConnection),
        (Self::DirectConnectGateway, "tunnels", Self::DirectConnectTunnel),
    ];

    /// Whether it is a part of another entity and has no section of its own.
    #[must_use]
    pub fn is_part(self) -> bool {
        self.section().is_none()
    }

    /// Whether it lives in the classic network.
    #[must_use]
    pub fn is_classic(self) -> bool {
        self.section().is_some_and(|section| section.starts_with("classic_"))
    }

    /// The kind in words, without an article: "NAT gateway".
    #[must_use]
    pub fn words(self) -> &'static str {
        self.both()[0]
    }

    /// The kind in the words of the cloud's Chinese documentation.
    #[must_use]
    pub fn chinese(self) -> &'static str {
        self.both()[1]
    }

    /// The kind as one thing: "a NAT gateway".
    #[must_use]
    pub fn one(self) -> Words {
        Words::new(with_article(self.words()), self.chinese())
    }
}

impl Network {
    /// Every entity with its kind, in the order of the sections and of the file.
    pub fn ids(&self) -> impl Iterator<Item = (&Id, Kind)> {
        fn of<T>(section: &Section<T>, kind: Kind) -> impl Iterator<Item = (&Id, Kind)> {
            section.keys().map(move |id| (id, kind))
        }
        macro_rules! chained {
            ($($section:ident: $kind:ident $row:tt)+) => {
                std::iter::empty()$(.chain(of(&self.$section, Kind::$kind)))+
            };
        }
        sections!(chained).chain(self.parts())
    }

    /// What kind of thing `id` names, if anything.
    #[must_use]
    pub fn kind_of(&self, id: &str) -> Option<Kind> {
        // Sections first: they answer by hash. Parts of other entities are few and scanned.
        macro_rules! holding {
            ($($section:ident: $kind:ident $row:tt)+) => {
                $(if self.$section.contains_key(id) {
                    return Some(Kind::$kind);
                })+
            };
        }
        sections!(holding);
        let mut parts = self.parts().filter(|(part, _)| part.as_str() == id);
        parts.next().map(|(_, kind)| kind)
    }
}
