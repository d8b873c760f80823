//! Whether the tree is that of a container. The files engines leave behind also lie in systems that were built
//! from an image, so they are weighed against the first process's control group.
// SPDX-License-Identifier: Apache-2.0

use crate::root::Root;

/// What was found.
pub(super) enum Verdict {
    /// In a container of this kind, with its proof.
    Inside(String, String),
    /// Signs for and against.
    Doubtful(String),
    /// No sign of one.
    Outside,
}

/// A sign: the kind of container, its weight, where it was seen.
type Sign = (String, i32, String);

/// Files of engines: where, whose, weight (docker and podman leave them at the root).
const FILES: [(&str, &str, i32); 2] = [(".dockerenv", "docker", 2), ("run/.containerenv", "podman", 2)];
/// Names of engines in the control group of the first process, and the kind they stand for.
const GROUPS: [(&str, &str); 7] = [
    ("kubepods", "kubernetes"),
    ("docker", "docker"),
    ("libpod", "podman"),
    ("lxc", "lxc"),
    ("containerd", "containerd"),
    ("garden", "garden"),
    ("machine.slice", "systemd-nspawn"),
];
/// By how much the signs of a container must outweigh those against it.
const LEAD_MIN: i32 = 2;

pub(super) fn verdict(root: &Root) -> Verdict {
    let group = root.text("proc/1/cgroup").unwrap_or_default();
    let mounts = root.text("proc/mounts").unwrap_or_default();
    let signs = signs(root, &group, &mounts);
    let mut against = Vec::new();
    if group.lines().any(|line| line.ends_with("init.scope")) {
        against.push("/proc/1/cgroup: the first process is that of a whole system");
    }
    if mounts.lines().any(|line| line.starts_with("/dev/") && line.split_whitespace().nth(1) == Some("/")) {
        against.push("/proc/mounts: the root file system is a disk's own");
    }
    let Some((kind, ..)) =
        signs.iter().filter(|(kind, ..)| !kind.is_empty()).max_by_key(|(_, weight, _)| *weight)
    else {
        return Verdict::Outside;
    };
    let weight: i32 = signs.iter().map(|(_, weight, _)| weight).sum();
    let said: Vec<&str> = signs.iter().map(|(.., proof)| proof.as_str()).collect();
    let said = said.join("; ");
    if weight - against.len() as i32 >= LEAD_MIN {
        return Verdict::Inside(kind.clone(), said);
    }
    Verdict::Doubtful(format!("{said}, but {}", against.join("; ")))
}

fn signs(root: &Root, group: &str, mounts: &str) -> Vec<Sign> {
    let mut signs: Vec<Sign> = Vec::new();
    for (file, kind, weight) in FILES {
        if root.exists(file) {
            signs.push((kind.to_owned(), weight, format!("/{file} is there")));
        }
    }
    // OpenVZ's host has both directories, its containers only one.
    if root.exists("proc/vz") && !root.exists("proc/bc") {
        signs.push(("openvz".to_owned(), 3, "/proc/vz is there without /proc/bc".to_owned()));
    }
    // Written by systemd as first process of a container, after what the engine told it.
    if let Ok(kind) = root.text("run/systemd/container").map(|kind| kind.to_lowercase()) {
        signs.push((kind.clone(), 3, format!("/run/systemd/container is {kind:?}")));
    }
    let release = root.text("proc/sys/kernel/osrelease").unwrap_or_default().to_lowercase();
    if release.contains("microsoft") {
        signs.push(("wsl".to_owned(), 3, format!("the kernel is {release:?}")));
    }
    if let Some((mark, kind)) = GROUPS.iter().find(|(mark, _)| group.lines().any(|line| line.contains(mark)))
    {
        signs.push(((*kind).to_owned(), 3, format!("/proc/1/cgroup names {mark}")));
    }
    if mounts.lines().any(|line| line.starts_with("overlay / overlay")) {
        signs.push((String::new(), 1, "the root file system is an overlay".to_owned()));
    }
    signs
}
