-- Who did what, when, from where. Only ever added to.
CREATE TABLE audit_log (
  id TEXT PRIMARY KEY,             -- sorts in the order of making
  organization_id TEXT NOT NULL,   -- empty: concerns a person, not a workspace
  at BIGINT NOT NULL,
  actor_kind TEXT NOT NULL,        -- secret_key, public_key, user, operator, nobody
  actor_id TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  action TEXT NOT NULL,            -- "PATCH /update-agent/{agent_id}", "sign_in"
  target TEXT NOT NULL,            -- what it was done to
  address TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  request_id TEXT NOT NULL
);
CREATE INDEX audit_log_by_organization ON audit_log (organization_id, id);
CREATE INDEX audit_log_by_actor ON audit_log (actor_id, id);
