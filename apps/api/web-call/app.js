// The call page: picks an agent, makes a call, shows it while it runs and what it left behind.
import { language, setLanguage, t, translate } from './i18n.js';
import { showLatency } from './latency.js';
import { Microphone } from './microphone.js';
import { Speaker } from './speaker.js';
import { Transcript } from './transcript.js';
import { Transport } from './transport.js';

const $ = (id) => document.getElementById(id);
const transcript = new Transcript($('lines'), $('transcript-empty'), $('said'));

const RECORD_TRIES = 20; // the record is complete a moment after the call
const RECORD_PAUSE_MS = 500;
const SPEAKING_LEVEL = 0.01;

let agents = [];
let call = null; // the running one
let last = null; // what the last one left: {latencies, recording_url}
let status = { key: 'idle' };

const REFUSED = 4401; // the server's closing code for a token that is not good any more

// -- what is shown ----------------------------------------------------------------------------------------------------

// `detail`: a key of i18n.js, or a text.
function showStatus(key, detail) {
  status = { key, detail };
  $('status').textContent = t(key) + (detail ? ` · ${t(detail)}` : '');
}

function showWait(latency) {
  if (typeof latency.heard_ms !== 'number') return;
  showStatus('live', t('answered_after').replace('{ms}', Math.round(latency.heard_ms).toLocaleString(language)));
}

function showError(key) {
  $('error').hidden = !key;
  $('error').textContent = key ? t(key) : '';
  $('error').dataset.key = key ?? '';
}

function showButtons() {
  const live = call !== null;
  $('start').hidden = live;
  $('start').disabled = agents.length === 0;
  $('start').firstElementChild.dataset.t = last ? 'call_again' : 'call';
  $('start').firstElementChild.textContent = t($('start').firstElementChild.dataset.t);
  $('mute').hidden = !live;
  $('hang-up').hidden = !live;
  $('agent').disabled = live || agents.length === 0;
  document.body.classList.toggle('live', live);
}

// Decibels look like loudness: -60 dB and less is an empty meter.
function showLevel(side, level) {
  const filled = level > 0 ? Math.max(0, Math.min(100, 100 + (100 / 60) * 20 * Math.log10(level))) : 0;
  $(`level-${side}`).setAttribute('width', filled.toFixed(0));
  const speaking = level > SPEAKING_LEVEL;
  $(`side-${side}`).classList.toggle('speaking', speaking);
  $(`state-${side}`).textContent = speaking ? t('speaking') : call?.ready && side === 'agent' ? t('listening') : '';
}

function showAgents() {
  const chosen = $('agent').value;
  $('agent').replaceChildren(
    ...agents.map((agent) => {
      const option = document.createElement('option');
      option.value = agent.agent_id;
      const spoken = new Intl.DisplayNames([language], { type: 'language' });
      option.textContent = agent.language ? `${agent.agent_name} · ${spoken.of(agent.language)}` : agent.agent_name;
      return option;
    }),
  );
  const fitting = agents.find((agent) => agent.language?.slice(0, 2) === language.slice(0, 2));
  if (agents.some((agent) => agent.agent_id === chosen) && (call || last)) $('agent').value = chosen;
  else if (fitting) $('agent').value = fitting.agent_id;
}

function showAfter() {
  $('after').hidden = !last;
  if (!last) return;
  const player = $('recording');
  player.hidden = !last.recording_url;
  if (last.recording_url && player.getAttribute('src') !== last.recording_url) player.src = last.recording_url;
  $('recording-note').textContent = t(last.recording_url ? 'recording_note' : 'recording_none');
  $('recording-link').hidden = !last.recording_url;
  if (last.recording_url) $('recording-link').href = last.recording_url;
  $('latency-note').textContent = t(showLatency($('latency'), last.latencies) ? 'latency_note' : 'latency_none');
}

function showAll() {
  translate();
  for (const button of document.querySelectorAll('[data-language]')) {
    button.setAttribute('aria-pressed', String(button.dataset.language === language));
  }
  showAgents();
  showButtons();
  showStatus(status.key, status.detail);
  showMute();
  if ($('error').dataset.key) showError($('error').dataset.key);
  showAfter();
}

function showMute() {
  const muted = call?.microphone.muted ?? false;
  $('mute').setAttribute('aria-pressed', String(muted));
  const text = $('mute').firstElementChild;
  text.dataset.t = muted ? 'unmute' : 'mute';
  text.textContent = t(text.dataset.t);
}

// -- the call ---------------------------------------------------------------------------------------------------------

async function request(path, options = {}) {
  const response = await fetch(path, options).catch((cause) => {
    throw Object.assign(new Error('no answer', { cause }), { key: 'error_gone' });
  });
  const body = await response.json().catch(() => ({}));
  if (!response.ok) {
    const error = new Error(body.message ?? response.statusText);
    // 404: a server that keeps the page's routes closed. A minute is longer than any line stays busy by itself.
    const often = response.status === 429 && Number(response.headers.get('Retry-After')) > 60;
    error.key = often ? 'error_often' : ({ 404: 'error_off', 429: 'error_busy', 503: 'error_closing' }[response.status] ?? 'error_server');
    throw error;
  }
  return body;
}

