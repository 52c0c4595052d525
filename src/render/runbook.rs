//! A plan as a runbook: Markdown that an engineer follows step by step.
//!
//! Every step has its name as a heading, who is down, what to look at before, the actions as `tccli` lines, how to go back,
//! and the deadlines that begin or end with it. What no API call does (a DNS record, whole things that a template makes) is
//! told as a comment among the lines.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::code::Language;
use crate::diagnostic::Words;
use crate::id::Id;
use crate::model::{Change, Engine, ListenerKey, Network, Protocols, Target};
use crate::plan::{Earlier, Kind, Promise, Step};
use crate::render::several::several;

/// What a runbook is made of.
pub struct Runbook<'a> {
    /// The plan's file, as it will be called.
    pub file: &'a str,
    /// Where it begins.
    pub from: &'a Network,
    /// The steps.
    pub steps: &'a [Step],
    /// All promises.
    pub promises: &'a [Promise],
    /// Groups and ACLs whose rules name an address that goes.
    pub named: &'a [Id],
    /// A change in the words of scenario files.
    pub written: &'a dyn Fn(&Change) -> String,
}

/// The text of a runbook.
#[must_use]
pub fn runbook(book: &Runbook<'_>, language: Language) -> String {
    let say = |english: &str, chinese: &str| match language {
        Language::English => english.to_owned(),
        Language::Chinese => chinese.to_owned(),
    };
    let mut text = String::new();
    let count = book.steps.len();
    let waves = book
        .steps
        .iter()
        .filter(|step| !step.restarts.is_empty())
        .count();
    let _ = writeln!(text, "# {}\n", say("Migration runbook", "迁移操作手册"));
    let _ = writeln!(
        text,
        "{}\n",
        match language {
            Language::English => format!(
                "{count} steps, {waves} windows in which machines restart. `pathproof check {}` proves that every promise \
                 holds after each of them.",
                book.file
            ),
            Language::Chinese => format!(
                "共 {count} 步，其中 {waves} 个窗口会重启云服务器。`pathproof check {}` 可证明每一步之后各项期望均成立。",
                book.file
            ),
        }
    );
    let deadlines = deadlines(book, language);
    if !deadlines.is_empty() {
        let _ = writeln!(text, "**{}**\n", say("Deadlines", "时限"));
        for line in &deadlines {
            let _ = writeln!(text, "- {line}");
        }
        text.push('\n');
    }
    if !book.named.is_empty() {
        let named = list(book.named.iter(), language);
        let _ = writeln!(
            text,
            "{}\n",
            match language {
                Language::English =>
                    format!("Rules that name addresses that go, and are rewritten: {named}."),
                Language::Chinese => format!("引用了将失效地址、会被改写的规则：{named}。"),
            }
        );
    }
    for (at, step) in book.steps.iter().enumerate() {
        section(&mut text, book, at, step, language);
    }
    text
}

fn list<'a>(ids: impl Iterator<Item = &'a Id>, language: Language) -> String {
    let ids: Vec<String> = ids.map(|id| format!("`{id}`")).collect();
    several(&ids, language)
}

fn section(text: &mut String, book: &Runbook<'_>, at: usize, step: &Step, language: Language) {
    let row = |text: &mut String, head: Words, body: &str| {
        let _ = writeln!(text, "- **{}**: {body}", head.text(language));
    };
    let _ = writeln!(text, "## {}\n", step.name.text(language));
    let place = Words::new(
        format!("{} of {}", at + 1, book.steps.len()),
        format!("第 {} 步，共 {} 步", at + 1, book.steps.len()),
    );
    row(text, Words::new("Step", "步骤"), place.text(language));
    let down = if step.restarts.is_empty() {
        Words::new("nobody", "无").text(language).to_owned()
    } else {
        list(step.restarts.iter(), language)
    };
    row(text, Words::new("Down meanwhile", "期间中断"), &down);
    row(
        text,
        Words::new("Before", "操作前检查"),
        before(step).text(language),
    );
    let _ = writeln!(text, "\n```sh");
    for change in &step.changes {
        for line in lines(change, book, language) {
            let _ = writeln!(text, "{line}");
        }
    }
    let _ = writeln!(text, "```\n");
    row(
        text,
        Words::new("Rollback", "回退"),
        rollback(step).text(language),
    );
    if no_return(step) {
        let words = Words::new(
            "**Point of no return**: this cannot be undone (MIG-1).",
            "**不可回退点**：此操作无法撤销（MIG-1）。",
        );
        let _ = writeln!(text, "- {}", words.text(language));
    }
    let kept = step.kept.len();
    let after = Words::new(
        format!(
            "{kept} promises hold; `pathproof check {}` says so",
            book.file
        ),
        format!("{kept} 项期望成立；见 `pathproof check {}`", book.file),
    );
    row(text, Words::new("After", "操作后"), after.text(language));
    let why = earlier(book, step);
    row(
        text,
        Words::new("Why not earlier", "为何不能更早"),
        why.text(language),
    );
    text.push('\n');
}

