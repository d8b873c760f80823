//! Words that mean nothing, clocks inside model names, and the makers of hypervisors.
// SPDX-License-Identifier: Apache-2.0

/// What firmware and tools write where nothing is known, in lower case.
const PLACEHOLDERS: &[&str] = &[
    "",
    "-",
    "--",
    "n/a",
    "na",
    "none",
    "empty",
    "unknown",
    "undefined",
    "not available",
    "not specified",
    "not provided",
    "not present",
    "not installed",
    "no enclosure",
    "to be filled by o.e.m.",
    "to be filled by o.e.m",
    "o.e.m.",
    "oem",
    "default string",
    "default",
    "system manufacturer",
    "system product name",
    "system name",
    "system version",
    "<out of spec>",
    "<bad index>",
    "0123456789",
    "123456789",
    "0",
];

/// A text without its padding, unless it is a placeholder or nothing but one repeated sign.
pub(in crate::import) fn meaningful(text: &str) -> Option<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let lower = text.to_lowercase();
    let first = text.chars().next()?;
    let one_sign = !first.is_alphanumeric() && text.chars().all(|c| c == first);
    let filler = text.chars().count() > 2 && text.chars().all(|c| matches!(c, 'x' | 'X' | '0' | '*'));
    (!PLACEHOLDERS.contains(&lower.as_str()) && !one_sign && !filler).then_some(text)
}

/// Clocks a CPU can have.
const MHZ: std::ops::RangeInclusive<f64> = 100.0..=10_000.0;

/// A clock in MHz, with a point or a comma.
pub(in crate::import) fn megahertz(text: &str) -> Option<f64> {
    let number = text.trim().trim_end_matches("MHz").trim_end().replace(',', ".");
    number.parse::<f64>().ok().filter(|mhz| MHZ.contains(mhz))
}

/// The base clock that a model's name ends with: `@ 2.40GHz`, `@ 3.30GH` where the field was too short,
/// `2.66GHz` in old names.
pub(in crate::import) fn clock_in_name(model: &str) -> Option<f64> {
    let (before, after) = model.rsplit_once('@').unwrap_or(("", model));
    let named = !before.is_empty();
    let word = if named { after.trim() } else { after.split_whitespace().next_back()? };
    let digits = word.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(word.len());
    let (number, unit) = word.split_at(digits);
    let unit = unit.trim();
    let per_unit = match unit.to_ascii_lowercase().as_str() {
        "ghz" => 1_000.0,
        "gh" | "g" if named => 1_000.0,
        "mhz" => 1.0,
        _ => return None,
    };
    let mhz = (number.parse::<f64>().ok()? * per_unit).round();
    MHZ.contains(&mhz).then_some(mhz)
}

/// What vendors and products of virtual machines are called, and the hypervisor that is.
const HYPERVISORS: &[(&str, &str)] = &[
    ("vmware", "vmware"),
    ("virtualbox", "virtualbox"),
    ("innotek", "virtualbox"),
    ("qemu", "kvm"),
    ("kvm", "kvm"),
    ("rhev", "kvm"),
    ("ovirt", "kvm"),
    ("openstack", "kvm"),
    ("nutanix ahv", "kvm"),
    ("google compute engine", "kvm"),
    ("alibaba cloud", "kvm"),
    ("bochs", "kvm"),
    ("hvm domu", "xen"),
    ("xen", "xen"),
    ("bhyve", "bhyve"),
    ("parallels", "parallels"),
    ("microsoft corporation virtual machine", "hyper-v"),
];

/// The hypervisor that a machine's vendor and product name, if they name one.
pub(in crate::import) fn hypervisor(vendor_and_product: &str) -> Option<&'static str> {
    let lower = vendor_and_product.to_lowercase();
    if lower.starts_with("amazon ec2") && !lower.ends_with(".metal") {
        return Some("kvm");
    }
    // A sign is a word or begins one: "Xenon" is a maker of servers.
    let begins = |sign: &str| {
        lower.match_indices(sign).any(|(at, _)| {
            let before = lower[..at].chars().next_back();
            let after = lower[at + sign.len()..].chars().next();
            before.is_none_or(|c| !c.is_alphanumeric()) && after.is_none_or(|c| !c.is_alphabetic())
        })
    };
    HYPERVISORS.iter().find(|(sign, _)| begins(sign)).map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_say_nothing() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(meaningful(text).as_deref(), expected, "{text:?}");
        };
        check(
            "  Intel(R) Xeon(R) CPU           X7550  @ 2.00GHz ",
            Some("Intel(R) Xeon(R) CPU X7550 @ 2.00GHz"),
        );
        check("To be filled by O.E.M.", None);
        check("Default string", None);
        check("Not Specified", None);
        check("<BAD INDEX>", None);
        check("........", None);
        check("xxxxxxxx", None);
        check("", None);
        check("X3", Some("X3"));
    }

    #[test]
    fn a_name_carries_its_clock() {
        let check = |name: &str, expected: Option<f64>| assert_eq!(clock_in_name(name), expected, "{name:?}");
        check("Intel(R) Xeon(R) CPU E5-2630 v3 @ 2.40GHz", Some(2_400.0));
        check("Intel(R) Xeon(R) CPU E3-1230 V2 @ 3.30GH", Some(3_300.0));
        check("Intel(R) Xeon(TM) CPU 2.66GHz", Some(2_660.0));
        check("Pentium III @ 933MHz", Some(933.0));
        check("Genuine Intel(R) CPU 0000%@", None);
        check("AMD EPYC 7302P 16-Core Processor", None);
        check("Odd @ 99.9GHz", None);
        check("Odd @ GHz", None);
        check("@", None);
        check("Model 4G", None);
    }

    #[test]
    fn hypervisors_are_known_by_vendor_and_product() {
        let check = |name: &str, expected: Option<&str>| assert_eq!(hypervisor(name), expected, "{name:?}");
        check("VMware, Inc. VMware Virtual Platform", Some("vmware"));
        check("VMware, Inc. VMware7,1", Some("vmware"));
        check("QEMU Standard PC (i440FX + PIIX, 1996)", Some("kvm"));
        check("Microsoft Corporation Virtual Machine", Some("hyper-v"));
        check("Microsoft Corporation Surface Laptop", None);
        check("Xen HVM domU", Some("xen"));
        check("Xenon Systems Nitro", None);
        check("Amazon EC2 m5.large", Some("kvm"));
        check("Amazon EC2 m5.metal", None);
        check("Dell Inc. PowerEdge R630", None);
    }
}
