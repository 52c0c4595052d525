//! `pathproof certify`: verdicts that a stranger can check, a document each.

pub mod difference;

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use clap::Args;

use super::args::{At, Global};
use super::budget::BudgetOption;
use super::exit::Exit;
use super::files::Disk;
use super::one::{complain, open, refuse};
use super::output::Output;
use super::save::save;
use crate::ask::{Between, Certificates, certified, certified_expectations};
use crate::code::Language;
use crate::diagnostic::{Sources, Span, Words};
use crate::render::case::counted;
use crate::render::certificate::Digests;
use crate::scenario::{Files, Scenario};
use crate::verify::{Budget, Situation};

/// Arguments of `certify`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  pathproof certify shop.ron -o shop.json
  pathproof certify shop.ron --from ins-tom --to cdb-1 --service tcp:3306

Writes a JSON document a line: one for every expectation, or one for the connection that is asked. What has
no certificate says so, and ends with 1.
Who checks them: python3 tools/certcheck.py shop.json shop.ron")]
pub struct CertifyArgs {
    /// The scenario file
    pub file: String,
    /// Who opens the connection; without it every expectation of the file is certified
    #[arg(long, value_name = "WHO", requires = "to")]
    pub from: Option<String>,
    /// Who is meant
    #[arg(long, value_name = "WHO", requires = "from")]
    pub to: Option<String>,
    /// What is asked for: tcp:443, udp:53, icmp, all
    #[arg(long, short = 's', default_value = "all")]
    pub service: String,
    /// Source ports: 1024-65535, or a single one
    #[arg(long, value_name = "PORTS")]
    pub source_port: Option<String>,
    /// The file to write; standard output unless given
    #[arg(long, short = 'o', value_name = "OUT")]
    pub output: Option<String>,
    /// Which network to ask.
    #[command(flatten)]
    pub at: At,
    /// How much a question may take.
    #[command(flatten)]
    pub budget: BudgetOption,
}

/// How many certificates there are, for people.
fn counts(documents: &Certificates, language: Language) -> String {
    let (all, missing) = (documents.count(), documents.missing);
    let proved = all - missing;
    let mut text = match language {
        Language::English => counted(proved, "certificate"),
        Language::Chinese => format!("{proved} 份证书"),
    };
    if missing > 0 {
        let more = match language {
            Language::English => format!("; {missing} of {all} have none, and say why"),
            Language::Chinese => format!("；{all} 条中有 {missing} 条没有证书，并写明原因"),
        };
        text.push_str(&more);
    }
    text + "\n"
}

/// Runs the command.
pub fn run(args: &CertifyArgs, global: &Global, output: &mut Output) -> Exit {
    let asked = match open(&args.file, &args.at, args.budget.budget, global, output) {
        Ok(asked) => asked,
        Err(exit) => return exit,
    };
    let Some(files) = texts(&asked.sources, global) else {
        return tell(unread(&args.file), global, output);
    };
    let budget = args.budget.budget;
    let documents = if let Some(from) = &args.from {
        let between = Between {
            from,
            to: args.to.as_deref().unwrap_or_default(),
            service: &args.service,
            source_port: args.source_port.as_deref(),
        };
        let at = args.at.step.as_deref();
        match certified((&asked, at), between, &files, budget) {
            Ok(documents) => documents,
            Err(wrong) => return refuse(&wrong, global, output),
        }
    } else {
        let of = (&*asked.scenario, asked.base());
        certified_expectations(of, &files, |_| true, budget)
    };
    match &args.output {
        None => output.result(&documents.text),
        Some(path) => {
            let saved = save(path, &documents.text, global, output);
            if saved != Exit::Good {
                return saved;
            }
            if !global.quiet {
                output.note(&counts(&documents, global.language()));
            }
        }
    }
    if documents.missing > 0 {
        return Exit::Finding;
    }
    Exit::Good
}

/// A file whose certificates are to be written.
pub struct Job<'a> {
    /// Its path, as the user gave it.
    pub path: &'a str,
    /// The whole of it: certificates say where in its stage an expectation stands.
    pub scenario: &'a Scenario,
    /// Its network, compiled once for all who ask.
    pub base: &'a Situation,
    /// Where the files stand that were read.
    pub sources: &'a Sources,
    /// The expectations that are run.
    pub ran: &'a HashSet<Span>,
}

impl Job<'_> {
    /// Writes them into a folder.
    ///
    /// # Errors
    ///
    /// What went wrong, and the status to end with.
    pub fn write(
        &self,
        folder: &str,
        budget: Budget,
        global: &Global,
    ) -> Result<(), (Words, Exit)> {
        let files = texts(self.sources, global).ok_or_else(|| unread(self.path))?;
        let of = (self.scenario, self.base);
        let documents = certified_expectations(of, &files, |span| self.ran.contains(&span), budget);
        let path = Path::new(folder).join(file_name(self.path));
        let made = fs::create_dir_all(folder);
        made.map_err(|error| unwritten(Path::new(folder), &error.to_string()))?;
        write(&path, &documents.text)
    }
}

/// `classic-link-opens.json` for `classic/link/opens.ron`.
fn file_name(path: &str) -> String {
    let path = path.strip_suffix(".ron").unwrap_or(path);
    let path = path.trim_start_matches(['.', '/', '\\']);
    format!("{}.json", path.replace(['/', '\\', ':'], "-"))
}

/// The digests of the files that were read, byte for byte.
#[must_use]
pub fn texts(sources: &Sources, global: &Global) -> Option<Digests> {
    let disk = Disk::of(global);
    let read = sources.iter().map(|source| {
        let text = disk.read_included(&source.path).ok()?;
        Some((source.path.clone(), text))
    });
    let read: Option<Vec<_>> = read.collect();
    read.map(|read| Digests::of(&read))
}

fn unread(path: &str) -> (Words, Exit) {
    let message = Words::new(
        format!("`{path}` is no file whose digest a certificate could hold"),
        format!("`{path}` 不是文件，证书无法记录其摘要"),
    );
    (message, Exit::Unusable)
}

/// Writes documents.
///
/// # Errors
///
/// With why not, and the status to end with.
pub fn write(path: &Path, text: &str) -> Result<(), (Words, Exit)> {
    let written = fs::write(path, text);
    written.map_err(|error| unwritten(path, &error.to_string()))
}

fn unwritten(path: &Path, error: &str) -> (Words, Exit) {
    let path = path.display();
    let message = Words::new(
        format!("cannot write `{path}`: {error}"),
        format!("无法写入 `{path}`：{error}"),
    );
    (message, Exit::Failed)
}

/// Tells why there are no certificates; the status to end with.
pub fn tell((message, exit): (Words, Exit), global: &Global, output: &mut Output) -> Exit {
    complain(global, output, message.text(global.language()), None);
    exit
}
