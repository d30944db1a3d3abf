-- Conversation flows, agents that chat, and environments' tags on agents' versions.

CREATE TABLE conversation_flows (
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  conversation_flow_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  is_published BIGINT NOT NULL DEFAULT 0,
  settings TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  modified_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, conversation_flow_id, version)
);
CREATE INDEX conversation_flows_by_age ON conversation_flows (organization_id, created_at, conversation_flow_id);

ALTER TABLE agents ADD COLUMN channel TEXT NOT NULL DEFAULT 'voice';  -- voice or chat
ALTER TABLE agents ADD COLUMN flow_id TEXT NOT NULL DEFAULT '';  -- of a conversation-flow engine
CREATE INDEX agents_by_flow ON agents (organization_id, flow_id);

CREATE TABLE agent_tags (
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  agent_id TEXT NOT NULL,
  tag TEXT NOT NULL,  -- such as prod or staging
  version BIGINT NOT NULL,
  dynamic_variables TEXT NOT NULL DEFAULT '{}',
  created_at BIGINT NOT NULL,
  PRIMARY KEY (organization_id, agent_id, tag)
);
