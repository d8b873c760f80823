//! `cairn token`: join strings, time- and use-limited, the secret kept only as a hash.
// SPDX-License-Identifier: Apache-2.0

use super::{Exit, Place, now};
use crate::join::{self, Terms};
use crate::serve;
use cairn_schemas::time::{DAY_S, HOUR_S, MINUTE_S};
use clap::{Args, Subcommand};
use std::io::Write;

/// Arguments of `cairn token`.
#[derive(Debug, Args)]
pub struct TokenArgs {
    #[command(subcommand)]
    verb: TokenVerb,
}

#[derive(Debug, Subcommand)]
enum TokenVerb {
    /// Makes a join string. It is shown once: the store keeps only a hash of its secret.
    Create(CreateArgs),
}

#[derive(Debug, Args)]
struct CreateArgs {
    #[command(flatten)]
    place: Place,
    /// How long it holds: 90m, 24h, 7d.
    #[arg(long, default_value = "24h", value_parser = duration_s)]
    ttl: i64,
    /// How many agents may enrol with it.
    #[arg(long, default_value_t = 1, value_name = "N")]
    uses: u32,
    /// Ring the agents are put into, for directives.
    #[arg(long, default_value = "", hide_default_value = true, value_parser = super::directives::ring)]
    ring: String,
    /// Address of the collector [default: where `cairn serve` listened last].
    #[arg(long)]
    url: Option<String>,
    /// Who makes it; goes into the audit [default: your name on this machine].
    #[arg(long, value_name = "WHO")]
    by: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Makes a token.
///
/// # Errors
/// Nothing is known of where the collector listens, or the store refuses.
pub fn run(args: TokenArgs, out: &mut impl Write) -> anyhow::Result<Exit> {
    let TokenVerb::Create(args) = args.verb;
    let recorded = serve::Place::recorded(&args.place.data_dir()?);
    let (url, pin) = match (args.url, recorded) {
        (Some(url), recorded) => (url, recorded.ok().and_then(|place| place.ca_spki_sha256)),
        (None, recorded) => recorded.map(|place| (place.url, place.ca_spki_sha256))?,
    };
    let place = serve::Place { url, ca_spki_sha256: pin };
    let terms = Terms { ttl_s: args.ttl, uses: args.uses, ring: args.ring };
    let by = args.by.unwrap_or_else(super::people::whoami);
    let join = join::give(&args.place.open()?, &place, &terms, &by, now()?)?;
    if args.json {
        writeln!(out, "{}", serde_json::json!({ "join": join.to_string() }))?;
    } else {
        writeln!(out, "{join}")?;
    }
    Ok(Exit::Done)
}

fn duration_s(text: &str) -> Result<i64, String> {
    let unit = |letter| match letter {
        'm' => Some(MINUTE_S),
        'h' => Some(HOUR_S),
        'd' => Some(DAY_S),
        _ => None,
    };
    let parsed = text.char_indices().next_back().and_then(|(at, letter)| {
        let number: i64 = text[..at].parse().ok().filter(|n| (1..=10_000).contains(n))?;
        Some(number * unit(letter)?)
    });
    parsed.ok_or_else(|| "give a number and m, h or d: 90m, 24h, 7d".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(duration_s("90m"), Ok(5_400));
        assert_eq!(duration_s("7d"), Ok(604_800));
        for wrong in ["", "7", "h", "-1h", "0d", "1.5h", "7w"] {
            assert!(duration_s(wrong).is_err(), "{wrong}");
        }
    }
}
