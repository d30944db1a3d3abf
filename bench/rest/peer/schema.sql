-- What the four endpoints need, laid out as ours is: keys by their hash, objects as JSON beside what is searched.
CREATE TABLE api_keys (
  hash text PRIMARY KEY,
  organization_id text NOT NULL
);
CREATE TABLE llms (
  organization_id text NOT NULL,
  id text NOT NULL,
  PRIMARY KEY (organization_id, id)
);
CREATE TABLE agents (
  organization_id text NOT NULL,
  id text NOT NULL,
  version integer NOT NULL,
  published boolean NOT NULL DEFAULT false,
  data jsonb NOT NULL,
  modified_ms bigint NOT NULL,
  PRIMARY KEY (organization_id, id, version)
);
CREATE TABLE calls (
  organization_id text NOT NULL,
  id text NOT NULL,
  agent_id text NOT NULL,
  status text NOT NULL,
  created_ms bigint NOT NULL,
  data jsonb NOT NULL,
  PRIMARY KEY (organization_id, id)
);
CREATE INDEX calls_by_agent ON calls (organization_id, agent_id, created_ms DESC, id);
CREATE INDEX calls_by_status ON calls (organization_id, status);
