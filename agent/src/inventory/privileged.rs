//! What only root may read, read once as root by a step of its own and left in a small file for the agent, which
//! has no rights: the machine's serial number, its memory modules, its processors' sockets and clock, and
//! serial ports that carry data.
// SPDX-License-Identifier: Apache-2.0

mod file;
mod smbios;
mod tty;

pub use file::{StoreError, store};

use super::hardware::is_placeholder;
use super::{Record, text_fact};
use crate::root::Root;
use cairn_schemas::fact::FactValue;
use cairn_schemas::inventory::Inventory;
use cairn_schemas::time::Timestamp;
use smbios::Smbios;
use std::path::Path;

/// Name of the file in the data directory.
pub const FILE: &str = "privileged.json";

const TABLES: &str = "sys/firmware/dmi/tables";
/// Added to every proof that comes from the file.
const AS_ROOT: &str = "read once by root at start";

/// What root left, or why there is nothing.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Privileged {
    /// Facts and their proofs.
    Read(Box<Inventory>),
    /// Why there are none.
    Absent(String),
}

impl Privileged {
    /// What root left in `data` since the host started.
    pub(super) fn load(root: &Root, data: &Path) -> Self {
        file::load(root, data).map_or_else(Self::Absent, |left| Self::Read(Box::new(left)))
    }

    /// A number and its proof.
    pub(super) fn number(&self, name: &str) -> Option<(f64, String)> {
        let (value, proof) = self.fact(name)?;
        Some((value.as_number()?, proof))
    }

    /// A text.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.text_with_proof(name).map(|(text, _)| text)
    }

    /// A text and its proof.
    pub(super) fn text_with_proof(&self, name: &str) -> Option<(String, String)> {
        let (value, proof) = self.fact(name)?;
        Some((value.as_text()?.to_owned(), proof))
    }

    /// Why a fact is not there, and what to do.
    pub(super) fn reason(&self, name: &str) -> String {
        match self {
            Self::Read(left) => {
                left.unknown.get(name).cloned().unwrap_or_else(|| format!("root found no {name}"))
            }
            Self::Absent(why) => format!(
                "only root may read /{TABLES}; run `cairn-agent inventory --privileged` once as root ({why})"
            ),
        }
    }

    fn fact(&self, name: &str) -> Option<(FactValue, String)> {
        let Self::Read(left) = self else { return None };
        let proof = left.evidence.get(name).map_or("", String::as_str);
        Some((left.facts.get(name)?.clone(), format!("{proof}, {AS_ROOT}")))
    }

    /// Root has left one fact.
    #[cfg(test)]
    pub(super) fn of_test(name: &str, value: Option<FactValue>) -> Self {
        let mut left = Inventory::default();
        left.facts.extend(value.map(|value| (name.to_owned(), value)));
        left.evidence.insert(name.to_owned(), "SMBIOS".to_owned());
        Self::Read(Box::new(left))
    }
}

/// Reads as root what only root may.
#[must_use]
pub fn read(root: &Root, now: Timestamp) -> Inventory {
    let mut record = Record::new(root, now);
    match tables(root) {
        Ok(smbios) => keep(&smbios, &mut record),
        Err(why) => {
            for name in ["serial", "memory_bytes", "cpu_sockets", "cpu_model", "cpu_mhz"] {
                record.unknown(name, &why);
            }
        }
    }
    if let Some(proof) = tty::in_use(root) {
        record.proven("move_needs", Ok((FactValue::Text("serial port in use".to_owned()), proof)));
    }
    record.0
}

fn tables(root: &Root) -> Result<Smbios, String> {
    let entry = root.bytes(&format!("{TABLES}/smbios_entry_point")).unwrap_or_default();
    let table = root.bytes(&format!("{TABLES}/DMI"))?;
    let smbios = Smbios::parse(&entry, &table);
    if smbios.structures == 0 { Err(format!("/{TABLES}/DMI holds no structure")) } else { Ok(smbios) }
}

fn keep(smbios: &Smbios, record: &mut Record) {
    let version = smbios.version.map_or_else(String::new, |(major, minor)| format!(" {major}.{minor}"));
    let positive = |number: f64| (number > 0.0).then_some(FactValue::Number(number));
    let text = |text: &Option<String>| text.as_deref().filter(|t| !is_placeholder(t)).map(text_fact);
    let fit =
        smbios.memory_bytes_max.map_or_else(String::new, |max| format!(", at most {} GiB fit", max >> 30));
    let Smbios { slots, modules, sockets, sockets_populated, .. } = smbios;
    let (serial, serial_proof) = match text(&smbios.serial) {
        Some(serial) => (Some(serial), "type 1".to_owned()),
        None => (text(&smbios.chassis_serial), "type 3, the chassis".to_owned()),
    };
    let facts = [
        ("serial", serial, serial_proof),
        (
            "memory_bytes",
            positive(smbios.memory_bytes as f64),
            format!("type 17: {modules} of {slots} slots hold memory{fit}"),
        ),
        (
            "cpu_sockets",
            positive(f64::from(*sockets_populated)),
            format!("type 4: {sockets_populated} of {sockets} sockets populated"),
        ),
        ("cpu_model", text(&smbios.cpu_model), "type 4".to_owned()),
        (
            "cpu_mhz",
            smbios.cpu_mhz.and_then(|mhz| positive(f64::from(mhz))),
            "type 4, current speed".to_owned(),
        ),
    ];
    for (name, value, proof) in facts {
        let proof = format!("SMBIOS{version} {proof}");
        record.proven(
            name,
            value.map(|value| (value, proof.clone())).ok_or(format!("{proof}: nothing stands there")),
        );
    }
}

#[cfg(test)]
#[path = "privileged/privileged_tests.rs"]
mod tests;
