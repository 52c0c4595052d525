//! `pathproof generate`: a realistic network of any size as a scenario file.

use clap::{Args, ValueEnum};
use serde_json::json;

use super::args::{Format, Global};
use super::exit::Exit;
use super::one::complain;
use super::output::Output;
use super::save::write_all;
use crate::code::Language;
use crate::generate::{Counts, Impossible, Options, Promise, Shape, Works, generate};
use crate::import::{Document, Expected, Spot, write};
use crate::render::case::counted;

/// Arguments of `generate`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  pathproof generate --instances 20000
  pathproof generate --instances 1000 --vpcs 8 --groups 60 --seed 7 -o region.ron
  pathproof generate --instances 100000 --vpcs 40 --groups 900 --singles 100 --shape shared

The same arguments give the same bytes on every machine. The network exists in the cloud as it
is: nothing in it breaks a limit or exceeds a quota, the file loads without a warning, and `lint`
finds nothing in it. Its expectations are true by construction, so `check` on it ends with 0.

What is in it:
- VPCs of 1 : 2 : 3 : 6 machines in blocks of 10.0.0.0/8, seventeen an account and region;
- a secondary CIDR in a quarter of them; a subnet for every ten fleets, 89 a VPC at most;
- fleets of 1 to 70 equal machines, 25 on average: an instance group each, or --singles;
- security groups of 8 to 9 rules: subnets, VPC blocks, rows of bastions, other groups,
templates, everybody to web ports; network ACLs on some subnets;
- a CCN over half of every seventeen VPCs, peerings with routes on both sides among the others;
- NAT gateways, EIPs, VPN and Direct Connect with sites, databases, load balancers;
- one machine in fifty, 400 at most, in the classic network, most of them linked to a VPC.")]
pub struct GenerateArgs {
    /// How many instances, in VPCs and in the classic network together
    #[arg(long, short = 'n', value_name = "N")]
    pub instances: u32,
    /// How many VPCs; one for every 5,000 instances unless given
    #[arg(long, value_name = "N")]
    pub vpcs: Option<u32>,
    /// How many security groups, each takes 2,000 instances at most; one for every 125 instances unless given
    #[arg(long, value_name = "N")]
    pub groups: Option<u32>,
    /// Which of all networks of that size
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// How security groups are bound
    #[arg(long, value_enum, default_value_t)]
    pub shape: GroupShape,
    /// How many fleets in a hundred are written one instance at a time
    #[arg(long, value_name = "PERCENT", default_value_t = 2,
          value_parser = clap::value_parser!(u32).range(0..=100))]
    pub singles: u32,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<String>,
}

/// How security groups are bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum GroupShape {
    /// All are shared among neighbouring VPCs.
    Shared,
    /// Each belongs to one VPC.
    Private,
    /// One in five is shared, the others belong to one VPC.
    #[default]
    Mixed,
}

impl GenerateArgs {
    fn options(&self) -> Options {
        Options {
            instances: self.instances,
            vpcs: self.vpcs.unwrap_or((self.instances / 5000).max(1)),
            groups: self.groups.unwrap_or((self.instances / 125).max(1)),
            seed: self.seed,
            shape: match self.shape {
                GroupShape::Shared => Shape::Shared,
                GroupShape::Private => Shape::Private,
                GroupShape::Mixed => Shape::Mixed,
            },
            singles: self.singles,
        }
    }
}

/// Runs the command.
pub fn run(args: &GenerateArgs, global: &Global, output: &mut Output) -> Exit {
    let (text, counts) = match scenario(&args.options()) {
        Ok(done) => done,
        Err(impossible) => {
            complain(global, output, &impossible.message, Some(&impossible.help));
            return Exit::Unusable;
        }
    };
    if let Some(path) = &args.output
        && let Err(exit) = write_all(&[(path.into(), &text)], global, output)
    {
        return exit;
    }
    let here = args.output.is_none().then_some(&text);
    match global.format {
        Format::Text => {
            if let Some(text) = here {
                output.result(text);
            }
            output.note(&words(&counts, global.language()));
        }
        Format::Json => output.json(&json!({
            "schema": "pathproof.generate/1",
            "instances": counts.instances,
            "vpcs": counts.vpcs,
            "security_groups": counts.groups,
            "rules": counts.rules,
            "expectations": counts.promises,
            "scenario": here,
        })),
    }
    Exit::Good
}

/// The file that the command writes, headed by the command, and what is in it.
///
/// # Errors
///
/// When there is no such network.
pub fn scenario(options: &Options) -> Result<(String, Counts), Impossible> {
    let region = generate(options)?;
    let counts = region.counts();
    let document = Document {
        name: Some(format!(
            "a generated region of {} instances, seed {}",
            options.instances, options.seed
        )),
        remarks: vec![(Spot::Head, command(options))],
        expect: region.promises.iter().map(expected).collect(),
        ..Document::from(region.network)
    };
    Ok((write(&document), counts))
}

/// The command that gives a file again.
fn command(options: &Options) -> String {
    let shape = match options.shape {
        Shape::Shared => "shared",
        Shape::Private => "private",
        Shape::Mixed => "mixed",
    };
    let Options { instances, vpcs, groups, seed, singles, .. } = options;
    format!(
        "pathproof generate --instances {instances} --vpcs {vpcs} --groups {groups} --seed {seed} \
         --shape {shape} --singles {singles}"
    )
}

fn expected(promise: &Promise) -> Expected {
    Expected {
        verdict: match promise.works {
            Works::All => "Reachable",
            Works::Nothing => "Unreachable",
        },
        from: promise.from.clone(),
        to: promise.to.clone(),
        service: promise.service.clone(),
        because: promise.because,
    }
}

/// The counts for people.
fn words(counts: &Counts, language: Language) -> String {
    let Counts { instances, vpcs, groups, rules, promises } = counts;
    match language {
        Language::English => format!(
            "{}, {}, {}, {}, {}\n",
            counted(*instances, "instance"),
            counted(*vpcs, "VPC"),
            counted(*groups, "security group"),
            counted(*rules, "rule"),
            counted(*promises, "expectation")
        ),
        Language::Chinese => format!(
            "{instances} 台实例，{vpcs} 个 VPC，{groups} 个安全组，{rules} 条规则，{promises} 条期望\n"
        ),
    }
}
