// A real conversation over the carrier's protocol with local models: a spoken question, an answer that is heard, an
// interruption, a hang-up, a playable recording and a call record with latencies.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { placeCall, startServer, transcribe } from './server.js';

let server;
before(async () => {
  server = await startServer();
});
after(async () => {
  assert.equal(await server.stop(), 0, 'a clean end after SIGTERM');
});

const get = (path) => fetch(server.url + path, { headers: { Authorization: `Bearer ${server.key}` } });

test('a spoken question is understood, answered aloud, recorded and measured', { timeout: 120_000 }, async () => {
  const result = await placeCall(server, ['--say', 'What is the capital of France?']);
  const user = result.call.transcript_object.filter((line) => line.role === 'user').map((line) => line.content);
  assert.match(user.join(' '), /capital.*France/i, 'the question as it was heard');
  const agent = result.call.transcript_object.filter((line) => line.role === 'agent').map((line) => line.content);
  assert.ok(agent.length >= 2, `a greeting and an answer, not ${JSON.stringify(agent)}`);
  assert.match(agent.slice(1).join(' '), /Paris/i, 'a right answer');
  assert.equal(result.call.disconnection_reason, 'user_hangup');
  assert.equal(result.call.call_status, 'ended');
  assert.ok(result.turns[0].heard_ms > 0 && result.turns[0].heard_ms < 6000, `heard after ${result.turns[0].heard_ms} ms`);
  assert.ok(result.call.latency.e2e.p50 > 0, 'latency as the caller heard it');

  const recording = await fetch(result.call.recording_url);
  assert.equal(recording.status, 200);
  const bytes = Buffer.from(await recording.arrayBuffer());
  assert.equal(bytes.toString('latin1', 0, 4), 'RIFF');
  assert.equal(bytes.readUInt16LE(22), 2, 'two channels');
  // What was played to the caller, not only what was meant to be: heard again from the recording.
  const file = join(server.data, 'heard.wav');
  writeFileSync(file, bytes);
  const heard = transcribe(file);
  const spoken = (speaker) => heard.filter((line) => line.speaker === speaker).map((line) => line.text).join(' ');
  assert.match(spoken('user'), /capital.*France/i, 'the caller is on the left channel');
  assert.match(spoken('agent'), /Paris/i, 'the answer, aloud, on the right channel');
  const seconds = bytes.readUInt32LE(40) / bytes.readUInt32LE(28);
  assert.ok(Math.abs(seconds - result.seconds) < 1.5, `${seconds} s of recording for ${result.seconds} s of call`);
  const stored = await (await get(`/v2/get-call/${result.call_id}`)).json();
  assert.equal(stored.call_id, result.call_id);
});

// A language model of a few lines, so that what it said is known to the letter.
const story =
  'Once upon a time there was a little dog who lived in a small house by the sea. Every morning the dog ran down to the ' +
  'beach and looked for shells. One day the dog found a very old bottle with a letter in it. The letter came from a ' +
  'sailor who had lost his way many years ago. So the dog took the letter to the harbor and showed it to everybody.';

