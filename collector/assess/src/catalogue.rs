//! The host catalogue: what each template would need alone, what the plan made of them, and what no mix of them
//! could cost less than.
// SPDX-License-Identifier: Apache-2.0

use crate::demand::Candidate;
use crate::licence;
use crate::packing::{self, ClusterPlan, Plan};
use crate::policy::{HostTemplate, Objective, Policy};
use cairn_schemas::assessment::{Catalogue, Range, TemplateChoice};

/// What a plan made of the catalogue; `None` when the policy offers one template without limit.
#[must_use]
pub fn catalogue(policy: &Policy, candidates: &[Candidate], plan: &Plan) -> Option<Catalogue> {
    let [HostTemplate { count_max: None, .. }] = policy.templates() else {
        let machines = plan.machines_by_kind();
        let alone = |(template, used): (&HostTemplate, usize)| alone(policy, candidates, template, used);
        return Some(Catalogue {
            objective: match policy.packing.objective {
                Objective::LowestCost => "lowest_cost",
                Objective::FewestHosts => "fewest_hosts",
            }
            .to_owned(),
            cost: cost(plan),
            licence_cost: licences(policy, candidates, plan),
            lower_bound_cost: packing::cost_bound(plan, candidates),
            templates: policy.templates().iter().zip(machines.iter().copied()).map(alone).collect(),
        });
    };
    None
}

/// The hosts of a plan at their prices, failover hosts included.
#[must_use]
pub fn cost(plan: &Plan) -> Range {
    let kinds = plan.kinds.iter().zip(plan.machines_by_kind());
    kinds.map(|(kind, machines)| priced(&kind.template, machines)).reduce(sum).unwrap_or_default()
}

/// All the servers on one template, as if there were no end of it.
fn alone(policy: &Policy, candidates: &[Candidate], template: &HostTemplate, used: usize) -> TemplateChoice {
    let unlimited = HostTemplate { count_max: None, ..template.clone() };
    let plan = packing::trial(candidates, &policy.clone().on_catalogue(vec![unlimited]));
    let hosts = plan.clusters().map(ClusterPlan::machines).sum();
    TemplateChoice {
        template: template.name.clone(),
        placed: plan.placed(),
        hosts,
        lower_bound_hosts: plan.lower_bound_hosts(),
        cost: priced(template, hosts),
        licence_cost: licences(policy, candidates, &plan),
        count_max: template.count_max,
        hosts_used: used,
    }
}

/// Licences of a plan that go by the cores of its hosts, over the years of the value, at base prices.
fn licences(policy: &Policy, candidates: &[Candidate], plan: &Plan) -> f64 {
    let licensed = |server: usize| candidates[server].licensed;
    let of =
        |cluster: &ClusterPlan| licence::of_cluster(policy, &plan.kind(cluster).template, cluster, licensed);
    plan.clusters().map(of).sum()
}

fn priced(template: &HostTemplate, hosts: usize) -> Range {
    let Range { low, base, high } = template.price;
    let hosts = hosts as f64;
    Range { low: low * hosts, base: base * hosts, high: high * hosts }
}

fn sum(a: Range, b: Range) -> Range {
    Range { low: a.low + b.low, base: a.base + b.base, high: a.high + b.high }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packing::testing::{candidate, policy};

    #[test]
    fn every_template_is_shown_alone_and_as_it_is_used() {
        let servers: Vec<Candidate> = (0..9).map(|n| candidate(&format!("s{n}"), 30.0, 1.0)).collect();
        let mut policy = policy();
        (policy.cluster.failures, policy.cluster.hosts_min, policy.template.vms_max) = (0, 1, 20);
        let offer = |name: &str, cpu_mhz: f64, base: f64, count_max| HostTemplate {
            name: name.into(),
            cpu_mhz,
            count_max,
            price: Range { low: base, base, high: 2.0 * base },
            ..policy.template.clone()
        };
        // Two owned hosts take two servers of 30 each; five remain, three hosts of 80, where a large one costs more.
        let offers = vec![
            offer("owned", 100.0, 0.0, Some(2)),
            offer("new", 100.0, 10.0, None),
            offer("large", 400.0, 40.0, None),
        ];
        let policy = policy.clone().on_catalogue(offers);
        let plan = packing::plan(&servers, &policy);
        let shown = catalogue(&policy, &servers, &plan).unwrap();
        let row = |row: &TemplateChoice| (row.template.clone(), row.placed, row.hosts, row.hosts_used);
        let rows: Vec<_> = shown.templates.iter().map(row).collect();
        assert_eq!(rows, [("owned".into(), 9, 5, 2), ("new".into(), 9, 5, 3), ("large".into(), 9, 1, 0)]);
        assert_eq!((shown.cost.base, shown.cost.high), (30.0, 60.0));
        // 270 less the 160 of the owned hosts, at 10 for 80 or 40 for 320.
        assert!((shown.lower_bound_cost - 110.0 / 8.0).abs() < 1e-9, "{}", shown.lower_bound_cost);
        assert_eq!(shown.objective, "lowest_cost");
    }

    #[test]
    fn licences_by_core_decide_between_hosts_of_one_price() {
        let servers: Vec<Candidate> = (0..4).map(|n| candidate(&format!("s{n}"), 20.0, 20.0)).collect();
        let mut policy = Policy { licences: Default::default(), ..policy() };
        (policy.cluster.failures, policy.cluster.hosts_min) = (0, 1);
        let offer = |name: &str, cpu_cores: f64| HostTemplate {
            name: name.into(),
            cpu_cores,
            cpu_threads: cpu_cores,
            cpu_mhz: 100.0 / cpu_cores,
            cpu_sockets: 1.0,
            price: Range { low: 10.0, base: 10.0, high: 10.0 },
            ..policy.template.clone()
        };
        // Alike in everything but the number of their cores: 64 at 135 a year, or the 16 that are the least of a processor.
        let policy = policy.clone().on_catalogue(vec![offer("many", 64.0), offer("few", 8.0)]);
        let shown = catalogue(&policy, &servers, &packing::plan(&servers, &policy)).unwrap();
        let used: Vec<usize> = shown.templates.iter().map(|row| row.hosts_used).collect();
        assert_eq!((used, shown.licence_cost), (vec![0, 1], 16.0 * 135.0 * 5.0));
        assert_eq!(shown.templates[0].licence_cost, 64.0 * 135.0 * 5.0);
    }

    #[test]
    fn one_template_without_limit_is_no_catalogue() {
        let servers = [candidate("a", 1.0, 1.0)];
        assert_eq!(catalogue(&policy(), &servers, &packing::plan(&servers, &policy())), None);
    }
}
