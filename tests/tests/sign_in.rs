//! Signing in, with the real program: no page without a session, a link that is good once, a password that is never an
//! argument, a way out, forms that do what the verbs do, and no pages beyond loopback before somebody can sign in there.
// SPDX-License-Identifier: Apache-2.0
#![allow(clippy::unwrap_used, clippy::expect_used)]

use cairn_schemas::time::Timestamp;
use cairn_tests::harness::{Collector, Done, Running, cairn, csv, fresh_dir, run, skip, wait_for};
use std::process::Command;

const PASSWORD: &str = "correct horse battery staple";

/// A browser that follows nothing by itself and keeps one cookie.
struct Browser {
    agent: ureq::Agent,
    home: String,
    cookie: Option<String>,
}

struct Answer {
    status: u16,
    location: String,
    body: String,
}

impl Browser {
    fn new(home: &str) -> Self {
        let config = ureq::Agent::config_builder().max_redirects(0).http_status_as_error(false).build();
        Self { agent: config.into(), home: home.to_owned(), cookie: None }
    }

    fn answered(&mut self, mut response: ureq::http::Response<ureq::Body>) -> Answer {
        let header = |name: &str| {
            response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
        };
        let (set, location) = (header("set-cookie"), header("location"));
        if let Some((pair, terms)) = set.split_once(';') {
            assert!(terms.contains("HttpOnly") && terms.contains("SameSite=Lax"), "{set}");
            self.cookie = Some(pair.to_owned());
        }
        let status = response.status().as_u16();
        Answer { status, location, body: response.body_mut().read_to_string().unwrap() }
    }

    fn get(&mut self, path: &str) -> Answer {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.home) };
        let mut request = self.agent.get(url);
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let response = request.call().unwrap();
        self.answered(response)
    }

    fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut request = self.agent.post(format!("{}{path}", self.home)).header("origin", &self.home);
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let response = request.send_form(fields.iter().copied()).unwrap();
        self.answered(response)
    }

    /// The token of the forms of a page.
    fn token(&mut self, page: &str) -> String {
        let body = self.get(page).body;
        let after = body.split("name=\"token\" value=\"").nth(1).unwrap_or_else(|| panic!("no form: {body}"));
        after.split('"').next().unwrap().to_owned()
    }

    /// Fills a form in and follows to the page that says what became of it.
    fn does(&mut self, page: &str, action: &str, fields: &[(&str, &str)]) -> String {
        let token = self.token(page);
        let fields: Vec<_> = fields.iter().copied().chain([("token", token.as_str())]).collect();
        let answer = self.post(action, &fields);
        assert_eq!(answer.status, 303, "{action}: {}", answer.body);
        let to = answer.location.split('#').next().unwrap().to_owned();
        self.get(&to).body
    }

    fn sign_in(&mut self, name: &str, password: &str) -> Answer {
        self.post("/e/default/sign-in", &[("name", name), ("password", password), ("to", "/e/default/plan")])
    }
}

/// A verb with a password on its standard input.
fn with_password(collector: &Collector, arguments: &[&str], password: &str) -> Done {
    let file = collector.data().join("typed");
    std::fs::write(&file, format!("{password}\n")).unwrap();
    let mut command = cairn(arguments);
    command.arg("--data").arg(collector.data()).stdin(std::fs::File::open(&file).unwrap());
    run(command)
}

#[test]
fn no_page_without_a_session_and_a_link_is_good_once() {
    let collector = Collector::start();
    let mut nobody = Browser::new(&collector.url());
    for page in ["", "servers", "plan", "whatif?cpu=60", "assessments", "administration"] {
        let answer = nobody.get(&format!("/e/default/{page}"));
        assert_eq!(answer.status, 303, "{page}");
        assert!(answer.location.starts_with("/e/default/sign-in?to="), "{page}: {}", answer.location);
    }
    assert_eq!(nobody.get("/api/v1/engagements/default/assessments").status, 401);
    assert_eq!(nobody.get("/livez").status, 200);
    assert_eq!(nobody.get("/e/default/sign-in").status, 200);

    let link = collector.link_to("/e/default/servers");
    assert!(link.starts_with(&format!("{}/e/default/enter?link=", collector.url())), "{link}");
    let mut person = Browser::new(&collector.url());
    let entered = person.get(&link);
    assert_eq!((entered.status, entered.location.as_str()), (303, "/e/default/servers"));
    assert_eq!(person.get("/e/default/administration").status, 200, "whoever is at this machine is admin");
    assert_eq!(nobody.get(&link).status, 401, "used");
    assert_eq!(nobody.get("/e/default/").status, 303);

    // A name that somebody lets point here is not ours.
    let rebound = person.agent.get(format!("{}/e/default/", collector.url())).header("host", "evil.example");
    assert_eq!(rebound.call().unwrap().status(), 421);
    let said = person.does("/e/default/", "/e/default/sign-out", &[]);
    assert!(said.contains("autocomplete=\"current-password\""), "{said}");
    assert_eq!(person.get("/e/default/").status, 303);
}

