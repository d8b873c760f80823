//! The host catalogue: the same servers planned on every template the policy offers, and the one that carries
//! the most of them for the least. Hosts of a plan are alike, so that any virtual machine can move to any.
// SPDX-License-Identifier: Apache-2.0

use crate::constraint;
use crate::estate::Estate;
use crate::packing;
use crate::policy::Policy;
use crate::training::candidates;
use cairn_schemas::assessment::{Range, TemplateChoice};

/// The policy with the template chosen, and what every template would need. Without a catalogue the policy's
/// own template stands, and nothing is compared.
#[must_use]
pub fn choose(estate: &Estate, policy: &Policy, planned: &[usize]) -> (Policy, Vec<TemplateChoice>) {
    let on = |template: &crate::policy::HostTemplate| Policy { template: template.clone(), ..policy.clone() };
    let offers: Vec<Policy> = policy.catalogue.iter().map(on).collect();
    let mut rows: Vec<TemplateChoice> = offers.iter().map(|offer| row(estate, offer, planned)).collect();
    let Some(best) = best(&rows) else { return (policy.clone(), rows) };
    rows[best].chosen = true;
    (offers[best].clone(), rows)
}

fn row(estate: &Estate, policy: &Policy, planned: &[usize]) -> TemplateChoice {
    let planned = constraint::settle(estate, policy, planned).planned;
    let plan = packing::plan(&candidates(estate, policy, &planned, None, policy.sizing.growth_ratio), policy);
    let hosts = plan.hosts() + plan.failover_hosts();
    let price = policy.template.price;
    let of = |hosts: usize| Range {
        low: price.low * hosts as f64,
        base: price.base * hosts as f64,
        high: price.high * hosts as f64,
    };
    TemplateChoice {
        template: policy.template.name.clone(),
        placed: plan.placed(),
        hosts,
        lower_bound_hosts: plan.lower_bound_hosts(),
        cost: of(hosts),
        lower_bound_cost: of(plan.lower_bound_hosts()),
        chosen: false,
    }
}

/// The template that carries the most servers; of those the cheapest where all have a price, else the one of
/// the fewest hosts; of equals the first.
fn best(rows: &[TemplateChoice]) -> Option<usize> {
    let most = rows.iter().map(|row| row.placed).max()?;
    let carries = |place: &usize| rows[*place].placed == most;
    let priced = (0..rows.len()).filter(carries).all(|place| rows[place].cost.base > 0.0);
    let cost = |place: usize| if priced { rows[place].cost.base } else { rows[place].hosts as f64 };
    (0..rows.len()).filter(carries).min_by(|&a, &b| cost(a).total_cmp(&cost(b)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate_testing::{Did, estate, server};
    use crate::packing::testing::policy;
    use crate::policy::HostTemplate;

    /// Eight servers of 30, and of one that is `wide`.
    fn check(wide: f64, prices: [f64; 2], expected: &[(&str, usize, usize, bool)]) {
        let busy = |n: usize| if n == 8 { wide } else { 0.3 };
        let servers = (0..9).map(|n| server(&format!("s{n}"), 1, move |_, _| Did::Busy(busy(n)))).collect();
        let mut policy = policy();
        policy.sizing.growth_ratio = 0.0;
        (policy.cluster.failures, policy.cluster.hosts_min, policy.template.vms_max) = (0, 1, 20);
        policy.template.memory_bytes = 400.0;
        let offer = |name: &str, cpu_mhz: f64, base: f64| HostTemplate {
            name: name.into(),
            cpu_mhz,
            price: Range { low: base, base, high: base },
            ..policy.template.clone()
        };
        policy.catalogue = vec![offer("small", 100.0, prices[0]), offer("large", 400.0, prices[1])];
        let planned: Vec<usize> = (0..9).collect();
        let (chosen, rows) = choose(&estate(1, servers), &policy, &planned);
        let row = |row: &TemplateChoice| (row.template.clone(), row.placed, row.hosts, row.chosen);
        let expected: Vec<_> =
            expected.iter().map(|&(name, placed, hosts, is)| (name.to_owned(), placed, hosts, is)).collect();
        assert_eq!(rows.iter().map(row).collect::<Vec<_>>(), expected);
        assert!(rows.iter().any(|row| row.chosen && row.template == chosen.template.name));
        assert!(rows.iter().all(|row| row.lower_bound_cost.base <= row.cost.base));
    }

    #[test]
    fn the_cheapest_template_that_carries_everyone_is_chosen() {
        // Two of 30 fill a small host of 80; 270 fit a large one of 320.
        check(0.3, [10.0, 60.0], &[("small", 9, 5, true), ("large", 9, 1, false)]);
        check(0.3, [10.0, 40.0], &[("small", 9, 5, false), ("large", 9, 1, true)]);
        // Without prices the fewest hosts decide.
        check(0.3, [0.0, 0.0], &[("small", 9, 5, false), ("large", 9, 1, true)]);
        // Whoever leaves a server behind is not compared by price.
        check(0.9, [1.0, 60.0], &[("small", 8, 4, false), ("large", 9, 2, true)]);
    }

    #[test]
    fn without_a_catalogue_nothing_changes() {
        let policy = policy();
        assert_eq!(choose(&estate(1, Vec::new()), &policy, &[]), (policy.clone(), Vec::new()));
    }
}
