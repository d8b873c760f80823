//! What is written is read back as it was, hostile text stays text, and answers that clash are all named.
// SPDX-License-Identifier: Apache-2.0

use super::answers::gather;
use super::ask::{Kind, Known, kinds};
use super::*;
use crate::store::register::KeptDecision;
use cairn_schemas::decision::DecisionKind;
use cairn_schemas::fact::{Fact, FactValue, Facts};
use calamine::Reader as _;
use std::collections::BTreeMap;

const NOW: Timestamp = Timestamp(1_795_000_000);
const HOSTILE: [&str; 5] =
    ["=cmd|' /C calc'!A0", "<script>alert(1)</script>", "+1+1", "@SUM(A1)", "-2+3 \u{202e}gpj.exe\u{1b}[31m"];

fn kind(id: &str) -> Kind {
    kinds().into_iter().find(|kind| kind.id == id).unwrap()
}

fn sheet(server: &str, known: &Known<'_>, ids: &[&str]) -> OwnerSheet {
    let question = |id: &&str| Question {
        server: server.into(),
        id: kind(id).id,
        asks: HOSTILE[0].into(),
        todo: HOSTILE[1].into(),
        answers: kind(id).answers,
        state: known.state(server, kind(id)),
    };
    OwnerSheet {
        owner: HOSTILE[0].into(),
        engagement: "default".into(),
        assessment: 1,
        exported: NOW,
        servers: vec![ServerLine {
            name: server.into(),
            words: [HOSTILE[1], HOSTILE[2], HOSTILE[3], HOSTILE[4]].map(str::to_owned),
            findings: "one\n=two".into(),
        }],
        questions: ids.iter().map(question).collect(),
    }
}

/// The sheet as an owner fills it in, question by question.
fn returned(sheet: &OwnerSheet, by: &str, answers: &[(&str, &str)]) -> Returned {
    let row = |(n, (question, (answer, remark))): (u32, (&Question, &(&str, &str)))| read::Answer {
        row: n,
        server: crate::number::terminal_safe(&question.server).into_owned(),
        question: question.id.into(),
        answer: (*answer).into(),
        remark: (*remark).into(),
        state: question.state.clone(),
    };
    let rows = (2_u32..).zip(sheet.questions.iter().zip(answers)).map(row).collect();
    Returned { engagement: "default".into(), by: by.into(), on: "2026-11-01".into(), answers: rows }
}

fn servers() -> Vec<String> {
    ["web1", "web2"].map(str::to_owned).into()
}

#[test]
fn hostile_text_is_written_as_text_and_read_back_as_it_was() {
    let known = (BTreeMap::new(), Vec::new());
    let known = Known::new(&known.0, &known.1);
    for name in HOSTILE {
        let bytes = write(&sheet(name, &known, &["move"])).unwrap();
        let mut workbook = calamine::Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
        let mut texts = Vec::new();
        for page in [ABOUT, QUESTIONS, SERVERS] {
            let mut cells = workbook.worksheet_cells_reader(page).unwrap();
            while let Some(cell) = cells.next_cell_with_formula().unwrap() {
                assert_eq!(cell.formula, None, "{page} {:?}", cell.pos);
                match cell.value {
                    calamine::DataRef::SharedString(text) => texts.push(text.to_owned()),
                    calamine::DataRef::Empty => {}
                    other => panic!("{page} {:?}: {other:?} is no text", cell.pos),
                }
            }
        }
        let shown = crate::number::terminal_safe(name).into_owned();
        assert_eq!(texts.iter().filter(|text| **text == shown).count().min(2), 2, "{name:?} in {texts:?}");
    }
}

#[test]
fn answers_become_facts_and_decisions_once() {
    let kept: (BTreeMap<String, Facts>, Vec<KeptDecision>) = Default::default();
    let known = Known::new(&kept.0, &kept.1);
    let sheet = sheet("web1", &known, &["move", "vendor-support", "confirm-memory"]);
    let filled = returned(&sheet, "Ada", &[("No", "it is the till"), ("OK", ""), ("confirmed", "")]);
    let files = [("finance.xlsx".to_owned(), filled)];
    let answers = gather(&files, "default", &servers(), &known, NOW).unwrap();
    assert_eq!((answers.taken, answers.repeated), (3, 0));
    let kinds: Vec<_> = answers.decisions.iter().map(|d| (d.kind, d.by.as_str(), d.words.as_str())).collect();
    assert!(kinds.contains(&(DecisionKind::Veto, "Ada", "it is the till")), "{kinds:?}");
    assert!(kinds.contains(&(DecisionKind::Confirmation, "Ada", "confirmed")), "{kinds:?}");
    let facts: BTreeMap<&str, &Fact> =
        answers.facts["web1"].iter().map(|(name, fact)| (name.as_str(), fact)).collect();
    assert_eq!(facts["vendor_support"].value, FactValue::Text("ok".into()));
    assert_eq!(facts["vendor_support"].source, "owner sheet finance.xlsx:3");
    assert_eq!(facts["owner_agreed"].value, FactValue::Bool(false));

    // The same sheet again: everything is known.
    let numbered = |(id, decision): (u64, &cairn_schemas::decision::Decision)| KeptDecision {
        decision: cairn_schemas::decision::Decision { id, ..decision.clone() },
        withdrawn: None,
    };
    let decisions: Vec<KeptDecision> = (1..).zip(&answers.decisions).map(numbered).collect();
    let facts = answers.facts.into_iter().map(|(server, facts)| {
        (server, facts.into_iter().map(|(name, fact)| (name, vec![fact])).collect::<Facts>())
    });
    let facts = facts.collect();
    let known = Known::new(&facts, &decisions);
    let again = gather(&files, "default", &servers(), &known, NOW).unwrap();
    assert_eq!((again.taken, again.repeated, again.decisions.len()), (0, 3, 0));
}

