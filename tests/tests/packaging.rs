//! The service units load, and stay as closed as they were.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_tests::harness::{fresh_dir, repository, skip};
use std::path::Path;
use std::process::Command;

/// What `systemd-analyze security` may say at most; a unit without hardening stands at 9.6.
const EXPOSURE_MAX: f64 = 2.0;

fn analyze(arguments: &[&str]) -> Option<(bool, String)> {
    let output = Command::new("systemd-analyze").args(arguments).output().ok()?;
    let said = [output.stdout, output.stderr].concat();
    Some((output.status.success(), String::from_utf8_lossy(&said).into_owned()))
}

fn check_unit(name: &str, folder: &Path) {
    let unit = repository().join("packaging/systemd").join(name);
    let text = std::fs::read_to_string(&unit).unwrap();
    // The programs are not installed here; everything else must be right.
    let loadable: String = text
        .lines()
        .map(|line| {
            if line.starts_with("ExecStart=") { "ExecStart=/bin/true\n".into() } else { format!("{line}\n") }
        })
        .collect();
    let copy = folder.join(name);
    std::fs::write(&copy, loadable).unwrap();

    let Some((loads, said)) = analyze(&["verify", "--man=no", copy.to_str().unwrap()]) else {
        return skip("units", "systemd-analyze is not here");
    };
    assert!(loads && said.trim().is_empty(), "{name}: {said}");
    let (_, said) = analyze(&["security", "--offline=true", unit.to_str().unwrap()]).unwrap();
    let exposure = said.split("service: ").nth(1).and_then(|rest| rest.split_whitespace().next());
    let exposure: f64 =
        exposure.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{name}: {said}"));
    assert!(exposure < EXPOSURE_MAX, "{name}: exposure {exposure}");
}

#[test]
fn units_load_and_are_closed() {
    let folder = fresh_dir("units");
    check_unit("cairn-agent.service", folder.path());
    check_unit("cairn-collector.service", folder.path());
}

#[test]
fn both_users_can_be_made() {
    let root = fresh_dir("sysusers");
    for folder in ["etc", "usr"] {
        std::fs::create_dir(root.path().join(folder)).unwrap();
    }
    let config = repository().join("packaging/systemd/cairn-sysusers.conf");
    let inside = format!("--root={}", root.path().display());
    let Ok(output) = Command::new("systemd-sysusers").arg(inside).arg(config).output() else {
        return skip("users", "systemd-sysusers is not here");
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let users = std::fs::read_to_string(root.path().join("etc/passwd")).unwrap();
    assert!(users.contains("cairn-agent:") && users.contains("\ncairn:"), "{users}");
}
