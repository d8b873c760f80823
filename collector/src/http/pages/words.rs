//! The wording of the pages: `page.<id>`.
// SPDX-License-Identifier: Apache-2.0

use crate::messages::{Args, Messages};
use crate::report::Column;
use cairn_schemas::finding::Arg;

/// The sentence `page.<id>`.
pub(super) fn say(id: &str) -> String {
    Messages::english().render(&format!("page.{id}"), &Args::new(), "")
}

/// The sentence `page.<id>` with arguments.
pub(super) fn with<A: Into<Arg>, const N: usize>(id: &str, args: [(&str, A); N]) -> String {
    let args = args.into_iter().map(|(name, arg)| (name.to_owned(), arg.into())).collect();
    Messages::english().render(&format!("page.{id}"), &args, "")
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
