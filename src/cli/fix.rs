//! `pathproof fix`: the smallest changes that open a connection, or close it, each with its exact side effect.

mod all;

use clap::Args;

use super::args::{At, Format, Global};
use super::budget::BudgetOption;
use super::check::today;
use super::exit::Exit;
use super::one::{complain, open, refuse};
use super::output::Output;
use super::progress::Phase;
use super::save::write_all;
use super::whatif::numbered;
use crate::ask::{Asked, Between, Terms, change_list, fix_document, fix_of, fix_scene};
use crate::code::Language;
use crate::render::fix::fix_text;
use crate::verify::{Fixes, Goal};

/// Arguments of `fix`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  pathproof fix shop.ron --from ins-tom --to cdb-1 --service tcp:3306
  pathproof fix shop.ron --from ins-tom --to cdb-1 -s tcp:3306 -o fix.ron
  pathproof fix shop.ron --close --from internet --to ins-web -s tcp:22
  pathproof fix --all shop.ron
  pathproof fix shop.ron --change 'Down(\"nat-1\")' --from ins-web --to internet -s tcp:443

What -o writes, whatif --change-file takes. Side effects are what whatif tells: every service, from
source ports 1024-65535.
The status is 0 if there is a fix or none is needed, 1 if none was found; with --all, if some promise has none.")]
pub struct FixArgs {
    /// The scenario file, or - for standard input
    pub file: String,
    /// Who opens: an id, an address, `internet`, or a set such as "vpc-a & !sg-b"
    #[arg(long, value_name = "WHO", required_unless_present = "all")]
    pub from: Option<String>,
    /// Who is meant
    #[arg(long, value_name = "WHO", required_unless_present = "all")]
    pub to: Option<String>,
    /// Look for what lets every promise of the file pass that fails
    #[arg(long, conflicts_with_all = ["from", "to", "service", "source_port", "close", "changes", "output", "change"])]
    pub all: bool,
    /// What is to work: tcp:443, udp:53, icmp, all
    #[arg(long, short = 's', default_value = "all")]
    pub service: String,
    /// Source ports: 1024-65535, or a single one
    #[arg(long, value_name = "PORTS")]
    pub source_port: Option<String>,
    /// Close the connection instead, without breaking an expectation of the file
    #[arg(long)]
    pub close: bool,
    /// So many fixes, the best ones
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=26))]
    pub limit: u8,
    /// Print only the changes of the best fix, as `whatif --change-file` takes them
    #[arg(long)]
    pub changes: bool,
    /// Also write the changes of the best fix to this file
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<String>,
    /// Search after this change, in the words of scenario files; may be given several times
    #[arg(long, value_name = "CHANGE")]
    pub change: Vec<String>,
    /// Which network to start from.
    #[command(flatten)]
    pub at: At,
    /// How much the whole search may take.
    #[command(flatten)]
    pub budget: BudgetOption,
}

/// Runs the command.
pub fn run(args: &FixArgs, global: &Global, output: &mut Output) -> Exit {
    if args.changes && global.format == Format::Json {
        let message = "--changes prints the words of scenario files; --format json has them, too";
        complain(global, output, message, None);
        return Exit::Unusable;
    }
    let asked = match open(&args.file, &args.at, args.budget.budget, global, output) {
        Ok(asked) => asked,
        Err(exit) => return exit,
    };
    let asked = match asked.changed(&numbered(&args.change), global.language()) {
        Ok(asked) => asked,
        Err(wrong) => return refuse(&wrong, global, output),
    };
    if args.all {
        return all::run(args, &asked, global, output);
    }
    let between = Between {
        from: args.from.as_deref().unwrap_or_default(),
        to: args.to.as_deref().unwrap_or_default(),
        service: &args.service,
        source_port: args.source_port.as_deref(),
    };
    output.phase(Phase::Searching);
    let goal = if args.close { Goal::Close } else { Goal::Open };
    let terms = Terms { budget: args.budget.budget, today: today() };
    let limit = usize::from(args.limit);
    let found = match fix_of(&asked, between, (goal, limit), &terms) {
        Ok(found) => found,
        Err(wrong) => return refuse(&wrong, global, output),
    };
    let exit = deliver(args, &found, global, output);
    print(args, &asked, (between, goal), &found, global, output);
    exit
}

/// Writes the file of changes.
fn deliver(args: &FixArgs, found: &Fixes, global: &Global, output: &mut Output) -> Exit {
    let best = found.fixes.first();
    if let (Some(path), Some(best)) = (&args.output, best)
        && let Err(exit) = write_all(&[(path.into(), &change_list(best))], global, output)
    {
        return exit;
    }
    if let (Some(path), None) = (&args.output, best) {
        let words = match (found.done, global.language()) {
            (true, Language::English) => format!("{path} is not written: nothing has to change\n"),
            (true, Language::Chinese) => format!("未写入 {path}：无须变更\n"),
            (false, Language::English) => format!("{path} is not written: there is no fix\n"),
            (false, Language::Chinese) => format!("未写入 {path}：没有方案\n"),
        };
        output.note(&words);
    }
    match (found.done, best) {
        (true, _) | (_, Some(_)) => Exit::Good,
        (false, None) => Exit::Finding,
    }
}

fn print(
    args: &FixArgs,
    asked: &Asked,
    (between, goal): (Between<'_>, Goal),
    found: &Fixes,
    global: &Global,
    output: &mut Output,
) {
    let language = global.language();
    let all = fix_scene(asked, found, between, goal, language);
    match (global.format, found.fixes.first()) {
        (Format::Json, _) => output.json(&fix_document(asked, found, between, goal, language)),
        (Format::Text, Some(best)) if args.changes => output.result(&change_list(best)),
        (Format::Text, None) if args.changes && found.done => output.result("[]\n"),
        (Format::Text, None) if args.changes => output.note(&fix_text(all)),
        (Format::Text, _) => output.result(&fix_text(all)),
    }
}
