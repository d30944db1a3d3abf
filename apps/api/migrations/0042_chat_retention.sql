-- Chats are deleted when their agent's data_storage_retention_days have passed; NULL: kept for ever.
ALTER TABLE chats ADD COLUMN expires_at BIGINT;
CREATE INDEX chats_by_expiry ON chats (expires_at) WHERE expires_at IS NOT NULL;

-- When an open chat ends because nobody has said anything; NULL: it has ended. Those that are there are looked at once.
ALTER TABLE chats ADD COLUMN closes_at BIGINT;
CREATE INDEX chats_by_closing ON chats (closes_at) WHERE closes_at IS NOT NULL;
UPDATE chats SET closes_at = modified_at;
