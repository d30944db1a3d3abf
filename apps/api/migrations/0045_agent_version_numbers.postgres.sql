-- See 0045_agent_version_numbers.sql.
CREATE TABLE agent_version_numbers (
  organization_id TEXT NOT NULL REFERENCES organizations (id),
  agent_id TEXT NOT NULL,
  highest BIGINT NOT NULL,
  PRIMARY KEY (organization_id, agent_id)
);

INSERT INTO agent_version_numbers (organization_id, agent_id, highest)
SELECT organization_id, agent_id, MAX(number) FROM (
  SELECT organization_id, agent_id, version AS number FROM agents
  UNION ALL
  SELECT organization_id, agent_id, base_version FROM agents
  UNION ALL
  SELECT organization_id, agent_id, CAST(substring(body from '"agent_version":([0-9]{1,9})') AS BIGINT) FROM calls
  UNION ALL
  SELECT organization_id, lookup, CAST(substring(body from '"version":([0-9]{1,9})') AS BIGINT) FROM chats
) AS given WHERE number IS NOT NULL GROUP BY organization_id, agent_id;
