//! What two networks have in common because one was made of the other, or because they were made to share it: told by their
//! sections, without a look into them.

use super::{
    Kind, Network, NetworkAcl, Peer, Section, SecurityGroup, SecurityGroupRule, Served, sections,
};

impl Network {
    /// Whether everything but the rules of groups and ACLs and the contents of templates is the same as in a network that this
    /// one was made of. `false` where that would need a closer look.
    #[must_use]
    pub fn differs_in_rules_only(&self, old: &Self) -> bool {
        // Sections of rules are looked into; a section that is added counts whole.
        let holds_rules = |kind: Kind| {
            matches!(
                kind,
                Kind::NetworkAcl
                    | Kind::SecurityGroup
                    | Kind::AddressTemplate
                    | Kind::AddressTemplateGroup
                    | Kind::ServiceTemplate
                    | Kind::ServiceTemplateGroup
            )
        };
        macro_rules! same {
            ($($section:ident: $kind:ident $row:tt)+) => {{
                // a field beside the sections does not compile before somebody has said what it means here
                let Self { $($section: _,)+ classic_links, names, platform, unmodelled, down } = self;
                $((holds_rules(Kind::$kind) || self.$section.is_same(&old.$section)) &&)+
                classic_links.is_same(&old.classic_links)
                    && names.is_same(&old.names)
                    && *platform == old.platform
                    && *unmodelled == old.unmodelled
                    && *down == old.down
            }};
        }
        sections!(same)
            && alike(&self.security_groups, &old.security_groups, SecurityGroup::has_frame_of)
            && alike(&self.network_acls, &old.network_acls, NetworkAcl::has_frame_of)
    }

    /// Shares with a network that this one was not made of whatever the two have in common: one of the same files as they were
    /// before an edit. Then they can be asked what the edit has touched.
    pub fn share(&mut self, old: &Self) {
        macro_rules! share {
            ($($section:ident: $kind:ident $row:tt)+) => {
                let Self { $($section: _,)+ classic_links, names, platform: _, unmodelled: _, down: _ } = self;
                classic_links.share(&old.classic_links);
                names.share(&old.names);
                $(self.$section.share(&old.$section);)+
            };
        }
        sections!(share);
    }

    /// Whether all templates are the same ones.
    pub(crate) fn shares_templates(&self, old: &Self) -> bool {
        self.address_templates.is_same(&old.address_templates)
            && self.address_template_groups.is_same(&old.address_template_groups)
            && self.service_templates.is_same(&old.service_templates)
            && self.service_template_groups.is_same(&old.service_template_groups)
    }
}

/// Whether two sections have the same ids in the same order, and entities that are alike.
fn alike<T>(new: &Section<T>, old: &Section<T>, is_alike: impl Fn(&T, &T) -> bool) -> bool {
    let mut both = new.iter().zip(old.iter());
    new.is_same(old)
        || new.len() == old.len() && both.all(|((a, new), (b, old))| a == b && is_alike(new, old))
}

impl SecurityGroup {
    /// Whether everything but the rules is equal.
    fn has_frame_of(&self, other: &Self) -> bool {
        self.meta == other.meta && self.region == other.region
    }

    /// Whether any rule means what a template contains.
    pub(crate) fn uses_templates(&self) -> bool {
        let mut rules = self.ingress.iter().chain(&self.egress);
        rules.any(SecurityGroupRule::uses_templates)
    }
}

impl SecurityGroupRule {
    fn uses_templates(&self) -> bool {
        let peer = match &self.peer {
            Peer::AddressTemplate(_) | Peer::AddressTemplateGroup(_) => true,
            Peer::Any | Peer::Addresses(_) | Peer::ZeroPrefix(_) | Peer::SecurityGroup(_) => false,
        };
        match &self.service {
            Served::Template(_) | Served::TemplateGroup(_) => true,
            Served::Service(_) => peer,
        }
    }
}

impl NetworkAcl {
    /// Whether everything but the rules is equal.
    fn has_frame_of(&self, other: &Self) -> bool {
        self.meta == other.meta && self.vpc == other.vpc
    }
}
