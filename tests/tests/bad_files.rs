//! Files of people with a slip in them: each is refused with file, line, field and the name that was meant, and nothing
//! of it is taken.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_schemas::time::Timestamp;
use cairn_tests::harness::csv::Estate;
use cairn_tests::harness::{Done, FreshDir, cairn, fresh_dir, run};

/// A verb, the file it reads, what stands in it, and how it is refused: line, field where there is one, and why.
type Slip = (&'static [&'static str], &'static str, &'static str, &'static str);

const POLICY: &[&str] = &["assess", "--policy", "FILE"];
const SCENARIO: &[&str] = &["assess", "--scenario", "FILE"];
const FACTS: &[&str] = &["facts", "import", "FILE", "--by", "Ada"];
const MAPPED: &[&str] = &["facts", "import", "FILE", "--mapping", "cmdb", "--by", "Ada"];
const MAPPING: &[&str] = &["facts", "mapping", "cmdb", "FILE", "--by", "Ada"];
const DECIDE: &[&str] = &["decide", "import", "FILE", "--by", "Ada"];
const CHECKLIST: &[&str] = &["checklist", "import", "FILE", "--by", "Ada"];
const REGISTER: &[&str] = &["outcome", "import", "FILE", "--by", "Ada"];
const SCHEDULE: &[&str] =
    &["schedule", "add", "weekly", "--cron", "0 6 * * 1", "--policy", "FILE", "--by", "Ada"];

