//! What a policy may say of money, energy and the customer's answers: names there are, ranges in order, amounts that are no
//! slip of the pen.
// SPDX-License-Identifier: Apache-2.0

use super::check::{Bound, Fault, LARGE, bound};
use super::meant;
use cairn_assess::benefit::INPUTS;
use cairn_assess::policy::{Policy, ValueConstant, ValuePolicy};

/// The first name nobody knows, range out of order, or amount that cannot be.
pub(super) fn fault(policy: &Policy) -> Option<Fault> {
    let value = &policy.value;
    currency(value).or_else(|| country(value)).or_else(|| constants(value)).or_else(|| inputs(value))
}

pub(super) fn bounds(value: &ValuePolicy) -> Vec<Bound> {
    let mut bounds = vec![
        bound("value.years", f64::from(value.years), 1.0, 30.0),
        bound("value.hurdle_ratio", value.hurdle_ratio.unwrap_or(0.0), 0.0, 1.0),
    ];
    for row in &value.power {
        bounds.push(bound("value.power.idle_watts", row.idle_watts, 1.0, 100_000.0));
        bounds.push(bound("value.power.max_watts", row.max_watts, row.idle_watts, 100_000.0));
    }
    bounds
}

fn currency(value: &ValuePolicy) -> Option<Fault> {
    let is_code = value.currency.len() == 3 && value.currency.bytes().all(|byte| byte.is_ascii_uppercase());
    (!is_code).then(|| {
        let text = format!(
            "`value.currency` is `{}`; it must be a code of three capital letters, as EUR",
            value.currency
        );
        ("value.currency".to_owned(), text)
    })
}

fn country(value: &ValuePolicy) -> Option<Fault> {
    let code = value.country.as_deref()?;
    let is_code = (2..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphabetic());
    (!is_code).then(|| {
        let text = format!("`value.country` is `{code}`; it must be a code of ISO 3166, as DE or DEU");
        ("value.country".to_owned(), text)
    })
}

/// Constants something is divided by.
const DIVISORS: [&str; 3] = ["server_life", "servers_per_admin_physical", "servers_per_admin_virtual"];

fn constants(value: &ValuePolicy) -> Option<Fault> {
    let standard = ValuePolicy::default().resolved();
    let names: Vec<&str> = standard.keys().map(String::as_str).collect();
    value.constants.iter().find_map(|(name, constant)| constant_fault(name, constant, &names))
}

fn constant_fault(name: &str, constant: &ValueConstant, names: &[&str]) -> Option<Fault> {
    let fault = |text: String| Some((name.to_owned(), text));
    if !names.contains(&name) {
        return fault(format!("`value.constants` knows no `{name}`{}", meant(name, names)));
    }
    let least = if DIVISORS.contains(&name) { 0.1 } else { 0.0 };
    let range = constant.value;
    let ordered = range.low <= range.base && range.base <= range.high;
    if !(ordered && range.low >= least && range.high <= LARGE) {
        return fault(format!(
            "`value.constants.{name}` must be low <= base <= high, none below {least} or above {LARGE:e}; it is {} {} {}",
            range.low, range.base, range.high
        ));
    }
    let blank = [("unit", &constant.unit), ("source", &constant.source), ("date", &constant.date)];
    let (field, _) = blank.into_iter().find(|(_, text)| text.trim().is_empty())?;
    fault(format!("`value.constants.{name}.{field}` is empty: a figure without it cannot be defended"))
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
            "[value.constants.{name}]\nvalue = {{ low = {low}, base = {base}, high = {high} }}\nunit = \"x\"\nsource = \"contract 7\"\ndate = \"2026-11\"\n"
        )
    }

    #[test]
    fn faults_name_line_field_and_the_nearest_name() {
        let check = |text: &str, line: usize, expected: &str| {
            let error = parse("tariff.toml", text).unwrap_err();
            assert_eq!((error.file.as_str(), error.line), ("tariff.toml", line), "{error}");
            assert!(error.text.contains(expected), "{error}");
        };
        check(&constant("electricty_price", 0.1, 0.2, 0.3), 1, "was `electricity_price` meant?");
        check(&constant("electricity_price", 0.3, 0.2, 0.1), 1, "must be low <= base <= high");
        check(&format!("\n{}", constant("pue", -1.0, 1.0, 2.0)), 2, "none below 0 or above");
        check(&constant("server_life", 0.0, 1.0, 2.0), 1, "none below 0.1");
        check(
            &constant("pue", 1.1, 1.2, 1.3).replace("contract 7", " "),
            1,
            "`value.constants.pue.source` is empty",
        );
        check("[value]\ncurrency = \"Euro\"\n", 2, "a code of three capital letters");
        check("[value]\nyears = 0\n", 2, "`value.years` is 0");
        check("[value]\ncountry = \"Germany\"\n", 2, "a code of ISO 3166");
        check("[value]\nhurdle_ratio = 8\n", 2, "`value.hurdle_ratio` is 8; it must lie between 0 and 1");
        let power = "[[value.power]]\nserver_model = \"R720\"\nidle_watts = 300\nmax_watts = 200\nsource = \"PDU\"\ndate = \"2026\"\n";
        check(power, 4, "`value.power.max_watts` is 200; it must lie between 300 and");
        let input = "[value.inputs.downtime_befor]\nvalue = 4\nsource = \"desk\"\ndate = \"2026\"\n";
        check(input, 1, "was `downtime_before` meant?");
        check(&input.replace("befor]", "before]").replace("= 4", "= -4"), 1, "is -4 h/year");
        check("[value]\nyears = 5\nyears = 6\n", 3, "duplicate key");
    }

    #[test]
    fn a_tariff_in_order_is_taken() {
        let text = format!(
            "[value]\ncurrency = \"EUR\"\ncountry = \"de\"\nhurdle_ratio = 0.08\n{}",
            constant("electricity_price", 0.2, 0.25, 0.3)
        );
        let policy = parse("tariff.toml", &text).unwrap();
        assert_eq!(policy.value.constants["electricity_price"].value.base, 0.25);
    }
}
