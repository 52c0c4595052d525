//! `pathproof links`: the linked classic CVMs, as the console lists and searches them.

use std::net::IpAddr;

use clap::Args;

use super::args::{At, Format, Global};
use super::exit::Exit;
use super::one::{complain, open};
use super::output::Output;
use crate::diagnostic::Words;
use crate::render::links::{LinkFilter, links_json, links_text};
use crate::render::scene::Scene;
use crate::verify::Budget;

/// Arguments of `links`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  pathproof links shop.ron --vpc vpc-tom
  pathproof links shop.ron --ip 10.60.3.4 --at \"the CVM gets another address\"")]
pub struct LinksArgs {
    /// The scenario file, or - for standard input
    pub file: String,
    /// Only links to this VPC
    #[arg(long)]
    pub vpc: Option<String>,
    /// Only links with this address, at linking or now
    #[arg(long, value_name = "ADDRESS")]
    pub ip: Option<IpAddr>,
    /// Which network to ask.
    #[command(flatten)]
    pub at: At,
}

/// Runs the command.
pub fn links(args: &LinksArgs, global: &Global, output: &mut Output) -> Exit {
    let asked = match open(&args.file, &args.at, Budget::default(), global, output) {
        Ok(asked) => asked,
        Err(exit) => return exit,
    };
    if let Some(vpc) = &args.vpc
        && !asked.situation.network.vpcs.contains_key(vpc.as_str())
    {
        let file = &args.file;
        let message = Words::new(
            format!("there is no VPC `{vpc}` in {file}"),
            format!("{file} 中没有私有网络 `{vpc}`"),
        );
        complain(global, output, message.text(global.language()), None);
        return Exit::Unusable;
    }
    let scene = Scene::of(&asked.situation, &asked.sources, global.language());
    let filter = LinkFilter {
        vpc: args.vpc.as_deref(),
        address: args.ip,
    };
    match global.format {
        Format::Text => output.result(&links_text(scene, filter)),
        Format::Json => {
            let mut value = links_json(scene, filter);
            value["diagnostics"] = asked.warnings.into();
            output.json(&value);
        }
    }
    Exit::Good
}
