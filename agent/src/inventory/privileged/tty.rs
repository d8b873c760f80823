//! Serial ports that carry data: the kernel counts what each has received, for root only. A console receives
//! too, and is none.
// SPDX-License-Identifier: Apache-2.0

use crate::root::Root;

/// The proof that a device talks to a serial port.
pub(super) fn in_use(root: &Root) -> Option<String> {
    let table = root.text("proc/tty/driver/serial").ok()?;
    let consoles = root.text("proc/consoles").unwrap_or_default();
    let is_console = |port: &str| {
        consoles.lines().any(|line| line.split_whitespace().next() == Some(&format!("ttyS{port}")))
    };
    let received = |line: &str| {
        let (port, rest) = line.trim().split_once(':')?;
        let bytes: u64 = rest.split_whitespace().find_map(|word| word.strip_prefix("rx:"))?.parse().ok()?;
        (bytes > 0 && port.parse::<u32>().is_ok() && !is_console(port))
            .then(|| format!("/proc/tty/driver/serial: port {port} has received {bytes} bytes"))
    };
    table.lines().find_map(received)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::testing::tree;

    #[test]
    fn consoles_and_silent_ports_are_not_in_use() {
        let check = |ports: &str, consoles: &str, expected: Option<&str>| {
            let files = format!(
                "@ proc/tty/driver/serial\nserinfo:1.0 driver revision:\n{ports}\n@ proc/consoles\n{consoles}\n"
            );
            let said = in_use(&tree(&files).root());
            assert_eq!(said.is_some(), expected.is_some(), "{said:?}");
            assert!(said.unwrap_or_default().contains(expected.unwrap_or_default()));
        };
        let port = "0: uart:16550A port:000003F8 irq:4 tx:120 rx:77 RTS|CTS|DTR|DSR|CD";
        check(port, "tty0 -WU (EC p  ) 4:1", Some("port 0 has received 77 bytes"));
        check(port, "ttyS0 -W- (EC p a) 4:64", None);
        check(&port.replace("rx:77", "rx:0"), "", None);
        check("1: uart:unknown port:000002F8 irq:3", "", None);
    }
}
