//! `enroll`: joins a collector. The join string comes from a file, since arguments are visible to everybody.
// SPDX-License-Identifier: Apache-2.0

use super::{Arguments, Exit, Terminal};
use crate::config::Config;
use crate::identity::{self, Identity, IdentityError, SigningKey};
use crate::inventory;
use crate::uplink::http::Collector;
use anyhow::{Context as _, anyhow, bail};
use cairn_schemas::enrolment::{EnrolRequest, JoinString};

pub(super) fn run(arguments: &Arguments, terminal: &mut Terminal<'_>) -> anyhow::Result<Exit> {
    let Some(file) = &arguments.join_file else {
        writeln!(terminal.err, "cairn-agent: enroll needs --join-file FILE")?;
        return Ok(Exit::Usage);
    };
    match Identity::load(&arguments.data) {
        Err(IdentityError::NotEnrolled(_)) => {}
        Err(error) => return Err(error.into()),
        Ok(known) if arguments.unless_enrolled => {
            writeln!(terminal.out, "enrolled at {} already, as {}", known.url, known.agent_id)?;
            return Ok(Exit::Done);
        }
        Ok(known) => bail!(
            "already enrolled at {} as {}; to join anew, remove {} first",
            known.url,
            known.agent_id,
            arguments.data.display()
        ),
    }
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let join = JoinString::parse(&text).map_err(|why| anyhow!("{}: {why}", file.display()))?;
    identity::make_data_directory(&arguments.data)?;
    let key = SigningKey::load_or_make(&arguments.data)?;
    let request = EnrolRequest {
        token_id: join.token_id,
        secret: join.secret,
        public_key: key.public_hex(),
        hostname: inventory::hostname(&arguments.root),
        fingerprint: identity::fingerprint(&arguments.root),
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let config = Config::load(&arguments.data, arguments.environment, arguments.flags)
        .map_err(|why| anyhow!("configuration: {why}"))?;
    let collector = Collector::new(&join.url, join.ca_spki_sha256.as_deref(), &config.network())
        .map_err(|why| anyhow!("{}: {why}", join.url))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let reply = runtime.block_on(collector.enrol(&request))?;
    let identity = Identity {
        url: join.url,
        engagement: reply.engagement,
        agent_id: reply.agent_id,
        ca_spki_sha256: join.ca_spki_sha256,
        fingerprint: Some(request.fingerprint),
        moved: None,
    };
    identity.store(&arguments.data)?;
    writeln!(
        terminal.out,
        "enrolled at {} in engagement {} as {}",
        identity.url, identity.engagement, identity.agent_id
    )?;
    Ok(Exit::Done)
}
