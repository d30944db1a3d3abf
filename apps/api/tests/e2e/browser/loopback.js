// A server that the call page cannot tell from the real one: the page's own API and a media WebSocket whose agent is a
// tone and a script. It notes everything that the page does.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';

const folder = fileURLToPath(new URL('../../../web-call/', import.meta.url));
const types = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', css: 'text/css', svg: 'image/svg+xml' };
// The one of src/web_call/files.hpp.
const policy = (await readFile(new URL('../../../src/web_call/files.hpp', import.meta.url), 'utf8'))
  .match(/content_security_policy =\s*([^;]*(?:;[^"]*"[^;]*)*);\n/)[1]
  .match(/"([^"]*)"/g)
  .map((piece) => piece.slice(1, -1))
  .join('');

const latency = (turn, ...ms) => ({
  turn,
  heard_ms: ms.reduce((sum, part) => sum + part, 0),
  end_of_turn_ms: ms[0],
  transcript_ms: ms[1],
  model_first_token_ms: ms[2],
  first_clause_ms: ms[3],
  synthesis_first_byte_ms: ms[4],
  transport_ms: ms[5],
});
const latencies = [latency(1, 260, 40, 180, 70, 110, 30), latency(2, 310, 0, 420, 95, 120, 35), latency(3, 240, 55, 150, 60, 90, 30)];
const conversation = (greeting, wish, cutAnswer, question, answer) => ({
  call_status: 'ended',
  disconnection_reason: 'user_hangup',
  recording_url: '/recording.wav',
  transcript: [
    { role: 'agent', content: greeting },
    { role: 'user', content: wish },
    { role: 'agent', content: cutAnswer, interrupted: true },
    { role: 'user', content: question },
    { role: 'agent', content: answer },
  ],
  latencies,
});
export const records = {
  agent_demo_en: conversation(
    'Hello, this is the front desk of the Aurora dental clinic. How can I help you today?',
    'I would like to move my appointment.',
    'Of course. It is on Thursday at',
    'Is Friday possible?',
    'Friday at half past ten is free. Shall I book it?',
  ),
  agent_demo_pt: conversation(
    'Olá, aqui é da recepção da clínica odontológica Aurora. Como posso ajudar?',
    'Eu queria remarcar a minha consulta.',
    'Claro. Ela está marcada para quinta às',
    'Pode ser na sexta?',
    'Na sexta às dez e meia está livre. Posso marcar?',
  ),
};

export function wav(samples, rate, channels = 1) {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + 2 * samples.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * channels * 2, 28);
  header.writeUInt16LE(channels * 2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(2 * samples.length, 40);
  return Buffer.concat([header, Buffer.from(Int16Array.from(samples).buffer)]);
}
export const tone = (seconds, rate, hertz) =>
  Array.from({ length: Math.round(seconds * rate) }, (_, i) => 9000 * Math.sin((2 * Math.PI * hertz * i) / rate));

export async function startLoopback() {
  const seen = { frames: 0, loud: 0, wrongSize: 0, messages: [], token: null, bearer: null, calls: [] };
  const agentSound = Int16Array.from(tone(30, 16000, 440));

  const server = createServer(async (request, response) => {
    const path = new URL(request.url, 'http://x').pathname;
    const json = (body, status = 200) => response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
    // As a server does that has a public address and keeps the page closed.
    if (seen.off && path.startsWith('/demo/')) return json({ status: 'error', message: `Cannot ${request.method} ${path}` }, 404);
    if (path === '/demo/agents') {
      return json({
        agents: [
          { agent_id: 'agent_demo_en', agent_name: 'Clara', language: 'en-US' },
          { agent_id: 'agent_demo_pt', agent_name: 'Beatriz', language: 'pt-BR' },
        ],
      });
    }
    if (path === '/demo/calls' && request.method === 'POST') {
      let body = '';
      for await (const piece of request) body += piece;
      seen.calls.push(JSON.parse(body).agent_id);
      if (seen.retryAfter) response.setHeader('Retry-After', seen.retryAfter);
      if (seen.refuse) return json({ status: 'error', message: 'not now' }, seen.refuse === true ? 429 : seen.refuse);
      return json({ call_id: 'call_1', access_token: 'token_1', ws_url: '/demo/media' }, 201);
    }
    if (path === '/demo/calls/call_1') {
      seen.bearer = request.headers.authorization;
      return json(records[seen.calls.at(-1)]);
    }
    if (path === '/recording.wav') {
      return response.writeHead(200, { 'Content-Type': 'audio/wav' }).end(wav(tone(4, 16000, 330), 8000, 2));
    }
    try {
      const name = path === '/' ? 'index.html' : path.slice(1);
      const content = await readFile(folder + name);
      response.writeHead(200, {
        'Content-Type': types[name.split('.').pop()],
        'Content-Security-Policy': policy,
        ETag: createHash('sha256').update(content).digest('hex'),
      });
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  });

  const sockets = new WebSocketServer({ server, path: '/demo/media' });
  sockets.on('connection', (socket) => {
    let sent = 0;
    const say = (message) => socket.send(JSON.stringify(message));
    const timers = [];
    const after = (ms, action) => timers.push(setTimeout(() => socket.readyState === 1 && action(), ms));
    socket.on('message', (data, binary) => {
      if (binary) {
        seen.frames++;
        if (data.length !== 640) seen.wrongSize++;
        else if (Math.abs(data.readInt16LE(0)) + Math.abs(data.readInt16LE(20)) + Math.abs(data.readInt16LE(50)) > 600) seen.loud++;
        return;
      }
      const message = JSON.parse(data);
      seen.messages.push({ ...message, at: Date.now() });
      if (!message.access_token) return;
      seen.token = message.access_token;
      const [greeting, wish, cutAnswer, question] = records[seen.calls.at(-1)].transcript.map((line) => line.content);
      say({ type: 'ready' });
      say({ type: 'live', role: 'agent', text: greeting, final: false, turn: 0 });
      const begin = Date.now();
      const pump = setInterval(() => {
        // 60 ms ahead of the clock, one second of sound, then what the test asks for.
        while (sent < Math.min((Date.now() - begin) / 20 + 3, 50)) {
          socket.send(Buffer.from(agentSound.buffer, sent * 640, 640));
          if (++sent === 50) say({ type: 'mark', id: 1 });
        }
      }, 10);
      timers.push(pump);
      after(1500, () => say({ type: 'live', role: 'user', text: wish.slice(0, 15), final: false, turn: 1 }));
      after(1700, () => say({ type: 'live', role: 'user', text: wish, final: true, turn: 1 }));
      after(1900, () => {
        say({ type: 'live', role: 'agent', text: cutAnswer, final: false, turn: 1 });
        for (let i = 0; i < 10; i++) socket.send(Buffer.from(agentSound.buffer, i * 640, 640));
        say({ type: 'mark', id: 2 });
      });
      after(1960, () => {
        say({ type: 'clear' });
        say({ type: 'live', role: 'user', text: question.slice(0, 9), final: false, turn: 2 });
      });
    });
    socket.on('close', () => timers.forEach(clearInterval));
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    seen,
    url: `http://127.0.0.1:${server.address().port}/`,
    sockets,
    close: () => {
      sockets.clients.forEach((client) => client.terminate());
      server.closeAllConnections();
      server.close();
    },
  };
}
