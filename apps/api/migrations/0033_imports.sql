-- What was brought in from another server of the same API: which of its records became which of ours. Makes an import
-- resumable, and a second one harmless.
CREATE TABLE imports (
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  source TEXT NOT NULL,      -- address and account
  kind TEXT NOT NULL,        -- agent, retell_llm, …
  source_id TEXT NOT NULL,
  version TEXT NOT NULL,     -- of versioned ones; else empty
  our_id TEXT NOT NULL,
  checksum TEXT NOT NULL,    -- of what came
  imported_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, source, kind, source_id, version)
);
