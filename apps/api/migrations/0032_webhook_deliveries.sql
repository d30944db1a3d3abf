-- Webhooks going out: the durable outbox, and at the same time the log of what was delivered.
CREATE TABLE webhook_deliveries (
  id TEXT PRIMARY KEY,             -- sorts in the order of making
  organization_id TEXT NOT NULL,
  call_id TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  event TEXT NOT NULL,
  lane TEXT NOT NULL,              -- deliveries of one lane go out one after the other
  url TEXT NOT NULL,
  body TEXT NOT NULL,              -- exactly what is sent
  keep_body BIGINT NOT NULL,       -- 0: forgotten once it is delivered
  timeout_ms BIGINT NOT NULL,
  state TEXT NOT NULL,             -- pending, delivered, failed
  attempts BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  claimed_until BIGINT NOT NULL,   -- a sender is at it
  created_at BIGINT NOT NULL,
  finished_at BIGINT,
  resend_of TEXT NOT NULL DEFAULT ''
);
CREATE INDEX webhook_deliveries_by_organization ON webhook_deliveries (organization_id, id);
CREATE INDEX webhook_deliveries_by_lane ON webhook_deliveries (lane, state, id);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (state, due_at);
CREATE INDEX webhook_deliveries_by_call ON webhook_deliveries (call_id);

CREATE TABLE webhook_attempts (
  delivery_id TEXT NOT NULL REFERENCES webhook_deliveries (id),
  number BIGINT NOT NULL,
  at BIGINT NOT NULL,
  status BIGINT,                   -- of HTTP; NULL: there was no answer
  latency_ms BIGINT NOT NULL,
  error TEXT NOT NULL,
  response TEXT NOT NULL,          -- how it began
  PRIMARY KEY (delivery_id, number)
);