#[test]
fn whatever_is_in_the_way_is_named_and_nothing_is_taken() {
    let kept: (BTreeMap<String, Facts>, Vec<KeptDecision>) = Default::default();
    let known = Known::new(&kept.0, &kept.1);
    let asked = sheet("web1", &known, &["move", "vendor-support"]);
    let good = returned(&asked, "Ada", &[("yes", ""), ("ok", "")]);
    let check = |change: &dyn Fn(&mut Returned), expected: &str| {
        let mut changed = good.clone();
        change(&mut changed);
        let files = [("a.xlsx".to_owned(), good.clone()), ("b.xlsx".to_owned(), changed)];
        let problems = gather(&files, "default", &servers(), &known, NOW).unwrap_err();
        assert_eq!(problems.iter().map(ToString::to_string).collect::<Vec<_>>(), [expected]);
    };
    check(
        &|r| r.answers[1].answer = "forbidden".into(),
        "b.xlsx:3:Your answer: two answers: \"forbidden\" here, \"ok\" of Ada in a.xlsx row 3; agree on one",
    );
    check(
        &|r| r.answers[0].server = "web3".into(),
        "b.xlsx:2:Server: there is no server \"web3\"; was \"web1\" meant?",
    );
    check(
        &|r| r.answers[0].question = "moves".into(),
        "b.xlsx:2:Question: there is no question \"moves\"; was \"move\" meant?",
    );
    check(&|r| r.answers[0].answer = "maybe".into(), "b.xlsx:2:Your answer: \"maybe\" is none of yes, no");
    check(
        &|r| (r.answers[0].server, r.answers[0].answer) = ("web2".into(), "no".into()),
        "b.xlsx:2:Your remark: is empty; who says no says why",
    );
    check(
        &|r| r.answers[0].server = "web2".into(),
        "b.xlsx:2:State: \"web2\" has changed since the sheet was exported; export it again and ask again",
    );
    check(
        &|r| r.by.clear(),
        "b.xlsx:6:Answered by (your name): is empty; an answer needs the name of the person who gives it",
    );
    check(&|r| r.on = "soon".into(), "b.xlsx:7:Answered on (date): \"soon\" is no date; write 2026-11-25");
    check(
        &|r| r.engagement = "other".into(),
        "b.xlsx:2:Engagement: \"other\" is another engagement than \"default\"",
    );
}

#[test]
fn what_is_no_owner_sheet_is_refused() {
    assert!(matches!(read(b"PK no workbook".to_vec()), Err(SheetError::Broken(_))));
    assert!(matches!(read(vec![0; 5 << 20]), Err(SheetError::Large(_))));
    let mut workbook = rust_xlsxwriter::Workbook::new();
    workbook.add_worksheet().set_name(ABOUT).unwrap().write(0, 1, "shopping").unwrap();
    let bytes = workbook.save_to_buffer().unwrap();
    assert!(matches!(read(bytes), Err(SheetError::Foreign(what)) if what == "shopping"));
}

#[test]
fn a_workbook_that_unpacks_to_too_much_is_refused_unread() {
    let (facts, decisions) = (BTreeMap::new(), Vec::new());
    let known = Known::new(&facts, &decisions);
    let bytes = write(&sheet("web1", &known, &["owner"])).unwrap();
    assert!(read(bytes.clone()).is_ok());
    let mut archive = zip::ZipWriter::new_append(std::io::Cursor::new(bytes)).unwrap();
    archive.start_file("xl/media/picture.png", zip::write::SimpleFileOptions::default()).unwrap();
    for _ in 0..65 {
        std::io::Write::write_all(&mut archive, &vec![0; 1 << 20]).unwrap();
    }
    let bomb = archive.finish().unwrap().into_inner();
    assert!(bomb.len() < 200_000, "{}", bomb.len());
    assert!(matches!(read(bomb), Err(SheetError::Bloated)));
}

#[test]
fn a_damaged_workbook_is_refused_or_read_and_never_worse() {
    let (facts, decisions) = (BTreeMap::new(), Vec::new());
    let known = Known::new(&facts, &decisions);
    let bytes = write(&sheet("web1", &known, &["owner"])).unwrap();
    for at in (0..bytes.len()).step_by(61) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 0xff;
        let _ = (read(flipped), read(bytes[..at].to_vec()));
    }
}

#[test]
fn owners_become_names_of_files() {
    let check = |owner: &str, expected: &str| assert_eq!(file_name(owner), expected);
    check("Finance & Controlling", "finance-controlling");
    check("../../etc/passwd", "etc-passwd");
    check("", "no-owner");
    check("=", "no-owner");
}
