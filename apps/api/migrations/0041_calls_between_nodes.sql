-- A call's media connection may come to another node than the one that made it: that one takes the call over, with what
-- its plan is made of. Empty once the call has begun.
ALTER TABLE calls ADD COLUMN arrangement TEXT NOT NULL DEFAULT '';

-- What one node asks of another about a call that the other holds.
CREATE TABLE node_orders (
  id TEXT PRIMARY KEY,             -- sorts in the order of making
  organization_id TEXT NOT NULL,
  node_id TEXT NOT NULL,           -- to whom
  call_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX node_orders_by_node ON node_orders (node_id, id);
