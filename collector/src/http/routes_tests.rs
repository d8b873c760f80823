//! Every route of the table, asked by everybody who might: each combination has the answer its line says.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::engagements::{Engagements, SharedStore};
use crate::http::{Door, Offer, Peer, routes};
use crate::people::Secret;
use crate::serve::Place;
use crate::store::people::{Begun, NewPerson};
use axum::body::Body;
use axum::http::{Request, header};
use cairn_schemas::time::Timestamp;
use std::sync::Arc;
use tower::ServiceExt as _;

const ORIGIN: &str = "http://localhost:8443";

/// Who asks, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asker {
    Nobody,
    Expired,
    SignedOut,
    Is(Role),
    /// Of another engagement, with its own cookie, and with that cookie under this engagement's name.
    AdminElsewhere,
    Forger,
    /// An admin whose form carries another session's token, or none.
    WrongToken,
    NoToken,
    /// An admin whose browser says the form is of another site, or says nothing.
    WrongOrigin,
    NoOrigin,
    /// An admin, under a name that is not ours.
    WrongHost,
}

const ASKERS: [Asker; 13] = [
    Asker::Nobody,
    Asker::Expired,
    Asker::SignedOut,
    Asker::Is(Role::Viewer),
    Asker::Is(Role::Assessor),
    Asker::Is(Role::Admin),
    Asker::AdminElsewhere,
    Asker::Forger,
    Asker::WrongToken,
    Asker::NoToken,
    Asker::WrongOrigin,
    Asker::NoOrigin,
    Asker::WrongHost,
];

/// What the table promises: a status the guard answers with, or that it lets the request pass.
fn promised(line: &Line, asker: Asker) -> Option<u16> {
    let is_page = line.path.starts_with("/e/");
    let nobody = if is_page && !line.is_change { 303 } else { 401 };
    match (line.least, asker) {
        (Least::Agent, _) => None,
        (_, Asker::WrongHost) => Some(421),
        (_, Asker::WrongOrigin | Asker::NoOrigin) if line.is_change => Some(403),
        (Least::Monitor | Least::Anybody, _) => None,
        (
            Least::Role(_),
            Asker::Nobody | Asker::Expired | Asker::SignedOut | Asker::AdminElsewhere | Asker::Forger,
        ) => Some(nobody),
        (Least::Role(_), Asker::WrongToken | Asker::NoToken) if line.is_change => Some(403),
        (Least::Role(least), Asker::Is(role)) if role < least => Some(403),
        (Least::Role(_), _) => None,
    }
}

struct Site {
    dir: tempfile::TempDir,
    router: Router,
}

fn begun(secret: &Secret, lasts_s: i64) -> Begun {
    let expires_at = Timestamp(crate::clock::now().0 + lasts_s);
    Begun { secret_sha256: secret.digest(), idle_s: 3_600, expires_at }
}

fn session_of(store: &SharedStore, role: Role) -> Secret {
    let (secret, now) = (Secret::new().unwrap(), crate::clock::now());
    let person = store.person(role.name()).unwrap().unwrap();
    assert!(store.begin_session(&person, &begun(&secret, 60), now).unwrap());
    secret
}

