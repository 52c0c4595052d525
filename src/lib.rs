//! pathproof proves which packets can cross a cloud network, and why the others cannot.
//!
//! This page is the guided tour: the road that a question travels, the map of the code, what always holds, and which
//! files to touch for a change. It is for those who work on pathproof; the README is for those who use it.
//!
//! # The road
//!
//! One expectation travels one way, and there is no second road:
//!
//! ```text
//! text ── scenario::load ──▶ Network + expectations + places
//!                               │
//!            Fabric::new ◀──────┘   compile: a graph of packet-processing stages
//!                 │
//!          engine::Reacher          every packet of a pair, there and back (engine::trace: one packet)
//!                 │
//!          verify::answer           every pair that is meant, one verdict
//!                 │
//!          verify::judge            what was expected against what is
//!                 │
//!              render               words, JSON, drawings
//! ```
//!
//! A change takes a [`Network`](model::Network) to another ([`model::apply()`]) and the same road is travelled again.
//!
//! The same from Rust; `examples/prove.rs` is a program that does it with files:
//!
//! ```
//! use pathproof::scenario::{Files, load};
//! use pathproof::verify::{Budget, run};
//!
//! struct Text(&'static str);
//! impl Files for Text {
//!     fn read(&self, _path: &str) -> std::io::Result<Vec<u8>> {
//!         Ok(self.0.into())
//!     }
//! }
//!
//! let shop = Text(r#"(
//!     network: (
//!         vpcs: { "vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16") },
//!         subnets: { "subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24") },
//!         security_groups: { "sg-a": (ingress: [Accept(service: "tcp:443")], egress: [Accept()]) },
//!         instances: {
//!             "ins-a": (subnet: "subnet-a", ip: "10.1.1.10", security_groups: ["sg-a"]),
//!             "ins-b": (subnet: "subnet-a", ip: "10.1.1.20", security_groups: ["sg-a"]),
//!         },
//!     ),
//!     expect: [Reachable(from: "ins-a", to: "ins-b", service: "tcp:443")],
//! )"#);
//! let report = run("shop.ron", load("shop.ron", &shop), "2027-01-31", Budget::default());
//! assert!(report.expectations().all(|(_, judged)| judged.outcome.is_good()));
//! ```
//!
//! # The map, from the ground up
//!
//! | room | what it is |
//! |---|---|
//! | [`limit`] | how many of something the cloud allows, each number once |
//! | [`code`] | the public codes: reasons, refusals, mistakes, warnings |
//! | [`diagnostic`] | what is wrong in a text, where, what to do, in every language |
//! | [`id`] | the ids of entities |
//! | [`space`] | the algebra of packets: packets, matches, rewrites, exact sets; knows no cloud |
//! | [`model`] | the network as configured, the limits of the cloud, changes |
//! | [`query`] | what is asked and answered, as plain data |
//! | [`scenario`] | from text to network and expectations, with all mistakes at their places |
//! | [`fabric`] | from network to graph: every stage cites the cloud's rules that it implements |
//! | [`engine`] | walks the graph with one packet or with a set of packets |
//! | [`verify`] | selectors, answers, judgement, steps, what-ifs, what a change opens and closes, which changes open a connection |
//! | [`plan`] | the steps from one network to another that keep every promise |
//! | [`certify`] | why a verdict holds, as facts that a stranger can check |
//! | [`mutate`] | how good the expectations of a file are: small mistakes, and who notices them |
//! | [`generate`] | realistic networks of any size from a seed |
//! | [`lint`] | what is legal and still looks wrong, one idea a file |
//! | [`import`] | from Terraform and the cloud's API to a scenario |
//! | [`render`] | one file a format; what was found gets its words here, and the language is chosen here |
//! | [`ask`] | questions by name and the documents that answer them; files that stay loaded |
//! | [`lsp`] | the language server: what `check` and `lint` say, where somebody writes |
//! | `mcp` | the server for assistants: what [`ask`] answers, over the Model Context Protocol |
//! | `serve` | the page, and the same questions over HTTP with JSON |
//! | [`cli`] | the rim: arguments, files, clock, terminal, exit status |
//!
//! A room imports from rooms above it in this table, never from one below, and not from all: `scenario` and `fabric` do not know
//! each other, `render` sees neither `engine` nor `fabric`. The exact table is `ROOMS` in `tests/it/tidy.rs`, and
//! `cargo test` holds the code to it.
//!
//! # What always holds
//!
//! - **A loaded network is sound.** Past [`scenario::load`] every reference leads to an entity of the right kind and no
//!   limit of the cloud is broken, so nothing below checks again and engines cannot fail.
//! - **Meaning is written once and read twice.** A match and a rewrite have a reading for one packet and a reading for
//!   sets side by side; tests hold them together. Engines add no meaning of their own.
//! - **A drop says who and why, as data.** A [`Cause`](query::Cause) is made of ids and places; every language and format tells
//!   the same fact.
//! - **No words without their translation.** What is wrong with an input or a change is said where it is found, as
//!   [`Words`](diagnostic::Words) in English and Chinese side by side; one alone does not compile.
//! - **All blockers are reported.** Filters never change where a packet goes, so they are judged beside the way, and what lies
//!   behind a blocker is judged as if the packet had arrived.
//! - **What is equal is shared.** A network is a value: a copy shares its sections until somebody writes to them
//!   ([`Section`](model::Section)), and a fabric that was made of another ([`fabric::Fabric::after`]) its stages and residents, if only rules differ.
//!   `tests/it/resident.rs` holds that nobody can tell.
//! - **The model has no places.** Two networks are equal if and only if their configuration is; where a rule stands is
//!   asked of [`scenario::Origins`].
//! - **Not known is not false.** What the file does not say makes a verdict undetermined, which satisfies no expectation.
//! - **Every question ends.** A [`space::Budget`] bounds its room and its time; past it no result counts, and the answer is
//!   `undetermined` with the reason. Loops ask [`space::Space::is_over`], and whoever tells asks [`space::Space::exceeded`] first.
//! - **Same input, same bytes.** Nothing that is printed depends on the order of a hash map, and nothing on the clock but whether
//!   time was up.
//! - **Three voices agree.** `tests/it/oracle` judges single packets straight from the rules, with neither graph nor sets; on random
//!   networks it must say what the tracer and the set engine say (`tests/it/three_voices.rs`).
//!
//! # To add …
//!
//! **… a reason code**: its row in `src/code/table.rs`, which also says what to do about it; its sentence in `src/render/sentence/english.rs`
//! and `chinese.rs`, its page under `src/render/pages/en` and `zh`. The stage of `fabric` that
//! says it, and the oracle. A code of a refusal or a mistake needs a file in `scenarios/mistakes` that provokes it.
//!
//! **… a kind of gateway**: what it is in `src/model/gateway.rs`, its row in `src/model/sections.rs` and its fields in `src/model/records.rs`, of
//! which its reader, its writer and its references are made (a form of text that no field had so far: `src/scenario/read/form.rs`, and
//! where its type is new, too, `src/import/write/record.rs` and `src/model/reference/walk.rs`). Its limits in a file of
//! `src/model/check`, its next hop in `src/model/route.rs`. Then its stages: a [`fabric::StageKind`], a
//! file beside `src/fabric/edge.rs` and `wan.rs`, and, if it translates, its way back in `src/engine/session.rs`, its name in
//! `src/query/translator.rs` and its words in `src/render/rewritten.rs`; its block and wires in `src/render/picture`, what mends it in
//! `src/verify/fix`. Then the oracle, the random
//! networks (`tests/it/random`), a story in `scenarios/gateways` and its cells in `scenarios/truth-table`.
//!
//! **… a field of an entity**, or of a record in one: its struct in `src/model` and its row in `src/model/records.rs`. **A word of one** (a product of
//! databases, a state): its variant, and its row in `src/model/worded.rs`.
//!
//! **… a field of a rule**: `src/model/filter.rs`, its reader in `src/scenario/read/filter.rs`, its writer in `src/import/write/filter.rs`, its match in `src/fabric/filter.rs`, its words in
//! `src/render/rule.rs`, and `tests/it/oracle/filter.rs`. A field of packets that nothing matched so far begins in `space`.
//!
//! **… a change**: its row in `src/model/change.rs`, of which its reader and its writer are made (a type of field that no change had
//! so far says how it is read in `src/scenario/read/action.rs` and written in `src/import/write/change.rs`); what it does and when the cloud refuses
//! it in a file of `src/model/apply`, and where the changed parts stand from then on in `src/scenario/origin/after.rs`. A story in
//! `scenarios/changes` that tells its effect and every refusal (`tests/it/changes.rs` insists).
//!
//! **… an action of the API**: its row in `src/import/tencent/answer.rs`, which says what a part that is missing takes along, its
//! reader in the file of its topic, its line in `tools/collect.sh`, and the case of it in `tests/it/import_dump.rs`.
//!
//! **… a format of pictures**: a file beside `src/render/picture/svg.rs` that tells the blocks, wires and journey of `boxes.rs`, its
//! name in `src/cli/format.rs` and `src/cli/graph.rs`, and what reads it in `tests/it/pictures.rs`.
//!
//! **… a command**: a file in `src/cli` with its arguments and an example, a line in `src/cli/args.rs` and one in `src/cli/mod.rs`, its text and its JSON each in a
//! file of `src/render`, its promises in `tests/it/cli.rs`, and its place in the README.
//!
//! **… a question** for the page, HTTP and assistants: its fields in `src/ask/tools.rs`, what it comes to in a file of `src/ask` that the
//! command uses, too, its arm in `src/ask/question.rs`, and a question of it in `tests/it/asked.rs`.
//!
//! **… a format of output**: a file in `src/render`, its name in `src/cli/format.rs`, where also stands which commands have it. What is printed as JSON has
//! a schema in `src/render/schemas`, a row in `src/render/schema.rs`, and its outputs in `tests/it/cli/schemas.rs`.
//!
//! **… a kind of step of a plan**: a [`plan::Kind`], what it does in `src/plan/deed.rs`, its place in the order of `src/plan/search.rs`, and its
//! rows in `src/render/runbook.rs`.
//!
//! **… a lint**: a row in `src/code/table.rs`, with what to do about it, a [`lint::Fact`], a file in `src/lint` that finds it and its line in `src/lint/mod.rs`; its words
//! in `src/render/lint/english.rs` and `chinese.rs`, its page, and a file in `scenarios/lint` that provokes it.
//!
//! **… a field, a section, a change**, whatever it is: its row in `src/render/format`, from which come `pathproof explain`, the schema of
//! scenarios and `docs/format.md`; `tests/it/format.rs` compares it with what the reader takes.
//!
//! **… a text of the command line**: beside its argument in English, and a row in `src/cli/chinese/table.rs`.
//!
//! **… a slip that people make** in writing: `src/scenario/slip` for what ron does not read, `src/scenario/meant.rs` for what it does, and
//! a file `scenarios/mistakes/CODE.SLIP.ron.bad`.
//!
//! **… a limit of the cloud**, or another number for one: its row in `src/limit.rs`; texts name it in braces.
//!
//! **… a rule of the cloud**: its text and source in `src/render/rules`, cited by the stage that implements it; a scenario that
//! teaches it.

#![forbid(unsafe_code)]

pub mod ask;
pub mod certify;
pub mod cli;
pub mod code;
pub mod diagnostic;
pub mod engine;
pub mod fabric;
pub mod generate;
pub mod id;
pub mod import;
pub mod limit;
pub mod lint;
pub mod lsp;
#[cfg(feature = "mcp")]
pub mod mcp;
pub mod model;
pub mod mutate;
pub mod plan;
pub mod query;
pub mod render;
pub mod scenario;
#[cfg(feature = "serve")]
pub mod serve;
pub mod space;
pub mod verify;
