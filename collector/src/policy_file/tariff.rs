//! What a policy may say of money: constants that exist, in the unit they are reckoned in, in order, and within what
//! such a thing can be. A misspelt constant would otherwise leave the standard one in force without a word.
// SPDX-License-Identifier: Apache-2.0

use super::check::{Bound, Fault, LARGE, bound};
use super::meant;
use cairn_assess::policy::{Policy, ValueConstant, ValuePolicy};

/// Where a constant may lie, by its name; the others from 0 up. Ours: beyond these it is a slip, or it divides by nothing.
const LIMITS: &[(&str, f64, f64)] = &[
    ("electricity_price", 0.0, 100.0),
    ("pue", 1.0, 10.0),
    ("hours_per_year", 8_760.0, 8_784.0),
    ("grid_carbon", 0.0, 10.0),
    ("server_life", 0.5, 50.0),
    ("maintenance_share", 0.0, 1.0),
    ("servers_per_admin_physical", 1.0, LARGE),
    ("servers_per_admin_virtual", 1.0, LARGE),
];

/// Stands in units for the currency of the policy.
const CURRENCY: &str = "currency";

pub(super) fn bounds(value: &ValuePolicy) -> Vec<Bound> {
    vec![bound("value.years", f64::from(value.years), 1.0, 30.0)]
}

/// The first currency, constant or licence price that cannot be meant.
pub(super) fn fault(policy: &Policy) -> Option<Fault> {
    let value = &policy.value;
    if !(value.currency.len() == 3 && value.currency.bytes().all(|byte| byte.is_ascii_uppercase())) {
        let text =
            format!("`value.currency` is {:?}; write the code of ISO 4217, such as EUR", value.currency);
        return Some(("value.currency".to_owned(), text));
    }
    let constants = value.constants.iter().find_map(|(name, constant)| {
        let text = constant_fault(name, constant, &value.currency)?;
        Some((format!("value.constants.{name}"), text))
    });
    let prices = || {
        policy.licences.iter().find_map(|(name, price)| {
            let field = format!("licences.{name}");
            Some((field.clone(), out_of_order(&field, price, 0.0, LARGE)?))
        })
    };
    constants.or_else(prices)
}

fn constant_fault(name: &str, constant: &ValueConstant, currency: &str) -> Option<String> {
    let standard = ValuePolicy::default().resolved();
    let Some(known) = standard.get(name) else {
        let names: Vec<&str> = standard.keys().map(String::as_str).collect();
        let valid = names.join(", ");
        return Some(format!(
            "`value.constants` knows no `{name}`{} (valid here: {valid})",
            meant(name, &names)
        ));
    };
    let field = format!("value.constants.{name}");
    if constant.unit != known.unit && constant.unit != known.unit.replace(CURRENCY, currency) {
        return Some(format!(
            "the unit of `{field}` is {:?}; it is reckoned in {:?}",
            constant.unit, known.unit
        ));
    }
    let limits = LIMITS.iter().find(|(limited, ..)| *limited == name);
    let (least, most) = limits.map_or((0.0, LARGE), |(_, least, most)| (*least, *most));
    out_of_order(&field, constant, least, most)
}

fn out_of_order(field: &str, constant: &ValueConstant, least: f64, most: f64) -> Option<String> {
    let value = constant.value;
    // Said so that what is no number at all is refused as well.
    let fine =
        least <= value.low && value.low <= value.base && value.base <= value.high && value.high <= most;
    (!fine).then(|| {
        let most = if most < LARGE { format!(" or above {most}") } else { String::new() };
        format!("`{field}` must be low <= base <= high, none below {least}{most}")
    })
}

#[cfg(test)]
mod tests {
    use super::LIMITS;
    use crate::policy_file::parse;
    use cairn_assess::policy::ValuePolicy;

