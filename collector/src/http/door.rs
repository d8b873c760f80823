//! What the guards of all pages share: the names this collector is reached by, the name and terms of its cookies, how
//! often signing in was tried, and what a person is to be told on the next page.
// SPDX-License-Identifier: Apache-2.0

use crate::people::{Attempts, HASH_BYTES, Secret, Terms};
use crate::serve::Place;
use crate::store::people::Digest;
use axum::http::{HeaderMap, HeaderValue, header};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Passwords that are looked at together; each takes [`HASH_BYTES`].
const HASHINGS_MAX: usize = 2;
/// Memory of passwords that are looked at.
pub(crate) const HASHINGS_BYTES_MAX: usize = HASHINGS_MAX * HASH_BYTES;
/// Sessions something waits for; nobody else can have made them.
const SAID_MAX: usize = 1_000;
/// A browser keeps a cookie of this name only from TLS, for this host alone and all its paths.
const HOST_ONLY: &str = "__Host-";

/// What became of an action, told once on the page that follows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// Id of the action.
    pub(super) action: String,
    /// What is wrong; `None`: it was done.
    pub(super) problem: Option<String>,
    /// What was done.
    pub(super) done: String,
    /// Something to be copied, shown only now.
    pub(super) secret: Option<String>,
    /// What was filled in, where it is to be put right.
    pub(super) filled: BTreeMap<String, String>,
}

/// The door of a collector's pages.
pub struct Door {
    /// Names it is reached by, without a port.
    names: Vec<String>,
    /// Where agents reach it, for join strings.
    pub(super) place: Place,
    /// The engagement `/` leads to.
    pub(super) first: String,
    pub(super) terms: Terms,
    pub(super) attempts: Attempts,
    hashings: Semaphore,
    said: Mutex<BTreeMap<Digest, Said>>,
}

impl Door {
    /// A door at a place, reached by some names besides those of loopback.
    #[must_use]
    pub fn new(place: Place, names: &[String], first: &str, is_loopback: bool) -> Self {
        let own = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
        let names = names.iter().map(|name| name.to_ascii_lowercase());
        Self {
            names: names.chain(own.into_iter().filter(|_| is_loopback)).collect(),
            place,
            first: first.to_owned(),
            terms: if is_loopback { Terms::LOOPBACK } else { Terms::NETWORK },
            attempts: Attempts::default(),
            hashings: Semaphore::new(HASHINGS_MAX),
            said: Mutex::default(),
        }
    }

    fn has_tls(&self) -> bool {
        self.place.ca_spki_sha256.is_some()
    }

