//! Families of resource types that this importer does not read: what has no part in connectivity, and what filters.
//!
//! Whatever is in neither table and not read elsewhere counts as deciding about all that it names. So a type that the
//! provider will have tomorrow leaves verdicts open, not wrong; a row here needs a reason.

use crate::diagnostic::Words;

/// Types that decide about no packet, though they may name what does. Each name stands for the type and for all types
/// that go on with `_`.
const HARMLESS: [(&[&str], &str, &str); 17] = [
    (
        &[
            "cam",
            "identity_center",
            "open_identity_center_operation",
            "organization",
            "invite_organization_member_operation",
            "provision_role_configuration_operation",
            "ciam",
            "project",
            "batch_apply_account_baselines",
            "accept_join_share_unit_invitation_operation",
            "reject_join_share_unit_invitation_operation",
        ],
        "identities, accounts and what they may do decide about calls of the API, not about packets",
        "身份、账号及其权限只决定 API 调用，不决定报文",
    ),
    (
        &[
            "cbs",
            "cos",
            "cfs_access_group",
            "cfs_access_rule",
            "cfs_auto_snapshot_policy",
            "cfs_snapshot",
            "cfs_user_quota",
            "cfs_sign_up_cfs_service",
            "chdfs",
            "image",
            "vpc_snapshot_policy",
        ],
        "disks, objects, snapshots and images have no address in a VPC",
        "云硬盘、对象、快照与镜像在私有网络中没有地址",
    ),
    (
        &[
            "cls",
            "vpc_flow_log",
            "clb_log_set",
            "clb_log_topic",
            "clb_cls_log_attachment",
            "audit",
            "events_audit_track",
            "mysql_cls_log_attachment",
            "redis_log_delivery",
            "kubernetes_log_config",
        ],
        "logs record packets and change none",
        "日志只记录报文，不改变报文",
    ),
    (
        &[
            "kms",
            "ssm",
            "ssl",
            "key_pair",
            "clb_replace_cert_for_lbs",
            "vpn_gateway_ssl_client_cert",
            "kubernetes_encryption_protection",
        ],
        "keys, secrets and certificates protect what packets carry, not where they go",
        "密钥、凭据与证书保护报文内容，不决定报文去向",
    ),
    (&["tag"], "tags are names", "标签只是名称"),
    (
        &[
            "monitor_alarm",
            "monitor_policy",
            "monitor_binding",
            "monitor_tmp_alert",
            "monitor_tmp_recording_rule",
            "monitor_tmp_manage_grafana_attachment",
            "monitor_grafana_notification_channel",
            "monitor_grafana_sso",
            "monitor_grafana_plugin",
            "monitor_grafana_env_config",
            "monitor_grafana_dns_config",
            "cat",
            "rum",
            "apm",
            "dbbrain",
            "vpc_net_detect",
            "nat_gateway_flow_monitor",
        ],
        "what watches and raises alarms changes no packet",
        "监控与告警不改变报文",
    ),
    (
        &[
            "billing",
            "vpc_bandwidth_package",
            "vpc_traffic_package",
            "reserved_instance",
            "cvm_renew_instance",
            "cvm_renew_host",
        ],
        "what is paid, and how fast packets may go, does not decide whether they arrive",
        "费用与带宽不决定报文能否到达",
    ),
    (
        &[
            "dnspod",
            "private_dns_record",
            "private_dns_zone",
            "private_dns_zone_vpc_attachment",
            "subdomain_validate_txt_value_operation",
            "subscribe_private_zone_service",
            "igtm",
        ],
        "records of names: packets go to addresses",
        "域名解析记录：报文按地址转发",
    ),
    (
        &[
            "placement_group",
            "cdh_instance",
            "cvm_hpc_cluster",
            "as_notification",
            "as_schedule",
            "as_scaling_policy",
            "as_lifecycle_hook",
            "as_complete_lifecycle",
            "cvm_launch_template_default_version",
        ],
        "where and when machines run; the machines themselves are said elsewhere",
        "机器在何处、何时运行；机器本身另有说明",
    ),
    (
        &["css", "vod", "mps", "ci", "mdl", "cdn", "sms", "ses"],
        "media, mail and content on public addresses of the platform, outside of every VPC",
        "媒体、邮件与内容分发使用平台的公网地址，位于所有私有网络之外",
    ),
    (
        &[
            "mysql_account",
            "mysql_audit",
            "mysql_backup",
            "mysql_database",
            "mysql_deploy_group",
            "mysql_local_binlog_config",
            "mysql_param_template",
            "mysql_password_complexity",
            "mysql_privilege",
            "mysql_remote_backup_config",
            "mysql_reset_root_account",
            "mysql_ssl",
            "mysql_time_window",
            "mysql_verify_root_account",
            "mysql_instance_encryption_operation",
            "mysql_renew_db_instance_operation",
        ],
        "accounts, databases, parameters and backups inside a database, behind its port",
        "数据库内部的账号、库、参数与备份，位于端口之后",
    ),
    (
        &[
            "cynosdb_account",
            "cynosdb_audit",
            "cynosdb_backup_config",
            "cynosdb_binlog_save_days",
            "cynosdb_cluster_databases",
            "cynosdb_cluster_password_complexity",
            "cynosdb_cluster_resource_packages_attachment",
            "cynosdb_cluster_transparent_encrypt",
            "cynosdb_instance_param",
            "cynosdb_param_template",
            "cynosdb_resource_package",
            "cynosdb_ssl",
            "dcdb_account",
            "dcdb_db_parameters",
            "dcdb_encrypt_attributes_config",
            "mariadb_account",
            "mariadb_backup_time",
            "mariadb_encrypt_attributes",
            "mariadb_log_file_retention_period",
            "mariadb_parameters",
        ],
        "accounts, databases, parameters and backups inside a database, behind its port",
        "数据库内部的账号、库、参数与备份，位于端口之后",
    ),
    (
        &[
            "postgresql_account",
            "postgresql_account_privileges_operation",
            "postgresql_backup",
            "postgresql_base_backup",
            "postgresql_instance_ssl_config",
            "postgresql_parameter_template",
            "postgresql_parameters",
            "postgresql_time_window",
            "sqlserver_account",
            "sqlserver_config_backup_strategy",
            "sqlserver_config_database",
            "sqlserver_config_instance_param",
            "sqlserver_database_tde",
            "sqlserver_db",
            "sqlserver_general_backup",
            "sqlserver_instance_ssl",
            "sqlserver_instance_tde",
        ],
        "accounts, databases, parameters and backups inside a database, behind its port",
        "数据库内部的账号、库、参数与备份，位于端口之后",
    ),
    (
        &[
            "mongodb_instance_account",
            "mongodb_instance_backup",
            "mongodb_instance_params",
            "mongodb_instance_ssl",
            "mongodb_instance_transparent_data_encryption",
            "redis_account",
            "redis_backup",
            "redis_connection_config",
            "redis_maintenance_window",
            "redis_param",
            "redis_param_template",
            "redis_ssl",
            "clickhouse_account",
            "clickhouse_backup",
            "elasticsearch_index",
            "elasticsearch_diagnose",
            "ckafka_topic",
            "ckafka_user",
            "ckafka_acl",
            "ckafka_consumer_group",
        ],
        "accounts, data, parameters and backups inside a service, behind its port",
        "服务内部的账号、数据、参数与备份，位于端口之后",
    ),
    (
        &[
            "clb_customized_config",
            "clb_instance_sla_config",
            "clb_listener_default_domain",
            "kubernetes_addon",
            "kubernetes_auth_attachment",
            "kubernetes_backup_storage_location",
            "kubernetes_cluster_release",
            "kubernetes_health_check_policy",
        ],
        "how HTTP is served, and what runs inside a cluster: no part in whether packets arrive at its machines",
        "HTTP 的服务方式与集群内部的运行内容：不决定报文能否到达机器",
    ),
    (
        &[
            "tat",
            "cwp",
            "csip",
            "tcss_image_registry",
            "tcr_namespace",
            "tcr_repository",
            "tcr_token",
            "tcr_service_account",
            "tcr_tag_retention_rule",
            "tcr_immutable_tag_rule",
            "tcr_webhook_trigger",
        ],
        "commands, licences, checks and images on machines, none of which filters packets",
        "机器上的命令、授权、检查与镜像，均不过滤报文",
    ),
    (
        &[
            "tdmq_topic",
            "tdmq_namespace",
            "tdmq_role",
            "tdmq_namespace_role_attachment",
            "tcmq",
            "trocket_rocketmq_topic",
            "trocket_rocketmq_role",
            "trocket_rocketmq_consumer_group",
            "mqtt_topic",
            "mqtt_http_authenticator",
            "scf_layer",
            "scf_namespace",
            "api_gateway_api_key",
            "api_gateway_usage_plan",
        ],
        "contents of services that the platform runs, behind their own addresses",
        "平台服务的内部内容，位于其自身地址之后",
    ),
];

