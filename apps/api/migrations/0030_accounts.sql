-- Workspaces (organizations) get their own limits and settings, keys get scopes, and people get accounts.

ALTER TABLE organizations ADD COLUMN webhook_key_id TEXT NOT NULL DEFAULT '';  -- which of the keys signs webhooks
ALTER TABLE organizations ADD COLUMN webhook_url TEXT NOT NULL DEFAULT '';     -- for agents without one of their own
ALTER TABLE organizations ADD COLUMN max_requests_per_second BIGINT;           -- NULL: the server's default
ALTER TABLE organizations ADD COLUMN max_concurrent_calls BIGINT;

UPDATE organizations SET webhook_key_id = COALESCE(
  (SELECT id FROM api_keys WHERE api_keys.organization_id = organizations.id ORDER BY created_at, id LIMIT 1), '')
  WHERE webhook_key <> '';

ALTER TABLE api_keys ADD COLUMN kind TEXT NOT NULL DEFAULT 'secret';  -- secret, public
ALTER TABLE api_keys ADD COLUMN scopes TEXT NOT NULL DEFAULT '';      -- JSON, area to access; empty: all
ALTER TABLE api_keys ADD COLUMN allowed_origins TEXT NOT NULL DEFAULT '[]';
ALTER TABLE api_keys ADD COLUMN created_by TEXT NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN last_used_at BIGINT;

CREATE TABLE users (
  id TEXT PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,  -- lower case
  name TEXT NOT NULL,
  password_hash TEXT NOT NULL,  -- argon2id, with its parameters
  created_at BIGINT NOT NULL,
  disabled_at BIGINT
);

CREATE TABLE members (
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  user_id TEXT NOT NULL REFERENCES users (id),
  role TEXT NOT NULL,  -- owner, admin, developer, viewer
  created_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, user_id)
);
CREATE INDEX members_by_user ON members (user_id, created_at);

-- One-time links: into a workspace (invite), or to a new password (reset; then organization_id is empty).
CREATE TABLE invitations (
  id TEXT PRIMARY KEY,
  organization_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  email TEXT NOT NULL,
  role TEXT NOT NULL,
  token_hash TEXT NOT NULL UNIQUE,  -- SHA-256; the token itself is not kept
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT
);
CREATE INDEX invitations_by_organization ON invitations (organization_id, created_at);

-- A signed-in browser: the family of refresh tokens that began with one sign-in.
CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id),
  address TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  revoked_at BIGINT
);
CREATE INDEX sessions_by_user ON sessions (user_id, created_at);

CREATE TABLE refresh_tokens (
  token_hash TEXT PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES sessions (id),
  created_at BIGINT NOT NULL,
  used_at BIGINT
);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);

-- Failed sign-ins, by account and by address.
CREATE TABLE sign_in_attempts (
  subject TEXT PRIMARY KEY,
  attempts BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  free_at BIGINT NOT NULL  -- no further attempt before
);