fn no_return(step: &Step) -> bool {
    step.changes.iter().any(|change| {
        matches!(
            change,
            Change::ModifyInstancesVpcAttribute { .. }
                | Change::ModifyDBInstanceVipVport { .. }
                | Change::ReleaseOldVip { .. }
                | Change::Delete(_)
        )
    })
}

/// Why a step does not come before the one before it.
#[must_use]
pub fn earlier(book: &Runbook<'_>, step: &Step) -> Words {
    let place = |at: usize| {
        let name = book.steps.get(at).map(|it| &it.name);
        let told = |text: &str| format!("{} ({text})", at + 1);
        let chinese = |text: &str| format!("第 {} 步（{text}）", at + 1);
        let english = name.map_or_else(String::new, |it| told(it.english()));
        let chinese = name.map_or_else(String::new, |it| chinese(it.chinese()));
        [format!("step {english}"), chinese]
    };
    match &step.earlier {
        Earlier::First => Words::new("it is the first step", "它是第一步"),
        Earlier::Free => Words::new(
            "nothing forbids it: it stands here so that fewer things are temporary",
            "没有阻碍：排在此处是为了减少临时状态",
        ),
        Earlier::Refused { before, words } => {
            let [english, chinese] = place(*before);
            Words::new(
                format!(
                    "before {english}, the cloud refuses it: {}",
                    words.english()
                ),
                format!("若排在{chinese}之前，云会拒绝：{}", words.chinese()),
            )
        }
        Earlier::Breaks { before, promise } => {
            let [english, chinese] = place(*before);
            let name = book
                .promises
                .get(*promise)
                .map(Promise::name)
                .unwrap_or_default();
            Words::new(
                format!("before {english}, this promise would break: {name}"),
                format!("若排在{chinese}之前，以下期望将不成立：{name}"),
            )
        }
    }
}

fn before(step: &Step) -> Words {
    match step.kind {
        Kind::Prepare => Words::new(
            "no id and no address of it is taken; quotas suffice",
            "其中的 ID 与地址均未被占用，配额充足",
        ),
        Kind::Widen => Words::new(
            "the rules are still those of the plan",
            "规则与计划所依据的一致",
        ),
        Kind::Database => Words::new(
            "a backup is there; no other task runs on the database",
            "已有备份；数据库上没有其他任务",
        ),
        Kind::Name => Words::new(
            "the TTL of the record is short and has passed once",
            "解析记录的 TTL 已调短且已过一个周期",
        ),
        Kind::Machines => Words::new(
            "a snapshot is there; no load balancer, extra interface or secondary address binds the machines but those taken off \
             below; the window is announced",
            "已做快照；除下面会解绑的之外，没有负载均衡、辅助网卡或辅助 IP 绑定；已通知维护窗口",
        ),
        Kind::Change => Words::new(
            "it is configured as it was when the plan was made",
            "其配置与制定计划时一致",
        ),
        Kind::Connect => Words::new(
            "the address is free, and the quota of endpoint connections suffices",
            "该地址未被占用，终端连接配额充足",
        ),
        Kind::Link => Words::new(
            "the VPC lies in 10.0-10.47 and has fewer than 100 links",
            "私有网络位于 10.0-10.47 且互通数未达 100",
        ),
        Kind::Finish => Words::new(
            "the logs of the old addresses are silent",
            "旧地址上已没有访问日志",
        ),
    }
}

