-- What the four endpoints need, laid out as ours is: the same rows with the same indexes and references, keys by their
-- hash, objects as JSON beside what is searched, and of every change an entry in the audit log.
CREATE TABLE organizations (
  id text PRIMARY KEY
);
CREATE TABLE api_keys (
  hash text PRIMARY KEY,
  organization_id text NOT NULL REFERENCES organizations (id)
);
CREATE TABLE llms (
  organization_id text NOT NULL REFERENCES organizations (id),
  id text NOT NULL,
  PRIMARY KEY (organization_id, id)
);
CREATE TABLE agents (
  organization_id text NOT NULL REFERENCES organizations (id),
  id text NOT NULL,
  version integer NOT NULL,
  published boolean NOT NULL DEFAULT false,
  llm_id text NOT NULL DEFAULT '',
  flow_id text NOT NULL DEFAULT '',
  data jsonb NOT NULL,
  created_ms bigint NOT NULL,
  modified_ms bigint NOT NULL,
  PRIMARY KEY (organization_id, id, version)
);
CREATE INDEX agents_by_age ON agents (organization_id, created_ms, id);
CREATE INDEX agents_by_llm ON agents (organization_id, llm_id);
CREATE INDEX agents_by_flow ON agents (organization_id, flow_id);
CREATE TABLE audit_log (
  id text PRIMARY KEY,
  organization_id text NOT NULL,
  at_ms bigint NOT NULL,
  actor_id text NOT NULL,
  action text NOT NULL,
  target text NOT NULL,
  address text NOT NULL,
  user_agent text NOT NULL,
  request_id text NOT NULL
);
CREATE INDEX audit_log_by_organization ON audit_log (organization_id, id);
CREATE INDEX audit_log_by_actor ON audit_log (actor_id, id);
CREATE TABLE calls (
  organization_id text NOT NULL REFERENCES organizations (id),
  id text PRIMARY KEY,
  agent_id text NOT NULL,
  status text NOT NULL,
  created_ms bigint NOT NULL,
  expires_ms bigint,
  data jsonb NOT NULL
);
CREATE INDEX calls_by_age ON calls (organization_id, created_ms, id);
CREATE INDEX calls_by_agent ON calls (organization_id, agent_id, created_ms DESC, id);
CREATE INDEX calls_by_status ON calls (organization_id, status);
CREATE INDEX calls_by_expiry ON calls (expires_ms) WHERE expires_ms IS NOT NULL;
