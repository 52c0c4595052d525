//! The words of a picture: blocks inside blocks, wires between them, and a journey through them.

use crate::code::Language;
use crate::query::Verdict;

/// A block, by its position in [`Picture::blocks`]; a block stands behind the one that holds it.
pub type BlockIx = usize;

/// What is drawn, in whatever format.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The scenario's name or its path, and the stage.
    pub title: String,
    /// Every block.
    pub blocks: Vec<Block>,
    /// Every wire.
    pub wires: Vec<Wire>,
    /// The connection that was asked for.
    pub journey: Option<Journey>,
    /// The language of its texts.
    pub language: Language,
}

impl Picture {
    /// The blocks directly inside another one, or the outermost ones.
    pub fn inside(&self, parent: Option<BlockIx>) -> impl Iterator<Item = BlockIx> + '_ {
        let blocks = self.blocks.iter().enumerate();
        blocks.filter_map(move |(index, block)| (block.parent == parent).then_some(index))
    }

    /// Whether nothing stands inside the block.
    #[must_use]
    pub fn is_leaf(&self, block: BlockIx) -> bool {
        !self.blocks[block].shape.holds()
    }
}

/// Something with an outline.
#[derive(Clone, Debug)]
pub struct Block {
    /// The block around it.
    pub parent: Option<BlockIx>,
    /// What it is.
    pub shape: Shape,
    /// Its texts, from the top.
    pub lines: Vec<Line>,
    /// Its part in the journey.
    pub part: Part,
    /// For how many of its kind it stands.
    pub ends: usize,
}

/// What a block is, as far as it is drawn differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// A region, which holds VPCs and a part of the classic network.
    Region,
    /// A VPC, which holds subnets and gateways.
    Vpc,
    /// A subnet, which holds endpoints.
    Subnet,
    /// The classic network of a region.
    Classic,
    /// The Internet, or a site.
    Outside,
    /// A peering, a CCN, or a gateway of a CCN: it belongs to no VPC.
    Between,
    /// A way out of its VPC.
    Gateway,
    /// A way from its VPC into the classic network.
    Link,
    /// A machine, alone or many equal ones.
    Machine,
    /// A database.
    Database,
    /// A load balancer or a HAVIP: an address that others answer for.
    Balancer,
}

impl Shape {
    /// Whether other blocks stand inside.
    #[must_use]
    pub fn holds(self) -> bool {
        matches!(self, Self::Region | Self::Vpc | Self::Subnet | Self::Classic)
    }

    /// The word of the styles.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Region => "region",
            Self::Vpc => "vpc",
            Self::Subnet => "subnet",
            Self::Classic => "classic",
            Self::Outside => "outside",
            Self::Between => "between",
            Self::Gateway => "gateway",
            Self::Link => "link",
            Self::Machine => "machine",
            Self::Database => "database",
            Self::Balancer => "balancer",
        }
    }
}

/// A line of text of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The text.
    pub text: String,
    /// How it is said.
    pub tone: Tone,
}

impl Line {
    /// A line.
    #[must_use]
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { text: text.into(), tone }
    }
}

/// How a line is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// The id.
    Name,
    /// What is known of it.
    Plain,
    /// Something is down, stopped or stale.
    Warn,
    /// A blocker of the journey: a cross, its number, its code.
    Blocker,
    /// An end of the journey: who opens, who is meant.
    End,
}

impl Tone {
    /// The word of the styles.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Plain => "plain",
            Self::Warn => "warn",
            Self::Blocker => "blocker",
            Self::End => "end",
        }
    }
}

/// The part that a block has in the journey.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// None.
    #[default]
    None,
    /// The packet passes it.
    Passed,
    /// It stops the packet.
    Stops,
}

/// A line between two blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Wire {
    /// Where it begins: the hub, if one of the two is one.
    pub from: BlockIx,
    /// Where it ends.
    pub to: BlockIx,
    /// What it is.
    pub kind: WireKind,
}

/// What a wire is, as far as it is drawn differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WireKind {
    /// An attachment, a tunnel, a peering that is up.
    Up,
    /// The same, but it carries nothing: down, pending, stale.
    Down,
    /// A classic link that is live.
    ClassicLink,
    /// From a load balancer to a machine that it sends to.
    Target,
}

impl WireKind {
    /// The word of the styles.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::ClassicLink => "classic-link",
            Self::Target => "target",
        }
    }
}

/// The way of one packet there.
#[derive(Clone, Debug)]
pub struct Journey {
    /// The leaves it passes, from end to end.
    pub stops: Vec<BlockIx>,
    /// From this stop on it is drawn as if it had arrived; `stops.len()` = it does arrive.
    pub broken: usize,
    /// The verdict and the ends.
    pub headline: String,
    /// How much works of what was asked.
    pub verdict: Verdict,
    /// Every blocker in words, and what else the headline does not say.
    pub words: Vec<String>,
}
