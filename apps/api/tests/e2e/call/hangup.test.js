// `retell call` that is told to stop: it hangs up as a caller does, and still tells how the call went.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, test } from 'node:test';
import { binary, startServer } from './server.js';

const limit = { timeout: 120_000 };
let server;
before(async () => {
  server = await startServer();
});
after(async () => {
  assert.equal(await server.stop(), 0, 'a clean end after SIGTERM');
});

// A caller whose call is under way.
async function caller(...more) {
  const child = spawn(binary, ['call', '--server', server.url, '--say', 'What is the capital of France?', ...more], {
    env: { ...process.env, RETELL_API_KEY: server.key },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const seen = { out: '', err: '' };
  child.stdout.on('data', (text) => (seen.out += text));
  child.stderr.on('data', (text) => (seen.err += text));
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  for (const late = Date.now() + 30_000; ; ) {
    const response = await fetch(`${server.url}/v3/list-calls`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${server.key}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ filter_criteria: { call_status: { type: 'enum', op: 'in', value: ['ongoing'] } } }),
    });
    if ((await response.json()).items.length > 0) break;
    assert.ok(Date.now() < late, 'no call began');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { child, seen, ended };
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  test(`${signal}: the caller hangs up, and tells of the call`, limit, async () => {
    const { child, seen, ended } = await caller('--json');
    const told = Date.now();
    child.kill(signal);
    const { code } = await ended;
    assert.ok(Date.now() - told < 4_000, `it took ${Date.now() - told} ms`);
    assert.equal(code, 130, seen.err);
    const { ended_by, call } = JSON.parse(seen.out);
    assert.equal(ended_by, 'caller');
    assert.equal(call.call_status, 'ended', 'the server has taken the end in');
    assert.equal(call.disconnection_reason, 'user_hangup', 'as a hang-up, not as a broken connection');
  });
}

test('Ctrl-C: people are told, too', limit, async () => {
  const { child, seen, ended } = await caller();
  child.kill('SIGINT');
  assert.equal((await ended).code, 130, seen.err);
  assert.match(seen.out, /Transcript[^]*Call call_\w+: user_hangup/);
});

test('a server that no longer answers holds nobody up for more than two seconds', limit, async () => {
  const { child, seen, ended } = await caller('--json');
  server.child.kill('SIGSTOP');
  try {
    const told = Date.now();
    child.kill('SIGINT');
    const { code } = await ended;
    const took = Date.now() - told;
    assert.equal(code, 130, seen.err);
    assert.ok(took > 1_500 && took < 4_000, `it took ${took} ms`);
    assert.equal(JSON.parse(seen.out).ended_by, 'caller', 'what the caller knows is told');
  } finally {
    server.child.kill('SIGCONT');
  }
});
