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
// How the media stream that names its call by `name` is ended. `onMessage(message, socket)` sees what we send.
const stream = (name, { path = '/media/twilio', onMessage = () => {} } = {}) =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(server.url.replace('http', 'ws') + path);
    socket.on('error', reject);
    socket.on('close', (code) => resolve(code));
    socket.on('message', (text) => onMessage(JSON.parse(text), socket));
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
const tokenOf = (xml) => xml.match(/<Parameter name="token" value="(call_[0-9a-f]+_[0-9a-f]+)"/)[1];

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

test('what its package calls valid is taken, with the port that Twilio may add, and nothing else is', async () => {
  const path = `/twilio/voice/${agent}`;
  const urls = [
    `${publicUrl}${path}`,
    `${publicUrl}:443${path}`,
    `${publicUrl}:8443${path}`,
    `${publicUrl.replace('https', 'http')}${path}`,
    `${publicUrl}${path}/`,
    `${publicUrl}${path}?x=1`,
  ];
  for (const url of urls) {
    const signature = twilio.getExpectedTwilioSignature(token, url, form());
    const valid = twilio.validateRequest(token, signature, publicUrl + path, form());
    const response = await post(path, form(), { 'X-Twilio-Signature': signature });
    assert.equal(response.status, valid ? 200 : 403, url);
  }
});

test('fields that are sent twice and empty ones are signed as its package signs them', async () => {
  const path = `/twilio/voice/${agent}`;
  const fields = form({ ForwardedFrom: '', StirVerstat: 'TN-Validation-Passed-A', Digits: ['2', '1', '2'] });
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) body.append(name, one);
  const response = await fetch(server.url + path, { method: 'POST', headers: { 'X-Twilio-Signature': sign(path, fields) }, body });
  assert.equal(response.status, 200);
});

test('a call to one of our numbers is put through to its agent; another number is rejected', async () => {
  const bound = '+14155550124';
  const imported = await api('POST', '/import-phone-number', {
    phone_number: bound,
    termination_uri: 'example.pstn.twilio.com',
    inbound_agent_id: agent,
  });
  assert.equal(imported.status, 201, JSON.stringify(imported.body));
  const ask = async (to) => {
    const fields = form({ To: to });
    return (await post('/twilio/voice', fields, { 'X-Twilio-Signature': sign('/twilio/voice', fields) })).text();
  };
  const xml = await ask(bound);
  assert.equal(xml, built(tokenOf(xml)));
  const rejection = new VoiceResponse();
  rejection.reject();
  assert.equal(await ask('+14155550125'), rejection.toString());
});

test('a call that came in is answered with sound, and its record knows the carrier\'s id', async () => {
  const path = `/twilio/voice/${agent}`;
  const fields = form({ CallSid: 'CA00000000000000000000000000000777' });
  const xml = await (await post(path, fields, { 'X-Twilio-Signature': sign(path, fields) })).text();
  let loud = 0;
  let marks = 0;
  const onMessage = (message, socket) => {
    assert.equal(message.streamSid, 'MZ1');
    if (message.event === 'mark') marks++;
    if (message.event !== 'media') return;
    const sound = Buffer.from(message.media.payload, 'base64');
    assert.equal(sound.length % 160, 0, 'whole frames of 20 ms');
    // mu-law: 0xff and 0x7f are silence, and the loud codes have small numbers below the sign.
    if (sound.some((byte) => (byte & 0x7f) < 0x40) && ++loud === 25) socket.send(JSON.stringify({ event: 'stop', sequenceNumber: '2', streamSid: 'MZ1', stop: { accountSid: account, callSid: fields.CallSid } }));
  };
  const code = await stream(tokenOf(xml), { onMessage });
  assert.equal(code, 1000);
  assert.ok(loud >= 25, `${loud} frames of the greeting`);
  const record = await until('the record', async () => {
    const { body } = await api('POST', '/v3/list-calls', {});
    return body.items.find((call) => call.telephony_identifier?.twilio_call_sid === fields.CallSid && call.call_status === 'ended');
  });
  assert.equal(record.from_number, fields.From);
  assert.equal(record.to_number, fields.To);
  assert.equal(record.direction, 'inbound');
  assert.equal(record.disconnection_reason, 'user_hangup');
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
  assert.equal(await stream('guess', { path: '/media/twilio/guess' }), 1000);
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
  assert.equal(await stream(over, { path: `/media/twilio/${over}` }), 1000, 'the token of a call that is over opens nothing');
});

