//! What stands around every page: the way to the others, the mark of simulated servers, who wrote it.
// SPDX-License-Identifier: Apache-2.0

use super::visit::Visit;
use super::words::{say, with};
use super::{PAGES, Page, internal};
use crate::engagements::Engagements;
use crate::http::problem::Refused;
use crate::messages::Messages;
use crate::report::{Context, simulated_banner};
use askama::Template;

#[derive(Template)]
#[template(path = "page.html")]
struct Document<'a> {
    title: String,
    engagement: &'a str,
    live: bool,
    skip: String,
    navigation: String,
    links: Vec<Link>,
    banner: Option<String>,
    pieces: &'a [String],
    footer: String,
}

struct Link {
    href: String,
    text: String,
    here: bool,
}

pub(super) fn render(
    page: &Page,
    visit: &Visit,
    pieces: &[String],
    engagements: &Engagements,
) -> Result<String, Refused> {
    let engagement = visit.engagement();
    let href = |id: &str| format!("/e/{engagement}/{id}");
    let of_pages = PAGES.iter().filter(|other| other.in_navigation);
    let mut links: Vec<Link> = of_pages
        .map(|other| Link { href: href(other.id), text: name(other.id), here: other.id == page.id })
        .collect();
    // The other engagements of this collector, last.
    for other in engagements.all().map_err(internal)? {
        let name = other.engagement().as_str();
        if name != engagement {
            let text = with("other", [("engagement", name)]);
            links.push(Link { href: format!("/e/{name}/"), text, here: false });
        }
    }
    let assessment = visit.assessment.as_deref();
    let banner = assessment.and_then(|a| simulated_banner(&Context::new(a, Messages::english())));
    let document = Document {
        title: visit.asked("name").filter(|_| page.id == "server").map_or_else(
            || say(&format!("title.{}", shown(page.id))),
            |server| crate::number::terminal_safe(server).into_owned(),
        ),
        engagement,
        live: page.live,
        skip: say("skip"),
        navigation: say("navigation"),
        links,
        banner,
        pieces,
        footer: with("footer", [("version", env!("CARGO_PKG_VERSION"))]),
    };
    document.render().map_err(internal)
}

fn name(id: &str) -> String {
    say(&format!("name.{}", shown(id)))
}

/// The first page has no id in its address.
const fn shown(id: &str) -> &str {
    if id.is_empty() { "overview" } else { id }
}