fn rollback(step: &Step) -> Words {
    match step.kind {
        Kind::Prepare => Words::new("delete what was created", "删除所创建的对象"),
        Kind::Widen => Words::new("set the rules as they were", "恢复原有规则"),
        Kind::Database => Words::new(
            "none: clients use the old address until it ends",
            "无法回退：在旧地址失效前，客户端仍可使用旧地址",
        ),
        Kind::Name => Words::new(
            "let the name lead where it led before",
            "将名称切换回原来的指向",
        ),
        Kind::Machines => Words::new(
            "none: the machines stay where they are now; until the next step, all promises hold",
            "无法回退：云服务器留在新位置；在下一步之前各项期望均成立",
        ),
        Kind::Change => Words::new("set it as it was", "恢复原有配置"),
        Kind::Connect => Words::new("delete the endpoint connection", "删除终端连接"),
        Kind::Link => Words::new("detach them", "解关联"),
        Kind::Finish => Words::new(
            "none: old addresses do not come back",
            "无法回退：旧地址不可恢复",
        ),
    }
}

/// How long old addresses last, and who still uses them then.
fn deadlines(book: &Runbook<'_>, language: Language) -> Vec<String> {
    let mut lines = Vec::new();
    for (at, step) in book.steps.iter().enumerate() {
        for change in &step.changes {
            let Change::ModifyDBInstanceVipVport {
                database,
                keep_old_hours,
                ..
            } = change
            else {
                continue;
            };
            let hours = keep_old_hours.unwrap_or(0);
            let later = book.steps.iter().skip(at + 1);
            let waiting: BTreeSet<&Id> = later.flat_map(|step| &step.restarts).collect();
            let waiting = list(waiting.into_iter(), language);
            let words = match (hours, waiting.is_empty()) {
                (0, _) => Words::new(
                    format!("`{database}` loses its old address in step {}", at + 1),
                    format!("`{database}` 的旧地址在第 {} 步立即失效", at + 1),
                ),
                (_, true) => Words::new(
                    format!(
                        "`{database}`'s old address ends {hours} h after step {}",
                        at + 1
                    ),
                    format!(
                        "`{database}` 的旧地址在第 {} 步之后 {hours} 小时失效",
                        at + 1
                    ),
                ),
                (_, false) => Words::new(
                    format!(
                        "`{database}`'s old address ends {hours} h after step {}; before that, move {waiting}",
                        at + 1
                    ),
                    format!(
                        "`{database}` 的旧地址在第 {} 步之后 {hours} 小时失效；在此之前须迁移 {waiting}",
                        at + 1
                    ),
                ),
            };
            lines.push(words.text(language).to_owned());
        }
    }
    lines
}

