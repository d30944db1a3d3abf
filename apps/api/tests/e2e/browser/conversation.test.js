// The call page of the built server in Chromium, with local models: an interruption, a spoken question, an answer, a
// hang-up, a recording that plays, a record with latencies. The caller is a microphone that is a file.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import puppeteer from 'puppeteer-core';
import { startServer } from '../call/server.js';
import { wav } from './loopback.js';

const RATE = 16000; // of the sentences
// A file cannot wait for the agent: what it interrupts has to be long whatever a model says. Some 15 s of speech.
const GREETING =
  'Hi! This is the demo agent. Before you ask me anything, let me tell you where I live. My house stands on a hill, ' +
  'behind the old mill, and from its windows you can see the river, two bridges and the whole town. ' +
  'In the morning the bells ring, and in the evening the lights go on, one after the other.';
let folder;
let browser;
let server;

const sentence = async (name) => {
  const bytes = await readFile(new URL(`../../data/speech/${name}.wav`, import.meta.url));
  assert.equal(bytes.readUInt32LE(24), RATE);
  return new Int16Array(bytes.buffer.slice(bytes.byteOffset + 44, bytes.byteOffset + bytes.length));
};

// Silence (seconds) and sentences (names) one after the other.
async function caller(...script) {
  const samples = [];
  for (const part of script) {
    const piece = typeof part === 'number' ? new Int16Array(part * RATE) : await sentence(part);
    for (const sample of piece) samples.push(sample);
  }
  const path = join(folder, 'microphone.wav');
  await writeFile(path, wav(samples, RATE));
  return path;
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'conversation-'));
  server = await startServer();
  const greeted = await fetch(`${server.url}/update-retell-llm/llm_demo_en`, {
    method: 'PATCH',
    headers: { Authorization: `Bearer ${server.key}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ begin_message: GREETING }),
  });
  assert.equal(greeted.status, 200, await greeted.text());
  const microphone = await caller(6, 'wait', 12, 'capital', 30);
  browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-audio-capture=${microphone}%noloop`,
      '--autoplay-policy=no-user-gesture-required',
    ],
  });
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('a conversation through the page, and what it leaves behind', { timeout: 180_000 }, async () => {
  const page = await browser.newPage();
  await page.setViewport({ width: 1200, height: 860 });
  await page.evaluateOnNewDocument(() => localStorage.setItem('language', 'en'));
  const complaints = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  const made = [];
  page.on('response', async (response) => {
    if (response.request().method() === 'POST' && response.url().endsWith('/demo/calls')) made.push(await response.json());
  });
  const words = (side) => page.$$eval(`.line.${side} p`, (lines) => lines.map((line) => line.textContent));
  const status = () => page.$eval('#status', (e) => e.textContent);
  const until = async (what, condition, seconds = 30) => {
    for (const end = Date.now() + seconds * 1000; !(await condition()); ) {
      const shown = `${await status()} | ${await page.$eval('#lines', (e) => e.innerText)}`;
      assert.ok(Date.now() < end, `in vain waited for ${what}; the page shows: ${shown}\n${server.log().slice(-4000)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const shot = (name) => process.env.SHOTS && page.screenshot({ path: join(process.env.SHOTS, `${name}.png`), fullPage: true });

  await page.goto(server.url);
  await page.waitForSelector('#start:not(:disabled)');
  await page.click('#start');
  await until('the greeting', async () => (await words('agent')).some((line) => /demo agent/.test(line)));
  await until('the interruption', async () => (await page.$$('.line.agent .cut')).length > 0);
  await until('the words of the interruption', async () => (await words('you')).some((line) => /stop|wait/i.test(line)));
  await until('how long it took', async () => /answered after [\d,]+ ms/.test(await status()));
  const first = await status();
  await until('the question as it was heard', async () => (await words('you')).some((line) => /capital.*France/i.test(line)));
  await until('the answer', async () => (await words('agent')).slice(1).some((line) => /Paris/i.test(line)));
  // The words are shown a moment before they sound; the wait for them is known when they do.
  await until('how long that took', async () => /answered after [\d,]+ ms/.test(await status()) && (await status()) !== first);
  await shot('conversation-live');
  // As a person would: not into the answer's first word.
  await new Promise((resolve) => setTimeout(resolve, 2500));
  await page.click('#hang-up');
  await page.waitForSelector('#after:not([hidden])');
  await shot('conversation-after');
  assert.match(await status(), /you hung up/);

  // The page's record.
  const waits = await page.$$eval('.latency tbody td.total', (cells) => cells.map((cell) => Number(cell.textContent)));
  assert.ok(waits.length >= 2, `${waits.length} turns with their latency`);
  assert.ok(waits.every((wait) => wait > 0), `as the caller heard it: ${waits}`);

  // The recording: it plays, in two channels, and both were heard.
  const sound = await page.evaluate(async () => {
    const player = document.querySelector('#recording');
    await player.play();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const played = player.currentTime;
    player.pause();
    const bytes = await (await fetch(player.src)).arrayBuffer();
    const decoded = await new OfflineAudioContext(2, 1, 16000).decodeAudioData(bytes);
    const loudest = [0, 1].map((side) => decoded.getChannelData(side).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0));
    return { played, seconds: player.duration, channels: decoded.numberOfChannels, loudest };
  });
  assert.ok(sound.played > 0.5, `it played ${sound.played} s`);
  assert.equal(sound.channels, 2);
  assert.ok(sound.loudest.every((level) => level > 0.05), `both sides are heard: ${sound.loudest}`);

  // The call's record, through the API.
  const response = await fetch(`${server.url}/v2/get-call/${made[0].call_id}`, { headers: { Authorization: `Bearer ${server.key}` } });
  const call = await response.json();
  assert.equal(call.call_type, 'web_call');
  assert.equal(call.call_status, 'ended');
  assert.equal(call.disconnection_reason, 'user_hangup');
  assert.ok(call.latency.e2e.p50 > 0);
  assert.equal(call.latency.e2e.num, waits.length);
  assert.ok(Math.abs(call.duration_ms / 1000 - sound.seconds) < 1.5, `${sound.seconds} s of sound in ${call.duration_ms} ms`);
  const heard = call.transcript_object.filter((line) => line.role === 'agent').map((line) => line.content);
  assert.deepEqual(await words('agent'), heard, 'the page shows what the record says');
  assert.deepEqual(complaints, []);
});