    /// Whether a `Host` is one of ours. A name that somebody else lets point here is none, whatever page a browser
    /// shows under it.
    pub(super) fn is_ours(&self, host: &str) -> bool {
        let bare = match host.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => host.split(':').next().unwrap_or_default(),
        };
        let bare = bare.strip_suffix('.').unwrap_or(bare).to_ascii_lowercase();
        self.names.contains(&bare)
    }

    /// The origin of pages under a `Host`.
    pub(super) fn origin(&self, host: &str) -> String {
        format!("{}://{host}", if self.has_tls() { "https" } else { "http" })
    }

    /// What cookies of sessions are called before the engagement's name.
    fn cookie_stem(&self) -> String {
        // Browsers keep one cookie for all ports of a host; two collectors there would sign people out of each other's
        // pages.
        let port = self.place.url.rsplit(':').next().filter(|port| port.parse::<u16>().is_ok());
        let port = port.map(|port| format!("{port}-")).unwrap_or_default();
        format!("{}cairn-{port}", if self.has_tls() { HOST_ONLY } else { "" })
    }

    /// Secrets of sessions a browser shows, each with the engagement it says it is of.
    pub(super) fn shown(&self, headers: &HeaderMap) -> Vec<(String, Secret)> {
        let stem = self.cookie_stem();
        let texts = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let of_ours = pairs.filter_map(|(name, value)| Some((name.strip_prefix(&stem)?, value)));
        of_ours.filter_map(|(of, value)| Some((of.to_owned(), Secret::shown(value)?))).collect()
    }

    /// A cookie that keeps a session; without a secret one that ends it. A link in a message leads in (`Lax`): reading
    /// changes nothing, and what changes something needs the form's token as well.
    pub(super) fn cookie(&self, engagement: &str, secret: Option<&Secret>) -> Option<HeaderValue> {
        let (value, lasts_s) = secret.map_or(("", 0), |secret| (secret.reveal(), self.terms.whole_s));
        let secure = if self.has_tls() { "; Secure" } else { "" };
        let stem = self.cookie_stem();
        let text =
            format!("{stem}{engagement}={value}; Path=/; Max-Age={lasts_s}; HttpOnly; SameSite=Lax{secure}");
        HeaderValue::from_str(&text).ok()
    }

    /// A place to look at a password; who finds none waits.
    pub(super) async fn hashing(&self) -> Option<SemaphorePermit<'_>> {
        self.hashings.acquire().await.ok()
    }

    /// Keeps what a session is to be told next.
    pub(super) fn say(&self, session: Digest, said: Said) {
        let mut waiting = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= SAID_MAX {
            // Whoever never looked at the page.
            waiting.clear();
        }
        waiting.insert(session, said);
    }

    /// What a session is to be told, once.
    pub(super) fn told(&self, session: &Digest) -> Option<Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).remove(session)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door(pin: Option<&str>, loopback: bool) -> Door {
        let place = Place { url: "x".into(), ca_spki_sha256: pin.map(str::to_owned) };
        Door::new(place, &["cairn.example".into(), "10.0.0.5".into()], "default", loopback)
    }

    #[test]
    fn only_our_names_are_ours() {
        let here = door(None, true);
        for (host, loopback, network) in [
            ("127.0.0.1:8443", true, false),
            ("localhost", true, false),
            ("LOCALHOST.:80", true, false),
            ("[::1]:8443", true, false),
            ("cairn.example:8443", true, true),
            ("Cairn.Example", true, true),
            ("10.0.0.5", true, true),
            ("evil.example", false, false),
            ("127.0.0.1.evil.example:8443", false, false),
            ("localhost@evil.example", false, false),
            ("", false, false),
        ] {
            assert_eq!(here.is_ours(host), loopback, "{host}");
            assert_eq!(door(Some("ab"), false).is_ours(host), network, "{host}");
        }
    }

    #[test]
    fn cookies_are_for_this_host_alone() {
        let secret = Secret::new().unwrap();
        let (plain, tls) = (door(None, true), door(Some("ab"), false));
        let text = |door: &Door| door.cookie("a-b", Some(&secret)).unwrap().to_str().unwrap().to_owned();
        assert!(text(&plain).starts_with("cairn-a-b=") && !text(&plain).contains("Secure"));
        assert!(text(&tls).starts_with("__Host-cairn-a-b=") && text(&tls).ends_with("; Secure"));
        for part in ["; Path=/;", "HttpOnly", "SameSite=Lax"] {
            assert!(text(&plain).contains(part) && text(&tls).contains(part), "{part}");
        }
        let mut headers = HeaderMap::new();
        let value = format!("x=1; cairn-a-b={}; cairn-c=short", secret.reveal());
        headers.insert(header::COOKIE, HeaderValue::from_str(&value).unwrap());
        assert_eq!(plain.shown(&headers), [("a-b".to_owned(), secret.clone())]);
        let place = Place { url: "http://127.0.0.1:8443".into(), ca_spki_sha256: None };
        let other = Door::new(place, &[], "default", true);
        assert!(text(&other).starts_with("cairn-8443-a-b="));
        assert_eq!(other.shown(&headers), [], "a cookie of a collector on another port");
        assert_eq!(tls.shown(&headers), [], "a cookie that did not come by TLS is none");
    }

    #[test]
    fn what_is_said_is_heard_once_and_by_nobody_else() {
        let door = door(None, true);
        door.say([1; 32], Said { done: "done".into(), ..Said::default() });
        assert_eq!(door.told(&[2; 32]), None);
        assert_eq!(door.told(&[1; 32]).unwrap().done, "done");
        assert_eq!(door.told(&[1; 32]), None);
    }
}
