//! People who open the pages of an engagement, what each may do, and who is signed in. Part of every store: an
//! engagement is one file, and who may see it is no business of another's.
// SPDX-License-Identifier: Apache-2.0

use super::Result;
use cairn_schemas::time::Timestamp;

/// SHA-256 of a secret: of a session, or of a link.
pub type Digest = [u8; 32];

/// What a person may do; each may do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Sees the estate and its reports.
    Viewer,
    /// Assesses, decides, reviews and issues.
    Assessor,
    /// Looks after agents, tokens and people.
    Admin,
}

impl Role {
    /// All of them, from the least.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Assessor, Self::Admin];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Assessor => "assessor",
            Self::Admin => "admin",
        }
    }

    /// The role of a name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// A person.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// Its number.
    pub id: i64,
    /// The name it signs in and is audited with; unique whatever the case of its letters.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Argon2id of its password, as a PHC string; `None`: it comes in by a link alone.
    pub password: Option<String>,
    /// When it was added.
    pub added_at: Timestamp,
    /// Sessions that have not been ended; some may have run out.
    pub sessions: usize,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Person({}, {})", self.name, self.role.name())
    }
}

/// A person to be added.
#[derive(Clone, Copy)]
pub struct NewPerson<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it may do.
    pub role: Role,
    /// Argon2id of its password, as a PHC string.
    pub password: Option<&'a str>,
}

/// A session that begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begun {
    /// Hash of its secret.
    pub secret_sha256: Digest,
    /// Seconds without a request after which it ends.
    pub idle_s: i64,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
}

/// People, links and sessions. `by` is who does it and goes into the audit.
pub trait People {
    /// Everybody, by name.
    fn people(&self) -> Result<Vec<Person>>;
    /// The person of a name.
    fn person(&self, name: &str) -> Result<Option<Person>>;
    /// Adds a person. `false` when there is one of the name.
    fn add_person(&self, person: &NewPerson<'_>, by: &str, now: Timestamp) -> Result<bool>;
    /// Gives a person another role. `false` when there is none; the last admin keeps its role.
    fn set_role(&self, name: &str, role: Role, by: &str, now: Timestamp) -> Result<bool>;
    /// Gives a person another password (a PHC string), and ends its sessions and links. `false` when there is none.
    fn set_password(&self, name: &str, password: &str, by: &str, now: Timestamp) -> Result<bool>;
    /// Removes a person with its sessions and links. `false` when there is none; the last admin stays.
    fn remove_person(&self, name: &str, by: &str, now: Timestamp) -> Result<bool>;

    /// Keeps a link that signs a person in once. `false` when there is no such person.
    fn put_link(&self, name: &str, link: &Digest, until: Timestamp, by: &str, now: Timestamp)
    -> Result<bool>;
    /// Uses up a link and begins the session of its person, in one transaction; `None` when it is none, was used, or
    /// its time is over.
    fn begin_by_link(&self, link: &Digest, session: &Begun, now: Timestamp) -> Result<Option<Person>>;
    /// Begins a session of a person whose password was right. `false` when the person or the password has changed
    /// since it was read.
    fn begin_session(&self, person: &Person, session: &Begun, now: Timestamp) -> Result<bool>;
    /// Whose session a secret is, unless it is over; it counts as used now.
    fn session(&self, secret: &Digest, now: Timestamp) -> Result<Option<Person>>;
    /// Signs out. `false` when there is no such session.
    fn end_session(&self, secret: &Digest, now: Timestamp) -> Result<bool>;
    /// Ends all sessions and links of a person, or of everybody; how many sessions. `None` when there is no such
    /// person.
    fn end_sessions(&self, name: Option<&str>, by: &str, now: Timestamp) -> Result<Option<usize>>;
}
