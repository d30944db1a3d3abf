-- A migration that takes something away says here which is the oldest program that can live with it, by the newest
-- migration which that one had. Older programs refuse the database; all others work on one that is newer than they are.
ALTER TABLE schema_migrations ADD COLUMN oldest BIGINT NOT NULL DEFAULT 0;
