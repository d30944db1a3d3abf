-- Times are epoch milliseconds. Documents (settings, bodies) are JSON text in the API's own shape. Every table belongs
-- to an organisation, and every query names it.

CREATE TABLE organizations (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  webhook_key TEXT NOT NULL DEFAULT '',  -- the API key that signs webhooks, sealed with the server's secret
  created_at BIGINT NOT NULL
);

CREATE TABLE api_keys (
  id TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  name TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,  -- SHA-256 of the key; the key itself is not kept
  hint TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  revoked_at BIGINT
);
CREATE INDEX api_keys_by_organization ON api_keys (organization_id, created_at);

CREATE TABLE agents (
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  agent_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  base_version BIGINT,
  is_published BIGINT NOT NULL DEFAULT 0,
  llm_id TEXT NOT NULL DEFAULT '',  -- of a retell-llm engine, to find the agents that use one
  settings TEXT NOT NULL,
  created_at BIGINT NOT NULL,  -- of the agent, the same in all its versions
  modified_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, agent_id, version)
);
CREATE INDEX agents_by_age ON agents (organization_id, created_at, agent_id);
CREATE INDEX agents_by_llm ON agents (organization_id, llm_id);

CREATE TABLE llms (
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  llm_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  is_published BIGINT NOT NULL DEFAULT 0,
  settings TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, llm_id, version)
);
CREATE INDEX llms_by_age ON llms (organization_id, created_at, llm_id);

CREATE TABLE calls (
  call_id TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  agent_id TEXT NOT NULL,
  call_status TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  recording_key TEXT NOT NULL DEFAULT '',  -- name in the object store
  body TEXT NOT NULL
);
CREATE INDEX calls_by_age ON calls (organization_id, created_at, call_id);
CREATE INDEX calls_by_status ON calls (call_status);

CREATE TABLE phone_numbers (
  phone_number TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  body TEXT NOT NULL,
  modified_at BIGINT NOT NULL
);
CREATE INDEX phone_numbers_by_organization ON phone_numbers (organization_id, phone_number);

CREATE TABLE jobs (
  id TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  state TEXT NOT NULL,  -- waiting, running, dead
  attempts BIGINT NOT NULL,
  run_at BIGINT NOT NULL,
  lease_until BIGINT NOT NULL,
  last_error TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL
);
CREATE INDEX jobs_due ON jobs (state, run_at);
