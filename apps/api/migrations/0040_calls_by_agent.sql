-- Lists of an agent's calls, newest first.
CREATE INDEX calls_by_agent ON calls (organization_id, agent_id, created_at, call_id);
