//! What a policy may say of where the servers stand, what they draw, what money must earn, and of the customer's answers:
//! codes, names there are, amounts that are no slip of the pen, each with who says so.
// SPDX-License-Identifier: Apache-2.0

use super::check::{Bound, Fault, bound};
use super::meant;
use cairn_assess::benefit::INPUTS;
use cairn_assess::policy::{Policy, ValuePolicy};

/// The first code, name, amount or source that cannot be.
pub(super) fn fault(policy: &Policy) -> Option<Fault> {
    let value = &policy.value;
    country(value).or_else(|| sources(value)).or_else(|| inputs(value))
}

pub(super) fn bounds(value: &ValuePolicy) -> Vec<Bound> {
    let mut bounds = vec![bound("value.hurdle_ratio", value.hurdle_ratio.unwrap_or(0.0), 0.0, 1.0)];
    for row in &value.power {
        bounds.push(bound("value.power.idle_watts", row.idle_watts, 1.0, 100_000.0));
        bounds.push(bound("value.power.max_watts", row.max_watts, row.idle_watts, 100_000.0));
    }
    bounds
}

fn country(value: &ValuePolicy) -> Option<Fault> {
    let code = value.country.as_deref()?;
    let is_code = (2..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphabetic());
    (!is_code).then(|| {
        let text = format!("`value.country` is `{code}`; it must be a code of ISO 3166, as DE or DEU");
        ("value.country".to_owned(), text)
    })
}

/// A figure that nobody stands for cannot be defended.
fn sources(value: &ValuePolicy) -> Option<Fault> {
    value.constants.iter().find_map(|(name, constant)| {
        let blank = [("source", &constant.source), ("date", &constant.date)];
        let (field, _) = blank.into_iter().find(|(_, text)| text.trim().is_empty())?;
        let text = format!("`value.constants.{name}.{field}` is empty: say whose figure it is, and of when");
        Some((format!("value.constants.{name}"), text))
    })
}

fn inputs(value: &ValuePolicy) -> Option<Fault> {
    let names: Vec<&str> = INPUTS.iter().map(|input| input.id).collect();
    value.inputs.iter().find_map(|(name, said)| {
        let fault = |text: String| Some((name.clone(), text));
        let Some(input) = INPUTS.iter().find(|input| input.id == name) else {
            return fault(format!("`value.inputs` knows no `{name}`{}", meant(name, &names)));
        };
        if !(0.0..=input.max).contains(&said.value) {
            let (value, unit, max) = (said.value, input.unit, input.max);
            return fault(format!(
                "`value.inputs.{name}` is {value} {unit}; it must lie between 0 and {max}"
            ));
        }
        let blank = said.source.trim().is_empty() || said.date.trim().is_empty();
        blank.then(|| (name.clone(), format!("`value.inputs.{name}` has no source or no date")))
    })
}

#[cfg(test)]
mod tests {
    use crate::policy_file::parse;

    fn constant(name: &str, low: f64, base: f64, high: f64) -> String {
        format!(
            "[value.constants.{name}]\nvalue = {{ low = {low}, base = {base}, high = {high} }}\nunit = \"1\"\nsource = \"contract 7\"\ndate = \"2026-11\"\n"
        )
    }

    #[test]
    fn faults_name_line_field_and_the_nearest_name() {
        let check = |text: &str, line: usize, expected: &str| {
            let error = parse("tariff.toml", text).unwrap_err();
            assert_eq!((error.file.as_str(), error.line), ("tariff.toml", line), "{error}");
            assert!(error.text.contains(expected), "{error}");
        };
        check(
            &constant("pue", 1.1, 1.2, 1.3).replace("contract 7", " "),
            1,
            "`value.constants.pue.source` is empty",
        );
        check("[value]\ncountry = \"Germany\"\n", 2, "a code of ISO 3166");
        check("[value]\nhurdle_ratio = 8\n", 2, "`value.hurdle_ratio` is 8; it must lie between 0 and 1");
        let power = "[[value.power]]\nserver_model = \"R720\"\nidle_watts = 300\nmax_watts = 200\nsource = \"PDU\"\ndate = \"2026\"\n";
        check(power, 4, "`value.power.max_watts` is 200; it must lie between 300 and");
        let input = "[value.inputs.downtime_befor]\nvalue = 4\nsource = \"desk\"\ndate = \"2026\"\n";
        check(input, 1, "was `downtime_before` meant?");
        check(&input.replace("befor]", "before]").replace("= 4", "= -4"), 1, "is -4 h/year");
    }

    #[test]
    fn what_is_in_order_is_taken() {
        let text = format!(
            "[value]\ncurrency = \"EUR\"\ncountry = \"de\"\nhurdle_ratio = 0.08\n{}",
            constant("pue", 1.2, 1.25, 1.3)
        );
        let policy = parse("tariff.toml", &text).unwrap();
        assert_eq!(policy.value.constants["pue"].value.base, 1.25);
    }
}
