//! Small texts of lscpu, each with an oddity of real machines, and the whole sheet expected.
// SPDX-License-Identifier: Apache-2.0

use super::*;
use proptest::prelude::*;

/// Lines of `sheet` that speak of one of `names`; no names, all lines.
fn check(text: &str, names: &[&str], expected: &str) {
    let all = parse(text).unwrap_or_else(|why| panic!("{why:?}: {text}")).lines();
    let speaks = |line: &&str| names.is_empty() || names.iter().any(|name| line.contains(name));
    let lines: Vec<&str> = all.lines().filter(speaks).map(str::trim).collect();
    let due: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(lines, due, "{text}");
}

/// A text of a two-socket server, with fields replaced or, when the value is empty, taken out.
fn server(changes: &[(&str, &str)]) -> String {
    let fields = [
        ("Architecture", "x86_64"),
        ("CPU op-mode(s)", "32-bit, 64-bit"),
        ("CPU(s)", "32"),
        ("On-line CPU(s) list", "0-31"),
        ("Off-line CPU(s) list", ""),
        ("Thread(s) per core", "2"),
        ("Core(s) per socket", "8"),
        ("Socket(s)", "2"),
        ("NUMA node(s)", "2"),
        ("Vendor ID", "GenuineIntel"),
        ("Model name", "Intel(R) Xeon(R) CPU E5-2630 v3 @ 2.40GHz"),
        ("CPU MHz", "1199.8"),
        ("CPU max MHz", "3200.0000"),
        ("CPU min MHz", "1200.0000"),
        ("BogoMIPS", "4788.94"),
        ("Virtualization", "VT-x"),
        ("Hypervisor vendor", ""),
        ("Virtualization type", ""),
        ("Flags", "fpu vme vmx"),
    ];
    let value = |name: &str, usual: &str| {
        let changed = changes.iter().find(|(changed, _)| *changed == name);
        changed.map_or_else(|| usual.to_owned(), |(_, value)| (*value).to_owned())
    };
    let line = |(name, usual): &(&str, &str)| {
        let value = value(name, usual);
        if value.is_empty() { String::new() } else { format!("{name}:   {value}\n") }
    };
    fields.iter().map(line).collect()
}

#[test]
fn an_ordinary_server() {
    check(
        &server(&[]),
        &[],
        "architecture = x86_64 :1
         cpu_cores = 16 :6
         cpu_mhz = 2400 :10
         cpu_model = Intel(R) Xeon(R) CPU E5-2630 v3 @ 2.40GHz :10
         cpu_sockets = 2 :6
         cpu_threads = 32 :4
         numa_nodes = 2 :8
         virtualization = none :16",
    );
}

#[test]
fn the_base_clock_is_no_clock_of_a_moment_and_no_turbo() {
    let epyc = ("Model name", "AMD EPYC 7302P 16-Core Processor");
    let turbo = "cpu_mhz ? the model's name carries no clock, and CPU max MHz may be turbo";
    check(
        &server(&[epyc, ("CPU max MHz", "3000,0000"), ("BogoMIPS", "6000.47")]),
        &["cpu_mhz"],
        "cpu_mhz = 3000 :12",
    );
    check(&server(&[epyc, ("CPU max MHz", "3300.0"), ("BogoMIPS", "6000.47")]), &["cpu_mhz"], turbo);
    check(&server(&[epyc, ("BogoMIPS", "")]), &["cpu_mhz"], turbo);
    let moment = "cpu_mhz ? the model's name carries no clock, and CPU MHz is that of a moment";
    check(&server(&[epyc, ("CPU max MHz", "")]), &["cpu_mhz"], moment);
    check(&server(&[("Model name", "-")]), &["cpu_model"], "cpu_model ? the model is a placeholder");
}

