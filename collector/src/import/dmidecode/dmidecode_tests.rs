//! Small texts of dmidecode, each with an oddity of real firmware.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use proptest::prelude::*;

/// Lines of the sheet that speak of one of `names`.
fn check(text: &str, names: &[&str], expected: &str) {
    let all = parse(text).unwrap_or_else(|why| panic!("{why:?}: {text}")).lines();
    let lines: Vec<&str> = all.lines().filter(|line| names.iter().any(|name| line.contains(name))).collect();
    let due: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(lines, due, "{text}");
}

/// Structures of a type, one for each text, fields parted by `;`.
fn structures(kind: u8, texts: &[&str]) -> String {
    let one = |(at, text): (usize, &&str)| {
        let fields = text.replace(';', "\n\t");
        format!("Handle 0x{kind:02X}{at:02X}, DMI type {kind}, 42 bytes\nSome Information\n\t{fields}\n\n")
    };
    texts.iter().enumerate().map(one).collect()
}

fn whole(parts: &[String]) -> String {
    format!("# dmidecode 3.3\n\n{}Handle 0x7F00, DMI type 127, 4 bytes\nEnd Of Table\n", parts.concat())
}

const XEON: &str = "Type: Central Processor;Version: Intel(R) Xeon(R) CPU E5-2680 v3 @ 2.50GHz;Max Speed: 4000 MHz;\
    Current Speed: 2500 MHz;Status: Populated, Enabled;Core Count: 12;Core Enabled: 12;Thread Count: 24";

fn cpus(texts: &[&str], names: &[&str], expected: &str) {
    check(&whole(&[structures(4, texts)]), names, expected);
}

#[test]
fn processors_add_up() {
    let all = &["cpu_"];
    cpus(
        &[XEON, XEON, "Status: Unpopulated;Version: Not Specified"],
        all,
        "cpu_cores = 24 :10\ncpu_mhz = 2500 :6\ncpu_model = Intel(R) Xeon(R) CPU E5-2680 v3 @ 2.50GHz :6
         cpu_sockets = 2 :3\ncpu_threads = 48 :12",
    );
    let (counts, version) = (&["cpu_cores", "cpu_threads"], &["cpu_model", "cpu_mhz"]);
    cpus(
        &[&XEON.replace("Thread Count: 24", "Thread Count: 1")],
        counts,
        "cpu_cores = 12 :10\ncpu_threads ? fewer threads than cores\n:12 1 threads on 12 cores; cpu_threads is left out",
    );
    cpus(
        &[&XEON.replace("Enabled: 12", "Enabled: 6")],
        counts,
        "cpu_cores ? Core Count and Core Enabled differ\ncpu_threads ? Core Count and Core Enabled differ",
    );
    cpus(
        &[&XEON.replace("Core Count: 12;", "")],
        counts,
        "cpu_threads = 24 :11\ncpu_cores ? a processor has no Core Count",
    );
    cpus(
        &[XEON, &XEON.replace("Populated, Enabled", "Populated, Disabled By BIOS")],
        counts,
        "cpu_cores ? a processor is disabled\ncpu_threads ? a processor is disabled",
    );
    let none = "the model's name carries no clock, Max Speed is the board's limit, Current Speed of a moment";
    cpus(
        &[&XEON.replace(" @ 2.50GHz", "")],
        version,
        &format!("cpu_model = Intel(R) Xeon(R) CPU E5-2680 v3 :6\ncpu_mhz ? {none}"),
    );
    for (odd, why) in [
        ("Not Specified", "the model is a placeholder"),
        ("<BAD INDEX>", "the model is a placeholder"),
        ("AMD", "the model is no more than a maker's name or a revision"),
    ] {
        let cpu = XEON.replace("Intel(R) Xeon(R) CPU E5-2680 v3 @ 2.50GHz", odd);
        cpus(&[&cpu], version, &format!("cpu_mhz ? {why}\ncpu_model ? {why}"));
    }
    let two = "two models of CPU in one server";
    cpus(&[XEON, &XEON.replace("2680", "2690")], version, &format!("cpu_mhz ? {two}\ncpu_model ? {two}"));
    cpus(&["Status: Unpopulated"], &["cpu_sockets"], "cpu_sockets ? no processor is said to be populated");
}

fn memory(arrays: &[&str], devices: &[&str], expected: &str) {
    check(&whole(&[structures(16, arrays), structures(17, devices)]), &["memory_bytes"], expected);
}

#[test]
fn memory_is_the_sum_of_what_is_ram() {
    let array = "Use: System Memory;Number Of Devices: 2";
    memory(
        &[array, array],
        &[
            "Array Handle: 0x1000;Size: 16384 MB;Type: DDR4",
            "Array Handle: 0x1000;Size: No Module Installed",
            "Array Handle: 0x1001;Size: 16 GB;Type: Other",
        ],
        "memory_bytes = 34359738368 :16",
    );
    memory(
        &[array, "Use: Flash Memory"],
        &[
            "Array Handle: 0x1000;Size: 8 GB;Type: DDR3",
            "Array Handle: 0x1001;Size: 4096 kB;Type: SRAM",
            "Array Handle: 0x1000;Size: 16 MB;Type: Flash",
        ],
        "memory_bytes = 8589934592 :15",
    );
    memory(
        &[array],
        &[
            "Array Handle: 0x1000;Size: 8 GB;Memory Technology: DRAM",
            "Array Handle: 0x1000;Size: 126 GB;Memory Technology: Intel Optane DC persistent memory;Volatile Size: None",
        ],
        "memory_bytes = 8589934592 :11",
    );
    memory(
        &[array],
        &["Array Handle: 0x1000;Size: 8 GB", "Array Handle: 0x1000;Size: Unknown"],
        "memory_bytes ? the size of a memory device is unknown
         :16 the size of a memory device is unknown: \"Unknown\"; memory_bytes is left out",
    );
    memory(
        &[array],
        &["Array Handle: 0x9999;Size: 8 GB"],
        "memory_bytes ? a memory device belongs to no array
         :11 this device is in no memory array of the table; memory_bytes is left out",
    );
    memory(
        &[array],
        &["Array Handle: 0x1000;Size: No Module Installed"],
        "memory_bytes ? no memory device is said to be populated",
    );
}

