//! `pathproof links`: the linked classic CVMs, as the console lists and searches them.

use std::net::IpAddr;

use clap::Args;

use super::args::{At, Format, Global};
use super::exit::Exit;
use super::format::FormatName;
use super::one::{open, refuse};
use super::output::Output;
use crate::ask::{link_filter, links_document};
use crate::render::links::{links_csv, links_text};
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
    let filter = link_filter(&asked, &args.file, args.vpc.as_deref(), args.ip);
    let filter = match filter {
        Ok(filter) => filter,
        Err(wrong) => return refuse(&wrong, global, output),
    };
    let language = global.language();
    match global.format {
        Format::Text => {
            let scene = Scene::of(&asked.situation, &asked.sources, language);
            output.result(&match global.format_name {
                FormatName::Csv => links_csv(scene, filter),
                _ => links_text(scene, filter),
            });
        }
        Format::Json => output.json(&links_document(&asked, filter, language)),
    }
    Exit::Good
}
