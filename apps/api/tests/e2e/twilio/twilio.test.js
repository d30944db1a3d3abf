// What Twilio sends us, signed by its own package; what we answer, compared with its own builder; what we ask of its
// REST API, compared with what its own client asks.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import twilio from 'twilio';
import { WebSocket } from 'ws';
import { account, publicUrl, startRest, startServer, token } from './server.js';

const { VoiceResponse } = twilio.twiml;
const agent = 'agent_demo_en';
const from = '+14155550123';
let rest;
let server;

before(async () => {
  rest = await startRest();
  server = await startServer(rest.url);
});
after(async () => {
  await server?.stop();
  rest?.close();
});

const sign = (path, form, secret = token) => twilio.getExpectedTwilioSignature(secret, publicUrl + path, form);
const form = (more = {}) => ({
  AccountSid: account,
  CallSid: 'CA00000000000000000000000000000001',
  CallStatus: 'ringing',
  CallerName: 'Zoë & Söhne + "1"',
  Direction: 'inbound',
  From: '+14155550100',
  To: from,
  ...more,
});

const post = (path, fields, headers) =>
  fetch(server.url + path, { method: 'POST', headers, body: new URLSearchParams(fields) });
const api = async (method, path, body) => {
  const response = await fetch(server.url + path, {
    method,
    headers: { Authorization: `Bearer ${server.key}`, 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  return { status: response.status, body: await response.json().catch(() => null) };
};
async function until(what, condition) {
  for (const end = Date.now() + 10_000; ; ) {
    const value = await condition();
    if (value) return value;
    assert.ok(Date.now() < end, `in vain waited for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
// How the media stream that names its call by `name` is ended.
const stream = (name, path = '/media/twilio') =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(server.url.replace('http', 'ws') + path);
    socket.on('error', reject);
    socket.on('close', (code) => resolve(code));
    socket.on('open', () => {
      socket.send(JSON.stringify({ event: 'connected', protocol: 'Call', version: '1.0.0' }));
      socket.send(
        JSON.stringify({
          event: 'start',
          sequenceNumber: '1',
          streamSid: 'MZ1',
          start: {
            accountSid: account,
            streamSid: 'MZ1',
            callSid: 'CA00000000000000000000000000000001',
            tracks: ['inbound'],
            mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
            customParameters: { token: name },
          },
        }),
      );
    });
  });
const tokenOf = (xml) => xml.match(/<Parameter name="token" value="([0-9a-f]+)"/)[1];

// The same answer by Twilio's own builder.
function built(name) {
  const response = new VoiceResponse();
  const connected = response.connect().stream({ url: `${publicUrl.replace('https', 'wss')}/media/twilio/${name}` });
  connected.parameter({ name: 'token', value: name });
  response.hangup();
  return response.toString();
}

test('a webhook that Twilio signed is answered with the TwiML that its own builder makes', async () => {
  const path = `/twilio/voice/${agent}`;
  const response = await post(path, form(), { 'X-Twilio-Signature': sign(path, form()) });
  const xml = await response.text();
  assert.equal(response.status, 200, xml);
  assert.match(response.headers.get('content-type'), /^text\/xml/);
  assert.equal(xml, built(tokenOf(xml)));
});

test('the signature covers the query too', async () => {
  const path = `/twilio/voice/${agent}?x=1&y=a%20b`;
  assert.equal((await post(path, form(), { 'X-Twilio-Signature': sign(path, form()) })).status, 200);
});

test('a forged webhook is refused: no signature, another token, another form, another host', async () => {
  const path = `/twilio/voice/${agent}`;
  const elsewhere = twilio.getExpectedTwilioSignature(token, `https://evil.example${path}`, form());
  const forgeries = [
    [form(), {}],
    [form(), { 'X-Twilio-Signature': sign(path, form(), 'another token') }],
    [form({ From: '+14155550199' }), { 'X-Twilio-Signature': sign(path, form()) }],
    [form(), { 'X-Twilio-Signature': elsewhere, 'X-Forwarded-Host': 'evil.example', 'X-Forwarded-Proto': 'https' }],
  ];
  for (const [fields, headers] of forgeries) assert.equal((await post(path, fields, headers)).status, 403);
});

test('a media stream that brings no token of an expected call is closed', async () => {
  assert.equal(await stream('guess'), 1000);
  assert.equal(await stream('guess', '/media/twilio/guess'), 1000);
});

test("an outbound call asks Twilio's API for what its own client would ask", async () => {
  const imported = await api('POST', '/import-phone-number', {
    phone_number: from,
    termination_uri: 'example.pstn.twilio.com',
    outbound_agent_id: agent,
  });
  assert.equal(imported.status, 201, JSON.stringify(imported.body));
  const call = await api('POST', '/v2/create-phone-call', { from_number: from, to_number: '+14155550177' });
  assert.equal(call.status, 201, JSON.stringify(call.body));
  const ours = await until('our request', () => rest.requests.at(-1));

  const client = twilio(account, token);
  client.api.baseUrl = rest.url;
  const made = await client.calls.create({
    to: ours.form.To,
    from: ours.form.From,
    twiml: ours.form.Twiml,
    timeout: Number(ours.form.Timeout),
    statusCallback: ours.form.StatusCallback,
    statusCallbackMethod: 'POST',
    statusCallbackEvent: ['completed'],
  });
  assert.match(made.sid, /^CA/);
  assert.deepEqual(ours, rest.requests.at(-1));
  assert.equal(ours.form.To, '+14155550177');
  assert.equal(ours.form.Twiml, built(tokenOf(ours.form.Twiml)));
  assert.equal(ours.form.StatusCallback, `${publicUrl}/twilio/status/${call.body.call_id}`);

  // Nobody answers.
  const path = `/twilio/status/${call.body.call_id}`;
  const status = form({ CallStatus: 'busy', Direction: 'outbound-api' });
  assert.equal((await post(path, status, {})).status, 403);
  assert.equal((await post(path, status, { 'X-Twilio-Signature': sign(path, status) })).status, 204);
  const ended = await until('the end', async () => {
    const { body } = await api('GET', `/v2/get-call/${call.body.call_id}`);
    return body.disconnection_reason && body;
  });
  assert.equal(ended.disconnection_reason, 'dial_busy');
  const over = tokenOf(ours.form.Twiml);
  assert.equal(await stream(over, `/media/twilio/${over}`), 1000, 'the token of a call that is over opens nothing');
});

test("Twilio's refusal of a number reaches the caller of our API in Twilio's words", async () => {
  rest.answer = { status: 400, body: { code: 21211, message: "The 'To' number +14155550178 is not a valid phone number.", status: 400 } };
  const call = await api('POST', '/v2/create-phone-call', { from_number: from, to_number: '+14155550178' });
  assert.ok(call.status >= 400, JSON.stringify(call.body));
  assert.match(call.body.message, /21211/);
});
