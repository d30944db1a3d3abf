// Four endpoints of the REST API against an equal implementation with Fastify, pg and zod: same PostgreSQL, one core for
// the server, one for PostgreSQL and the load, taking turns endpoint by endpoint. See run.sh.
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { full, steady } from './load.js';
import { cpuSeconds, startOurs, startPeer, startPostgres } from './processes.js';

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    binary: { type: 'string', default: join(here, '../../apps/api/build/release/retell') },
    seconds: { type: 'string', default: '10' },
    calls: { type: 'string', default: '5000' },
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
});
const seconds = Number(options.seconds);
// Our server waits so long for whoever is to join a web call, then writes down that nobody came; the peer never does.
const joinMs = 32_000;

async function ask(server, method, path, body) {
  const response = await fetch(server.url + path, {
    method,
    headers: { Authorization: `Bearer ${server.key}`, ...(body && { 'Content-Type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${server.name}: ${method} ${path}: ${response.status} ${text}`);
  return JSON.parse(text);
}

// The same objects on both: an agent, and calls that list-calls finds.
async function fill(server, llm, voice) {
  const newAgent = {
    agent_name: 'Reservations',
    response_engine: { type: 'retell-llm', llm_id: llm },
    voice_id: voice,
    language: 'en-US',
    voice_speed: 1.1,
    responsiveness: 0.9,
    interruption_sensitivity: 0.8,
    enable_backchannel: true,
    backchannel_words: ['yeah', 'uh-huh'],
    boosted_keywords: ['retell', 'kroger'],
    reminder_trigger_ms: 10_000,
    reminder_max_count: 2,
    end_call_after_silence_ms: 600_000,
    max_call_duration_ms: 3_600_000,
    webhook_url: 'https://hooks.example.com/retell',
    post_call_analysis_data: [{ type: 'string', name: 'customer_name', description: 'The name of the customer.' }],
  };
  const agent = await ask(server, 'POST', '/create-agent', newAgent);
  const newCall = {
    agent_id: agent.agent_id,
    metadata: { customer: 'c-1029', source: 'site' },
    retell_llm_dynamic_variables: { customer_name: 'John Doe' },
  };
  const wanted = Number(options.calls);
  for (let made = 0; made < wanted; made += 50) {
    await Promise.all(Array.from({ length: Math.min(50, wanted - made) }, () => ask(server, 'POST', '/v2/create-web-call', newCall)));
  }
  const list = {
    filter_criteria: { agent: [{ agent_id: agent.agent_id }], call_status: { type: 'enum', op: 'in', value: ['registered', 'error'] } },
    limit: 50,
  };
  const page = await ask(server, 'POST', '/v3/list-calls', list);
  if (page.items.length !== 50 || !page.has_more) throw new Error(`${server.name}: list-calls found ${page.items.length}`);
  return {
    'get agent': { method: 'GET', path: `/get-agent/${agent.agent_id}` },
    'list calls': { method: 'POST', path: '/v3/list-calls', body: list },
    'create agent': { method: 'POST', path: '/create-agent', body: newAgent },
    'create web call': { method: 'POST', path: '/v2/create-web-call', body: newCall },
  };
}

async function measure(server, endpoint) {
  await full(here, server, endpoint, 2);
  const before = cpuSeconds(server.pid);
  const fast = await full(here, server, endpoint, seconds);
  return { ...fast, core: (cpuSeconds(server.pid) - before) / seconds };
}

const folder = mkdtempSync(join(tmpdir(), 'retell-rest-bench-'));
chmodSync(folder, 0o777); // PostgreSQL may run as another user
const started = [];
try {
  const postgres = await startPostgres(folder);
  started.push(postgres);
  const ours = await startOurs(options.binary, postgres.url('ours'), folder);
  started.unshift(ours);
  const peerKey = `key_${randomBytes(16).toString('hex')}`;
  const hash = createHash('sha256').update(peerKey).digest('hex');
  postgres.psql('peer', '-f', join(here, 'peer/schema.sql'));
  postgres.psql('peer', '-c', `INSERT INTO organizations VALUES ('org_bench'); INSERT INTO api_keys VALUES ('${hash}', 'org_bench'); INSERT INTO llms VALUES ('org_bench', 'llm_bench')`);
  const peer = await startPeer(here, postgres.url('peer'), peerKey);
  started.unshift(peer);

  const [voice] = await ask(ours, 'GET', '/list-voices');
  const { llm_id: llm } = await ask(ours, 'POST', '/create-retell-llm', { general_prompt: 'You take table reservations.' });
  const endpoints = { ours: await fill(ours, llm, voice.voice_id), peer: await fill(peer, 'llm_bench', voice.voice_id) };
  await new Promise((resolve) => setTimeout(resolve, joinMs));
  for (const database of ['ours', 'peer']) postgres.psql(database, '-c', 'VACUUM ANALYZE');

  const results = [];
  for (const name of Object.keys(endpoints.ours).filter((one) => !options.only || one === options.only)) {
    const [a, b] = [endpoints.ours[name], endpoints.peer[name]];
    const result = { name, ours: await measure(ours, a) };
    // Ours at half of its own; before calls that nobody joins are given up, which takes its time after so many.
    result.half = await steady(here, ours, a, result.ours.rate / 2, seconds);
    result.peer = await measure(peer, b);
    // At equal load, which is half of what the slower one can do.
    const load = Math.min(result.ours.rate, result.peer.rate) / 2;
    result.equal = { ours: await steady(here, ours, a, load, seconds), peer: await steady(here, peer, b, load, seconds) };
    results.push(result);
    for (const one of [result.ours, result.peer, result.equal.ours, result.equal.peer, result.half]) {
      if (one.failed > 0) throw new Error(`${name}: ${one.failed} requests failed`);
    }
  }
  const machine = `${cpus()[0].model}, ${cpus().length} cores`;
  if (options.json) {
    console.log(JSON.stringify({ name: 'rest', machine, figures: results }));
  } else {
    const ms = (figures) => [figures.p50, figures.p95, figures.p99].map((value) => value.toFixed(1)).join(' / ');
    console.log(`${machine}; one core for the server, one for PostgreSQL and the load; ms are p50 / p95 / p99`);
    for (const { name, ours: o, peer: p, equal, half } of results) {
      console.log(`\n${name}: ${Math.round(o.rate)} requests/s (${Math.round(o.core * 100)} % of a core), Fastify ${Math.round(p.rate)} (${Math.round(p.core * 100)} %): ${(o.rate / p.rate).toFixed(1)} times`);
      console.log(`  at full load       ${ms(o)}   Fastify ${ms(p)}`);
      console.log(`  at ${String(Math.round(equal.ours.rate)).padStart(6)}/s, both  ${ms(equal.ours)}   Fastify ${ms(equal.peer)}`);
      console.log(`  at half of ours    ${ms(half)}   (${Math.round(half.rate)}/s)`);
    }
  }
} finally {
  for (const one of started) await one.stop();
  rmSync(folder, { recursive: true, force: true });
}
