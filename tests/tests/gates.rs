//! Gates on real machines: of 601 servers and 1,117 processors nothing is blocked that need not be, and what is
//! virtual already is told apart with its proof.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_tests::harness::{cairn, fresh_dir, note, real_data, run, skip};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// A fortnight in which nothing was measured: only what the texts say counts.
const WINDOW: [&str; 4] = ["--from", "2026-11-02", "--to", "2026-11-16"];

#[test]
fn no_real_machine_is_gated_without_need() {
    let what = "gates on texts of lscpu and dmidecode";
    let found = real_data().map(|data| data.join("raw")).filter(|raw| raw.join("dmidecode").exists());
    let Some(raw) = found else {
        return skip(what, "no real texts beside the repository; set CAIRN_DATA");
    };
    let home = fresh_dir("gates");
    let sources = [
        ("dmidecode", "dmidecode/linuxhw_dmi_servers.tar.zst", 601),
        ("lscpu", "lscpu/linuxhw_lscpu.tar.zst", 1_117),
    ];
    for (tool, archive, machines) in sources {
        let folder = home.path().join(tool);
        std::fs::create_dir(&folder).unwrap();
        let mut tar = Command::new("tar");
        tar.args(["--zstd", "--exclude=LICENSE", "-xf"]).arg(raw.join(archive)).arg("-C").arg(&folder);
        if !tar.output().is_ok_and(|done| done.status.success()) {
            return skip(what, "no tar that reads zstd");
        }
        let (servers, assessment) = assessed(home.path(), tool, &folder, machines);
        check(tool, servers, &assessment);
    }
}

/// The servers that the texts are of, of which two may be the same, and the assessment of them.
fn assessed(home: &Path, tool: &str, folder: &Path, texts: u64) -> (u64, Value) {
    let data = home.join(tool).with_extension("data");
    let on = |command: &mut Command| {
        command.arg("--data").arg(&data);
    };
    let mut import = cairn(&["import", tool, folder.to_str().unwrap(), "--json"]);
    on(&mut import);
    // Doubts about single lines make it end in part.
    let imported: Value = serde_json::from_str(&run(import).stdout).unwrap();
    assert_eq!(imported["rows"]["read"], texts, "{tool}");
    let mut assess = cairn(&["assess", "--json"]);
    assess.args(WINDOW);
    on(&mut assess);
    (imported["servers"].as_u64().unwrap(), run(assess).json())
}

fn check(tool: &str, machines: u64, assessment: &Value) {
    let list = |value: &Value| value.as_array().unwrap().clone();
    let excluded = list(&assessment["estate"]["excluded"]);
    let servers = list(&assessment["readiness"]["servers"]);
    let judged = (excluded.len() + servers.len()) as u64;
    assert_eq!(judged, machines, "{tool}: every machine is in or out of the count");

    let mut outside: BTreeMap<(String, String), usize> = BTreeMap::new();
    for server in &excluded {
        let (reason, evidence) = (text(&server["reason"]), text(&server["evidence"]));
        let proof = evidence.split(" (").next().unwrap_or_default().to_owned();
        assert!(["already_virtual", "hypervisor"].contains(&reason.as_str()), "{tool}: {server}");
        assert!(evidence.contains(tool), "{tool}: no proof in {server}");
        *outside.entry((reason, proof)).or_default() += 1;
    }
    for ((reason, proof), count) in outside {
        note(&format!("gates {tool}: {count} outside the count, {reason}: {proof}"));
    }

    let mut open: BTreeMap<String, usize> = BTreeMap::new();
    for server in &servers {
        let gates = list(&server["findings"]).into_iter().filter(|finding| finding["severity"] == "gate");
        for gate in gates {
            let message = text(&gate["message_id"]);
            if message.ends_with(".proven") || message.ends_with(".too-old") {
                // Only a processor can be proven by these texts, and only one that is not x86.
                let value = text(&gate["args"]["value"]);
                assert_eq!(message, "architecture.proven", "{tool}: {server}");
                assert!(!value.contains("86"), "{tool}: {value} is no other architecture");
                *open.entry(format!("{message}: {value}")).or_default() += 1;
                continue;
            }
            *open.entry(message).or_default() += 1;
        }
    }
    for (message, count) in open {
        note(&format!("gates {tool}: {count} of {} say {message}", servers.len()));
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