    fn constant(name: &str, value: [&str; 3], unit: &str) -> String {
        let [low, base, high] = value;
        format!(
            "[value.constants.{name}]\nvalue = {{ low = {low}, base = {base}, high = {high} }}\n\
             unit = \"{unit}\"\nsource = \"ours\"\ndate = \"2026\"\n"
        )
    }

    #[test]
    fn a_tariff_that_cannot_be_meant_is_refused() {
        let check = |text: &str, line: usize, expected: &str| {
            let error = parse("t.toml", text).unwrap_err();
            assert!(error.text.contains(expected), "{error}");
            assert_eq!(error.line, line, "{error}");
        };
        let price = |value, unit| constant("electricity_price", value, unit);
        let ordered = ["0.1", "0.2", "0.3"];
        let misspelt = constant("electricty_price", ordered, "currency/kWh");
        check(&misspelt, 1, "knows no `electricty_price`; was `electricity_price` meant?");
        check(&price(["0.3", "0.2", "0.1"], "currency/kWh"), 1, "must be low <= base <= high");
        check(&price(["-0.1", "0.2", "0.3"], "currency/kWh"), 1, "none below 0");
        check(&price(["0.1", "nan", "0.3"], "currency/kWh"), 1, "must be low <= base <= high");
        check(&price(["10", "20", "300"], "currency/kWh"), 1, "or above 100");
        check(&price(ordered, "currency/MWh"), 1, "is \"currency/MWh\"; it is reckoned in \"currency/kWh\"");
        check(&price(ordered, "EUR/kWh"), 1, "it is reckoned in");
        check(&price(["\"a lot\"", "0.2", "0.3"], "currency/kWh"), 2, "invalid type");
        check(&constant("server_life", ["0", "5", "6"], "years"), 1, "none below 0.5");
        check(&constant("pue", ["0.9", "1.5", "2"], "1"), 1, "none below 1 or above 10");
        check("[value]\ncurrency = \"euro\"\n", 2, "`value.currency` is \"euro\"");
        check("[value]\nyears = 0\n", 2, "`value.years` is 0; it must lie between 1 and 30");
        check("[value]\nyears = 5\nyears = 6\n", 3, "duplicate key");
        let pue = |range: &str| format!("[value.constants.pue]\nvalue = {{ {range} }}\nunit = \"1\"\n");
        let meant = "there is no `hihg`; was `high` meant? (valid here: low, base, high)";
        check(&pue("low = 1, base = 1, hihg = 2"), 2, meant);
        check(&pue("low = 1, base = 1, high = 2, hihg = 3"), 2, meant);
        check(&pue("low = 1, base = 1, high = 2, source = 3"), 2, "there is no `source`");
        check(&pue("low = 1, base = 1"), 2, "missing field `high`");
        let table = "[value.constants.pue.value]\nlow = 1\nbase = 1\nhigh = 2\nbasis = 3\n";
        check(table, 5, "there is no `basis`; was `base` meant?");
        check("[template]\nprice = { low = 1, base = 2, high = 3, bas = 2 }\n", 2, "was `base` meant?");
        check("[[catalogue]]\nprice = { low = 1, base = 2, heigh = 3 }\n", 2, "was `high` meant?");
        let licence =
            constant("windows_standard", ["3", "2", "1"], "currency").replace("value.constants", "licences");
        check(&licence, 1, "`licences.windows_standard` must be low <= base <= high");
    }

    #[test]
    fn a_tariff_in_the_currency_of_the_policy_is_taken() {
        let own = constant("electricity_price", ["0.2", "0.25", "0.3"], "EUR/kWh");
        let policy = parse("t.toml", &format!("[value]\ncurrency = \"EUR\"\n{own}")).unwrap();
        assert_eq!(policy.value.resolved()["electricity_price"].value.base, 0.25);
    }

    #[test]
    fn every_limit_is_of_a_constant_and_holds_its_standard() {
        let standard = ValuePolicy::default().resolved();
        for (name, least, most) in LIMITS {
            let value = standard[*name].value;
            assert!(*least <= value.low && value.high <= *most, "{name}");
        }
    }
}
