-- Resources that are one JSON document each. `lookup` is what they are found by besides their id; `revision` counts the
-- changes, so that two at the same moment cannot undo each other.

CREATE TABLE flow_components (
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  id TEXT NOT NULL,
  lookup TEXT NOT NULL,
  body TEXT NOT NULL,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, id)
);
CREATE INDEX flow_components_by_age ON flow_components (organization_id, created_at, id);

CREATE TABLE knowledge_bases (
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  id TEXT NOT NULL,
  lookup TEXT NOT NULL,
  body TEXT NOT NULL,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, id)
);
CREATE INDEX knowledge_bases_by_age ON knowledge_bases (organization_id, created_at, id);

CREATE TABLE test_cases (
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  id TEXT NOT NULL,
  lookup TEXT NOT NULL,  -- the engine under test: its id
  body TEXT NOT NULL,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, id)
);
CREATE INDEX test_cases_by_age ON test_cases (organization_id, created_at, id);
CREATE INDEX test_cases_by_lookup ON test_cases (organization_id, lookup, created_at, id);

CREATE TABLE chats (
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  id TEXT NOT NULL,
  lookup TEXT NOT NULL,  -- the agent
  body TEXT NOT NULL,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, id)
);
CREATE INDEX chats_by_age ON chats (organization_id, created_at, id);
CREATE INDEX chats_by_lookup ON chats (organization_id, lookup, created_at, id);

CREATE TABLE contacts (
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  id TEXT NOT NULL,
  lookup TEXT NOT NULL,  -- the phone number
  body TEXT NOT NULL,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, id)
);
CREATE INDEX contacts_by_age ON contacts (organization_id, created_at, id);
CREATE UNIQUE INDEX contacts_by_lookup ON contacts (organization_id, lookup);

CREATE TABLE assets (
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  id TEXT NOT NULL,
  lookup TEXT NOT NULL,
  body TEXT NOT NULL,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, id)
);
CREATE INDEX assets_by_age ON assets (organization_id, created_at, id);

CREATE TABLE job_reports (
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  id TEXT NOT NULL,
  lookup TEXT NOT NULL,  -- the kind of job
  body TEXT NOT NULL,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, id)
);
CREATE INDEX job_reports_by_age ON job_reports (organization_id, created_at, id);
CREATE INDEX job_reports_by_lookup ON job_reports (organization_id, lookup, created_at, id);
