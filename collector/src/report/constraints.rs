//! What constraints do to the plan, as tables of its section: separations, lost sites, licences, host templates.
// SPDX-License-Identifier: Apache-2.0

use super::{Block, Cell, Context, Row, Table};
use crate::number;
use cairn_schemas::assessment::{
    Catalogue, Constraints, Licence, Range, Separation, SiteLoss, TemplateChoice,
};

/// One table for everything there is something to say of.
pub(super) fn tables(cx: &Context<'_>, constraints: &Constraints) -> Vec<Block> {
    let mut blocks = Vec::new();
    blocks.extend(constraints.catalogue.as_ref().map(|offered| Block::Table(catalogue(cx, offered))));
    let mut add = |rows: usize, table: &dyn Fn() -> Table| {
        blocks.extend((rows > 0).then(|| Block::Table(table())));
    };
    add(constraints.separations.len(), &|| separations(cx, &constraints.separations));
    add(constraints.site_losses.len(), &|| site_losses(cx, &constraints.site_losses));
    add(constraints.licences.len(), &|| licences(cx, &constraints.licences));
    blocks
}

fn separations(cx: &Context<'_>, separations: &[Separation]) -> Table {
    let row = |separation: &Separation| {
        let named = |label: &str| {
            if label.is_empty() { cx.say("separations.rest") } else { label.to_owned() }
        };
        let price = separation.hosts.saturating_sub(separation.hosts_together);
        Row::new([
            Cell::new(named(&separation.apart)),
            Cell::new(cx.say(&format!("separation.{}", separation.kind.name()))),
            Cell::new(number::count(separation.servers)),
            Cell::new(named(&separation.joins)),
            Cell::new(number::count(separation.hosts)),
            Cell::new(number::count(separation.hosts_together)),
            Cell::new(cx.with("separations.price", [("hosts", price as f64)])),
        ])
    };
    let columns = ["apart", "kind", "#servers", "joins", "#hosts", "#together", "#price"];
    Table {
        caption: cx.say("separations.title"),
        columns: cx.columns("separations", &columns),
        rows: separations.iter().map(row).collect(),
        foot: Some(cx.say("separations.foot")),
    }
}

fn site_losses(cx: &Context<'_>, losses: &[SiteLoss]) -> Table {
    let row = |loss: &SiteLoss| {
        let site = if loss.site.is_empty() { cx.say("site-losses.unnamed") } else { loss.site.clone() };
        let counts = [loss.servers, loss.taken_over, loss.uncovered.len(), loss.hosts_missing];
        let row = [Cell::new(site)].into_iter().chain(counts.map(|n| Cell::new(number::count(n))));
        let uncovered = cx.mark(loss.uncovered.iter().map(String::as_str));
        Row::new(row.collect::<Vec<_>>()).marked(uncovered)
    };
    Table {
        caption: cx.say("site-losses.title"),
        columns: cx.columns("site-losses", &["site", "#servers", "#taken", "#down", "#missing"]),
        rows: losses.iter().map(row).collect(),
        foot: Some(cx.say("site-losses.foot")),
    }
}

fn licences(cx: &Context<'_>, licences: &[Licence]) -> Table {
    let row = |licence: &Licence| {
        let product = cx.say(&format!("licence.{}", licence.product));
        let product =
            if licence.per_year { cx.with("licences.per-year", [("product", product)]) } else { product };
        let arrangement = cx.say(&format!("arrangement.{}", licence.arrangement));
        let arrangement = if licence.cheapest {
            cx.with("licences.cheapest", [("arrangement", arrangement)])
        } else {
            arrangement
        };
        let terms = [("source", licence.source.clone()), ("date", licence.date.clone())];
        let cells = [
            Cell::new(product),
            Cell::new(arrangement),
            Cell::new(number::count(licence.servers)),
            Cell::new(number::count(licence.hosts)),
            Cell::new(number::int(licence.cores)),
            Cell::new(number::int(licence.extra_hosts as f64)),
        ];
        let row = cells.into_iter().chain(amounts(cx, licence.cost));
        let row = row.chain([Cell::new(cx.with("licences.terms", terms))]);
        Row::new(row.collect::<Vec<_>>())
    };
    let columns = [
        "product",
        "arrangement",
        "#servers",
        "#hosts",
        "#cores",
        "#extra",
        "#low",
        "#cost",
        "#high",
        "source",
    ];
    Table {
        caption: cx.say("licences.title"),
        columns: cx.columns("licences", &columns),
        rows: licences.iter().map(row).collect(),
        foot: Some(cx.with("licences.foot", [("currency", cx.assessment.value.currency.as_str())])),
    }
}

fn catalogue(cx: &Context<'_>, offered: &Catalogue) -> Table {
    let row = |choice: &TemplateChoice| {
        let most = choice.count_max.map_or_else(|| cx.say("templates.unlimited"), number::count);
        let counts = [choice.placed, choice.hosts, choice.lower_bound_hosts];
        let row = [
            Cell::new(choice.template.clone()),
            Cell::new(most),
            Cell::new(number::count(choice.hosts_used)),
        ];
        let licences = Cell::new(number::money(choice.licence_cost, ""));
        let alone = counts.map(|n| Cell::new(number::count(n)));
        Row::new(
            row.into_iter()
                .chain(alone)
                .chain(amounts(cx, Some(choice.cost)))
                .chain([licences])
                .collect::<Vec<_>>(),
        )
    };
    let columns =
        ["template", "#most", "#used", "#placed", "#hosts", "#bound", "#low", "#cost", "#high", "#licences"];
    let args = [
        ("licences", number::money(offered.licence_cost, "")),
        ("years", number::int(f64::from(cx.assessment.value.years))),
        ("currency", cx.assessment.value.currency.clone()),
        ("objective", cx.say(&format!("templates.{}", offered.objective.replace('_', "-")))),
        ("cost", number::money(offered.cost.base, "")),
        ("least", number::money(offered.lower_bound_cost, "")),
    ];
    Table {
        caption: cx.say("templates.title"),
        columns: cx.columns("templates", &columns),
        rows: offered.templates.iter().map(row).collect(),
        foot: Some(cx.with("templates.foot", args)),
    }
}

/// Low, base and high.
fn amounts(cx: &Context<'_>, cost: Option<Range>) -> [Cell; 3] {
    let pick: [fn(&Range) -> f64; 3] = [|range| range.low, |range| range.base, |range| range.high];
    pick.map(|pick| cx.known_cell(cost.as_ref().map(|cost| number::money(pick(cost), "")), "price"))
}
