-- Calls are deleted when their agent's data_storage_retention_days have passed; NULL: kept for ever.
ALTER TABLE calls ADD COLUMN expires_at BIGINT;
CREATE INDEX calls_by_expiry ON calls (expires_at) WHERE expires_at IS NOT NULL;

-- The process that holds a live call, and the processes that there are: what a dead one left open is closed by others.
ALTER TABLE calls ADD COLUMN node_id TEXT NOT NULL DEFAULT '';
CREATE TABLE nodes (
  id TEXT PRIMARY KEY,
  seen_at BIGINT NOT NULL
);

-- What a job is about ("call_…"): it goes when that goes.
ALTER TABLE jobs ADD COLUMN subject TEXT NOT NULL DEFAULT '';
CREATE INDEX jobs_by_subject ON jobs (subject) WHERE subject <> '';
CREATE INDEX jobs_by_organization ON jobs (organization_id, state, id);
