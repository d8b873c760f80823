//! The engagements of a data directory: each one file, opened when it is first asked for. Nothing crosses
//! from one to another; this is only the door to them.
// SPDX-License-Identifier: Apache-2.0

use crate::store::sqlite::SqliteStore;
use crate::store::{Agent, EngagementName, Result, Store, StoreError, Token};
use cairn_schemas::identity::AgentId;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

mod remembered;
pub use remembered::Remembered;

/// A store shared between threads.
pub type SharedStore = Arc<dyn Store>;

/// The engagements of one data directory.
pub struct Engagements {
    dir: PathBuf,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    stores: BTreeMap<EngagementName, SharedStore>,
    /// Agents as they were last read.
    agents: BTreeMap<AgentId, Arc<Remembered>>,
}

impl Engagements {
    /// The engagements below `dir/engagements`.
    #[must_use]
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), open: Mutex::default() }
    }

    /// One engagement whose store is kept elsewhere than below a directory.
    #[must_use]
    pub fn of_store(store: SharedStore) -> Self {
        let stores = BTreeMap::from([(store.engagement().clone(), store)]);
        Self { dir: PathBuf::new(), open: Mutex::new(Open { stores, ..Open::default() }) }
    }

    /// The store of an engagement, made when it is new.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn store(&self, name: &EngagementName) -> Result<SharedStore> {
        let mut open = self.open();
        if let Some(store) = open.stores.get(name) {
            return Ok(Arc::clone(store));
        }
        let store: SharedStore = Arc::new(SqliteStore::open(&self.dir, name)?);
        open.stores.insert(name.clone(), Arc::clone(&store));
        Ok(store)
    }

    /// Every engagement there is, by name.
    ///
    /// # Errors
    /// The directory cannot be read, or a file not be opened.
    pub fn all(&self) -> Result<Vec<SharedStore>> {
        if self.dir.as_os_str().is_empty() {
            let open = self.open();
            return Ok(open.stores.values().cloned().collect());
        }
        let folder = self.dir.join("engagements");
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(unreadable(&folder, error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let path = entry.map_err(|error| unreadable(&folder, error))?.path();
            let name = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse().ok());
            names.extend(name.filter(|_| path.extension().is_some_and(|ending| ending == "sqlite")));
        }
        names.sort();
        names.iter().map(|name| self.store(name)).collect()
    }

    /// The store of an engagement there is; asking for another makes none.
    ///
    /// # Errors
    /// The directory cannot be read, or a file not be opened.
    pub fn find(&self, name: &str) -> Result<Option<SharedStore>> {
        Ok(self.all()?.into_iter().find(|store| store.engagement().as_str() == name))
    }

    /// The agent of an id, with the store it belongs to.
    ///
    /// # Errors
    /// A store cannot be read.
    pub fn agent(&self, id: AgentId) -> Result<Option<(SharedStore, Agent)>> {
        if let Some(known) = self.remembered(id)
            && let Some(agent) = known.store.agent(id)?
        {
            return Ok(Some(self.remember(Arc::clone(&known.store), agent)));
        }
        for store in self.all()? {
            if let Some(agent) = store.agent(id)? {
                return Ok(Some(self.remember(store, agent)));
            }
        }
        self.forget(id);
        Ok(None)
    }

    /// The same as it was last read: it may have been revoked, erased or changed since.
    #[must_use]
    pub fn remembered(&self, id: AgentId) -> Option<Arc<Remembered>> {
        self.open().agents.get(&id).cloned()
    }

    fn remember(&self, store: SharedStore, agent: Agent) -> (SharedStore, Agent) {
        let remembered = Arc::new(Remembered::new(Arc::clone(&store), agent.clone()));
        self.open().agents.insert(agent.id, remembered);
        (store, agent)
    }

    /// Forgets how an agent was last read.
    pub fn forget(&self, id: AgentId) {
        self.open().agents.remove(&id);
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The token of an id, with the store it belongs to.
    ///
    /// # Errors
    /// A store cannot be read.
    pub fn token(&self, id: &str) -> Result<Option<(SharedStore, Token)>> {
        for store in self.all()? {
            if let Some(token) = store.token(id)? {
                return Ok(Some((store, token)));
            }
        }
        Ok(None)
    }
}

fn unreadable(folder: &Path, error: std::io::Error) -> StoreError {
    StoreError::Engine { tried: format!("reading {}", folder.display()), source: error.into() }
}
