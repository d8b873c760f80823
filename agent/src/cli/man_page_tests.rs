//! The man page: what the tables hold, in the sections that an administrator expects.
// SPDX-License-Identifier: Apache-2.0

use super::*;

const ABOUT: &str = "\
\\fBcairn\\-agent\\fR samples CPU, memory, disk and network of this server once a second, keeps a mean and the largest
second of each minute, and ships them to the one collector it was enrolled at. It runs as the user \\fBcairn\\-agent\\fR
without any capability. It has no listening port, takes no commands, does not update itself, and sends nothing but
what \\fBcairn\\-agent explain\\fR lists.
.PP
What cannot be delivered waits in a bounded spool; what is lost is reported as a gap with its reason.
";

const FILES: &[(&str, &str)] = &[
    (
        "/var/lib/cairn-agent",
        "Everything the agent keeps: key, identity, spool, status. Nothing is written elsewhere.",
    ),
    (
        "/var/lib/cairn-agent/agent.toml",
        "Settings, if any are to differ from the defaults; an example is in the documentation of the package.",
    ),
];

const EXAMPLE: &str = "\
.nf
cairn\\-agent explain
install \\-o cairn\\-agent \\-m 0400 join /var/lib/cairn\\-agent/join
runuser \\-u cairn\\-agent \\-\\- cairn\\-agent enroll \\-\\-join\\-file /var/lib/cairn\\-agent/join \\-\\-data /var/lib/cairn\\-agent
rm /var/lib/cairn\\-agent/join
systemctl enable \\-\\-now cairn\\-agent
.fi
";

pub(super) fn page() -> String {
    let mut page = format!(
        ".\\\" SPDX-License-Identifier: Apache-2.0\n.\\\" Written from the tables of the command line by its tests.\n\
         .TH CAIRN\\-AGENT 8 \"\" \"Cairn {}\" \"System administration\"\n\
         .SH NAME\ncairn\\-agent \\- samples this server and ships what it measured to a Cairn collector\n\
         .SH SYNOPSIS\n.B cairn\\-agent\n.I VERB\n[\\fIOPTIONS\\fR]\n.SH DESCRIPTION\n{ABOUT}.SH VERBS\n",
        env!("CARGO_PKG_VERSION")
    );
    for (_, name, does, own) in VERBS {
        let _ = write!(page, ".SS {}\n{}.\n", escaped(name), sentence(does));
        own.iter().for_each(|name| {
            OPTIONS.iter().filter(|option| option.0 == *name).for_each(|o| option(&mut page, o))
        });
    }
    page.push_str(".SH OPTIONS OF EVERY VERB\n");
    COMMON.iter().for_each(|common| option(&mut page, common));
    page.push_str(".SH ENVIRONMENT\nFlags outweigh the environment, and that the file.\n");
    for (variable, stands_for) in environment_variables() {
        entry(&mut page, &format!("\\fB{variable}\\fR"), &format!("As \\fB{}\\fR.", escaped(stands_for)));
    }
    entry(&mut page, "\\fBNO_COLOR\\fR", "When set, the log on a terminal has no colours.");
    page.push_str(".SH FILES\n");
    FILES.iter().for_each(|(path, what)| entry(&mut page, &format!("\\fI{}\\fR", escaped(path)), what));
    page.push_str(".SH EXIT STATUS\n");
    for (code, meaning) in exit_codes() {
        entry(&mut page, &format!("\\fB{code}\\fR"), &format!("{}.", sentence(&meaning)));
    }
    let _ = write!(
        page,
        ".SH EXAMPLES\nJoining a collector with a join string in the file \\fIjoin\\fR:\n.PP\n{EXAMPLE}"
    );
    page.push_str(".SH SEE ALSO\n.BR systemctl (1),\n.BR journalctl (1)\n");
    page
}

fn option(page: &mut String, (name, value, meaning): &(&str, &str, &str)) {
    let value = if value.is_empty() { String::new() } else { format!(" \\fI{value}\\fR") };
    entry(page, &format!("\\fB{}\\fR{value}", escaped(name)), &format!("{}.", sentence(&escaped(meaning))));
}

fn entry(page: &mut String, head: &str, body: &str) {
    let _ = write!(page, ".TP\n{head}\n{body}\n");
}

/// The codes as the help gives them, in its last line.
fn exit_codes() -> Vec<(String, String)> {
    let help = help(None);
    let line = help.lines().find_map(|line| line.strip_prefix("Exit codes: ")).unwrap();
    let codes = line.trim_end_matches('.').split(", ").map(|code| code.split_once(' ').unwrap());
    codes.map(|(code, meaning)| (code.to_owned(), meaning.to_owned())).collect()
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Dashes that can be copied into a shell, and no line that troff would take for its own.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\e").replace('-', "\\-").replace('`', "\\(ga")
}
