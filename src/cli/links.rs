//! `pathproof links`: the linked classic CVMs, as the console lists and searches them.

use super::args::{Format, Global, LinksArgs};
use super::exit::Exit;
use super::one::{complain, open};
use super::output::Output;
use crate::diagnostic::Words;
use crate::render::links::{LinkFilter, links_json, links_text};
use crate::render::scene::Scene;
use crate::verify::Budget;

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
