//! What people do from pages: who is offered what, what is said after, what is put right, and who did it.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::engagements::{Engagements, SharedStore};
use crate::http::{Door, Offer, Peer, routes};
use crate::people::Secret;
use crate::serve::Place;
use crate::store::ReviewState;
use crate::store::people::{Begun, NewPerson};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::{Extension, Router};
use tower::ServiceExt as _;

struct Site {
    store: SharedStore,
    router: Router,
    secret: Secret,
    language: &'static str,
}

impl Site {
    fn new(role: Role) -> Self {
        let store: SharedStore =
            Arc::new(crate::store::sqlite::SqliteStore::in_memory(&"default".parse().unwrap()).unwrap());
        store.put_assessment(&crate::report::fixtures::one_server()).unwrap();
        store.put_facts("web1", &[("role".into(), fact())]).unwrap();
        let at = now();
        for (name, role) in [("Ada", role), ("Root", Role::Admin)] {
            assert!(store.add_person(&NewPerson { name, role, password: None }, "a test", at).unwrap());
        }
        let place = Place { url: "http://127.0.0.1:8443".into(), ca_spki_sha256: None };
        let engagements = Arc::new(Engagements::of_store(Arc::clone(&store)));
        let shared = Shared::new(engagements, Door::new(place, &[], "default", true));
        let router = routes(shared, Offer::All).layer(Extension(Peer([127, 0, 0, 1].into())));
        let site = Self { store, router, secret: Secret::new().unwrap(), language: "en" };
        Self { secret: site.sign_in("Ada"), ..site }
    }

    /// A session of somebody; its secret.
    fn sign_in(&self, name: &str) -> Secret {
        let (secret, at) = (Secret::new().unwrap(), now());
        let person = self.store.person(name).unwrap().unwrap();
        let expires_at = Timestamp(at.0 + 600);
        let begun = Begun { secret_sha256: secret.digest(), idle_s: 600, expires_at };
        assert!(self.store.begin_session(&person, &begun, at).unwrap());
        secret
    }