const SLIPS: &[Slip] = &[
    (
        POLICY,
        "p.toml",
        "[limits]\ncpu_ratio = 0.7\nmemory_ration = 0.9\n",
        "3: there is no `memory_ration`; was `memory_ratio` meant?",
    ),
    (POLICY, "p.toml", "[limits]\ncpu_ratio = 7\n", "2: `limits.cpu_ratio` is 7; it must lie between"),
    (
        POLICY,
        "p.toml",
        "[rules_off]\nidle = \"not here\"\naplliance = \"x\"\n",
        "3: `rules_off` knows no rule `aplliance`; was `appliance` meant?",
    ),
    (
        SCENARIO,
        "s.toml",
        "name = \"x\"\ncpu_ratoi = 0.7\n",
        "2: there is no `cpu_ratoi`; was `cpu_ratio` meant?",
    ),
    (
        FACTS,
        "f.csv",
        "server,owner,retire\nsrv-000,Finance,no\nsrv-001,Sales,perhaps\n",
        "3:retire: \"perhaps\" is neither yes nor no",
    ),
    (FACTS, "f.csv", "server,ownr\nsrv-000,Finance\n", "1:ownr: is no known fact; was owner meant?"),
    (FACTS, "f.csv", "server,cpu_cores\nsrv-000,eight\n", "2:cpu_cores: \"eight\" is not a number of cores"),
    (MAPPED, "c.csv", "Name,RAM\nsrv-000,16\nsrv-001,lots\n", "3:RAM: \"lots\" is not a number of bytes"),
    (
        MAPPED,
        "c.csv",
        "Name,RAMM\nsrv-000,16\n",
        "1:RAM: the mapping names this column and the file has none; was \"RAMM\" meant?",
    ),
    (
        MAPPING,
        "m.toml",
        "server = \"N\"\n[columns.RAM]\nfact = \"memory_byte\"\n",
        "3: there is no fact \"memory_byte\" for column \"RAM\"; was \"memory_bytes\" meant?",
    ),
    (
        DECIDE,
        "d.csv",
        "server,kind,rule,by,words\nsrv-000,veto,,Ada,no\nsrv-001,exception,apliance,Ada,x\n",
        "3:rule: there is no rule \"apliance\"; was \"appliance\" meant?",
    ),
    (
        DECIDE,
        "d.csv",
        "server,kind,by,words\nsrv-000,veto,Ada,no\nsrv-01,veto,Ada,no\n",
        "3:server: there is no server \"srv-01\"; was \"srv-001\" meant?",
    ),
    (
        DECIDE,
        "d.csv",
        "server,kind,by,wrods\nsrv-000,veto,Ada,no\n",
        "1:wrods: there is no such column; was \"words\" meant?",
    ),
    (
        CHECKLIST,
        "l.csv",
        "point,met,by,on\nprovisioning.1,yes,Ada,2026-11-20\nprovisoning.2,yes,Ada,2026-11-20\n",
        "3:point: there is no point \"provisoning.2\"; was \"provisioning.2\" meant?",
    ),
    (
        CHECKLIST,
        "l.csv",
        "point,met,by,on\nprovisioning.1,yes,Ada,2026-11-20\nprovisioning.2,maybe,Ada,2026-11-20\n",
        "3:met: \"maybe\" is neither yes nor no",
    ),
    (
        POLICY,
        "t.toml",
        "[value]\nyears = 3\n[value.constants.electricty_price]\nvalue = { low = 0.1, base = 0.2, high = 0.3 }\n\
         unit = \"currency/kWh\"\nsource = \"bill\"\ndate = \"2026\"\n",
        "3: `value.constants` knows no `electricty_price`; was `electricity_price` meant?",
    ),
    (
        POLICY,
        "t.toml",
        "[value.constants.electricity_price]\nvalue = { low = 0.3, base = 0.2, high = 0.1 }\n\
         unit = \"currency/kWh\"\nsource = \"bill\"\ndate = \"2026\"\n",
        "1: `value.constants.electricity_price` must be low <= base <= high",
    ),
    (
        POLICY,
        "t.toml",
        "[value.constants.server_price]\nvalue = { low = -1, base = 2, high = 3 }\n\
         unit = \"currency\"\nsource = \"bill\"\ndate = \"2026\"\n",
        "1: `value.constants.server_price` must be low <= base <= high, none below 0",
    ),
    (
        POLICY,
        "t.toml",
        "[value.constants.electricity_price]\nvalue = { low = 0.1, base = 0.2, high = 0.3 }\n\
         unit = \"currency/MWh\"\nsource = \"bill\"\ndate = \"2026\"\n",
        "1: the unit of `value.constants.electricity_price` is \"currency/MWh\"; it is reckoned in",
    ),
    (POLICY, "t.toml", "[value]\nyears = \"five\"\n", "2: invalid type: string \"five\""),
    (POLICY, "t.toml", "[value]\nyears = 5\nyears = 6\n", "3: duplicate key"),
    (
        SCHEDULE,
        "p.toml",
        "[limits]\nmemory_ration = 0.9\n",
        "2: there is no `memory_ration`; was `memory_ratio` meant?",
    ),
    (SCHEDULE, "t.toml", "[value]\ncurrency = \"euro\"\n", "2: `value.currency` is \"euro\""),
    (
        REGISTER,
        "r.csv",
        "server,step,on,due,by\nsrv-000,planned,2026-11-20,2026-12-20,Ada\nsrv-001,moovd,2026-11-20,,Ada\n",
        "3:step: ",
    ),
    (
        REGISTER,
        "r.csv",
        "server,step,on,due,by\nsrv-000,planned,2026-11-20,2026-12-20,Ada\nsrv-01,planned,2026-11-20,2026-12-20,Ada\n",
        "3:server: there is no server \"srv-01\"; was \"srv-001\" meant?",
    ),
    (
        REGISTER,
        "r.csv",
        "server,step,on,due,by,wrods\nsrv-000,planned,2026-11-20,2026-12-20,Ada,agreed\n",
        "1:wrods: there is no such column; was \"words\" meant?",
    ),
    (
        REGISTER,
        "r.csv",
        "server,step,on,due\nsrv-000,planned,2026-11-20,2026-12-20\nsrv-000,powered_off,2026-11-21,\n",
        "3:step: srv-000 cannot be powered off before it is moved",
    ),
    (
        REGISTER,
        "r.csv",
        "server,step,on,due,annual_cash\nsrv-000,planned,2026-11-20,2026-12-20,many\n",
        "2:annual_cash: \"many\" is no number",
    ),
    (
        REGISTER,
        "r.csv",
        "server,step,on,due,annual_cash\nsrv-000,planned,2026-11-20,2026-12-20,-5\n",
        "2:annual_cash: -5 is below 0",
    ),
    (
        REGISTER,
        "r.csv",
        "server,step,on,due\nsrv-000,planned,2026-11-20,2026-12-20\nsrv-000,moved,2026-11-21,,\n",
        "3: ",
    ),
    (
        REGISTER,
        "r.csv",
        "server,step,step,on,due\nsrv-000,planned,moved,2026-11-20,2026-12-20\n",
        "1: two columns are called \"step\"; rename one",
    ),
    (
        REGISTER,
        "r.csv",
        "server,on,due\nsrv-000,2026-11-20,2026-12-20\n",
        "2:step: is empty; name the step that was made",
    ),
    (
        REGISTER,
        "r.csv",
        "outcome,owner,unit,baseline,target,due\na,Ada,h,9,2,2026-12-20\nb,Ada,h,x,2,2026-12-20\n",
        "3:baseline: \"x\" is no number",
    ),
    (
        REGISTER,
        "r.csv",
        "outcome,owner,unit,baseline,target,due,indicator,basis,cause\na,Ada,h,9,2,2026-12-20,5,measured,ours\n",
        "2:words: is empty; say why it is other than planned",
    ),
    (
        REGISTER,
        "r.csv",
        "outcome,owner,unit,baseline,target,due,realised\na,Ada,h,9,2,2026-12-20,400\n",
        "2:indicator: is empty, and what is realised is said of it",
    ),
    (
        REGISTER,
        "r.csv",
        "server,cause,words\nsrv-000,ours,late\nsrv-001,costumer,late\n",
        "3:cause: \"costumer\" is none of ours, customer, environment; was \"customer\" meant?",
    ),
    (
        REGISTER,
        "r.csv",
        "moment,on,recovery_minutes_tested\nfirst-recovery-test,2026-11-20,42\nfirst-showbakc,2026-11-20,\n",
        "3:moment: there is no moment \"first-showbakc\" (`cairn journey phases` names all); was \"first-showback\" meant?",
    ),
    (
        REGISTER,
        "r.csv",
        "moment,on,recovery_minutes_tested\nfirst-showback,2026-11-20,\nfirst-recovery-test,2026-11-20,soon\n",
        "3:recovery_minutes_tested: \"soon\" is no number",
    ),
];

