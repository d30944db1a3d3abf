// What becomes of a call when its server is told to stop, and when it is killed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { binary, newFolder, startServer } from './server.js';

const limit = { timeout: 120_000 };
const get = async (server, path) => {
  const response = await fetch(server.url + path, { headers: { Authorization: `Bearer ${server.key}` } });
  return { status: response.status, body: await response.json() };
};
const post = async (server, path, body) => {
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: { Authorization: `Bearer ${server.key}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
};
async function until(what, condition, ms = 30_000) {
  for (const end = Date.now() + ms; ; ) {
    const value = await condition();
    if (value) return value;
    assert.ok(Date.now() < end, `in vain waited for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

// A caller who says this; gives the call's id once the agent speaks, and what the caller's program printed at its end.
async function phone(server, ...lines) {
  const args = ['call', '--server', server.url, '--json', ...lines.flatMap((line) => ['--say', line])];
  const child = spawn(binary, args, { env: { ...process.env, RETELL_API_KEY: server.key }, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.on('data', (text) => (out += text));
  child.stderr.on('data', (text) => (err += text));
  const hungUp = new Promise((resolve) => child.once('exit', (code) => resolve({ code, out, err })));
  const call = await until('a live call', async () => {
    const { body } = await post(server, '/v3/list-calls', { filter_criteria: { call_status: { type: 'enum', op: 'in', value: ['ongoing'] } } });
    return body.items?.[0];
  });
  return { id: call.call_id, hungUp };
}

// The header's length of sound, which players go by, and whether anything audible is in each channel.
function inspect(bytes) {
  assert.equal(bytes.toString('latin1', 0, 4), 'RIFF');
  assert.equal(bytes.readUInt16LE(22), 2, 'two channels');
  const length = bytes.readUInt32LE(40);
  assert.ok(44 + length <= bytes.length, 'the header promises no more than there is');
  const loudest = [0, 0];
  for (let at = 44; at + 4 <= 44 + length; at += 4) {
    for (const side of [0, 1]) loudest[side] = Math.max(loudest[side], Math.abs(bytes.readInt16LE(at + 2 * side)));
  }
  return { seconds: length / bytes.readUInt32LE(28), loudest };
}

test('SIGTERM: not ready at once, no new calls, and the live call goes on to its end', limit, async () => {
  const server = await startServer();
  try {
    assert.equal((await get(server, '/ready')).status, 200);
    const { id, hungUp } = await phone(server, 'What is the capital of France?');
    server.child.kill('SIGTERM');
    const refused = await until('not ready', async () => {
      const ready = await get(server, '/ready');
      return ready.status === 503 && ready;
    }, 1000);
    assert.equal(refused.body.status, 'error');
    const call = await post(server, '/v2/create-web-call', { agent_id: 'agent_demo_en' });
    assert.equal(call.status, 503, JSON.stringify(call.body));
    assert.equal((await get(server, '/health')).status, 200, 'it is alive');
    assert.equal((await get(server, `/v2/get-call/${id}`)).body.call_status, 'ongoing');
    const { out } = await hungUp;
    const { ended_by, call: record } = JSON.parse(out);
    assert.equal(ended_by, 'caller');
    assert.equal(record.call_status, 'ended');
    assert.equal(record.disconnection_reason, 'user_hangup');
    await server.ended;
    assert.equal(server.child.exitCode, 0, server.log());
  } finally {
    await server.stop();
  }
});

test('a call that outlasts drain_seconds is ended politely, and its record is closed', limit, async () => {
  const folder = newFolder();
  const first = await startServer({ RETELL_DRAIN_SECONDS: '1' }, folder);
  try {
    const { id, hungUp } = await phone(first, 'Tell me a long story about a little dog.', 'And then?', 'And then?');
    first.child.kill('SIGTERM');
    await first.ended;
    assert.equal(first.child.exitCode, 0, first.log());
    const { err } = await hungUp;
    assert.doesNotMatch(err, /broke/, 'the line was closed, not torn');
    const second = await startServer({}, folder);
    try {
      assert.doesNotMatch(second.log(), /left open/);
      const { body } = await get(second, `/v2/get-call/${id}`);
      assert.equal(body.call_status, 'ended');
      assert.equal(body.disconnection_reason, 'agent_hangup');
      assert.ok(body.duration_ms > 0);
      assert.ok(body.transcript_object.length > 0);
    } finally {
      await second.stop();
    }
  } finally {
    await first.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('killed in mid-call: the sound up to then can be played, and the next start closes the record', limit, async () => {
  const folder = newFolder();
  const first = await startServer({}, folder);
  try {
    const { id, hungUp } = await phone(first, 'What is the capital of France?', 'And of Italy?');
    await until('the caller to be heard', async () => {
      const { body } = await get(first, `/v2/get-call/${id}`);
      return body.transcript_object?.some((line) => line.role === 'user');
    });
    await new Promise((resolve) => setTimeout(resolve, 2500)); // sound is written once a second
    first.child.kill('SIGKILL');
    await first.ended;
    await hungUp;
    const left = inspect(readFileSync(join(folder, 'live', `${id}.wav`)));
    assert.ok(left.seconds > 3, `${left.seconds} s of sound`);
    assert.ok(left.loudest.every((level) => level > 1000), `both sides are heard: ${left.loudest}`);

    const second = await startServer({}, folder);
    try {
      assert.match(second.log(), /closed the records of 1 calls/);
      const { body } = await get(second, `/v2/get-call/${id}`);
      assert.equal(body.call_status, 'error');
      assert.equal(body.disconnection_reason, 'error_retell');
      assert.match(body.transcript, /capital/i);
      assert.ok(body.end_timestamp >= body.start_timestamp);
      // The link was made by this server, so its port is this one's.
      const recording = await fetch(body.recording_url);
      assert.equal(recording.status, 200);
      assert.deepEqual(inspect(Buffer.from(await recording.arrayBuffer())), left);
    } finally {
      await second.stop();
    }
  } finally {
    await first.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