impl Site {
    /// Two engagements with a person of each role, and something to look at.
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let engagements = Arc::new(Engagements::new(dir.path()));
        for name in ["default", "other"] {
            let store = engagements.store(&name.parse().unwrap()).unwrap();
            for role in Role::ALL {
                let new = NewPerson { name: role.name(), role, password: None };
                assert!(store.add_person(&new, "a test", crate::clock::now()).unwrap());
            }
            store.put_assessment(&crate::report::fixtures::one_server()).unwrap();
        }
        let place = Place { url: ORIGIN.into(), ca_spki_sha256: None };
        let shared = Shared::new(engagements, Door::new(place, &[], "default", true));
        let router = routes(shared, Offer::All).layer(Extension(Peer([192, 0, 2, 1].into())));
        Self { dir, router }
    }

    fn store(&self, name: &str) -> SharedStore {
        Engagements::new(self.dir.path()).store(&name.parse().unwrap()).unwrap()
    }

    /// A cookie and the form's token that belongs to it.
    fn shows(&self, asker: Asker) -> (Option<String>, String) {
        let here = self.store("default");
        let cookie = |secret: &Secret| Some(format!("cairn-8443-default={}", secret.reveal()));
        match asker {
            Asker::Nobody => (None, String::new()),
            Asker::Expired => {
                let (secret, past) = (Secret::new().unwrap(), Timestamp(crate::clock::now().0 - 100));
                let person = here.person("admin").unwrap().unwrap();
                assert!(here.begin_session(&person, &begun(&secret, -1), past).unwrap());
                (cookie(&secret), secret.form_token())
            }
            Asker::SignedOut => {
                let secret = session_of(&here, Role::Admin);
                assert!(here.end_session(&secret.digest(), crate::clock::now()).unwrap());
                (cookie(&secret), secret.form_token())
            }
            Asker::Is(role) => {
                let secret = session_of(&here, role);
                (cookie(&secret), secret.form_token())
            }
            Asker::AdminElsewhere => {
                let secret = session_of(&self.store("other"), Role::Admin);
                (
                    Some(format!("cairn-8443-other={0}; cairn-8443-default={0}", secret.reveal())),
                    secret.form_token(),
                )
            }
            Asker::Forger => {
                let secret = Secret::new().unwrap();
                (cookie(&secret), secret.form_token())
            }
            Asker::WrongToken => {
                (cookie(&session_of(&here, Role::Admin)), session_of(&here, Role::Admin).form_token())
            }
            Asker::NoToken => (cookie(&session_of(&here, Role::Admin)), String::new()),
            Asker::WrongOrigin | Asker::NoOrigin | Asker::WrongHost => {
                let secret = session_of(&here, Role::Admin);
                (cookie(&secret), secret.form_token())
            }
        }
    }

    async fn status(&self, line: &Line, asker: Asker) -> u16 {
        let path = line.path.replace("{engagement}", "default").replace("{id}", "1");
        let path = path.replace("{file}", "servers.csv");
        let (cookie, token) = self.shows(asker);
        let method = if line.is_change { "POST" } else { "GET" };
        let host = if asker == Asker::WrongHost { "evil.example:8443" } else { "localhost:8443" };
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, host);
        if let Some(cookie) = cookie {
            request = request.header(header::COOKIE, cookie);
        }
        match asker {
            Asker::NoOrigin => {}
            Asker::WrongOrigin => request = request.header(header::ORIGIN, "https://evil.example"),
            _ => request = request.header(header::ORIGIN, ORIGIN),
        }
        let body = if asker == Asker::NoToken { String::new() } else { format!("token={token}") };
        let answer = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        answer.status().as_u16()
    }
}

#[tokio::test]
async fn every_route_answers_everybody_as_its_line_says() {
    let site = Site::new();
    let mut asked = 0;
    for line in table() {
        for asker in ASKERS {
            let (got, promised) = (site.status(&line, asker).await, promised(&line, asker));
            let what = format!("{} {} asked by {asker:?}", line.is_change, line.path);
            match promised {
                Some(status) => assert_eq!(got, status, "{what}"),
                // What a handler says of an empty form is its own; that the guard let it pass shows in any other.
                None => assert!(passed(&line, got), "{what}: {got}"),
            }
            asked += 1;
        }
    }
    assert!(asked >= ASKERS.len() * 25, "{asked}");
}

/// Whether a status is a handler's.
fn passed(line: &Line, status: u16) -> bool {
    match line.least {
        Least::Agent => matches!(status, 200 | 400),
        Least::Monitor => status == 200,
        // Nobody's name and no password, and a link that is none; somebody who tries so often is told to wait.
        Least::Anybody => matches!(status, 200 | 303 | 401 | 429),
        Least::Role(_) if line.is_change => status == 303,
        Least::Role(_) => matches!(status, 200 | 404),
    }
}

#[tokio::test]
async fn what_agents_and_programs_ask_is_not_offered_beyond_their_listener() {
    let dir = tempfile::tempdir().unwrap();
    for (offer, offered) in [(Offer::Agents, 1), (Offer::Pages, 2), (Offer::All, 3)] {
        let place = Place { url: ORIGIN.into(), ca_spki_sha256: None };
        let engagements = Arc::new(Engagements::new(dir.path()));
        let shared = Shared::new(engagements, Door::new(place, &[], "default", true));
        let router = routes(shared, offer).layer(Extension(Peer([192, 0, 2, 1].into())));
        let paths = ["/v1/batches", "/e/default/sign-in", "/metrics"];
        for (n, path) in paths.into_iter().enumerate() {
            let request = Request::get(path).header(header::HOST, "localhost:8443");
            let answer = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
            assert_eq!(answer.status() != 404, n < offered, "{offer:?} {path}");
        }
    }
}

/// The table is the only place that makes routes.
#[test]
fn no_route_is_made_beside_the_table() {
    let source = |folder: &std::path::Path| -> Vec<(String, String)> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let files = entries.filter(|path| path.extension().is_some_and(|ending| ending == "rs"));
        files.map(|path| (path.display().to_string(), std::fs::read_to_string(&path).unwrap())).collect()
    };
    let http = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http");
    for (path, text) in [source(&http), source(&http.join("pages"))].concat() {
        let shipped = text.split("#[cfg(test)]").next().unwrap_or_default();
        let makes = shipped.matches(".route(").count() + shipped.matches(".nest").count();
        assert_eq!(makes, usize::from(path.ends_with("/routes.rs")), "{path} makes routes of its own");
    }
}