function onMessage(made, message) {
  switch (message.type) {
    case 'ready':
      made.ready = true;
      showStatus('live');
      break;
    case 'mark':
      made.speaker.mark(message.id);
      break;
    case 'clear':
      made.speaker.clear();
      transcript.interrupted();
      break;
    case 'live':
      transcript.live(message);
      break;
    case 'transcript':
      transcript.replace(message.transcript);
      break;
    case 'latency':
      made.latencies.push(message.latency);
      showWait(message.latency);
      break;
    case 'ended':
      made.reason = message.reason;
      break;
    default:
      break; // of a newer server
  }
}

async function start() {
  if (call) return;
  showError(null);
  last = null;
  showAfter();
  transcript.clear();
  transcript.speak(agents.find((agent) => agent.agent_id === $('agent').value)?.language);
  const made = { latencies: [], ready: false };
  made.transport = new Transport({
    onSound: (samples) => made.speaker.play(samples),
    onMessage: (message) => onMessage(made, message),
    onClosed: (how) => finish(made, how),
  });
  made.microphone = new Microphone({
    onSound: (samples) => made.ready && made.transport.sendSound(samples),
    onLevel: (level) => showLevel('you', level),
  });
  made.speaker = new Speaker({
    onMark: (id, cleared) => made.transport.send({ type: 'mark', id, cleared }),
    onLevel: (level) => showLevel('agent', level),
  });
  call = made;
  showButtons();
  showMute();
  $('hang-up').focus();
  try {
    showStatus('microphone_wait');
    const stream = await Microphone.open().catch((cause) => {
      throw Object.assign(new Error('no microphone', { cause }), { key: microphoneError(cause) });
    });
    made.context = new AudioContext({ latencyHint: 'interactive' });
    await made.context.resume();
    await made.speaker.start(made.context);
    await made.microphone.start(made.context, stream);
    if (call !== made) return stopSound(made);
    showStatus('connecting');
    const given = await request('/demo/calls', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ agent_id: $('agent').value }),
    });
    if (call !== made) return stopSound(made);
    made.id = given.call_id;
    made.token = given.access_token;
    made.transport.connect(given.ws_url, given.access_token);
  } catch (error) {
    stopSound(made);
    call = null;
    showStatus('idle');
    // What else fails with a DOMException is the loading of a worklet, which comes from the server.
    showError(error.key ?? (error instanceof DOMException ? 'error_gone' : 'error_server'));
    showButtons();
  }
}

function microphoneError(error) {
  const key = `error_${error.name}`;
  return t(key) === key ? 'error_microphone' : key;
}

function stopSound(made) {
  made.microphone.stop();
  made.speaker.stop();
  made.context?.close();
  showLevel('you', 0);
  showLevel('agent', 0);
}

function hangUp() {
  const made = call;
  if (!made) return;
  made.reason = 'user_hangup';
  if (made.transport.socket) {
    made.transport.hangUp();
  } else {
    call = null;
    stopSound(made);
    showStatus('idle');
    showButtons();
  }
}

async function finish(made, how) {
  if (call !== made) return;
  call = null;
  stopSound(made);
  if (!made.ready) showError(how.code === REFUSED ? 'error_expired' : how.code === 1006 ? 'error_gone' : 'error_server');
  else if (how.code === 1006 && !made.reason) showError('error_lost');
  last = { latencies: made.latencies, recording_url: null };
  if (!made.ready) last = null;
  showStatus(made.ready ? 'ended' : 'idle', made.ready && made.reason ? `reason_${made.reason}` : undefined);
  showButtons();
  $('start').focus();
  if (made.ready) await showRecord(made);
}

async function showRecord(made) {
  for (let i = 0; i < RECORD_TRIES && !call; i++) {
    try {
      const record = await request(`/demo/calls/${encodeURIComponent(made.id)}`, {
        headers: { Authorization: `Bearer ${made.token}` },
      });
      if (record.call_status === 'ended' || record.call_status === 'error') {
        if (call) return;
        last = { latencies: record.latencies ?? made.latencies, recording_url: record.recording_url ?? null };
        if (record.transcript?.length) transcript.replace(record.transcript, { complete: true });
        break;
      }
    } catch {
      // not there yet, or gone: the page keeps what it saw itself
    }
    await new Promise((resolve) => setTimeout(resolve, RECORD_PAUSE_MS));
  }
  if (!call) showAfter();
}

// -- the page ---------------------------------------------------------------------------------------------------------

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem('theme', theme);
  } catch {
    // it is asked for again next time
  }
}

function remembered(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

const dark = matchMedia('(prefers-color-scheme: dark)');
document.documentElement.dataset.theme = remembered('theme') ?? (dark.matches ? 'dark' : 'light');
$('theme').addEventListener('click', () => setTheme(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark'));
for (const button of document.querySelectorAll('[data-language]')) {
  button.addEventListener('click', () => {
    setLanguage(button.dataset.language);
    showAll();
  });
}
$('start').addEventListener('click', start);
$('hang-up').addEventListener('click', hangUp);
$('mute').addEventListener('click', () => {
  if (!call) return;
  call.microphone.muted = !call.microphone.muted;
  showMute();
});
addEventListener('pagehide', () => call?.transport.hangUp());

showAll();
try {
  ({ agents } = await request('/demo/agents'));
  if (agents.length === 0) showError('no_agents');
} catch (error) {
  showError(error.key);
}
showAll();
