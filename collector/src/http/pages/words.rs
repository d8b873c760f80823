//! The wording of the pages: `page.<id>`, in the language the browser asks for. It holds for the whole of a request, as the
//! format of numbers does, so that nothing that says something has to carry it.
// SPDX-License-Identifier: Apache-2.0

use crate::messages::{Args, Messages};
use crate::number;
use crate::report::Column;
use axum::http::{HeaderMap, header};
use cairn_schemas::finding::Arg;
use std::cell::Cell;

tokio::task_local! {
    /// The language of a request.
    static ASKED: &'static Messages;
}

thread_local! {
    /// That of a page under way, which is made off the async threads.
    static WRITING: Cell<Option<&'static Messages>> = const { Cell::new(None) };
}

/// The language of ours that a browser likes best (RFC 9110, 12.5.4); English where it names none.
pub(in crate::http) fn asked(headers: &HeaderMap) -> &'static Messages {
    let list = headers.get(header::ACCEPT_LANGUAGE).and_then(|list| list.to_str().ok()).unwrap_or_default();
    let mut best = (0.0, Messages::english());
    for range in list.split(',').take(32) {
        let (tag, rest) = range.split_once(';').unwrap_or((range, ""));
        let weight = rest.trim().strip_prefix("q=").map_or(1.0, |q| q.parse::<f64>().unwrap_or(0.0));
        let code = tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
        if let Some(words) = Messages::built_in(&code).ok().filter(|_| weight > best.0) {
            best = (weight, words);
        }
    }
    best.1
}

/// Answers a request in a language.
pub(in crate::http) async fn answering<T>(words: &'static Messages, answer: impl Future<Output = T>) -> T {
    ASKED.scope(words, answer).await
}

/// Makes something in a language, on this thread.
pub(super) fn within<T>(words: &'static Messages, write: impl FnOnce() -> T) -> T {
    struct Back(Option<&'static Messages>);
    impl Drop for Back {
        fn drop(&mut self) {
            WRITING.set(self.0);
        }
    }
    let _back = Back(WRITING.replace(Some(words)));
    number::within(words.format(), write)
}

/// The language of what is being answered.
pub(super) fn current() -> &'static Messages {
    WRITING.get().or_else(|| ASKED.try_with(|words| *words).ok()).unwrap_or_else(Messages::english)
}

/// The sentence `page.<id>`.
pub(super) fn say(id: &str) -> String {
    current().render(&format!("page.{id}"), &Args::new(), "")
}

/// The sentence `page.<id>` with arguments.
pub(super) fn with<A: Into<Arg>, const N: usize>(id: &str, args: [(&str, A); N]) -> String {
    let args = args.into_iter().map(|(name, arg)| (name.to_owned(), arg.into())).collect();
    current().render(&format!("page.{id}"), &args, "")
}

/// A command `page.<id>.command`, exact for an engagement.
pub(super) fn command(engagement: &str, id: &str) -> String {
    let place = match engagement {
        "default" => String::new(),
        name => format!(" --engagement {name}"),
    };
    with(&format!("{id}.command"), [("place", place)])
}

/// Column headings `page.<table>.<name>`; a name that begins with `#` is a column of numbers.
pub(super) fn columns(table: &str, names: &[&str]) -> Vec<Column> {
    let column = |name: &&str| {
        let plain = name.trim_start_matches('#');
        Column { title: say(&format!("{table}.{plain}")), numeric: name.starts_with('#') }
    };
    names.iter().map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_gets_the_language_it_likes_best() {
        let check = |asked_for: &str, expected: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, asked_for.parse().unwrap());
            assert_eq!(asked(&headers).language(), expected, "{asked_for}");
        };
        for (asked_for, expected) in [
            ("", "en"),
            ("de", "de"),
            ("de-CH, en;q=0.8", "de"),
            ("en-GB,en;q=0.9,de;q=0.8", "en"),
            ("fr, de;q=0.7, en;q=0.3", "de"),
            ("fr", "en"),
            ("de;q=0", "en"),
            ("DE;q=x, en;q=0.1", "en"),
        ] {
            check(asked_for, expected);
        }
        assert_eq!(asked(&HeaderMap::new()).language(), "en");
    }

    #[test]
    fn a_language_holds_while_something_is_made_in_it() {
        let said = within(Messages::german(), || (say("name.overview"), number::decimals(1.5, 1)));
        assert_eq!(said, ("Überblick".to_owned(), "1,5".to_owned()));
        let _ = std::panic::catch_unwind(|| within(Messages::german(), || panic!("on the way")));
        assert_eq!((say("name.overview"), number::decimals(1.5, 1)), ("Overview".into(), "1.5".into()));
    }
}