    async fn ask(&self, request: axum::http::request::Builder, body: String) -> (StatusCode, String, String) {
        let cookie = format!("cairn-8443-default={}", self.secret.reveal());
        let request = request.header(header::HOST, "localhost").header(header::COOKIE, cookie);
        let request = request.header(header::ACCEPT_LANGUAGE, self.language);
        let request = request.header("sec-fetch-site", "same-origin").body(Body::from(body)).unwrap();
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        let to = headers.get(header::LOCATION).map_or("", |to| to.to_str().unwrap()).to_owned();
        let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        (status, to, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn page(&self, path: &str) -> String {
        self.ask(Request::get(path), String::new()).await.2
    }

    /// Sends the form of an action; the page that follows.
    async fn does(&self, action: &str, fields: &[(&str, &str)]) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("token", &self.secret.form_token()).extend_pairs(fields);
        let (status, to, body) =
            self.ask(Request::post(format!("/e/default/do/{action}")), form.finish()).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{action}: {body}");
        self.page(to.split('#').next().unwrap()).await
    }

    fn audited(&self) -> Vec<(String, String)> {
        self.store.audit_log().unwrap().into_iter().map(|(_, by, what)| (by, what)).collect()
    }
}

fn fact() -> cairn_schemas::fact::Fact {
    cairn_schemas::fact::Fact {
        value: cairn_schemas::fact::FactValue::Text("database".into()),
        unit: String::new(),
        source: "person".into(),
        observed_at: Timestamp(1_790_000_000),
        valid_from: None,
        confirmed_by: None,
    }
}

#[tokio::test]
async fn each_sees_the_forms_of_their_role_and_every_form_has_its_words() {
    for (role, pages) in [
        (Role::Viewer, [("journey", false), ("assessments", false), ("administration", false)]),
        (Role::Assessor, [("journey", true), ("assessments", true), ("administration", false)]),
        (Role::Admin, [("journey", true), ("assessments", true), ("administration", true)]),
    ] {
        let site = Site::new(role);
        for (page, offered) in pages {
            let body = site.page(&format!("/e/default/{page}")).await;
            assert_eq!(body.contains("/e/default/do/"), offered, "{role:?} {page}");
            assert!(!body.contains("[page."), "{page}: {body}");
        }
        let nav = site.page("/e/default/").await;
        assert_eq!(nav.contains("/e/default/administration\""), role == Role::Admin, "{role:?}");
        assert!(nav.contains("Signed in as Ada") && nav.contains("/e/default/sign-out"));
    }
    for action in ACTIONS {
        for part in ["title", "lead", "go"].into_iter().chain(action.fields.iter().map(|field| field.name)) {
            let words = say(&format!("do.{}.{part}", action.id));
            assert!(!words.starts_with('['), "{words}");
        }
    }
}

#[tokio::test]
async fn what_is_done_is_said_once_and_audited_with_who_did_it() {
    let site = Site::new(Role::Admin);
    let password = "correct horse battery";
    let veto = [("server", "web1"), ("words", "it runs the pay slips"), ("by", "Grace")];
    for (action, fields, said, audited) in [
        ("veto", &veto[..], "Decision 1 about web1 is kept", "veto"),
        ("withdraw", &[("decision", "1")], "Decision 1 is withdrawn", "for web1 is withdrawn"),
        (
            "add-person",
            &[("name", "Bob"), ("role", "viewer"), ("password", password)],
            "Bob is viewer",
            "added Bob",
        ),
        ("role", &[("name", "Bob"), ("role", "assessor")], "Bob is assessor", "made Bob assessor"),
        (
            "password",
            &[("name", "Bob"), ("password", password)],
            "Bob has another password",
            "gave Bob another",
        ),
        ("sessions", &[("name", "Bob")], "Bob is signed in nowhere", "ended 0 sessions of Bob"),
        ("remove-person", &[("name", "Bob")], "Bob is removed", "removed Bob"),
    ] {
        let page = site.does(action, fields).await;
        assert!(page.contains(said) && page.contains("role=\"status\""), "{action}: {page}");
        let log = site.audited();
        let line = log.iter().rev().find(|(_, what)| what.contains(audited));
        let line = line.unwrap_or_else(|| panic!("{action}: {log:?}"));
        assert_eq!(line.0, "Ada", "{action}: {line:?}");
        assert!(!site.page("/e/default/administration").await.contains("role=\"status\""), "said once");
    }
    assert_eq!(site.store.decisions().unwrap()[0].decision.by, "Grace");
    assert!(!format!("{:?}", site.audited()).contains(password));
}

#[tokio::test]
async fn a_join_token_is_shown_once_and_revoked() {
    let site = Site::new(Role::Admin);
    let page = site.does("token", &[("hours", "2"), ("uses", "3"), ("ring", "prod")]).await;
    let join = page.split("<pre tabindex=\"0\">http").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let token = site.store.tokens(now()).unwrap().remove(0);
    assert_eq!((token.uses_left, token.ring.as_str()), (3, "prod"));
    let again = site.page("/e/default/administration").await;
    assert!(join.contains(&token.id) && again.contains(&token.id) && !again.contains(&join));
    let page = site.does("revoke-token", &[("id", &token.id)]).await;
    assert!(page.contains("lets nobody in any more"), "{page}");
    assert_eq!(site.store.tokens(now()).unwrap(), []);
    let page = site.does("revoke-token", &[("id", &token.id)]).await;
    // Its form is gone with the last token: the problem has no form to stand beside, and is said all the same.
    assert!(page.contains("there is no join token"), "{page}");
}

#[tokio::test]
async fn what_is_wrong_stands_beside_the_form_with_what_was_filled_in() {
    let site = Site::new(Role::Admin);
    for (action, fields, problem, kept) in [
        (
            "veto",
            &[("server", "web9"), ("words", "a <b>reason</b>"), ("by", "Ada")][..],
            "there is no server",
            "a &#60;b",
        ),
        ("veto", &[("server", "web1"), ("words", ""), ("by", "Ada")], "Why: is empty", ""),
        ("token", &[("hours", "999999"), ("uses", "1")], "is no whole number from 1 to 744", "999999"),
        ("add-person", &[("name", "Bob"), ("role", "viewer"), ("password", "short")], "fewer than 15", "Bob"),
        (
            "add-person",
            &[("name", "Bob"), ("role", "king"), ("password", "correct horse battery")],
            "none of",
            "Bob",
        ),
        ("role", &[("name", "Nobody"), ("role", "viewer")], "there is no person", ""),
        ("revoke", &[("agent", "x")], "is not an agent id", ""),
        ("assess", &[], "nothing is measured yet", ""),
    ] {
        let page = site.does(action, fields).await;
        let at = page.find(problem).unwrap_or_else(|| panic!("{action}: {problem} not in {page}"));
        assert!(page[..at].ends_with(|_: char| true) && page.contains("role=\"alert\""), "{action}");
        assert!(page.contains(kept), "{action}: {kept}");
        assert!(!page.contains("value=\"short\"") && !page.contains("<b>reason"), "{action}");
    }
}

#[tokio::test]
async fn an_assessment_that_nobody_could_compute_again_is_not_signed() {
    let site = Site::new(Role::Assessor);
    let page = site.does("review", &[("number", "1")]).await;
    assert!(page.contains("nobody could compute it again"), "{page}");
    assert_eq!(site.store.assessments().unwrap()[0].state, ReviewState::Draft);
}

#[tokio::test]
async fn anybody_changes_their_own_password_who_knows_the_one_before() {
    let site = Site::new(Role::Viewer);
    let (first, second) = ("correct horse battery", "battery horse correct");
    let is = |password: &str| {
        let person = site.store.person("Ada").unwrap().unwrap();
        (crate::people::is_right(password, person.password.as_deref()), person.sessions)
    };
    let page = site.page("/e/default/account").await;
    assert!(page.contains("do-own-password") && page.contains("Who you are here"), "{page}");
    site.does("own-password", &[("current", ""), ("password", first)]).await;
    assert_eq!(is(first), (true, 0), "signed in nowhere any more");
    let site = Site { secret: site.sign_in("Ada"), ..site };
    for wrong in ["", "battery", second] {
        let page = site.does("own-password", &[("current", wrong), ("password", second)]).await;
        assert!(page.contains("not your password of before"), "{page}");
    }
    site.does("own-password", &[("current", first), ("password", second)]).await;
    let person = site.store.person("Ada").unwrap().unwrap();
    assert!(crate::people::is_right(second, person.password.as_deref()));
    let log = site.audited();
    assert!(
        log.iter().any(|(by, what)| by == "Ada" && what.contains("gave Ada another password")),
        "{log:?}"
    );
}

#[tokio::test]
async fn what_is_wrong_is_said_in_the_language_of_the_page() {
    let site = Site::new(Role::Admin);
    let site = Site { language: "de-AT", ..site };
    let short = [("name", "Bob"), ("role", "viewer"), ("password", "short")];
    let german = site.does("add-person", &short).await;
    assert!(german.contains("weniger als 15 Zeichen"), "{german}");
}