/// A line of `cairn schedule`, and how it is refused.
const SCHEDULES: &[(&str, &str)] = &[
    ("add w --cron 0_6_*_* --by Ada", "--cron, --zone: \"0 6 * *\" has 4 fields"),
    ("add w --cron 61_6_*_*_1 --by Ada", "--cron, --zone: "),
    ("add w --cron 0_6_*_*_mno --by Ada", "--cron, --zone: "),
    ("add w --cron 0_6_*_*_1 --zone Europe/Berlni --by Ada", "was \"Europe/Berlin\" meant?"),
    ("add w --cron */5_*_*_*_* --by Ada", "an hour is the least between two"),
    ("add w --cron 0_6_30_2_* --by Ada", "it would never be due"),
    ("add w --cron 0_6_*_*_1 --by _", "--by is empty"),
    ("add w --cron 0_6_*_*_1 --policy none.toml --by Ada", "none.toml"),
    ("add there --cron 0_6_*_*_1 --by Ada", "there is a schedule there already"),
    ("add w --cron 0_6_*_*_1 --ring lab --by Ada", "--ring: its agents already measure for schedule there"),
    ("remove three --by Ada", "there is no schedule \"three\"; was \"there\" meant?"),
    ("remove there --by _", "--by is empty"),
    ("runs three", "there is no schedule \"three\"; was \"there\" meant?"),
];

struct Engagement {
    home: FreshDir,
}

impl Engagement {
    /// Two measured servers, a mapping, and an assessment.
    fn new() -> Self {
        let engagement = Self { home: fresh_dir("bad-files") };
        let begin = Timestamp::parse_rfc3339("2026-10-05T00:00:00Z").unwrap();
        let files = fresh_dir("csv");
        Estate { servers: 2, begin, days: 7 }.write(files.path());
        assert_eq!(engagement.verb(&["import", "csv", files.path().to_str().unwrap()]).code(), 0);
        let mapping = "server = \"Name\"\n[columns.RAM]\nfact = \"memory_bytes\"\ntimes = 1073741824\n";
        let mapping = engagement.file("mapping.toml", mapping);
        assert_eq!(engagement.verb(&["facts", "mapping", "cmdb", &mapping, "--by", "Ada"]).code(), 0);
        assert_eq!(engagement.verb(&["assess"]).code(), 0);
        engagement
    }

