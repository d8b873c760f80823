//! Names of operating systems as inventories write them, in one spelling.
// SPDX-License-Identifier: Apache-2.0

/// Beginnings of names as inventories write them, and as the list does.
const SPELLINGS: &[(&str, &str)] = &[
    ("microsoft windows", "windows"),
    ("windows 20", "windows server 20"),
    ("rhel ", "red hat enterprise linux "),
    ("red hat enterprise linux server ", "red hat enterprise linux "),
    ("centos 6", "centos linux 6"),
    ("centos 7", "centos linux 7"),
    ("centos 8", "centos linux 8"),
    ("debian 1", "debian gnu/linux 1"),
    ("sles ", "suse linux enterprise server "),
];

/// The name in small letters and the spelling of the lists.
pub(super) fn plain(os: &str) -> String {
    let mut name = os.trim().to_ascii_lowercase();
    for (written, meant) in SPELLINGS {
        if let Some(rest) = name.strip_prefix(written) {
            name = format!("{meant}{rest}");
        }
    }
    name
}

/// The first number of what follows a family's name: 2012 of `windows server 2012 r2`.
pub(super) fn release(name: &str, family: &str) -> Option<u32> {
    let rest = name.strip_prefix(family)?.trim_start();
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_and_its_release() {
        let check =
            |os: &str, family: &str, expected| assert_eq!(release(&plain(os), family), expected, "{os}");
        check("Microsoft Windows Server 2012 R2 Standard", "windows server", Some(2012));
        check("RHEL 9.4", "red hat enterprise linux", Some(9));
        check("Ubuntu 22.04.5 LTS", "ubuntu", Some(22));
        check("Debian GNU/Linux trixie/sid", "debian gnu/linux", None);
        check("HP-UX 11", "ubuntu", None);
    }
}