#[test]
fn a_person_signs_in_with_a_password_and_wrong_ones_wait() {
    let collector = Collector::start();
    let short = with_password(&collector, &["people", "add", "Ada", "--role", "assessor"], "short");
    assert!(short.code() == 1 && short.stderr.contains("fewer than 15 characters"), "{}", short.stderr);
    let added = with_password(&collector, &["people", "add", "Ada", "--role", "assessor"], PASSWORD);
    assert_eq!(added.code(), 0, "{}", added.stderr);
    let twice = with_password(&collector, &["people", "add", "ada", "--role", "admin"], PASSWORD);
    assert!(twice.code() == 1 && twice.stderr.contains("already"), "{}", twice.stderr);

    let mut ada = Browser::new(&collector.url());
    let entered = ada.sign_in("Ada", PASSWORD);
    assert_eq!((entered.status, entered.location.as_str()), (303, "/e/default/plan"), "{}", entered.body);
    assert!(ada.get("/e/default/plan").body.contains("Signed in as Ada (assessor)"));
    let refused = ada.get("/e/default/administration");
    assert!(refused.status == 403 && refused.body.contains("this needs admin"), "{}", refused.body);
    assert_eq!(ada.post("/e/default/do/token", &[("token", "guessed")]).status, 403);

    let listed = collector.verb(&["people", "--json"]).json();
    assert_eq!((&listed[0]["name"], &listed[0]["sessions"]), (&"Ada".into(), &1.into()));
    let ended = collector.verb(&["people", "sessions", "revoke", "Ada", "--json"]).json();
    assert_eq!(ended["ended"], 1);
    assert_eq!(ada.get("/e/default/plan").status, 303, "revoked");

    let mut stranger = Browser::new(&collector.url());
    let (unknown, wrong) = (stranger.sign_in("Bob", "x").body, stranger.sign_in("Ada", "x").body);
    assert_eq!(unknown.replace("Bob", "Ada"), wrong, "nobody learns who there is");
    let tried: Vec<u16> = (0..6).map(|_| stranger.sign_in("Ada", "x").status).collect();
    assert!(tried[..4].iter().all(|status| *status == 401) && tried.contains(&429), "{tried:?}");
    let nobody = collector.verb(&["people", "remove", "Nobody"]);
    assert!(nobody.code() == 3 && nobody.stderr.contains("there is no person"), "{}", nobody.stderr);
    let usage = collector.verb(&["people", "role", "Ada", "admim"]);
    assert!(usage.code() == 2 && usage.stderr.contains("admin"), "{}", usage.stderr);
    assert!(!String::from_utf8_lossy(&std::fs::read(store_of(&collector)).unwrap()).contains(PASSWORD));
}

fn store_of(collector: &Collector) -> std::path::PathBuf {
    collector.data().join("engagements/default.sqlite")
}

