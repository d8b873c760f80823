//! What stands around every page: the way to the others, the mark of simulated servers, who wrote it.
// SPDX-License-Identifier: Apache-2.0

use super::visit::Visit;
use super::words::{current, say, with};
use super::{PAGES, Page, internal};
use crate::http::problem::Refused;
use crate::report::{Context, simulated_banner};
use askama::Template;

#[derive(Template)]
#[template(path = "page.html")]
struct Document<'a> {
    title: String,
    engagement: &'a str,
    live: bool,
    skip: String,
    who: Option<Who<'a>>,
    navigation: String,
    links: Vec<Link>,
    banner: Option<String>,
    pieces: &'a [String],
    footer: String,
}

impl Document<'_> {
    fn language(&self) -> &str {
        current().language()
    }
}

/// Who is signed in, and the button that ends it.
struct Who<'a> {
    signed_in: String,
    account: String,
    sign_out: String,
    action: String,
    token: &'a str,
}

struct Link {
    href: String,
    text: String,
    here: bool,
}

pub(super) fn render(page: &Page, visit: &Visit, pieces: &[String]) -> Result<String, Refused> {
    let engagement = visit.engagement();
    let href = |id: &str| format!("/e/{engagement}/{id}");
    let of_pages = PAGES.iter().filter(|other| other.in_navigation && visit.may(other.least));
    let mut links: Vec<Link> = of_pages
        .map(|other| Link { href: href(other.id), text: name(other.id), here: other.id == page.id })
        .collect();
    // Other engagements, last: those one is signed in to.
    for name in &visit.visitor.elsewhere {
        let text = with("other", [("engagement", name.as_str())]);
        links.push(Link { href: format!("/e/{name}/"), text, here: false });
    }
    let assessment = visit.assessment.as_deref();
    let banner = assessment.and_then(|a| simulated_banner(&Context::new(a, current())));
    let person = &visit.visitor.person;
    let document = Document {
        title: visit.asked("name").filter(|_| page.id == "server").map_or_else(
            || say(&format!("title.{}", shown(page.id))),
            |server| crate::number::terminal_safe(server).into_owned(),
        ),
        engagement,
        live: page.live,
        skip: say("skip"),
        who: Some(Who {
            signed_in: with("signed-in", [("name", person.name.as_str()), ("role", person.role.name())]),
            account: href("account"),
            sign_out: say("sign-out"),
            action: href("sign-out"),
            token: &visit.visitor.form_token,
        }),
        navigation: say("navigation"),
        links,
        banner,
        pieces,
        footer: with("footer", [("version", env!("CARGO_PKG_VERSION"))]),
    };
    document.render().map_err(internal)
}

/// A page for somebody who is not signed in: it tells nothing of the engagement but the name they asked for.
pub(super) fn before_sign_in(engagement: &str, title: &str, piece: String) -> Result<String, Refused> {
    let document = Document {
        title: title.to_owned(),
        engagement,
        live: false,
        skip: say("skip"),
        who: None,
        navigation: say("navigation"),
        links: Vec::new(),
        banner: None,
        pieces: &[piece],
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
