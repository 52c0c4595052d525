//! What to look at before a step, and how to go back.

use crate::diagnostic::Words;
use crate::limit::told;
use crate::model::Change;
use crate::plan::{Kind, Step};

/// Whether it cannot be undone.
pub(super) fn no_return(step: &Step) -> bool {
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

/// What to look at before a step, also for names that are switched with it.
pub(super) fn before(step: &Step) -> Words {
    let own = looked_at(step.kind);
    let mut changes = step.changes.iter();
    let switches = changes.any(|it| matches!(it, Change::SwitchName { .. }));
    if step.kind == Kind::Name || !switches {
        return own;
    }
    let name = looked_at(Kind::Name);
    Words::new(
        format!("{}; {}", own.english(), name.english()),
        format!("{}；{}", own.chinese(), name.chinese()),
    )
}

fn looked_at(kind: Kind) -> Words {
    match kind {
        Kind::Prepare => Words::new(
            "no id and no address of it is taken; quotas suffice",
            "其中的 ID 与地址均未被占用，配额充足",
        ),
        Kind::Widen => {
            Words::new("the rules are still those of the plan", "规则与计划所依据的一致")
        }
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
            told("the VPC lies in 10.0-10.47 and has fewer than {CLASSIC_LINKS} links"),
            told("私有网络位于 10.0-10.47 且互通数未达 {CLASSIC_LINKS}"),
        ),
        Kind::Finish => {
            Words::new("the logs of the old addresses are silent", "旧地址上已没有访问日志")
        }
    }
}

/// How to go back.
pub(super) fn rollback(step: &Step) -> Words {
    match step.kind {
        Kind::Prepare => Words::new("delete what was created", "删除所创建的对象"),
        Kind::Widen => Words::new("set the rules as they were", "恢复原有规则"),
        Kind::Database if keeps_none(step) => {
            Words::new("none: the old address ends at once", "无法回退：旧地址立即失效")
        }
        Kind::Database => Words::new(
            "none: clients use the old address until it ends",
            "无法回退：在旧地址失效前，客户端仍可使用旧地址",
        ),
        Kind::Name => Words::new("let the name lead where it led before", "将名称切换回原来的指向"),
        Kind::Machines => Words::new(
            "none: the machines stay where they are now; until the next step, all promises hold",
            "无法回退：云服务器留在新位置；在下一步之前各项期望均成立",
        ),
        Kind::Change => Words::new("set it as it was", "恢复原有配置"),
        Kind::Connect => Words::new("delete the endpoint connection", "删除终端连接"),
        Kind::Link => Words::new("detach them", "解关联"),
        Kind::Finish => {
            Words::new("none: old addresses do not come back", "无法回退：旧地址不可恢复")
        }
    }
}

/// Whether a database of it loses its old address at once (MIG-6).
fn keeps_none(step: &Step) -> bool {
    step.changes.iter().any(|change| {
        matches!(change, Change::ModifyDBInstanceVipVport { keep_old_hours, .. } if keep_old_hours.unwrap_or(0) == 0)
    })
}
