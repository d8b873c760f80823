//! Files of two tools into one store: names, repeats, who is believed.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use crate::store::Store as _;
use crate::store::sqlite::SqliteStore;
use cairn_schemas::fact::FactValue;
use cairn_schemas::time::Timestamp;

const LSCPU: &str = "Byte Order: Little Endian\nVendor ID: GenuineIntel\nModel name: Xeon X3430 @ 2.40GHz\nCPU(s): 4\n\
    Thread(s) per core: 1\nCore(s) per socket: 4\nSocket(s): 1\n";
const DMIDECODE: &str = "Handle 0x0100, DMI type 1, 27 bytes\nSystem Information\n\tManufacturer: Dell Inc.\n\
    Handle 0x0400, DMI type 4, 42 bytes\nProcessor Information\n\tVersion: Xeon X3430 @ 2.40GHz\n\tStatus: Populated\n\
    \tCore Count: 8\n\tThread Count: 8\n";

struct Place {
    dir: tempfile::TempDir,
    store: SqliteStore,
}

impl Place {
    fn new(files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("texts")).unwrap();
        for (name, text) in files {
            let path = dir.path().join("texts").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let store = SqliteStore::open(dir.path(), &"default".parse().unwrap()).unwrap();
        Self { dir, store }
    }

    fn import(&self, format: &Format, name: &str, server: Option<&str>) -> ImportReport {
        let mut context = Context {
            store: &self.store,
            engagements: &crate::engagements::Engagements::new(&self.dir.path().join("data")),
            expect_keys: &[],
            server,
            now: Timestamp(1_800_000_000),
            progress: &mut |_, _| {},
        };
        (format.import)(&[self.dir.path().join(name)], &mut context).unwrap()
    }

    fn fact(&self, server: &str, name: &str) -> String {
        let fact = self.store.facts(server).unwrap()[name][0].clone();
        let value = match fact.value {
            FactValue::Number(number) => number.to_string(),
            other => format!("{other:?}"),
        };
        format!("{value} {}", fact.source)
    }
}

fn rows(report: &ImportReport) -> (u64, u64, u64, u64) {
    let rows = report.rows;
    (rows.read, rows.kept, rows.repeated, rows.rejected)
}

#[test]
fn each_tool_takes_its_own_files_of_a_folder() {
    let place = Place::new(&[
        ("web1.lscpu.txt", LSCPU),
        ("web1.dmidecode.txt", DMIDECODE),
        ("b/web1.txt", LSCPU),
        ("c/web1.txt", &LSCPU.replace("Socket(s): 1", "Socket(s): 1\nNUMA node(s): 1")),
        ("<b>.txt", LSCPU),
        ("empty", ""),
    ]);
    let report = place.import(&lscpu::FORMAT, "texts", None);
    assert_eq!(rows(&report), (5, 2, 1, 2));
    let problems: Vec<String> = report.problems.iter().map(|problem| problem.text.clone()).collect();
    assert!(problems.iter().any(|text| text.starts_with("is about \"web1\" again")), "{problems:?}");
    assert!(problems.contains(&"is empty".to_owned()), "{problems:?}");
    let left = "texts of dmidecode, left to cairn import dmidecode: 1";
    assert!(report.files[0].notes.contains(&left.to_owned()), "{:?}", report.files[0].notes);
    assert_eq!(place.fact("<b>", "cpu_cores"), "4 import lscpu <b>.txt:6");
    assert_eq!(rows(&place.import(&lscpu::FORMAT, "texts", None)), (5, 0, 3, 2));
}

#[test]
fn the_running_system_is_believed_before_its_firmware_in_any_order() {
    for order in [[lscpu::FORMAT, dmidecode::FORMAT], [dmidecode::FORMAT, lscpu::FORMAT]] {
        let place = Place::new(&[("l/web1", LSCPU), ("d/web1", DMIDECODE)]);
        let folder = |format: &Format| if format.name == "lscpu" { "texts/l" } else { "texts/d" };
        let reports = order.map(|format| place.import(&format, folder(&format), None));
        assert_eq!(place.fact("web1", "cpu_cores"), "4 import lscpu web1:6");
        assert_eq!(place.fact("web1", "vendor"), "Text(\"Dell Inc.\") import dmidecode web1:3");
        let notes = reports[1].files[0].notes.join("\n");
        assert!(notes.contains("cpu_cores differs from import "), "{notes}");
    }
}

#[test]
fn one_sign_of_a_hypervisor_outweighs_none_in_any_order() {
    let none = format!("{LSCPU}Flags: fpu\n");
    let vmware = DMIDECODE.replace("Dell Inc.", "VMware, Inc.");
    for order in [[lscpu::FORMAT, dmidecode::FORMAT], [dmidecode::FORMAT, lscpu::FORMAT]] {
        let place = Place::new(&[("lscpu/web1", &none), ("dmidecode/web1", &vmware)]);
        for format in &order {
            place.import(format, &format!("texts/{}", format.name), None);
        }
        assert_eq!(place.fact("web1", "virtualization"), "Text(\"vmware\") import dmidecode web1:3");
    }
}

#[test]
fn the_command_line_may_name_the_one_server() {
    let place = Place::new(&[("a", LSCPU), ("b", LSCPU)]);
    assert_eq!(rows(&place.import(&lscpu::FORMAT, "texts/a", Some("db1"))), (1, 1, 0, 0));
    assert_eq!(place.store.servers().unwrap(), ["db1"]);
    let report = place.import(&lscpu::FORMAT, "texts", Some("db1"));
    assert_eq!(rows(&report), (2, 0, 0, 2));
    assert!(report.problems[0].text.contains("import them one by one"), "{}", report.problems[0]);
    let report = place.import(&dmidecode::FORMAT, "texts/a", None);
    assert_eq!(report.problems[0].text, "is a text of lscpu: cairn import lscpu reads it");
}
