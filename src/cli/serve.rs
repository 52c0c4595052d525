//! `pathproof serve`: the local page, and HTTP with JSON.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use clap::Args;

use super::args::{Format, Global};
use super::budget::BudgetOption;
use super::check::today;
use super::exit::Exit;
use super::files::{Disk, is_nothing_to_serve};
use super::one::complain;
use super::output::Output;
use crate::ask::{Reach, Resident};
use crate::code::Language;
use crate::diagnostic::{Words, chinese_of, visible};
use crate::serve::serve;

/// Arguments of `serve`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  pathproof serve shop.ron
  pathproof serve network --port 0 --lang zh

docs/serve.md tells what is answered over HTTP. Nothing is written, files that change are read again, and Ctrl-C ends it.")]
pub struct ServeArgs {
    /// A scenario file, or a folder of them
    #[arg(value_name = "FILE|DIR", default_value = ".")]
    pub path: String,
    /// The port to listen on; 0 takes one that is free
    #[arg(long, default_value_t = 7070)]
    pub port: u16,
    /// The address to listen on: others than those of this machine let others ask, who need no password
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub bind: IpAddr,
    /// How much a question may take.
    #[command(flatten)]
    pub budget: BudgetOption,
}

/// Runs the command.
pub fn run(args: &ServeArgs, global: &Global, output: &mut Output) -> Exit {
    let path = visible(&args.path).into_owned();
    if is_nothing_to_serve(&args.path, global, output) {
        return Exit::Unusable;
    }
    let reach = Reach::Under(args.path.clone());
    let disk = Box::new(Disk::of(global));
    let resident = Resident::new(disk, reach, (args.budget.budget, today), global.language());
    let address = SocketAddr::new(args.bind, args.port);
    let served = serve(resident, address, |address| match global.format {
        Format::Json => output.json(&serde_json::json!({ "url": format!("http://{address}/") })),
        Format::Text => output.result(&match global.language() {
            Language::English => format!("http://{address}/  answers for {path}; Ctrl-C ends it\n"),
            Language::Chinese => format!("http://{address}/  为 {path} 提供服务；按 Ctrl-C 结束\n"),
        }),
    });
    match served {
        Ok(()) => Exit::Good,
        Err(error) => {
            let message = Words::new(
                format!("cannot listen on {address}: {error}"),
                format!("无法监听 {address}：{}", chinese_of(&error)),
            );
            complain(global, output, message.text(global.language()), None);
            Exit::Unusable
        }
    }
}