test("a number is bought as Twilio's own client would buy it, answers calls, and goes back when it is deleted", async () => {
  rest.owned.set('PN1', { sid: 'PN1', phone_number: rest.forSale[0], friendly_name: 'of somebody else' });
  const first = rest.requests.length;
  const bought = await api('POST', '/create-phone-number', {
    area_code: 415,
    nickname: 'Front desk',
    inbound_agents: [{ agent_id: agent, weight: 1 }],
  });
  assert.equal(bought.status, 201, JSON.stringify(bought.body));
  const number = rest.forSale[1];
  assert.equal(bought.body.phone_number, number, 'the first was sold meanwhile');
  assert.equal(bought.body.phone_number_type, 'retell-twilio');
  assert.equal(bought.body.bought, undefined);

  const [search, , purchase] = rest.requests.slice(first);
  const client = twilio(account, token);
  client.api.baseUrl = rest.url;
  await client.availablePhoneNumbers('US').local.list({ areaCode: 415, voiceEnabled: true, limit: 20, pageSize: 20 });
  const theirs = rest.requests.at(-1);
  assert.deepEqual(
    { ...search, path: new URL(search.path, rest.url).pathname, query: Object.fromEntries(new URL(search.path, rest.url).searchParams) },
    { ...theirs, path: new URL(theirs.path, rest.url).pathname, query: Object.fromEntries(new URL(theirs.path, rest.url).searchParams) },
  );
  assert.equal(purchase.form.VoiceUrl, `${publicUrl}/twilio/voice`);
  const [sid] = [...rest.owned].find(([, owned]) => owned.phone_number === number);
  rest.owned.delete(sid);
  await client.incomingPhoneNumbers.create({
    phoneNumber: number,
    friendlyName: purchase.form.FriendlyName,
    voiceUrl: purchase.form.VoiceUrl,
    voiceMethod: 'POST',
  });
  assert.deepEqual(purchase, rest.requests.at(-1));
  rest.owned.delete([...rest.owned.keys()].at(-1));
  rest.owned.set(sid, { sid, phone_number: number, friendly_name: purchase.form.FriendlyName });

  const fields = form({ To: number });
  const xml = await (await post('/twilio/voice', fields, { 'X-Twilio-Signature': sign('/twilio/voice', fields) })).text();
  assert.equal(xml, built(tokenOf(xml)), 'its calls are put through to its agent');

  assert.equal((await api('DELETE', `/delete-phone-number/${number}`)).status, 204);
  await until('the number is given back', () => !rest.owned.has(sid));
  assert.ok(rest.owned.has('PN1'), 'and no other');
  assert.equal((await api('GET', `/get-phone-number/${number}`)).status, 422);
});

test('a purchase that the carrier refuses says why, and is no reason to ask again', async () => {
  rest.answer = { status: 400, body: { code: 21470, message: 'Invalid AreaCode', status: 400 } };
  const refused = await api('POST', '/create-phone-number', { area_code: 999 });
  assert.equal(refused.status, 422, JSON.stringify(refused.body));
  assert.match(refused.body.message, /21470.*Invalid AreaCode/);
  rest.forSale = [];
  const none = await api('POST', '/create-phone-number', { country_code: 'CA', toll_free: true });
  assert.equal(none.status, 422, JSON.stringify(none.body));
  assert.match(rest.requests.at(-1).path, /AvailablePhoneNumbers\/CA\/TollFree\.json/);
});

test('how an outbound call fails is told in our terms', async () => {
  const cases = [
    [{ CallStatus: 'busy' }, 'dial_busy'],
    [{ CallStatus: 'busy', SipResponseCode: '603' }, 'user_declined'],
    [{ CallStatus: 'no-answer' }, 'dial_no_answer'],
    [{ CallStatus: 'canceled' }, 'dial_no_answer'],
    [{ CallStatus: 'failed' }, 'dial_failed'],
    [{ CallStatus: 'failed', SipResponseCode: '404' }, 'invalid_destination'],
  ];
  for (const [said, reason] of cases) {
    const call = await api('POST', '/v2/create-phone-call', { from_number: from, to_number: '+14155550179' });
    assert.equal(call.status, 201, JSON.stringify(call.body));
    const asked = rest.requests.at(-1).form;
    assert.equal(asked.MachineDetection, undefined, 'nobody is asked to wait for a machine detector');
    const path = `/twilio/status/${call.body.call_id}`;
    const fields = form({ Direction: 'outbound-api', ...said });
    assert.equal((await post(path, fields, { 'X-Twilio-Signature': sign(path, fields) })).status, 204);
    const ended = await until(`the end of ${JSON.stringify(said)}`, async () => {
      const { body } = await api('GET', `/v2/get-call/${call.body.call_id}`);
      return body.disconnection_reason && body;
    });
    assert.equal(ended.disconnection_reason, reason);
    assert.equal(ended.call_status, 'not_connected');
  }
});

test("Twilio's refusal of a number reaches the caller of our API in Twilio's words", async () => {
  rest.answer = { status: 400, body: { code: 21211, message: "The 'To' number +14155550178 is not a valid phone number.", status: 400 } };
  const call = await api('POST', '/v2/create-phone-call', { from_number: from, to_number: '+14155550178' });
  assert.ok(call.status >= 400, JSON.stringify(call.body));
  assert.match(call.body.message, /21211/);
});
