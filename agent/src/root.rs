//! Where the host's `/proc` and `/sys` hang: `/` on the host itself, elsewhere in a container, and a recorded
//! tree in tests.
// SPDX-License-Identifier: Apache-2.0

use rustix::fs::PROC_SUPER_MAGIC;
use std::path::{Path, PathBuf};

/// Largest text taken from one file of the tree; a hostile or broken file is cut there.
const TEXT_BYTES_MAX: u64 = 1 << 20;
/// Longer than what describes one processor.
const HEAD_BYTES_MAX: u64 = 16 << 10;

/// The root of the host's file tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root(PathBuf);

impl Root {
    /// A tree rooted at `path`.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Whether this is the running system itself.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.0 == Path::new("/")
    }

    /// The path of `relative` in this tree; a leading slash is ignored.
    #[must_use]
    pub fn path(&self, relative: &str) -> PathBuf {
        self.0.join(relative.trim_start_matches('/'))
    }

    /// Which of two files shows the host's name space: `own` shows that of whoever reads, `first` that of the
    /// host's first process. They differ where a container reads a host's live `/proc` under a root of its own;
    /// there, `own` would pass off the container's interfaces and mounts as the host's.
    #[must_use]
    pub fn host_view(&self, own: &'static str, first: &'static str) -> &'static str {
        // A live one that hides its first process must not be taken for a recorded tree.
        let is_live_proc =
            || rustix::fs::statfs(self.path("proc")).is_ok_and(|fs| fs.f_type == PROC_SUPER_MAGIC);
        if !self.is_live() && (self.exists(first) || is_live_proc()) { first } else { own }
    }

    /// The text of a small file, trimmed; not UTF-8 is mended, since the kernel passes names on as they are.
    ///
    /// # Errors
    /// The file cannot be read; the message names it.
    pub fn text(&self, relative: &str) -> Result<String, String> {
        self.text_up_to(relative, TEXT_BYTES_MAX)
    }

    /// The beginning of a text of which no more is needed.
    ///
    /// # Errors
    /// The file cannot be read; the message names it.
    pub fn head(&self, relative: &str) -> Result<String, String> {
        self.text_up_to(relative, HEAD_BYTES_MAX)
    }

    fn text_up_to(&self, relative: &str, bytes_max: u64) -> Result<String, String> {
        let bytes = self.bytes_up_to(relative, bytes_max)?;
        Ok(String::from_utf8_lossy(&bytes).trim_matches(|c: char| c.is_whitespace() || c == '\0').to_owned())
    }

    /// The bytes of a small file, cut like a text.
    ///
    /// # Errors
    /// The file cannot be read; the message names it.
    pub fn bytes(&self, relative: &str) -> Result<Vec<u8>, String> {
        self.bytes_up_to(relative, TEXT_BYTES_MAX)
    }

    fn bytes_up_to(&self, relative: &str, bytes_max: u64) -> Result<Vec<u8>, String> {
        use std::io::Read as _;
        let mut bytes = Vec::new();
        std::fs::File::open(self.path(relative))
            .and_then(|file| file.take(bytes_max).read_to_end(&mut bytes))
            .map_err(|error| format!("/{}: {error}", relative.trim_start_matches('/')))?;
        Ok(bytes)
    }

    /// The number in a small file.
    #[must_use]
    pub fn number(&self, relative: &str) -> Option<u64> {
        self.text(relative).ok()?.parse().ok()
    }

    /// The names in a directory, sorted.
    ///
    /// # Errors
    /// The directory cannot be read; the message names it.
    pub fn names(&self, relative: &str) -> Result<Vec<String>, String> {
        let entries = std::fs::read_dir(self.path(relative))
            .map_err(|error| format!("/{}: {error}", relative.trim_start_matches('/')))?;
        let mut names: Vec<String> =
            entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort_unstable();
        Ok(names)
    }

    /// Whether something is there.
    #[must_use]
    pub fn exists(&self, relative: &str) -> bool {
        self.path(relative).symlink_metadata().is_ok()
    }

    /// The last component a symbolic link points to: a driver's name, say.
    #[must_use]
    pub fn link_name(&self, relative: &str) -> Option<String> {
        let target = std::fs::read_link(self.path(relative)).ok()?;
        Some(target.file_name()?.to_string_lossy().into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_seen_through_its_first_process_only_from_elsewhere() {
        let recorded = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(recorded.path().join("proc/self")).unwrap();
        let check =
            |root: &Path, first, expected| assert_eq!(Root::new(root).host_view("/proc/x", first), expected);
        check(Path::new("/"), "/proc/1/stat", "/proc/x");
        check(recorded.path(), "/proc/1/x", "/proc/x");
        // This very system, seen as a container sees a host's; its first process is hidden, or is not.
        check(Path::new("/proc/self/root"), "/proc/1/hidden", "/proc/1/hidden");
        check(Path::new("/proc/self/root"), "/proc/1/stat", "/proc/1/stat");
        std::fs::create_dir_all(recorded.path().join("proc/1/x")).unwrap();
        check(recorded.path(), "/proc/1/x", "/proc/1/x");
    }
}
