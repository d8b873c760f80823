//! Membership and role from the traces of each product.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::inventory::testing::tree;
use cairn_schemas::time::Timestamp;

/// A host where everything can be looked at.
const OPEN: &str = "@ etc/hostname\nnode1\n@ proc/sys/kernel/hostname\nnode1\n@ sys/module/ext4/refcnt\n1\n";
const COROSYNC: &str = "@ etc/corosync/corosync.conf\ntotem {\n    cluster_name: prod\n}\n\
                        nodelist {\n  node {\n    ring0_addr: 10.0.0.1\n  }\n}\n";
const DRBD: &str = "@ sys/block/drbd0/size\n2048\n@ sys/block/drbd0/ro\n";

fn read_tree(files: &str, sockets: &Sockets, role: Option<&str>) -> Record {
    let tree = tree(&[OPEN, files].concat());
    let mut record = Record::new(&tree.root(), Timestamp(0));
    if let Some(role) = role {
        record.fact("role", text_fact(role));
    }
    read(&tree.root(), Ok(sockets), &mut record);
    record
}

fn check(files: &str, tcp: &[u16], udp: &[u16], expected: Result<&str, &str>) {
    let set = |ports: &[u16]| ports.iter().copied().collect();
    let record = read_tree(files, &Sockets { tcp: set(tcp), udp: set(udp), vrrp: false }, None);
    match expected {
        Ok(name) => {
            let got = record.known_text("cluster").unwrap_or_else(|| &record.0.unknown["cluster"]);
            assert!(got.starts_with(name), "{got}");
            assert!(!record.0.evidence["cluster"].is_empty());
        }
        Err(why) => assert!(record.0.unknown["cluster"].contains(why), "{:?}", record.0),
    }
}

#[test]
fn members_are_configured_and_run() {
    check(COROSYNC, &[], &[5_405], Ok("prod (Pacemaker/Corosync, "));
    check(COROSYNC, &[2_224], &[], Err("alone makes no member"));
    check("", &[], &[5_405], Err("alone makes no member"));
    check("@ etc/cluster/cluster.conf\n<cluster/>\n", &[], &[5_405], Ok("Red Hat Cluster (cman) of node1"));
    check("@ etc/llttab\nset-cluster 77\n@ sys/module/llt/refcnt\n1\n", &[], &[], Ok("77 (Veritas"));
    check("@ proc/mounts\n/dev/gpfs0 /gpfs gpfs rw 0 0\n", &[], &[], Ok("Spectrum Scale"));
    check("@ sys/kernel/dlm/clvmd/id\n1\n", &[], &[], Ok("distributed lock manager"));
    check(&format!("{DRBD}0\n"), &[], &[], Ok("DRBD of node1"));
    check("@ sys/module/drbd/refcnt\n0\n", &[], &[], Err("alone makes no member"));
}

#[test]
fn oracle_restart_is_no_cluster() {
    let ocr = |local: &str| {
        format!("@ etc/oracle/ocr.loc\nocrconfig_loc=+OCR/rac1/OCRFILE/REGISTRY.255.1\nlocal_only={local}\n")
    };
    check(&ocr("FALSE"), &[1_521], &[42_424], Ok("rac1 (Oracle Grid Infrastructure, "));
    check(&ocr("TRUE"), &[1_521], &[], Ok("none"));
    check(&ocr("TRUE"), &[1_521], &[42_424], Err("alone makes no member"));
}

#[test]
fn nodes_of_one_cluster_agree_and_those_of_another_do_not() {
    let udp = Sockets { udp: [5_405].into(), ..Sockets::default() };
    let name = |files: &str| read_tree(files, &udp, None).known_text("cluster").unwrap().to_owned();
    assert_eq!(name(COROSYNC), name(COROSYNC));
    assert_ne!(name(COROSYNC), name(&COROSYNC.replace("10.0.0.1", "10.0.0.2")));
    assert!(!name(COROSYNC).contains("10.0.0.1"));
}

#[test]
fn none_is_only_said_when_all_could_be_looked_at() {
    check("", &[22, 80], &[], Ok("none"));
    let database = read_tree("", &Sockets::default(), Some("database"));
    assert!(database.0.unknown["cluster"].contains("by its own means"));
    let blind = tree("@ proc/sys/kernel/hostname\nnode1\n");
    let mut record = Record::new(&blind.root(), Timestamp(0));
    read(&blind.root(), Err(&"/proc/net/tcp: hidden".to_owned()), &mut record);
    assert!(record.0.unknown["cluster"].contains("hidden"));
}

#[test]
fn the_role_is_only_what_drbd_shows() {
    let role = |files: &str| {
        read_tree(files, &Sockets::default(), None).known_text("cluster_role").map(str::to_owned)
    };
    let table =
        |ro: &str| format!("@ proc/drbd\nversion: 8.4.11\n 0: cs:Connected ro:{ro} ds:UpToDate/UpToDate\n");
    assert_eq!(role(&table("Secondary/Primary")).as_deref(), Some("standby"));
    assert_eq!(role(&table("Primary/Secondary")).as_deref(), Some("active"));
    assert_eq!(role(&table("Unknown/Primary")), None);
    assert_eq!(role(&format!("{DRBD}1\n")).as_deref(), Some("standby"));
    // DRBD 9 makes primary whoever opens the device.
    assert_eq!(role(&format!("{DRBD}0\n")), None);
    assert_eq!(role(COROSYNC), None);
}

#[test]
fn vrrp_makes_a_member() {
    let sockets = Sockets { vrrp: true, ..Sockets::default() };
    let record = read_tree("", &sockets, None);
    assert_eq!(record.known_text("cluster"), Some("keepalived (VRRP) of node1 (its name cannot be read)"));
}