/// A change as lines of a shell.
fn lines(change: &Change, book: &Runbook<'_>, language: Language) -> Vec<String> {
    match change {
        Change::AttachClassicLinkVpc { vpc, instances }
        | Change::DetachClassicLinkVpc { vpc, instances } => vec![format!(
            "tccli vpc {} --VpcId {vpc} --InstanceIds '{}'",
            change.action(),
            json_list(instances.iter())
        )],
        Change::ModifyInstancesVpcAttribute {
            instances,
            vpc,
            subnet,
            ips,
            security_groups,
        } => {
            let ips = ips
                .as_ref()
                .map(|ips| format!(r#","PrivateIpAddresses":{}"#, json_list(ips.iter())));
            let ips = ips.unwrap_or_default();
            let ids = json_list(instances.iter());
            let mut lines = vec![format!(
                r#"tccli cvm ModifyInstancesVpcAttribute --InstanceIds '{ids}' --VirtualPrivateCloud '{{"VpcId":"{vpc}","SubnetId":"{subnet}"{ips}}}' --ForceStop True"#
            )];
            lines.extend(security_groups.as_ref().map(|groups| {
                format!(
                    "tccli cvm ModifyInstancesAttribute --InstanceIds '{ids}' --SecurityGroups '{}'",
                    json_list(groups.iter())
                )
            }));
            lines
        }
        Change::ModifyDBInstanceVipVport {
            database,
            vpc,
            subnet,
            ip,
            keep_old_hours,
            ..
        } => {
            let ip = ip.map(|ip| ip.to_string()).unwrap_or_default();
            vec![moved(
                book.from,
                database,
                (vpc, subnet, &ip),
                keep_old_hours.unwrap_or(0),
            )]
        }
        Change::RegisterTargets {
            load_balancer,
            listener,
            targets,
        }
        | Change::DeregisterTargets {
            load_balancer,
            listener,
            targets,
        } => {
            vec![targets_line(
                change.action(),
                load_balancer,
                listener,
                targets,
            )]
        }
        Change::ReleaseOldVip { database } => vec![
            Words::new(
                format!("# console: release the old address of {database}, or wait until it ends"),
                format!("# 控制台：释放 {database} 的旧地址，或等待其到期"),
            )
            .text(language)
            .to_owned(),
        ],
        Change::SwitchName { name, to } => vec![
            Words::new(
                format!("# DNS: let {name} lead to {to}"),
                format!("# DNS：将 {name} 解析到 {to}"),
            )
            .text(language)
            .to_owned(),
        ],
        other => {
            let head = Words::new(
                "# with your template or the console:",
                "# 用模板或控制台完成：",
            );
            let written = (book.written)(other);
            let body = written.lines().map(|line| format!("#   {line}"));
            std::iter::once(head.text(language).to_owned())
                .chain(body)
                .collect()
        }
    }
}

fn json_list<T: std::fmt::Display>(items: impl Iterator<Item = T>) -> String {
    let items: Vec<String> = items.map(|item| format!(r#""{item}""#)).collect();
    format!("[{}]", items.join(","))
}

/// Each product has an API of its own for it.
fn moved(from: &Network, database: &Id, (vpc, subnet, ip): (&Id, &Id, &str), hours: u32) -> String {
    let classic = from.classic_databases.get(database).map(|it| it.engine);
    let engine = classic.or_else(|| from.databases.get(database).map(|it| it.engine));
    match engine {
        Some(Engine::Redis) => format!(
            "tccli redis ModifyNetworkConfig --InstanceId {database} --Operation changeVpc --VpcId {vpc} --SubnetId {subnet} --Vip {ip} --Recycle {}",
            hours / 24
        ),
        Some(Engine::MongoDb) => format!(
            "tccli mongodb ModifyDBInstanceNetworkAddress --InstanceId {database} --NewUniqVpcId {vpc} --NewUniqSubnetId {subnet} --OldIpExpiredTime 0"
        ),
        Some(Engine::MariaDb) => format!(
            "tccli mariadb ModifyInstanceNetwork --InstanceId {database} --VpcId {vpc} --SubnetId {subnet} --Vip {ip} --VipReleaseDelay {hours}"
        ),
        Some(Engine::TdSql) => format!(
            "tccli dcdb ModifyInstanceNetwork --InstanceId {database} --VpcId {vpc} --SubnetId {subnet} --Vip {ip} --VipReleaseDelay {hours}"
        ),
        _ => format!(
            "tccli cdb ModifyDBInstanceVipVport --InstanceId {database} --UniqVpcId {vpc} --UniqSubnetId {subnet} --DstIp {ip} --ReleaseDuration {hours}"
        ),
    }
}

fn targets_line(action: &str, balancer: &Id, listener: &ListenerKey, targets: &[Target]) -> String {
    let protocol = match listener.protocols {
        Protocols::One(protocol) => protocol.to_string().to_uppercase(),
        Protocols::All => String::from("TCP"),
    };
    let port = listener.ports.ranges().next().map_or(0, |(first, _)| first);
    let targets: Vec<String> = targets
        .iter()
        .map(|it| {
            format!(
                r#"{{"InstanceId":"{}","Port":{},"Weight":{}}}"#,
                it.instance, it.port, it.weight
            )
        })
        .collect();
    format!(
        "tccli clb {action} --LoadBalancerId {balancer} --ListenerId \"$(tccli clb DescribeListeners --LoadBalancerId \
         {balancer} --Protocol {protocol} --Port {port} --filter 'Listeners[0].ListenerId' | tr -d '\\\"')\" --Targets '[{}]'",
        targets.join(",")
    )
}
