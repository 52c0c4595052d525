//! References from one entity to another: what kind is needed where, and whether it is there.

use super::known::Known;
use super::mistake::Mistake;
use super::near;
use super::reader::Reader;
use crate::code::Code;
use crate::id::Id;
use crate::model::Kind;
use crate::model::lookup::with_article;

/// What may stand at a place that names an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The kinds; none = everything that has an id.
    pub kinds: &'static [Kind],
    /// Whether a member of an instance group may stand there, as in `asg-web[10.1.2.11]`.
    pub members: Members,
}

/// Whether members of instance groups count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Members {
    /// Only ids of entities.
    No,
    /// `asg-web[10.1.2.11]` too.
    Too,
}

/// Anything at all.
pub const ANY: Wanted = only(&[]);
/// What the words `from` and `to` of an expectation may name.
pub const ASKED: Wanted = also_members(&[
    Kind::Instance,
    Kind::NetworkInterface,
    Kind::InstanceGroup,
    Kind::HaVip,
    Kind::Database,
    Kind::LoadBalancer,
    Kind::ClassicInstance,
    Kind::ClassicDatabase,
    Kind::ClassicLoadBalancer,
    Kind::EndpointConnection,
    Kind::Vpc,
    Kind::Subnet,
    Kind::SecurityGroup,
    Kind::Site,
    Kind::Account,
]);
/// What a path may have to pass.
pub const WAYPOINT: Wanted = only(&[
    Kind::NatGateway,
    Kind::VpnGateway,
    Kind::DirectConnectGateway,
    Kind::Peering,
    Kind::Ccn,
    Kind::LoadBalancer,
    Kind::ClassicLoadBalancer,
    Kind::EndpointConnection,
    Kind::Instance,
    Kind::HaVip,
]);

/// One of the kinds.
pub const fn only(kinds: &'static [Kind]) -> Wanted {
    Wanted {
        kinds,
        members: Members::No,
    }
}

/// One of the kinds, or a member of an instance group.
pub const fn also_members(kinds: &'static [Kind]) -> Wanted {
    Wanted {
        kinds,
        members: Members::Too,
    }
}

impl Wanted {
    /// With articles: "a subnet", "an instance or a network interface".
    pub fn words(self) -> String {
        let words: Vec<String> = self
            .kinds
            .iter()
            .map(|kind| with_article(kind.words()))
            .collect();
        match &words[..] {
            [] => String::from("something that exists"),
            [only] => only.clone(),
            _ if self == ASKED => String::from("an endpoint or a set of endpoints"),
            [others @ .., last] => format!("{} or {last}", others.join(", ")),
        }
    }

    /// Whether `text` is known to name one of these.
    pub fn check(self, text: &str, known: &Known) -> Result<(), Mistake> {
        let mut found = known.all(text).peekable();
        let Some(first) = found.peek().map(|defined| defined.kind) else {
            return self.check_member(text, known);
        };
        if self.kinds.is_empty() || found.any(|defined| self.kinds.contains(&defined.kind)) {
            return Ok(());
        }
        let message = format!(
            "`{text}` is {}, {} is needed here",
            with_article(first.words()),
            self.words()
        );
        let whole = first == Kind::InstanceGroup && self.members == Members::Too;
        let help = whole.then(|| format!("name one member: `{text}[address]`"));
        Err(Mistake {
            code: Code::WrongKind,
            help,
            ..Mistake::invalid(0..text.len(), message)
        })
    }

    fn check_member(self, text: &str, known: &Known) -> Result<(), Mistake> {
        let unknown = |message: String| Mistake {
            code: Code::UnknownId,
            ..Mistake::invalid(0..text.len(), message)
        };
        if let Some((group, address, defined)) = known.group_of(text) {
            if !known.is_member(text) {
                let range = defined
                    .addresses
                    .map(|(first, last)| format!("its addresses are {first}-{last}"));
                return Err(unknown(format!("`{group}` has no member {address}")).with_help(range));
            }
            return match self.members {
                Members::Too => Ok(()),
                Members::No if self.kinds.is_empty() => Ok(()),
                Members::No => {
                    let message = format!(
                        "`{text}` is a member of an instance group, {} is needed here",
                        self.words()
                    );
                    Err(Mistake {
                        code: Code::WrongKind,
                        ..Mistake::invalid(0..text.len(), message)
                    })
                }
            };
        }
        let message = match self.kinds {
            [only] => format!("there is no {} `{text}`", only.words()),
            _ => format!("nothing has the id `{text}`"),
        };
        let near = known
            .near(text, self.kinds)
            .or_else(|| known.near(text, &[]));
        Err(unknown(message).with_help(near.map(near::question)))
    }
}

/// A place where the file names an id.
#[derive(Clone, Debug)]
pub struct Reference<'src> {
    /// The id.
    pub id: Id,
    /// The slice that names it.
    pub slice: &'src str,
    /// What it must be.
    pub wanted: Wanted,
    /// The refusal that the change around it expects: such a mistake is no mistake.
    pub expected: Option<Code>,
}

impl Reader<'_> {
    /// Reports the references met so far that lead nowhere or to the wrong kind; gives how many.
    pub fn check_references(&mut self) -> usize {
        let references = std::mem::take(&mut self.references);
        let before = self.errors();
        for reference in references {
            if let Err(mistake) = reference.wanted.check(reference.id.as_str(), &self.known)
                && reference.expected != Some(mistake.code)
            {
                let span = self.span(reference.slice);
                self.report(mistake.at(span));
            }
        }
        self.errors() - before
    }
}
