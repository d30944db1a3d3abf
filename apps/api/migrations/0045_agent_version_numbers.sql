-- The highest number that a version of an agent has ever been given, so that the number of a deleted version never comes
-- to mean another one: records of calls and chats name versions by it. It stays when the agent goes, which an import can
-- bring back. Rows are made when a version is branched or deleted; of agents without one, and of what a program before
-- this migration has made meanwhile, the versions that are there tell the same.
CREATE TABLE agent_version_numbers (
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  agent_id TEXT NOT NULL,
  highest BIGINT NOT NULL,
  PRIMARY KEY (organization_id, agent_id)
);

-- Of versions that were deleted before, what still names them.
INSERT INTO agent_version_numbers (organization_id, agent_id, highest)
SELECT organization_id, agent_id, MAX(number) FROM (
  SELECT organization_id, agent_id, version AS number FROM agents
  UNION ALL
  SELECT organization_id, agent_id, base_version FROM agents WHERE base_version IS NOT NULL
  UNION ALL
  SELECT organization_id, agent_id, CAST(substr(body, instr(body, '"agent_version":') + 16, 9) AS INTEGER) FROM calls
    WHERE instr(body, '"agent_version":') > 0
  UNION ALL
  SELECT organization_id, lookup, CAST(substr(body, instr(body, '"version":') + 10, 9) AS INTEGER) FROM chats
    WHERE instr(body, '"version":') > 0
) AS given GROUP BY organization_id, agent_id;
