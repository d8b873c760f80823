//! The service units load and stay closed; what the packages hold is there, well-formed, and of one version.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_tests::harness::{fresh_dir, note, repository, skip};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What `systemd-analyze security` may say at most; a unit without hardening stands at 9.6.
const EXPOSURE_MAX: f64 = 2.0;

fn packaging(path: &str) -> PathBuf {
    repository().join("packaging").join(path)
}

fn text(path: &str) -> String {
    let path = packaging(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Whether it went well, and all it said; `None` where the program is not here.
fn said(program: impl AsRef<Path>, arguments: &[&str]) -> Option<(bool, String)> {
    let output = Command::new(program.as_ref()).args(arguments).current_dir(repository()).output().ok()?;
    let said = [output.stdout, output.stderr].concat();
    Some((output.status.success(), String::from_utf8_lossy(&said).into_owned()))
}

fn check_unit(name: &str, folder: &Path) {
    let unit = packaging("systemd").join(name);
    // The programs are not installed here; everything else must be right.
    let loadable = |line: &str| match line.split_once('=') {
        Some((setting @ ("ExecStart" | "ExecStartPre"), _)) => format!("{setting}=/bin/true\n"),
        _ => format!("{line}\n"),
    };
    let copy = folder.join(name);
    std::fs::write(&copy, text(&format!("systemd/{name}")).lines().map(loadable).collect::<String>())
        .unwrap();

    let analyze = |arguments: &[&str]| said("systemd-analyze", arguments);
    let Some((loads, told)) = analyze(&["verify", "--man=no", copy.to_str().unwrap()]) else {
        return skip("units", "systemd-analyze is not here");
    };
    assert!(loads && told.trim().is_empty(), "{name}: {told}");
    let (_, told) = analyze(&["security", "--offline=true", unit.to_str().unwrap()]).unwrap();
    let exposure = told.split("service: ").nth(1).and_then(|rest| rest.split_whitespace().next());
    let exposure: f64 =
        exposure.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{name}: {told}"));
    assert!(exposure < EXPOSURE_MAX, "{name}: exposure {exposure}");
    note(&format!("{name}: exposure {exposure}"));
}

#[test]
fn units_load_and_are_closed() {
    let folder = fresh_dir("units");
    check_unit("cairn-agent.service", folder.path());
    check_unit("cairn-collector.service", folder.path());
}

#[test]
fn the_agent_has_a_user_and_no_capability() {
    let unit = text("systemd/cairn-agent.service");
    let settings: BTreeSet<&str> = unit.lines().collect();
    for needed in [
        "User=cairn-agent",
        "CapabilityBoundingSet=",
        "AmbientCapabilities=",
        "NoNewPrivileges=yes",
        "ExecStart=/usr/bin/cairn-agent run --data /var/lib/cairn-agent",
        // Root reads serial numbers, once; that it cannot is no reason not to measure.
        "ExecStartPre=-+/usr/bin/cairn-agent inventory --privileged --data /var/lib/cairn-agent",
    ] {
        assert!(settings.contains(needed), "no {needed}");
    }
    let as_root = unit.lines().filter(|line| line.starts_with("Exec") && line.contains('+'));
    assert_eq!(as_root.count(), 1, "one command is root's, and no other");
}

#[test]
fn both_users_can_be_made() {
    let root = fresh_dir("sysusers");
    for folder in ["etc", "usr"] {
        std::fs::create_dir(root.path().join(folder)).unwrap();
    }
    let inside = format!("--root={}", root.path().display());
    for config in ["systemd/cairn-agent-sysusers.conf", "systemd/cairn-collector-sysusers.conf"] {
        let config = packaging(config);
        let Some((made, told)) = said("systemd-sysusers", &[&inside, config.to_str().unwrap()]) else {
            return skip("users", "systemd-sysusers is not here");
        };
        assert!(made, "{told}");
    }
    let users = std::fs::read_to_string(root.path().join("etc/passwd")).unwrap();
    assert!(users.contains("cairn-agent:") && users.contains("\ncairn:"), "{users}");
}

/// The parts that lay the trees of the packages.
fn trees() -> String {
    text("parts/agent.sh") + &text("parts/collector.sh")
}

/// The lines `put MODE SOURCE TARGET` of the build: mode, file here, place there.
fn packed() -> Vec<(String, String, String)> {
    let trees = trees();
    let puts = trees.lines().filter_map(|line| line.trim().strip_prefix("put "));
    let three = puts.filter_map(|line| match line.split_whitespace().collect::<Vec<_>>()[..] {
        [mode, source, target] => {
            Some((mode.to_owned(), source.trim_matches('"').to_owned(), target.to_owned()))
        }
        _ => None,
    });
    three.collect()
}

#[test]
fn packages_hold_files_that_are_there_and_programs_only_where_they_may_run() {
    let packed = packed();
    assert!(packed.len() > 5, "{packed:?}");
    for (mode, source, target) in &packed {
        assert!(source.contains('$') || repository().join(source).is_file(), "{source} is not there");
        let is_program = mode.as_str() != "0644";
        // SELinux and fapolicyd refuse to run what lies elsewhere; and /etc is the customer's.
        assert_eq!(is_program, target.starts_with("usr/bin/"), "{mode} {target}");
        assert!(target.starts_with("usr/"), "{target}");
    }
    for folder in ["completions", "agent", "collector"] {
        for entry in std::fs::read_dir(packaging(folder)).unwrap() {
            let path = format!("packaging/{folder}/{}", entry.unwrap().file_name().to_string_lossy());
            assert!(trees().contains(&path), "{path} is in no package");
        }
    }
}

#[test]
fn everything_speaks_of_one_version() {
    let version = env!("CARGO_PKG_VERSION");
    let check = |path: &str, expected: &str| assert!(text(path).contains(expected), "{path}: no {expected}");
    check("agent/changelog", &format!("cairn-agent ({version}-1)"));
    check("collector/changelog", &format!("cairn-collector ({version}-1)"));
    check("man/cairn-agent.8", &format!("\"Cairn {version}\""));
    check("container/Containerfile", &format!("cairn-agent-{version}-linux"));
    check("container/daemonset.yaml", &format!("/cairn-agent:{version}\n"));
    check("ansible/cairn_agent/defaults/main.yml", &format!("cairn_agent_version: \"{version}\""));
    check("ansible/cairn_agent/meta/argument_specs.yml", &format!("default: \"{version}\""));
}

#[test]
fn the_role_explains_every_variable_and_parses() {
    let names = |path: &str, depth: usize| -> BTreeSet<String> {
        let lead = " ".repeat(depth) + "cairn_agent_";
        let lines = text(path).lines().map(str::to_owned).collect::<Vec<_>>();
        let named = lines.iter().filter(|line| line.starts_with(&lead));
        named.filter_map(|line| line.trim().split(':').next().map(str::to_owned)).collect()
    };
    let explained = names("ansible/cairn_agent/meta/argument_specs.yml", 6);
    assert_eq!(names("ansible/cairn_agent/defaults/main.yml", 0), explained);
    assert!(explained.len() > 5, "{explained:?}");

    let tools = std::env::var_os("CAIRN_TOOLS").map_or_else(PathBuf::new, PathBuf::from);
    let programs = ["ansible-playbook".into(), tools.join("ansible/bin/ansible-playbook")];
    let playbook = packaging("ansible/rollout.yml");
    let arguments = ["--syntax-check", "--inventory", "localhost,", playbook.to_str().unwrap()];
    let Some((parses, told)) = programs.iter().find_map(|program| said(program, &arguments)) else {
        return skip("the Ansible role's syntax", "ansible-playbook is not here");
    };
    assert!(parses, "{told}");
}

#[test]
fn scripts_are_clean() {
    let scripts = [
        "--external-sources",
        "packaging/build",
        "packaging/parts/release.sh",
        "packaging/parts/agent.sh",
        "packaging/parts/collector.sh",
        "packaging/smoke",
        "packaging/smoke-collector",
        "packaging/systemctl-stand-in",
        "packaging/scripts/postinst",
        "packaging/scripts/prerm",
        "packaging/scripts/postrm",
    ];
    let Some((clean, told)) = said("shellcheck", &scripts) else {
        return skip("packaging's scripts", "shellcheck is not here");
    };
    assert!(clean, "{told}");
    let completion = ["--shell=bash", "packaging/completions/cairn-agent.bash"];
    assert!(said("shellcheck", &completion).unwrap().0, "the completion for bash");
}