#[test]
fn counts_must_agree() {
    let names = &["cores", "threads", "sockets", "CPUs"];
    let off = "CPUs that are off-line are not counted, nor are cores that have no other";
    check(
        &server(&[
            ("On-line CPU(s) list", "0-15"),
            ("Off-line CPU(s) list", "16-31"),
            ("Thread(s) per core", "1"),
        ]),
        names,
        &format!("cpu_cores = 16 :7\ncpu_sockets = 2 :7\ncpu_threads = 16 :4\n* {off}"),
    );
    check(
        &server(&[
            ("On-line CPU(s) list", "0-21"),
            ("Off-line CPU(s) list", "22-31"),
            ("Thread(s) per core", "1"),
        ]),
        names,
        &format!(
            "cpu_sockets = 2 :7
             cpu_threads = 22 :4
             cpu_cores ? threads x cores x sockets are not the CPUs on-line
             :7 22 CPUs are on-line and not 16, threads x cores x sockets; cpu_cores is left out
             * {off}"
        ),
    );
    check(
        &server(&[("CPU(s)", "1"), ("On-line CPU(s) list", "0")]),
        names,
        "cpu_threads = 1 :4
         cpu_cores ? more cores than threads on-line
         cpu_sockets ? more sockets than threads on-line
         :6 16 cores cannot run 1 on-line threads; cpu_cores is left out
         :6 2 sockets cannot hold 1 on-line threads; cpu_sockets is left out",
    );
    check(
        &server(&[("CPU(s)", "40")]),
        &["cpu_threads", "CPU(s)"],
        "cpu_threads ? CPU(s) and the list of CPUs disagree
         :4 CPU(s) is 40, and 32 are listed on-line, 0 off-line",
    );
    check(
        &server(&[("CPU(s)", "0"), ("On-line CPU(s) list", "")]),
        &["cpu_threads"],
        "cpu_threads ? CPU(s) is 0 or no number: a container may hide its CPUs",
    );
    check(&server(&[("On-line CPU(s) list", "0-62:2")]), &["cpu_threads"], "cpu_threads = 32 :4");
    check(
        &server(&[("Core(s) per socket", "-")]),
        &["cpu_cores"],
        "cpu_cores ? the text does not count cores per socket and sockets",
    );
}

#[test]
fn counts_beyond_all_reason_are_no_counts() {
    let huge = "Vendor ID: IBM/S390\nThread(s) per core: 1048576\nCore(s) per socket: 1048576\n\
        Socket(s) per book: 1048576\nBook(s) per drawer: 1048576\nDrawer(s): 1048576\nCPU(s): 4\n\
        On-line CPU(s) list: 0-18446744073709551615\n";
    check(
        huge,
        &["cpu_cores ?", "threads ="],
        "cpu_threads = 4 :7\ncpu_cores ? more cores than threads on-line",
    );
    let list = server(&[("On-line CPU(s) list", "0-18446744073709551614,1-9")]);
    check(&list, &["cpu_threads"], "cpu_threads = 32 :3");
}

#[test]
fn both_tools_may_be_in_one_file() {
    let both =
        format!("# dmidecode 3.3\nHandle 0x0400, DMI type 4, 42 bytes\n\tModel name: x\n{}", server(&[]));
    check(&both, &["cpu_model"], "cpu_model = Intel(R) Xeon(R) CPU E5-2630 v3 @ 2.40GHz :13");
}

#[test]
fn mainframes_clusters_and_several_models() {
    let s390 = "CPU op-mode(s): 32-bit, 64-bit\nCPU(s): 48\nVendor ID: IBM/S390\nModel name: -\nThread(s) per core: 1\n\
        Core(s) per socket: 4\nSocket(s) per book: 6\nBook(s): 2\nCPU static MHz: 5200\nHypervisor vendor: IBM\n";
    check(
        s390,
        &["cpu_", "virtual"],
        "cpu_cores = 48 :6\ncpu_mhz = 5200 :9\ncpu_sockets = 12 :6\ncpu_threads = 48 :2
        virtualization = ibm :10\ncpu_model ? the model is a placeholder",
    );
    let arm = "Architecture: aarch64\nByte Order: Little Endian\nCPU(s): 8\nVendor ID: ARM\nModel name: Neoverse-N1\n\
        Thread(s) per core: 1\nCore(s) per cluster: 4\nSocket(s): -\nCluster(s): 2\n";
    check(
        arm,
        &["cores", "sockets", "virtual"],
        "cpu_cores = 8 :7\ncpu_sockets ? the text counts clusters, not sockets
        virtualization ? no hypervisor is named, which proves nothing on this architecture",
    );
    let hybrid = "Architecture: aarch64\nByte Order: Little Endian\nCPU(s): 6\nVendor ID: ARM\n\
        Model name: Cortex-A53\nThread(s) per core: 1\nCore(s) per socket: 4\nSocket(s): 1\n\
        Model name: Cortex-A72\nThread(s) per core: 1\nCore(s) per socket: 2\nSocket(s): 1\n";
    check(
        hybrid,
        &["cores", "sockets", "cpu_m"],
        "cpu_cores = 6 :7
        cpu_mhz ? CPUs of several models: no one name stands for all
        cpu_model ? CPUs of several models: no one name stands for all
        cpu_sockets ? CPUs of several models: lscpu counts the sockets of each",
    );
}