#[test]
fn a_table_that_ends_early_gives_no_sum() {
    let array = structures(16, &["Use: System Memory;Number Of Devices: 2"]);
    let device = structures(17, &["Array Handle: 0x1000;Size: 8 GB"]);
    let cut = "memory_bytes ? memory devices may be missing at the end
        :9 the table ends before all memory devices are told; memory_bytes is left out";
    check(&format!("{array}{device}"), &["memory_bytes"], cut);
    let broken = "Invalid entry length (0). DMI table is broken! Stop.\n";
    let text = format!("{}{array}{device}{broken}", structures(4, &[XEON]));
    check(
        &text,
        &["cpu_cores", "broken"],
        "cpu_cores ? the table is broken: processors may be missing
        cpu_mhz ? the table is broken: processors may be missing
        cpu_model ? the table is broken: processors may be missing
        cpu_sockets ? the table is broken: processors may be missing
        cpu_threads ? the table is broken: processors may be missing
        :22 the firmware's table is broken from here on; counts are left out",
    );
}

#[test]
fn the_machine_is_the_system_and_not_its_enclosure() {
    let bios =
        |item: &str| structures(0, &[&format!("Vendor: HP;Characteristics:;\tPCI is supported;\t{item}")]);
    let system = |maker, product| structures(1, &[&format!("Manufacturer: {maker};Product Name: {product}")]);
    let chassis = structures(3, &["Manufacturer: HP;Type: Blade Enclosing;Version: c7000", "Type: Blade"]);
    let names = &["vendor =", "vendor ?", "model =", "model ?", "firmware", "virtual"];
    let no = "virtualization ? no hypervisor is named, which proves nothing; lscpu tells";
    let blade = whole(&[bios("EDD is supported"), system("HP", "ProLiant BL460c G7"), chassis]);
    let expected = format!(
        "firmware = bios :6\nmodel = ProLiant BL460c G7 :13\nvendor = HP :12\ncpu_model ? the text has no Processor Information\n{no}"
    );
    check(&blade, names, &expected);
    let odd = whole(&[bios("UEFI is supported"), system("To Be Filled By O.E.M.", "Default string")]);
    check(
        &odd,
        &names[..5],
        "cpu_model ? the text has no Processor Information
        firmware ? the firmware can do UEFI; with which it booted the text does not say
        model ? the product's name is a placeholder\nvendor ? the maker is a placeholder",
    );
    let guest = |maker, product, expected: &str| {
        check(&whole(&[bios("x"), system(maker, product)]), &["virtualization"], expected);
    };
    guest("VMware, Inc.", "VMware Virtual Platform", "virtualization = vmware :12");
    guest("QEMU", "Standard PC (Q35 + ICH9, 2009)", "virtualization = kvm :12");
    guest("Xen", "HVM domU", "virtualization = xen :12");
    guest("Microsoft Corporation", "Virtual Machine", "virtualization = hyper-v :12");
    let bit = "System is a virtual machine";
    check(&whole(&[bios(bit), system("", "")]), &["virtualization"], "virtualization = unnamed :8");
    check(
        &whole(&[bios(bit), system("Supermicro", "X9DRi")]),
        &["virtualization"],
        "virtualization ? the firmware calls a maker's machine virtual",
    );
}

#[test]
fn what_is_no_text_of_dmidecode_says_what_to_do() {
    let check = |text: &str, expected: &str| match parse(text) {
        Err(NotOurs::Useless(_, why)) => assert!(why.contains(expected), "{why}: {text}"),
        other => panic!("{other:?}: {text}"),
    };
    check("", "is empty");
    check("# dmidecode 3.3\n/dev/mem: Permission denied\n", "run it as root");
    check("# dmidecode 3.3\n# No SMBIOS nor DMI entry point found, sorry.\n", "no SMBIOS");
    check("bash: dmidecode: command not found\n", "not installed");
    check("hello\n", "is no text of dmidecode");
    assert_eq!(parse("CPU(s): 4\nThread(s) per core: 1\n"), Err(NotOurs::Of("lscpu")));
}

proptest! {
    #[test]
    fn no_bytes_break_it(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        kind in prop::sample::select(vec![0_u8, 1, 4, 16, 17, 127]),
    ) {
        let body = server_texts::decode(&bytes);
        let _ = parse(&format!("Handle 0x0001, DMI type {kind}, 9 bytes\n{body}"));
    }

    #[test]
    fn no_value_breaks_it_and_no_fact_is_zero(
        count in "[0-9]{1,20}|\\PC{0,6}",
        size in "[0-9]{1,20} (kB|MB|GB|TB)|\\PC{0,8}",
    ) {
        let cpu = XEON.replace("Core Count: 12", &format!("Core Count: {count}"));
        let device = format!("Array Handle: 0x1000;Size: {size}");
        let text = whole(&[structures(4, &[&cpu]), structures(16, &["Use: System Memory"]), structures(17, &[&device])]);
        for (name, (value, _)) in &parse(&text).unwrap().facts {
            prop_assert!(value.as_number().is_none_or(|n| n >= 1.0), "{} = {:?}", name, value);
        }
    }
}
