// The same four endpoints as a team would write them with Fastify, pg and zod: keys checked by their hash, bodies
// against types, every query within its organization, a change and its audit entry in one transaction, keys and agents
// kept in memory for a moment, as ours are.
import { createHash, createHmac, randomBytes } from 'node:crypto';
import Fastify from 'fastify';
import pg from 'pg';
import { z } from 'zod';

const { DATABASE_URL, PORT, POOL = '16', MAX_CALLS = '1000000' } = process.env;
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: Number(POOL) });
const secret = randomBytes(32);
const cacheMs = 5_000;

class Cache {
  #entries = new Map();
  async get(key, load) {
    const held = this.#entries.get(key);
    if (held && held.until > Date.now()) return held.value;
    const value = await load();
    if (value !== undefined) this.#entries.set(key, { value, until: Date.now() + cacheMs });
    if (this.#entries.size > 10_000) this.#entries.delete(this.#entries.keys().next().value);
    return value;
  }
}
const keys = new Cache();
const agents = new Cache();

class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

// All or nothing, as pg's own documentation has it.
async function transaction(...statements) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    for (const statement of statements) await client.query(statement);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

const newId = (prefix) => `${prefix}_${randomBytes(16).toString('hex')}`;

const newAgent = z.object({
  response_engine: z.discriminatedUnion('type', [
    z.object({ type: z.literal('retell-llm'), llm_id: z.string().min(1), version: z.number().int().min(0).optional() }),
    z.object({ type: z.literal('custom-llm'), llm_websocket_url: z.url() }),
  ]),
  voice_id: z.string().min(1),
  agent_name: z.string().max(1000).nullish(),
  language: z.union([z.string(), z.array(z.string())]).optional(),
  voice_temperature: z.number().min(0).max(2).optional(),
  voice_speed: z.number().min(0.5).max(2).optional(),
  volume: z.number().min(0).max(2).optional(),
  responsiveness: z.number().min(0).max(1).optional(),
  interruption_sensitivity: z.number().min(0).max(1).optional(),
  enable_backchannel: z.boolean().optional(),
  backchannel_frequency: z.number().min(0).max(1).optional(),
  backchannel_words: z.array(z.string()).nullish(),
  reminder_trigger_ms: z.number().min(0).optional(),
  reminder_max_count: z.number().int().min(0).optional(),
  webhook_url: z.url().nullish(),
  boosted_keywords: z.array(z.string()).nullish(),
  end_call_after_silence_ms: z.number().int().min(10_000).optional(),
  max_call_duration_ms: z.number().int().min(60_000).max(7_200_000).optional(),
  begin_message_delay_ms: z.number().int().min(0).max(5_000).optional(),
  ring_duration_ms: z.number().int().min(5_000).max(90_000).optional(),
  normalize_for_speech: z.boolean().optional(),
  post_call_analysis_data: z
    .array(z.object({ type: z.enum(['string', 'enum', 'boolean', 'number']), name: z.string(), description: z.string() }).loose())
    .nullish(),
});

const enumFilter = z.object({ type: z.literal('enum'), op: z.enum(['in', 'not_in']), value: z.array(z.string()) });
const listCalls = z.object({
  filter_criteria: z
    .object({
      agent: z.array(z.object({ agent_id: z.string(), version: z.array(z.number().int()).optional() })).optional(),
      call_status: enumFilter.optional(),
    })
    .optional(),
  sort_order: z.enum(['ascending', 'descending']).default('descending'),
  limit: z.number().int().min(1).max(1000).default(50),
  pagination_key: z.string().optional(),
});

const newWebCall = z.object({
  agent_id: z.string().min(1),
  agent_version: z.number().int().min(0).optional(),
  metadata: z.unknown().optional(),
  retell_llm_dynamic_variables: z.record(z.string(), z.string()).optional(),
});

function parse(type, body) {
  const result = type.safeParse(body ?? {});
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new ApiError(400, `${issue.path.join('.')}: ${issue.message}`);
}

async function organizationOf(request) {
  const header = request.headers.authorization ?? '';
  if (!header.startsWith('Bearer ')) throw new ApiError(401, 'Missing API key');
  const hash = createHash('sha256').update(header.slice(7)).digest('hex');
  const organization = await keys.get(hash, async () => {
    const { rows } = await pool.query({ name: 'key', text: 'SELECT organization_id FROM api_keys WHERE hash = $1', values: [hash] });
    return rows[0]?.organization_id;
  });
  if (!organization) throw new ApiError(401, 'Invalid API key');
  request.actor = hash;
  return organization;
}

function agentView(row) {
  return {
    agent_id: row.id,
    version: row.version,
    is_published: row.published,
    ...row.data,
    last_modification_timestamp: Number(row.modified_ms),
  };
}

const newestAgent = (organization, id) =>
  agents.get(`${organization}/${id}`, async () => {
    const { rows } = await pool.query({
      name: 'agent',
      text: 'SELECT id, version, published, data, modified_ms FROM agents WHERE organization_id = $1 AND id = $2 ORDER BY version DESC LIMIT 1',
      values: [organization, id],
    });
    return rows[0];
  });

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
function accessToken(call) {
  const signed = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url({ call_id: call, exp: Math.floor(Date.now() / 1000) + 30 })}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

const app = Fastify({ bodyLimit: 1024 * 1024 });
app.setErrorHandler((error, _request, reply) => {
  const status = error.status ?? error.statusCode ?? 500;
  reply.code(status).send({ status: 'error', message: status === 500 ? 'internal error' : error.message });
});

app.post('/create-agent', async (request, reply) => {
  const organization = await organizationOf(request);
  const data = parse(newAgent, request.body);
  if (data.response_engine.type === 'retell-llm') {
    const { rowCount } = await pool.query({
      name: 'llm',
      text: 'SELECT 1 FROM llms WHERE organization_id = $1 AND id = $2',
      values: [organization, data.response_engine.llm_id],
    });
    if (rowCount === 0) throw new ApiError(422, `response_engine.llm_id: there is no LLM ${data.response_engine.llm_id}`);
  }
  const row = { id: newId('agent'), version: 0, published: false, data, modified_ms: Date.now() };
  await transaction(
    {
      name: 'new agent',
      text: 'INSERT INTO agents (organization_id, id, version, llm_id, data, created_ms, modified_ms) VALUES ($1, $2, 0, $3, $4, $5, $5)',
      values: [organization, row.id, data.response_engine.llm_id ?? '', data, row.modified_ms],
    },
    {
      name: 'audit',
      text: 'INSERT INTO audit_log VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)',
      values: [
        newId('audit'), organization, row.modified_ms, request.actor, 'POST /create-agent', row.id, request.ip,
        request.headers['user-agent'] ?? '', newId('req'),
      ],
    },
  );
  reply.code(201);
  return agentView(row);
});

app.get('/get-agent/:id', async (request) => {
  const organization = await organizationOf(request);
  const row = await newestAgent(organization, request.params.id);
  if (!row) throw new ApiError(404, `there is no agent ${request.params.id}`);
  return agentView(row);
});

app.post('/v3/list-calls', async (request) => {
  const organization = await organizationOf(request);
  const wish = parse(listCalls, request.body);
  const values = [organization];
  const where = ['organization_id = $1'];
  const bind = (value) => `$${values.push(value)}`;
  const { agent, call_status: status } = wish.filter_criteria ?? {};
  if (agent) where.push(`agent_id = ANY(${bind(agent.map((one) => one.agent_id))})`);
  if (status) where.push(`${status.op === 'in' ? '' : 'NOT '}status = ANY(${bind(status.value)})`);
  const down = wish.sort_order === 'descending';
  if (wish.pagination_key) {
    const [at, id] = Buffer.from(wish.pagination_key, 'base64url').toString().split(' ');
    where.push(`(created_ms, id) ${down ? '<' : '>'} (${bind(Number(at))}, ${bind(id)})`);
  }
  const order = down ? 'DESC' : 'ASC';
  const { rows } = await pool.query({
    text: `SELECT id, created_ms, data FROM calls WHERE ${where.join(' AND ')} ORDER BY created_ms ${order}, id ${order} LIMIT ${bind(wish.limit + 1)}`,
    values,
  });
  const more = rows.length > wish.limit;
  const items = more ? rows.slice(0, wish.limit) : rows;
  const last = items.at(-1);
  return {
    items: items.map((row) => row.data),
    has_more: more,
    ...(more && { pagination_key: Buffer.from(`${last.created_ms} ${last.id}`).toString('base64url') }),
  };
});

app.post('/v2/create-web-call', async (request, reply) => {
  const organization = await organizationOf(request);
  const wish = parse(newWebCall, request.body);
  const agent = await newestAgent(organization, wish.agent_id);
  if (!agent) throw new ApiError(422, `agent_id: there is no agent ${wish.agent_id}`);
  const { rows } = await pool.query({
    name: 'live',
    text: "SELECT count(*)::int AS live FROM calls WHERE organization_id = $1 AND status = 'ongoing'",
    values: [organization],
  });
  if (rows[0].live >= Number(MAX_CALLS)) throw new ApiError(429, 'too many calls at a time');
  const call = {
    call_id: newId('call'),
    call_type: 'web_call',
    agent_id: wish.agent_id,
    agent_version: agent.version,
    agent_name: agent.data.agent_name,
    call_status: 'registered',
    ...(wish.metadata !== undefined && { metadata: wish.metadata }),
    ...(wish.retell_llm_dynamic_variables && { retell_llm_dynamic_variables: wish.retell_llm_dynamic_variables }),
    latency: {},
    call_cost: { product_costs: [], total_duration_seconds: 0, total_duration_unit_price: 0, combined_cost: 0 },
  };
  await pool.query({
    name: 'new call',
    text: "INSERT INTO calls (organization_id, id, agent_id, status, created_ms, data) VALUES ($1, $2, $3, 'registered', $4, $5)",
    values: [organization, call.call_id, wish.agent_id, Date.now(), call],
  });
  reply.code(201);
  return { ...call, access_token: accessToken(call.call_id) };
});

await app.listen({ port: Number(PORT), host: '127.0.0.1' });
console.log('Ready');
