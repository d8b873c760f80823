//! What only root may read, read once as root by a step of its own and left in a small file for the agent, which
//! has no rights: the machine's serial number, its memory modules, its processors' sockets and clock, and
//! serial ports that carry data.
// SPDX-License-Identifier: Apache-2.0

mod file;
mod smbios;
mod tty;

pub use file::{StoreError, store};

use super::Record;
use super::hardware::is_placeholder;
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
    let source = format!("SMBIOS{version}");
    let text = |text: &str| FactValue::Text(text.trim().to_owned());
    let serial = smbios.serial.as_deref().filter(|serial| !is_placeholder(serial));
    record.proven(
        "serial",
        serial.map(|serial| (text(serial), format!("{source} type 1"))).ok_or_else(|| {
            format!("{source} type 1 holds no serial number but {:?}", smbios.serial.as_deref().unwrap_or(""))
        }),
    );
    let bytes = (smbios.memory_bytes > 0).then_some(smbios.memory_bytes as f64);
    let slots = format!(
        "{source} type 17: {} of {} slots hold memory{}",
        smbios.modules,
        smbios.slots,
        smbios.memory_bytes_max.map_or_else(String::new, |max| format!(", at most {} GiB fit", max >> 30))
    );
    let number = |n: f64| FactValue::Number(n);
    record
        .proven("memory_bytes", bytes.map(|b| (number(b), slots)).ok_or(format!("{source} names no module")));
    let sockets = smbios.sockets_populated;
    let proof = format!("{source} type 4: {sockets} of {} sockets populated", smbios.sockets);
    record.proven(
        "cpu_sockets",
        if sockets > 0 {
            Ok((number(f64::from(sockets)), proof))
        } else {
            Err(format!("{source} names no socket"))
        },
    );
    let model = smbios.cpu_model.as_deref().filter(|model| !is_placeholder(model));
    let none = || format!("{source} type 4 leaves it empty");
    record.proven("cpu_model", model.map(|m| (text(m), format!("{source} type 4"))).ok_or_else(none));
    let mhz = smbios.cpu_mhz.map(|mhz| (number(f64::from(mhz)), format!("{source} type 4, current speed")));
    record.proven("cpu_mhz", mhz.ok_or_else(none));
}

#[cfg(test)]
#[path = "privileged/privileged_tests.rs"]
mod tests;
