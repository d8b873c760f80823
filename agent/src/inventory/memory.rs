//! Memory installed. What the kernel calls total lacks what firmware and kernel keep for themselves, so the
//! modules are believed first, then the memory blocks the kernel manages, and only then its total.
// SPDX-License-Identifier: Apache-2.0

use super::Record;
use super::privileged::Privileged;
use crate::root::Root;
use cairn_schemas::fact::FactValue;

const SYS_MEMORY: &str = "sys/devices/system/memory";
const BYTES_PER_KB: f64 = 1_024.0;
/// Installed memory above this multiple of the kernel's total is no round-up but another machine's.
const ABOVE_TOTAL_MAX_RATIO: f64 = 1.25;
/// Small machines lose a larger share; their round-up may be this much.
const ABOVE_TOTAL_MAX_BYTES: f64 = (1_u64 << 30) as f64;

pub(super) fn read(root: &Root, privileged: &Privileged, record: &mut Record) {
    let total = total(root);
    let plausible = |bytes: f64| match total {
        Ok(total) => {
            let most = (total * ABOVE_TOTAL_MAX_RATIO).max(total + ABOVE_TOTAL_MAX_BYTES);
            bytes >= total && bytes <= most
        }
        Err(_) => bytes > 0.0,
    };
    let modules = privileged.number("memory_bytes").filter(|(bytes, _)| plausible(*bytes));
    let blocks = || blocks(root).filter(|(bytes, _)| plausible(*bytes));
    let installed = match modules.or_else(blocks) {
        Some(known) => Ok(known),
        None => {
            total.map(|bytes| (bytes, "MemTotal of /proc/meminfo, a little less than installed".to_owned()))
        }
    };
    record.proven("memory_bytes", installed.map(|(bytes, proof)| (FactValue::Number(bytes), proof)));
}

fn total(root: &Root) -> Result<f64, String> {
    let text = root.text("proc/meminfo")?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kb = line.and_then(|rest| rest.trim().strip_suffix("kB")?.trim().parse::<f64>().ok());
    kb.map(|kb| kb * BYTES_PER_KB).ok_or_else(|| "/proc/meminfo has no MemTotal".to_owned())
}

/// Blocks online times their size; a block that is partly memory counts whole.
fn blocks(root: &Root) -> Option<(f64, String)> {
    let size = u64::from_str_radix(&root.text(&format!("{SYS_MEMORY}/block_size_bytes")).ok()?, 16).ok()?;
    let names = root.names(SYS_MEMORY).ok()?;
    let is_block = |name: &&String| name.strip_prefix("memory").is_some_and(|n| n.parse::<u32>().is_ok());
    let is_online = |name: &&String| {
        let state = root.text(&format!("{SYS_MEMORY}/{name}/state"));
        state.map_or_else(|_| true, |state| state == "online")
    };
    let online = names.iter().filter(is_block).filter(is_online).count();
    let proof = format!("{online} blocks of {size} bytes online in /{SYS_MEMORY}");
    (online > 0 && size > 0).then_some((online as f64 * size as f64, proof))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::testing::tree;
    use cairn_schemas::time::Timestamp;

    fn check(files: &str, modules: Option<f64>, expected: Option<f64>, said: &str) {
        let tree = tree(files);
        let mut record = Record::new(&tree.root(), Timestamp(0));
        let privileged = Privileged::of_test("memory_bytes", modules.map(FactValue::Number));
        read(&tree.root(), &privileged, &mut record);
        let bytes = record.0.facts.get("memory_bytes").and_then(FactValue::as_number);
        assert_eq!(bytes, expected, "{files}");
        let texts = [record.0.evidence.get("memory_bytes"), record.0.unknown.get("memory_bytes")];
        assert!(texts.into_iter().flatten().any(|text| text.contains(said)), "{texts:?}");
    }

    #[test]
    fn installed_memory_is_more_than_the_kernels_total() {
        let gib = f64::from(1 << 30);
        let total = "@ proc/meminfo\nMemTotal:       65536000 kB\n";
        let kernel = 65_536_000.0 * 1_024.0;
        let blocks = |n: u32| {
            let each = (0..n).map(|b| format!("@ sys/devices/system/memory/memory{b}/state\nonline\n"));
            format!(
                "{total}@ sys/devices/system/memory/block_size_bytes\n80000000\n{}",
                each.collect::<String>()
            )
        };
        check(total, None, Some(kernel), "MemTotal");
        check(&blocks(32), None, Some(64.0 * gib), "32 blocks");
        check(&blocks(32), Some(64.0 * gib), Some(64.0 * gib), "SMBIOS");
        check(&blocks(2), Some(8.0 * gib), Some(kernel), "MemTotal");
        check(total, Some(1_024.0 * gib), Some(kernel), "MemTotal");
        check("", None, None, "/proc/meminfo");
    }
}