    fn verb(&self, arguments: &[&str]) -> Done {
        let mut command = cairn(arguments);
        command.arg("--data").arg(self.home.path().join("store")).env("CAIRN_NOW", "2026-11-25T12:00:00Z");
        run(command)
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.home.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// All that people have said and that was assessed.
    fn state(&self) -> Vec<String> {
        let verbs: [&[&str]; 10] = [
            &["journey", "--json"],
            &["facts", "show", "srv-000", "--json"],
            &["facts", "show", "srv-001", "--json"],
            &["facts", "reconcile", "--json"],
            &["facts", "mapping", "cmdb"],
            &["decide", "list", "--all", "--json"],
            &["checklist", "--json"],
            &["assessments", "--json"],
            &["outcome", "list", "--json"],
            &["schedule", "list", "--json"],
        ];
        verbs
            .iter()
            .map(|verb| self.verb(verb))
            .map(|done| format!("{}{}", done.code(), done.stdout))
            .collect()
    }
}

#[test]
fn a_slip_refuses_the_whole_file_and_names_what_was_meant() {
    let engagement = Engagement::new();
    let before = engagement.state();
    for (verb, name, text, expected) in SLIPS {
        let file = engagement.file(name, text);
        let filled = |word: &&'static str| if *word == "FILE" { file.clone() } else { (*word).to_owned() };
        let arguments: Vec<String> = verb.iter().map(filled).collect();
        let done = engagement.verb(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let said = format!("{}{}", done.stdout, done.stderr);
        assert_eq!(done.code(), 1, "{arguments:?}: {said}");
        assert!(said.contains(&format!("{name}:{expected}")), "{arguments:?}: {said}");
        assert!(!said.contains("?;"), "{said}");
        assert_eq!(engagement.state(), before, "{arguments:?} with {text:?} has left something behind");
    }
    // And a good file changes something.
    let good = engagement.file("f.csv", "server,owner,tag.owner_mail\nsrv-000,Finance,x@example.org\n");
    assert_eq!(engagement.verb(&["facts", "import", &good, "--by", "Ada"]).code(), 0);
    assert_ne!(engagement.state(), before);
}

#[test]
fn a_slip_in_a_schedule_leaves_those_there_are() {
    let engagement = Engagement::new();
    let add =
        ["schedule", "add", "there", "--cron", "0 6 * * 1", "--ring", "lab", "--days", "3", "--by", "Ada"];
    assert_eq!(engagement.verb(&add).code(), 0);
    let before = engagement.state();
    for (line, expected) in SCHEDULES {
        let words: Vec<String> = line.split(' ').map(|word| word.replace('_', " ")).collect();
        let arguments: Vec<&str> =
            std::iter::once("schedule").chain(words.iter().map(String::as_str)).collect();
        let done = engagement.verb(&arguments);
        assert_ne!(done.code(), 0, "{line}: {}", done.stdout);
        assert!(done.stderr.contains(expected), "{line}: {}", done.stderr);
        assert_eq!(engagement.state(), before, "{line} has left something behind");
    }
}

#[test]
fn a_slip_in_a_trial_is_named_too() {
    let home = fresh_dir("bad-trial");
    let check = |text: &str, expected: &str| {
        let file = home.path().join("t.toml");
        std::fs::write(&file, text).unwrap();
        let done = run(cairn(&["rules", "test", file.to_str().unwrap()]));
        assert_eq!(done.code(), 1, "{}{}", done.stdout, done.stderr);
        assert!(done.stderr.contains(&format!("t.toml:{expected}")), "{}", done.stderr);
    };
    check("weeks = 5\n[facts]\nownr = \"IT\"\n", "3: there is no fact `ownr`; was `owner` meant?");
    check(
        "weeks = 5\n[[server]]\nname = \"a\"\nexpekt = {}\n",
        "4: there is no `expekt`; was `expect` meant?",
    );
}
