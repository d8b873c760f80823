//! The base clock: what a core sustains. Boost clocks are promises, and the clock of a moment may be a sleepy
//! one, so the sources are asked in the order of how well they know.
// SPDX-License-Identifier: Apache-2.0

use super::SYS_CPU;
use super::cpuinfo::CpuInfo;
use crate::inventory::privileged::Privileged;
use crate::root::Root;

/// Drivers whose largest frequency is a boost clock; those of all others is what a core sustains
/// (Linux, Documentation/admin-guide/pm).
const DRIVERS_WITH_BOOST: [&str; 4] = ["intel_pstate", "intel_cpufreq", "amd-pstate", "amd-pstate-epp"];
/// `acpi-cpufreq` shows turbo as one more MHz.
const TURBO_STEP_KHZ: u64 = 1_000;
const KHZ_PER_MHZ: f64 = 1e3;

/// The clock in MHz and where it stands.
pub(super) fn base_mhz(
    root: &Root,
    cpuinfo: &CpuInfo,
    privileged: &Privileged,
) -> Result<(f64, String), String> {
    by_driver(root)
        .or_else(|| named(cpuinfo.field("model name")?))
        .or_else(|| fixed_frequency(root))
        .or_else(|| privileged.number("cpu_mhz"))
        .or_else(|| of_the_moment(cpuinfo))
        .filter(|(mhz, _)| mhz.is_finite() && *mhz > 0.0)
        .ok_or_else(|| "no base clock in cpufreq, the model's name or /proc/cpuinfo".to_owned())
}

fn by_driver(root: &Root) -> Option<(f64, String)> {
    let path = format!("{SYS_CPU}/cpu0/cpufreq/base_frequency");
    if let Some(khz) = root.number(&path).filter(|khz| *khz > 0) {
        return Some((khz as f64 / KHZ_PER_MHZ, format!("/{path}")));
    }
    let path = format!("{SYS_CPU}/cpu0/acpi_cppc/nominal_freq");
    let mhz = root.number(&path).filter(|mhz| *mhz > 0)?;
    Some((mhz as f64, format!("/{path}")))
}

/// `Intel(R) Xeon(R) CPU E5-2670 0 @ 2.60GHz`.
fn named(model: &str) -> Option<(f64, String)> {
    let ghz: f64 = model.split_whitespace().next_back()?.strip_suffix("GHz")?.parse().ok()?;
    Some(((ghz * 1e3).round(), format!("the model's name, {model:?}")))
}

fn fixed_frequency(root: &Root) -> Option<(f64, String)> {
    let folder = format!("{SYS_CPU}/cpu0/cpufreq");
    let driver = root.text(&format!("{folder}/scaling_driver")).ok()?;
    if DRIVERS_WITH_BOOST.contains(&driver.as_str()) {
        return None;
    }
    let khz = root.number(&format!("{folder}/cpuinfo_max_freq"))?;
    let khz = if khz % 10_000 == TURBO_STEP_KHZ { khz - TURBO_STEP_KHZ } else { khz };
    Some((khz as f64 / KHZ_PER_MHZ, format!("/{folder}/cpuinfo_max_freq of {driver}")))
}

/// s390 tells its fixed clock, POWER and the others the one they run at.
fn of_the_moment(cpuinfo: &CpuInfo) -> Option<(f64, String)> {
    let number = |name: &str| {
        let text = cpuinfo.field(name)?.trim_end_matches("MHz").trim();
        Some((text.parse::<f64>().ok()?, format!("{name:?} of /proc/cpuinfo")))
    };
    let moment =
        |(mhz, source)| (mhz, format!("{source}: the clock of this moment, the base clock may differ"));
    number("cpu MHz static").or_else(|| ["cpu MHz", "clock"].into_iter().find_map(number).map(moment))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::testing::tree;

    #[test]
    fn better_sources_go_first() {
        let check = |files: &str, cpuinfo: &str, expected: Option<f64>, source: &str| {
            let tree = tree(files);
            let absent = Privileged::Absent(String::new());
            let got = base_mhz(&tree.root(), &CpuInfo::parse(cpuinfo), &absent);
            assert_eq!(got.as_ref().ok().map(|(mhz, _)| *mhz), expected, "{files}{cpuinfo}");
            let said = got.map_or_else(|why| why, |(_, source)| source);
            assert!(said.contains(source), "{said}");
        };
        let xeon = "model name\t: Xeon X5650 @ 2.67GHz\ncpu MHz\t\t: 1596.0\n";
        let base = "@ sys/devices/system/cpu/cpu0/cpufreq/base_frequency\n2600000\n";
        let fixed = "@ sys/devices/system/cpu/cpu0/cpufreq/scaling_driver\nacpi-cpufreq\n\
                     @ sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq\n2301000\n";
        let boosting = fixed.replace("acpi-cpufreq", "amd-pstate-epp");
        check(base, xeon, Some(2_600.0), "base_frequency");
        check("", xeon, Some(2_670.0), "model's name");
        check(fixed, "cpu MHz\t\t: 1200.0\n", Some(2_300.0), "cpuinfo_max_freq");
        check(&boosting, "cpu MHz\t\t: 1200.0\n", Some(1_200.0), "of this moment");
        check("", "cpu MHz dynamic : 5208\ncpu MHz static  : 5200\n", Some(5_200.0), "static");
        check("", "clock\t\t: 3425.000000MHz\n", Some(3_425.0), "clock");
        check("", "BogoMIPS\t: 50.00\n", None, "no base clock");
    }
}