/// What a filter stands before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Border {
    /// Everything from and to the Internet.
    Internet,
    /// What leaves a VPC for another, too.
    Vpcs,
}

/// Types that filter wherever they stand, whether they name what they filter or not.
const FILTERS: [(&str, Border, &str, &str); 9] = [
    ("cfw_vpc", Border::Vpcs, "rules of the Cloud Firewall between VPCs", "云防火墙的 VPC 间规则"),
    ("cfw_sync_route", Border::Vpcs, "routes of the Cloud Firewall", "云防火墙的路由"),
    ("cfw", Border::Internet, "rules of the Cloud Firewall", "云防火墙的规则"),
    ("waf", Border::Internet, "the web application firewall", "Web 应用防火墙"),
    ("antiddos", Border::Internet, "policies against DDoS", "DDoS 防护策略"),
    ("dayu", Border::Internet, "policies against DDoS", "DDoS 防护策略"),
    ("tse_waf", Border::Internet, "the web application firewall", "Web 应用防火墙"),
    (
        "tse_cngw_network_access_control",
        Border::Internet,
        "access lists of a gateway",
        "网关的访问控制名单",
    ),
    ("tcss_cluster_access", Border::Internet, "the firewall of containers", "容器防火墙"),
];

/// Words in the name of a type that speak of something that decides about packets of others, not of a machine.
const CONTROLS: [&str; 30] = [
    "access",
    "acl",
    "associate",
    "association",
    "attach",
    "attachment",
    "bind",
    "ccn",
    "cidr",
    "config",
    "control",
    "filter",
    "firewall",
    "forward",
    "gateway",
    "nat",
    "peer",
    "policies",
    "policy",
    "route",
    "routes",
    "rule",
    "rules",
    "security",
    "snapshot",
    "switch",
    "sync",
    "traffic",
    "transform",
    "translation",
];

/// The provider's name in front of every type.
const PROVIDER: &str = "tencentcloud_";

/// Whether a type is `name`, or goes on from it.
pub fn goes_on(kind: &str, name: &str) -> bool {
    let kind = kind.strip_prefix(PROVIDER).unwrap_or(kind);
    let rest = kind.strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
}

/// Why a type has no part in connectivity, if it is known to have none.
pub fn harmless(kind: &str) -> Option<Words> {
    let mut families = HARMLESS.iter();
    let (_, english, chinese) =
        families.find(|(names, ..)| names.iter().any(|name| goes_on(kind, name)))?;
    Some(Words::new(*english, *chinese))
}

/// What a type filters, and what it is, if it is known to filter.
pub fn filter(kind: &str) -> Option<(Border, Words)> {
    let mut filters = FILTERS.iter();
    let (_, border, english, chinese) = filters.find(|(name, ..)| goes_on(kind, name))?;
    Some((*border, Words::new(*english, *chinese)))
}

/// Whether a type by its name decides about the packets of others.
pub fn controls(kind: &str) -> bool {
    kind.split('_').any(|word| CONTROLS.contains(&word))
}
