//! `pathproof graph`: the network as a picture, and a connection drawn through it.

use std::io::IsTerminal;

use clap::Args;

use super::args::{At, Global};
use super::budget::BudgetOption;
use super::exit::Exit;
use super::format::FormatName;
use super::one::{answered, complain, open, refuse};
use super::output::Output;
use super::progress::Phase;
use super::save::save;
use crate::ask::{Asked, Between, trace_of};
use crate::code::Language;
use crate::diagnostic::words;
use crate::render::budget::exceeded_text;
use crate::render::picture::{Folded, View, around, dot, mermaid, picture, svg};
use crate::render::scene::Scene;
use crate::verify::{TraceReport, exceeded};

/// Arguments of `graph`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  pathproof graph shop.ron -o shop.svg
  pathproof graph shop.ron --from ins-tom --to cdb-1 --service tcp:3306 -o why.svg
  pathproof graph shop.ron --around cdb-1 -o around.svg
  pathproof graph shop.ron --format mermaid --at \"somebody unlinks the old CVM\"

Many equal machines of a subnet are one box; the ends of the connection stand by themselves. In a large network
what has nothing to do with the connection is counted, and without one whole subnets or VPCs are.")]
pub struct GraphArgs {
    /// The scenario file, or - for standard input
    pub file: String,
    /// Draw a connection: who opens it (an id, an address, `internet`, or a set such as "vpc-a & !sg-b")
    #[arg(long, value_name = "WHO", requires = "to")]
    pub from: Option<String>,
    /// Who is meant
    #[arg(long, value_name = "WHO", requires = "from")]
    pub to: Option<String>,
    /// What is asked for: tcp:443, udp:53, icmp, all
    #[arg(long, short = 's', default_value = "all", requires = "from")]
    pub service: String,
    /// Source ports: 1024-65535, or a single one
    #[arg(long, value_name = "PORTS", requires = "from")]
    pub source_port: Option<String>,
    /// Draw what stands around this one, by its id, and count the rest; may be given several times
    #[arg(long, value_name = "ID", conflicts_with = "whole")]
    pub around: Vec<String>,
    /// Draw everything, however large it becomes
    #[arg(long)]
    pub whole: bool,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<String>,
    /// Which network to draw.
    #[command(flatten)]
    pub at: At,
    /// How much a question may take.
    #[command(flatten)]
    pub budget: BudgetOption,
}

/// Runs the command.
pub fn run(args: &GraphArgs, global: &Global, output: &mut Output) -> Exit {
    let asked = match open(&args.file, &args.at, args.budget.budget, global, output) {
        Ok(asked) => asked,
        Err(exit) => return exit,
    };
    let connection = match connection(args, &asked, global, output) {
        Ok(connection) => connection,
        Err(exit) => return exit,
    };
    output.phase(Phase::Drawing);
    let scene = Scene::of(&asked.situation, &asked.sources, global.language());
    let view = match view(args, &asked, global, output) {
        Ok(view) => view,
        Err(exit) => return exit,
    };
    let (picture, folded) = picture(scene, &title(args, &asked), connection.as_ref(), &view);
    let text = match global.format_name {
        FormatName::Dot => dot(&picture),
        FormatName::Mermaid => mermaid(&picture),
        _ => svg(&picture, args.budget.budget.begin()),
    };
    let saved = match &args.output {
        None => {
            output.result(&text);
            if std::io::stdout().is_terminal() && global.format_name == FormatName::Text {
                output.note(
                    words!(
                        "this is SVG; -o FILE.svg writes it to a file that a browser shows\n",
                        "以上为 SVG；用 -o FILE.svg 写入文件，即可用浏览器查看\n"
                    )
                    .text(global.language()),
                );
            }
            Exit::Good
        }
        Some(path) => save(path, &text, global, output),
    };
    if let Some(folded) = folded {
        tell_folded(folded, args, global.language(), output);
    }
    let exceeded = connection.as_ref().and_then(|connection| exceeded(&connection.found.reasons));
    if let Some(exceeded) = exceeded {
        let why = exceeded_text(exceeded, global.language());
        output.note(&match global.language() {
            Language::English => format!("the connection is not drawn: {why}\n"),
            Language::Chinese => format!("未画出该连接：{why}\n"),
        });
    }
    saved.max(answered(None, exceeded))
}

/// How much is drawn; tells which of the ids nobody has.
fn view(
    args: &GraphArgs,
    asked: &Asked,
    global: &Global,
    output: &mut Output,
) -> Result<View, Exit> {
    if args.whole {
        return Ok(View::Whole);
    }
    if args.around.is_empty() {
        return Ok(View::Fitting);
    }
    around(&args.around, &asked.situation.network).map(View::Around).map_err(|(message, help)| {
        let language = global.language();
        let help = help.as_ref().map(|help| help.text(language));
        complain(global, output, message.text(language), help);
        Exit::Unusable
    })
}

/// What is not drawn by itself, and how to see it.
fn tell_folded(folded: Folded, args: &GraphArgs, language: Language, output: &mut Output) {
    let Folded { blocks, drawn } = folded;
    if args.around.is_empty() {
        output.note(words!(
            "{blocks} blocks are drawn as {drawn}; --around ID draws what stands around one, --whole all of them\n",
            "{blocks} 个图块合并绘制为 {drawn} 个；--around ID 绘制某个对象周围的内容，--whole 全部绘制\n"
        ).text(language));
    }
}

/// The connection to draw; nothing is asked without `--from` and `--to`.
fn connection(
    args: &GraphArgs,
    asked: &Asked,
    global: &Global,
    output: &mut Output,
) -> Result<Option<TraceReport>, Exit> {
    let (Some(from), Some(to)) = (&args.from, &args.to) else {
        return Ok(None);
    };
    let between =
        Between { from, to, service: &args.service, source_port: args.source_port.as_deref() };
    let found = trace_of(asked, between, args.budget.budget);
    found.map(Some).map_err(|wrong| refuse(&wrong, global, output))
}

/// The scenario's name, or its path, and the stage.
fn title(args: &GraphArgs, asked: &Asked) -> String {
    let name = asked.scenario.name.as_deref().unwrap_or(&args.file);
    match &args.at.step {
        None => name.to_owned(),
        Some(step) => format!("{name} — {step}"),
    }
}