#[test]
fn forms_do_what_the_verbs_do_and_the_audit_names_who_did_it() {
    let begin = Timestamp::parse_rfc3339("2026-09-28T00:00:00Z").unwrap();
    let collector = Collector::start();
    let files = fresh_dir("csv");
    csv::Estate { servers: 4, begin, days: 8 }.write(files.path());
    let imported = collector.verb(&["import", "csv", files.path().to_str().unwrap()]);
    assert_eq!(imported.code(), 0, "{}", imported.stderr);
    let add = ["people", "add", "Ada", "--role", "admin"];
    assert_eq!(with_password(&collector, &add, PASSWORD).code(), 0);
    let mut ada = Browser::new(&collector.url());
    assert_eq!(ada.sign_in("Ada", PASSWORD).status, 303);

    let (journey, assessments) = ("/e/default/journey", "/e/default/assessments");
    let veto = [("server", "srv-000"), ("words", "it runs the pay slips"), ("by", "Grace")];
    let said = ada.does(journey, "/e/default/do/veto", &veto);
    assert!(said.contains("Decision 1 about srv-000 is kept"), "{said}");
    let decisions = collector.verb(&["decide", "list", "--json"]).json();
    assert_eq!((&decisions[0]["kind"], &decisions[0]["by"]), (&"veto".into(), &"Grace".into()));
    let said = ada.does(journey, "/e/default/do/veto", &[("server", "srv-00"), ("words", "x"), ("by", "y")]);
    assert!(said.contains("did you mean") || said.contains("srv-000"), "{said}");

    assert!(ada.does(assessments, "/e/default/do/assess", &[]).contains("Assessment 1 is made"));
    assert!(ada.does(assessments, "/e/default/do/review", &[("number", "1")]).contains("is reviewed by Ada"));
    assert!(ada.does(assessments, "/e/default/do/issue", &[("number", "1")]).contains("is issued by Ada"));
    let listed = collector.verb(&["assessments", "--json"]).json();
    assert_eq!((&listed[0]["state"], &listed[0]["issued"]["by"]), (&"issued".into(), &"Ada".into()));
    let evidence = files.path().join("1.evidence");
    let bundle = collector.verb(&["bundle", "1", "--out", evidence.to_str().unwrap()]);
    assert_eq!(bundle.code(), 0, "what it was computed from is kept: {}", bundle.stderr);

    let administration = "/e/default/administration";
    let given = ada.does(administration, "/e/default/do/token", &[("hours", "1"), ("uses", "1")]);
    assert!(given.contains(&format!("<pre tabindex=\"0\">{}#", collector.url())), "{given}");
    let page = ada.get(administration).body;
    for line in ["decision 1: veto", "gave join token", "made assessment 1"] {
        let row = page.split("<tr>").find(|row| row.contains(line));
        assert!(row.is_some_and(|row| row.contains("<td>Ada</td>")), "{line}: {row:?}");
    }
}

#[test]
fn pages_leave_loopback_only_once_somebody_can_sign_in() {
    let home = fresh_dir("beyond");
    let serve = |more: &[&str]| -> Command {
        let mut command = cairn(&["serve", "--listen", "0.0.0.0:0", "--name", "localhost"]);
        command.args(more).arg("--data").arg(home.path());
        command
    };
    let refused = run(serve(&["--pages"]));
    assert_eq!(refused.code(), 1, "{}", refused.stdout);
    assert!(refused.stderr.contains("cairn people add NAME --role admin"), "{}", refused.stderr);
    let typed = home.path().join("typed");
    std::fs::write(&typed, PASSWORD).unwrap();
    let mut add = cairn(&["people", "add", "Ada", "--role", "admin"]);
    add.arg("--data").arg(home.path()).stdin(std::fs::File::open(&typed).unwrap());
    assert_eq!(run(add).code(), 0);
    for (more, page) in [(&[][..], "404"), (&["--pages"], "200")] {
        let mut running = Running::start("serve", serve(more));
        let url = wait_for("the collector to listen", 30, || {
            assert!(running.ended().is_none(), "{}", running.stderr());
            let said = running.stdout();
            said.strip_prefix("listening on ")?.split_once('\n').map(|(url, _)| url.to_owned())
        });
        assert!(url.starts_with("https://localhost:"), "{url}");
        for (path, expected) in [("/e/default/sign-in", page), ("/metrics", "404")] {
            let mut ask = Command::new("curl");
            ask.args(["--silent", "--insecure", "--output", "/dev/null", "--write-out", "%{http_code}"]);
            match ask.arg(format!("{url}{path}")).output() {
                Ok(answer) => {
                    assert_eq!(String::from_utf8_lossy(&answer.stdout), expected, "{more:?} {path}")
                }
                Err(_) => skip("pages over TLS", "no curl here"),
            }
        }
    }
}