async function startModel(answerTo = (said) => (/stop|wait/i.test(said) ? 'Of course.' : story)) {
  const model = createServer((request, response) => {
    request.setEncoding('utf8');
    let body = '';
    request.on('data', (text) => (body += text));
    request.on('end', () => {
      const { messages } = JSON.parse(body);
      const said = messages.findLast((message) => message.role === 'user')?.content ?? '';
      const answer = answerTo(said);
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      const piece = (delta, finish_reason = null) =>
        response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason }] })}\n\n`);
      for (const word of answer.split(/(?<= )/)) piece({ content: word });
      piece({}, 'stop');
      response.end('data: [DONE]\n\n');
    });
  });
  await once(model.listen(0, '127.0.0.1'), 'listening');
  return model;
}

test('an interruption silences the agent and the transcript keeps what was heard', { timeout: 120_000 }, async () => {
  const model = await startModel();
  const thinking = await startServer({
    RETELL_PROVIDERS_LLM: 'openai',
    RETELL_PROVIDERS_OPENAI_BASE_URL: `http://127.0.0.1:${model.address().port}/v1`,
  });
  try {
    const result = await placeCall(thinking, [
      '--limit', '90', '--interrupt', '--say', 'Tell me a long story about a little dog.', '--say', 'Stop. Wait a moment please.',
    ]);
    assert.equal(result.barge_ins.length, 1, JSON.stringify({ ...result, call: undefined }));
    assert.ok(result.barge_ins[0].cut_ms > 0, 'the agent stopped');
    assert.ok(result.barge_ins[0].cut_ms < 1500, `after ${result.barge_ins[0].cut_ms} ms`);

    const agent = result.call.transcript_object.filter((line) => line.role === 'agent').map((line) => line.content);
    const cut = agent.find((line) => line.startsWith('Once upon'));
    assert.ok(cut, `the beginning of the story, not ${JSON.stringify(agent)}`);
    assert.ok(cut.length < story.length, 'the rest of the story was not heard');
    assert.equal(cut, story.slice(0, cut.length), 'what was heard is how it began, word for word');

    // However busy the machine is, the far end is never sent more than a moment ahead, nor many frames at once.
    for (const name of ['queue', 'bursts']) {
      const check = result.checks.find((one) => one.name === name);
      assert.ok(check.passed, `${name}: ${check.detail}`);
    }
  } finally {
    assert.equal(await thinking.stop(), 0, 'a clean end after SIGTERM');
    model.close();
  }
});

test('a call in Brazilian Portuguese: the question is understood and answered aloud', { timeout: 120_000 }, async () => {
  // What was heard is looked at in the transcript; on a busy machine the model may be asked before all of it is known.
  const model = await startModel(() => 'É Brasília. A passagem custa R$ 150,00 e o voo sai às 9h.');
  const thinking = await startServer({
    RETELL_PROVIDERS_LLM: 'openai',
    RETELL_PROVIDERS_OPENAI_BASE_URL: `http://127.0.0.1:${model.address().port}/v1`,
  });
  try {
    const result = await placeCall(thinking, [
      '--agent', 'agent_demo_pt', '--wav', fileURLToPath(new URL('../../../src/app/speech/pt-BR/capital.wav', import.meta.url)),
    ]);
    const lines = (role) => result.call.transcript_object.filter((line) => line.role === role).map((line) => line.content);
    assert.match(lines('user').join(' '), /capital.*Brasil/i, 'the question as it was heard');
    assert.match(lines('agent').join(' '), /É Brasília/, 'the answer as it was written');
    const recording = await fetch(result.call.recording_url);
    const file = join(thinking.data, 'heard.wav');
    writeFileSync(file, Buffer.from(await recording.arrayBuffer()));
    // The robot voice that every machine has is not understood word for word, but it did speak, and about as long as the
    // sentences take when amounts and hours are read out.
    const heard = transcribe(file, 'pt-BR');
    const question = heard.find((line) => line.speaker === 'user');
    assert.match(question.text, /capital.*Brasil/i);
    const answer = heard.filter((line) => line.speaker === 'agent' && line.at_s > question.at_s).map((line) => line.text).join(' ');
    assert.ok(answer.split(' ').length >= 8, `an answer aloud, not "${answer}"`);
  } finally {
    assert.equal(await thinking.stop(), 0, 'a clean end after SIGTERM');
    model.close();
  }
});

test('the server says who it is: health, readiness, metrics, and errors in the API\'s shape', async () => {
  assert.equal((await get('/health')).status, 200);
  assert.equal((await get('/ready')).status, 200);
  assert.match(await (await get('/metrics')).text(), /retell_live_calls/);
  const missing = await get('/v2/get-call/call_nothing');
  assert.equal(missing.status, 422);
  assert.equal((await missing.json()).status, 'error');
  assert.equal((await fetch(`${server.url}/list-agents`)).status, 401);
});
