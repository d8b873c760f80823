//! The score a second time: five servers computed on paper in `estates/by_hand.md`, and the program's own figures.
// SPDX-License-Identifier: Apache-2.0

use crate::policy::Policy;
use crate::trial::Trial;
use cairn_schemas::assessment::ServerReadiness;
use std::collections::BTreeMap;

/// What a code of a load may make of a point.
const TOLERANCE: f64 = 0.05;
const PAPER: &str = include_str!("../estates/by_hand.md");
const ESTATE: &str = include_str!("../estates/by_hand.toml");

/// Servers of the paper, each with its parts and its score.
fn paper() -> BTreeMap<&'static str, BTreeMap<&'static str, f64>> {
    let sections = PAPER.split("\n## ").skip(1).map(|section| {
        let (name, text) = section.split_once('\n').unwrap();
        let row = |line: &'static str| {
            let mut cells = line.trim_matches('|').split('|').map(str::trim);
            Some((cells.next()?, cells.next()?.parse().ok()?))
        };
        (name.trim(), text.lines().filter(|line| line.starts_with('|')).filter_map(row).collect())
    });
    sections.collect()
}

fn programs(server: &ServerReadiness) -> [(&'static str, f64); 6] {
    let parts = server.parts.unwrap();
    [
        ("fit", parts.fit),
        ("steadiness", parts.steadiness),
        ("room", parts.room),
        ("ease", parts.ease),
        ("ownership", parts.ownership),
        ("score", server.score.unwrap()),
    ]
}

#[test]
fn the_program_comes_to_what_the_paper_says() {
    let estate = toml::from_str::<Trial>(ESTATE).unwrap().estate();
    let assessment = crate::assess(&estate, &Policy::default(), estate.window.to);
    let paper = paper();
    assert_eq!((paper.len(), assessment.readiness.servers.len()), (5, 5));
    for server in &assessment.readiness.servers {
        let by_hand = &paper[server.server.as_str()];
        for (part, program) in programs(server) {
            let hand = by_hand[part];
            assert!(
                (program - hand).abs() <= TOLERANCE,
                "{} {part}: {program}, by hand {hand}",
                server.server
            );
        }
    }
}

#[test]
fn the_paper_adds_up() {
    for (server, rows) in paper() {
        let sum: f64 = rows.iter().filter(|(part, _)| **part != "score").map(|(_, points)| points).sum();
        assert!((sum - rows["score"]).abs() < 1e-9, "{server}: {sum}");
        assert_eq!(rows.len(), 6, "{server}");
    }
}
