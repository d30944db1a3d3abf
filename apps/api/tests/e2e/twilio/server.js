// The release binary (another with RETELL_TEST_BINARY) with a Twilio account whose REST API is the fake below.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createProbe } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const account = 'AC0123456789abcdef0123456789abcdef';
export const token = '0f1e2d3c4b5a69788796a5b4c3d2e1f0';
export const publicUrl = 'https://voice.example.com';
const startLimitMs = 60_000;

const freePort = () =>
  new Promise((resolve) => {
    const probe = createProbe().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

// Twilio's REST API as far as calls and numbers need it. `answer` may be set to {status, body} to refuse the next request.
// `owned`: numbers of the account, by sid; `forSale`: what a search finds.
export async function startRest() {
  const rest = { requests: [], answer: null, owned: new Map(), forSale: ['+14155550131', '+14155550132'] };
  const numbers = `/2010-04-01/Accounts/${account}/IncomingPhoneNumbers`;
  const respond = ({ method, path, form }) => {
    const url = new URL(path, 'http://twilio');
    if (url.pathname.includes('/AvailablePhoneNumbers/')) {
      return { status: 200, body: { available_phone_numbers: rest.forSale.map((phone_number) => ({ phone_number })) } };
    }
    if (url.pathname === `${numbers}.json` && method === 'GET') {
      const name = url.searchParams.get('FriendlyName');
      const found = [...rest.owned.values()].filter((number) => number.friendly_name === name);
      return { status: 200, body: { incoming_phone_numbers: found } };
    }
    if (url.pathname === `${numbers}.json`) {
      const taken = [...rest.owned.values()].some((number) => number.phone_number === form.PhoneNumber);
      if (taken) return { status: 400, body: { code: 21422, message: `${form.PhoneNumber} is not available`, status: 400 } };
      const sid = `PN${String(rest.requests.length).padStart(32, '0')}`;
      rest.owned.set(sid, { sid, phone_number: form.PhoneNumber, friendly_name: form.FriendlyName, voice_url: form.VoiceUrl });
      return { status: 201, body: rest.owned.get(sid) };
    }
    if (url.pathname.startsWith(`${numbers}/`) && method === 'DELETE') {
      const sid = url.pathname.slice(numbers.length + 1, -'.json'.length);
      return rest.owned.delete(sid) ? { status: 204 } : { status: 404, body: { code: 20404, message: 'not found', status: 404 } };
    }
    return { status: 201, body: { sid: `CA${String(rest.requests.length).padStart(32, '0')}`, status: 'queued', to: form.To, from: form.From } };
  };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    const seen = {
      method: request.method,
      path: request.url,
      authorization: request.headers.authorization,
      form: Object.fromEntries(new URLSearchParams(body)),
    };
    rest.requests.push(seen);
    const { status, body: said } = rest.answer ?? respond(seen);
    rest.answer = null;
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(said && JSON.stringify(said));
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  rest.url = `http://127.0.0.1:${server.address().port}`;
  rest.close = () => {
    server.closeAllConnections();
    server.close();
  };
  return rest;
}

export async function startServer(restUrl) {
  const binary = process.env.RETELL_TEST_BINARY ?? fileURLToPath(new URL('../../../build/release/retell', import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), 'retell-twilio-'));
  const port = await freePort();
  const env = {
    ...process.env,
    RETELL_LOG_LEVEL: 'error',
    RETELL_SERVER_PUBLIC_URL: publicUrl,
    RETELL_TWILIO_ACCOUNT_SID: account,
    RETELL_TWILIO_AUTH_TOKEN: token,
    RETELL_TWILIO_API_BASE_URL: restUrl,
    RETELL_MODELS_MAX_CALLS: '64', // calls here are placed, hardly held; the engines are not what is tested
  };
  const data = ['--data-dir', folder];
  const key = execFileSync(binary, ['keys', 'create', '--quiet', ...data], { env, encoding: 'utf8' }).trim();
  const child = spawn(binary, ['serve', '--port', String(port), ...data], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const url = `http://127.0.0.1:${port}`;
  const ready = () => fetch(`${url}/health`).then((response) => response.ok, () => false);
  for (const until = Date.now() + startLimitMs; !(await ready()); ) {
    if (child.exitCode !== null || Date.now() > until) throw new Error('the server did not start');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url,
    key,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