#[test]
fn guests_and_hosts() {
    let guest = |vendor, kind, expected: &str| {
        let text = server(&[("Hypervisor vendor", vendor), ("Virtualization type", kind)]);
        check(&text, &["virtualization", "hypervisor_role"], expected);
    };
    guest("VMware", "full", "virtualization = vmware :16");
    guest("Microsoft", "full", "virtualization = hyper-v :16");
    guest("Parallels", "container", "virtualization = openvz :16");
    guest("Xen", "none", "hypervisor_role = true :16\nvirtualization = none :16");
    check(&server(&[("Flags", "fpu hypervisor")]), &["virtualization"], "virtualization = unnamed :16");
    check(
        &server(&[("Flags", "")]),
        &["virtualization"],
        "virtualization ? no hypervisor is named, and no flags are shown that would rule one out",
    );
}

#[test]
fn json_gives_the_same_with_its_lines() {
    let json = r#"{
       "lscpu": [
          {"field": "Architecture:", "data": "x86_64",
             "children": [{"field": "Byte Order:", "data": "Little Endian"}]},
          {"field": "CPU(s):", "data": "4"},
          {"field": "Vendor ID:", "data": "GenuineIntel", "children": [
             {"field": "Model name:", "data": "Xeon X3430 @ 2.40GHz", "children": [
                {"field": "Thread(s) per core:", "data": "1"},
                {"field": "Core(s) per socket:", "data": "4"},
                {"field": "Socket(s):", "data": "1"}]}]}
       ]
    }"#;
    let names = &["cores", "threads", "mhz", "architecture"];
    check(json, names, "architecture = x86_64 :3\ncpu_cores = 4 :9\ncpu_mhz = 2400 :7\ncpu_threads = 4 :5");
}

#[test]
fn what_is_no_text_of_lscpu_says_what_to_do() {
    let check = |text: &str, expected: &str| match parse(text) {
        Err(NotOurs::Useless(_, why)) => assert!(why.contains(expected), "{why}: {text}"),
        other => panic!("{other:?}: {text}"),
    };
    check("", "is empty");
    check(
        "Architektur: x86_64\nCPU(s): 8\nThread(s) pro Kern: 2\nModellname: Xeon\nBogoMIPS: 4800\n",
        "LC_ALL=C",
    );
    check("アーキテクチャ: x86_64\nモデル名: Xeon\n", "LC_ALL=C");
    check("CPU NODE SOCKET CORE\n0 0 0 0\n", "without options");
    check("{\"lscpu\": [", "damaged JSON");
    check("bash: lscpu: command not found\n", "is no text of lscpu");
    assert_eq!(
        parse("# dmidecode 3.3\nHandle 0x0400, DMI type 4, 42 bytes\n"),
        Err(NotOurs::Of("dmidecode"))
    );
}

proptest! {
    #[test]
    fn no_bytes_break_it(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse(&server_texts::decode(&bytes));
    }

    #[test]
    fn no_value_breaks_it_and_no_fact_is_zero(
        name in prop::sample::select(vec!["CPU(s)", "On-line CPU(s) list", "Off-line CPU(s) list", "Socket(s)",
            "Core(s) per socket", "Thread(s) per core", "Model name", "CPU max MHz", "BogoMIPS", "NUMA node(s)"]),
        value in "[0-9,:.@ -]{0,24}|[0-9]{1,20}|\\PC{0,12}",
    ) {
        let sheet = parse(&server(&[(name, &value)])).unwrap();
        for (name, (value, _)) in &sheet.facts {
            prop_assert!(value.as_number().is_none_or(|n| n >= 1.0), "{} = {:?}", name, value);
            prop_assert!(!sheet.unknown.contains_key(name));
        }
        let number = |name: &str| sheet.facts.get(name).and_then(|(value, _)| value.as_number());
        if let (Some(cores), Some(threads)) = (number("cpu_cores"), number("cpu_threads")) {
            prop_assert!(cores <= threads);
        }
    }
}
