-- Until when the other nodes cannot know of this node's calls from what they share (Redis, or nothing at all), so that they
-- count a workspace's calls in the table itself.
ALTER TABLE nodes ADD COLUMN apart_until BIGINT NOT NULL DEFAULT 0;
