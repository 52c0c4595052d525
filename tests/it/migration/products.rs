//! The lines of a runbook that move databases: each product has an action of its own.

use crate::cli::run;

#[test]
fn databases_are_moved_by_the_actions_and_parameters_of_their_products() {
    let folder = std::env::temp_dir().join(format!("pathproof-products-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let engines = [
        ("MySql", "tccli cdb ModifyDBInstanceVipVport", "--DstIp 10.1.1.2"),
        ("Redis", "tccli redis ModifyNetworkConfig", "--Operation changeBaseToVpc"),
        ("MariaDb", "tccli mariadb ModifyInstanceNetwork", "--VipReleaseDelay "),
        (
            "MongoDb",
            "tccli mongodb ModifyDBInstanceNetworkAddress",
            r#""OldIpAddress":"10.66.1.5""#,
        ),
    ];
    for (engine, action, parameter) in engines {
        let text = format!(
            r#"Scenario(
                network: (
                    vpcs: {{ "vpc-a": (region: "ap-guangzhou", cidr: "10.1.0.0/16") }},
                    subnets: {{ "subnet-a": (vpc: "vpc-a", cidr: "10.1.1.0/24", zone: "ap-guangzhou-3") }},
                    classic: (
                        databases: {{ "db-a": (region: "ap-guangzhou", ip: "10.66.1.5", engine: {engine}, port: 3306) }},
                    ),
                ),
            )"#
        );
        let [start, plan, book] = ["start.ron", "plan.ron", "book.md"]
            .map(|name| folder.join(name).to_string_lossy().into_owned());
        std::fs::write(&start, text).expect("a start");
        let ended = run(&[
            "plan",
            &start,
            "--move",
            "db-a",
            "--into",
            "subnet-a",
            "-o",
            &plan,
            "--runbook",
            &book,
        ]);
        assert_eq!(ended.code, Some(0), "{}", ended.err);
        let book = std::fs::read_to_string(&book).expect("a runbook");
        let mut lines = book.lines();
        assert!(
            lines.any(|line| line.starts_with(action) && line.contains(parameter)),
            "{engine}: {book}"
        );
    }
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}
