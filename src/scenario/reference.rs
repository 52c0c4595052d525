//! References from one entity to another: what kind is needed where, and whether it is there.

use super::known::Known;
use super::meant;
use super::mistake::Mistake;
use super::near;
use super::reader::Reader;
use super::slip::letter::plain;
use crate::code::Code;
use crate::diagnostic::{Words, after_chinese};
use crate::id::Id;
use crate::model::Kind;

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
    Kind::VpcEndpoint,
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
    Kind::VpcEndpoint,
    Kind::Instance,
    Kind::HaVip,
]);

/// One of the kinds.
pub const fn only(kinds: &'static [Kind]) -> Wanted {
    Wanted { kinds, members: Members::No }
}

/// One of the kinds, or a member of an instance group.
pub const fn also_members(kinds: &'static [Kind]) -> Wanted {
    Wanted { kinds, members: Members::Too }
}

impl Wanted {
    /// With articles: "a subnet", "an instance or a network interface".
    pub fn words(self) -> Words {
        if self.kinds.is_empty() {
            return Words::new("something that exists", "一个已定义的对象");
        }
        if self == ASKED {
            return Words::new("an endpoint or a set of endpoints", "实例或实例的集合");
        }
        Words::any_of(self.kinds.iter().map(|kind| kind.one()))
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
        let words = self.words();
        let message = Words::new(
            format!("`{text}` is {}, {words} is needed here", first.one()),
            format!(
                "`{text}` 是{}，此处需要{}",
                after_chinese(first.chinese()),
                after_chinese(words.chinese())
            ),
        );
        let whole = first == Kind::InstanceGroup && self.members == Members::Too;
        let help = whole.then(|| {
            Words::new(
                format!("name one member: `{text}[address]`"),
                format!("请写其中一个成员：`{text}[地址]`"),
            )
        });
        let help = help.or_else(|| known.choice(text, self.kinds));
        Err(Mistake { code: Code::WrongKind, help, ..Mistake::invalid(0..text.len(), message) })
    }

    fn check_member(self, text: &str, known: &Known) -> Result<(), Mistake> {
        let unknown = |message: Words| Mistake {
            code: Code::UnknownId,
            ..Mistake::invalid(0..text.len(), message)
        };
        if let Some((group, address, defined)) = known.group_of(text) {
            if !known.is_member(text) {
                let range = defined.addresses.map(|(first, last)| {
                    Words::new(
                        format!("its addresses are {first}-{last}"),
                        format!("其地址为 {first}-{last}"),
                    )
                });
                return Err(unknown(Words::new(
                    format!("`{group}` has no member {address}"),
                    format!("`{group}` 没有成员 {address}"),
                ))
                .with_help(range));
            }
            return match self.members {
                Members::Too => Ok(()),
                Members::No if self.kinds.is_empty() => Ok(()),
                Members::No => {
                    let words = self.words();
                    let message = Words::new(
                        format!(
                            "`{text}` is a member of an instance group, {words} is needed here"
                        ),
                        format!(
                            "`{text}` 是实例组的成员，此处需要{}",
                            after_chinese(words.chinese())
                        ),
                    );
                    Err(Mistake {
                        code: Code::WrongKind,
                        ..Mistake::invalid(0..text.len(), message)
                    })
                }
            };
        }
        let message = match self.kinds {
            [only] => Words::new(
                format!("there is no {} `{text}`", only.words()),
                format!("没有{} `{text}`", after_chinese(only.chinese())),
            ),
            _ => Words::new(
                format!("nothing has the id `{text}`"),
                format!("没有任何对象的 ID 为 `{text}`"),
            ),
        };
        let asked = (self == ASKED).then(|| meant::selector(text)).flatten();
        let several = meant::several(text, self == ASKED);
        // Quotes, or the stop of a sentence, that came along.
        let bare = text.trim_matches(|letter: char| !letter.is_alphanumeric());
        let bare = (known.kind(bare).is_some() && bare != text).then(|| near::question(bare));
        let address = || (self == ASKED).then(|| meant::either(text)).flatten();
        let help = asked.or(several).or(bare).or_else(address).or_else(|| {
            let near = known.near(text, self.kinds);
            let near = near.or_else(|| known.near(text, &[]));
            near.map(near::question)
        });
        let help = help.or_else(|| {
            let plain = plain(text)?;
            Some(near::question(plain.trim()))
        });
        let help = help.or_else(|| known.choice(text, self.kinds));
        Err(unknown(message).with_help(help))
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
            if self.is_over() {
                break;
            }
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
