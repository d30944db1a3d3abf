// The call page in Chromium, its microphone a file, against a loopback server. SHOTS=<folder> keeps pictures;
// docs/images holds two of them.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, afterEach, test } from 'node:test';
import axe from 'axe-core';
import puppeteer from 'puppeteer-core';
import { records, startLoopback, tone, wav } from './loopback.js';

let folder;
let browser;
let server;
let page;
let complaints;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'call-page-'));
  const microphone = join(folder, 'microphone.wav');
  await writeFile(microphone, wav(tone(10, 48000, 300), 48000));
  browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-audio-capture=${microphone}`,
      '--autoplay-policy=no-user-gesture-required',
    ],
  });
});
after(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  server = await startLoopback();
  page = await browser.newPage();
  complaints = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => request.url().startsWith('http') && !request.url().startsWith(server.url) && complaints.push(request.url()));
});
afterEach(async () => {
  await page.close();
  server.close();
});

async function open({ language = 'en', theme = 'light', width = 1280, height = 860 } = {}) {
  await page.setViewport({ width, height });
  await page.evaluateOnNewDocument(
    (l, t) => {
      localStorage.setItem('language', l);
      localStorage.setItem('theme', t);
    },
    language,
    theme,
  );
  await page.goto(server.url);
  await page.waitForSelector('#start:not(:disabled)');
}
const text = (selector) => page.$eval(selector, (element) => element.textContent);
async function until(what, condition, ms = 10000) {
  const end = Date.now() + ms;
  while (!(await condition())) {
    assert.ok(Date.now() < end, `in vain waited for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}
async function shot(name) {
  if (process.env.SHOTS) await page.screenshot({ path: join(process.env.SHOTS, `${name}.png`), fullPage: true });
}
// What a person who cannot see, hear or use a mouse would stumble over, as far as a program can tell.
async function assertAccessible(what) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ['violations'] }));
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`), [], what);
}
const marks = () => server.seen.messages.filter((message) => message.type === 'mark');

test('a call: sound both ways, words, marks, an interruption, and what it left behind', async () => {
  await open();
  await shot('idle');
  await assertAccessible('before the call');
  await page.click('#start');
  await until('the token', () => server.seen.token === 'token_1');
  await until('the microphone', () => server.seen.loud > 40);
  assert.equal(server.seen.wrongSize, 0);
  await until('mark 1', () => marks().some((mark) => mark.id === 1));
  assert.equal(marks()[0].cleared, false);
  const started = server.seen.messages[0].at;
  const played = marks()[0].at - started;
  assert.ok(played > 950 && played < 1600, `one second of sound was played after ${played} ms`);
  await until('the partial line', async () => (await page.$$('.line.you.partial')).length === 1);
  await until('mark 2', () => marks().some((mark) => mark.id === 2));
  assert.equal(marks()[1].cleared, true, 'a clear answers the open marks as cleared');
  await until('the interruption', async () => (await page.$$('.line.agent .cut')).length === 1);
  await shot('live');
  await assertAccessible('during the call');
  await page.click('#hang-up');
  await until('the goodbye', () => server.seen.messages.some((message) => message.type === 'hang_up'));
  await page.waitForSelector('#after:not([hidden])');
  assert.equal(server.seen.bearer, 'Bearer token_1');
  assert.equal((await page.$$('.line')).length, records.agent_demo_en.transcript.length);
  assert.equal((await page.$$('.latency tbody tr:not(.bars)')).length, 3);
  assert.equal(await text('.latency tbody .total'), '690');
  await page.waitForFunction(() => document.querySelector('#recording').readyState >= 1);
  assert.match(await text('#status'), /you hung up/);
  assert.equal(await text('.figures dd'), '3');
  assert.match(await text('.figures'), /690 ms.*980 ms/);
  await page.setViewport({ width: 1120, height: 800 });
  await shot('call-page');
  await assertAccessible('after the call');
  assert.deepEqual(complaints, []);
});

test('muting sends silence and goes on sending', async () => {
  await open();
  await page.click('#start');
  await until('the microphone', () => server.seen.loud > 20);
  await page.click('#mute');
  assert.equal(await text('#mute'), 'Unmute');
  await new Promise((resolve) => setTimeout(resolve, 300));
  const { frames, loud } = server.seen;
  await until('more frames', () => server.seen.frames > frames + 25);
  assert.equal(server.seen.loud, loud);
});

test('it follows the browser into Portuguese and takes the agent of that language', async () => {
  await open({ language: 'pt-BR', theme: 'dark' });
  assert.equal(await text('#title'), 'Converse com um agente de voz');
  assert.equal(await page.$eval('#agent', (select) => select.value), 'agent_demo_pt');
  await shot('idle-pt-dark');
  await assertAccessible('dark, in Portuguese');
  await page.click('[data-language=en]');
  assert.equal(await text('#title'), 'Talk to a voice agent');
  assert.equal(await page.$eval('#agent', (select) => select.value), 'agent_demo_en');
});

test('a call in Portuguese is shown in Portuguese', async () => {
  await open({ language: 'pt-BR', width: 1120, height: 800 });
  await page.click('#start');
  await until('the interruption', async () => (await page.$$('.line.agent .cut')).length === 1);
  assert.deepEqual(server.seen.calls, ['agent_demo_pt']);
  assert.equal(await page.$eval('#lines', (list) => list.lang), 'pt-BR');
  await page.click('#hang-up');
  await page.waitForSelector('#after:not([hidden])');
  await page.waitForFunction(() => document.querySelector('#recording').readyState >= 1);
  assert.match(await text('#status'), /Chamada encerrada · você desligou/);
  assert.match(await text('#latency-note'), /Em milissegundos/);
  const english = /\b(you|agent|wait|turn|call|the)\b/i;
  assert.doesNotMatch(await page.$eval('main', (main) => main.innerText), english);
  await shot('call-page.pt-BR');
});

test('a narrow screen shows everything without scrolling sideways', async () => {
  await open({ language: 'pt-BR', theme: 'dark', width: 375, height: 740 });
  await page.click('#start');
  await until('words', async () => (await page.$$('.line')).length > 2);
  await shot('live-narrow-pt-dark');
  await page.click('#hang-up');
  await page.waitForSelector('#after:not([hidden])');
  await shot('after-narrow-pt-dark');
  await assertAccessible('narrow, dark, in Portuguese');
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
});

test('busy lines are said in words, and the page can try again', async () => {
  server.seen.refuse = true;
  await open();
  await page.click('#start');
  await page.waitForSelector('#error:not([hidden])');
  assert.match(await text('#error'), /busy/);
  await page.waitForSelector('#start:not([hidden])');
  server.seen.refuse = false;
  await page.click('#start');
  await until('the token', () => server.seen.token === 'token_1');
});

test('whoever has called often is told to come back later', async () => {
  server.seen.refuse = 429;
  server.seen.retryAfter = 600;
  await open();
  await page.click('#start');
  await page.waitForSelector('#error:not([hidden])');
  assert.match(await text('#error'), /called often/);
});

test('a server that keeps the page closed: it says that calls are switched off, in both languages', async () => {
  server.seen.off = true;
  await page.goto(server.url);
  await page.waitForSelector('#error:not([hidden])');
  await page.click('[data-language=en]');
  assert.match(await text('#error'), /switched off.*call_page\.public/);
  assert.ok(await page.$('#start:disabled'), 'there is nobody to call');
  await page.click('[data-language=pt-BR]');
  assert.match(await text('#error'), /desligadas.*call_page\.public/);
});

test('a microphone that is refused or absent, a server that is gone or going: each has its words', async () => {
  await open();
  const refuse = (name) =>
    page.evaluate((wrong) => (navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', wrong))), name);
  for (const [name, words] of [
    ['NotAllowedError', /refused.*address bar/],
    ['NotFoundError', /No microphone was found/],
    ['NotReadableError', /in use by another program/],
    ['AbortError', /could not be opened/],
  ]) {
    await refuse(name);
    await page.click('#start');
    await until(name, async () => words.test(await text('#error')));
    await page.waitForSelector('#start:not([hidden])');
  }
  assert.deepEqual(server.seen.calls, [], 'no call is made without a microphone');
  await page.reload();
  await page.waitForSelector('#start:not(:disabled)');
  server.seen.refuse = 503;
  await page.click('#start');
  await until('going', async () => /shutting down/.test(await text('#error')));
  await page.waitForSelector('#start:not([hidden])');
  server.close();
  await page.click('#start');
  await until('gone', async () => /does not answer/.test(await text('#error')));
  await page.waitForSelector('#start:not([hidden])');
  await shot('gone');
});

test('the keyboard is enough', async () => {
  await open();
  const focused = () => page.evaluate(() => document.activeElement.id);
  for (let presses = 0; (await focused()) !== 'start'; presses++) {
    assert.ok(presses < 10, 'the button is reached by tabs');
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await until('the token', () => server.seen.token === 'token_1');
  assert.equal(await focused(), 'hang-up');
  await page.keyboard.press('Enter');
  await page.waitForSelector('#after:not([hidden])');
  assert.equal(await focused(), 'start');
});

test('what is said is announced once, when it is final', async () => {
  await open();
  await page.evaluate(() => {
    globalThis.announced = [];
    const said = document.querySelector('#said');
    new MutationObserver(() => said.textContent && announced.push(said.textContent)).observe(said, { childList: true });
  });
  await page.click('#start');
  await until('the second line', () => page.evaluate(() => announced.length >= 1));
  await until('the interruption', async () => (await page.$$('.line.agent .cut')).length === 1);
  await page.click('#hang-up');
  await page.waitForSelector('#after:not([hidden])');
  const announced = await page.evaluate(() => globalThis.announced);
  assert.equal(new Set(announced).size, announced.length, announced.join('\n'));
  assert.ok(announced.includes('You: I would like to move my appointment.'), announced.join('\n'));
  assert.ok(!announced.some((line) => line.endsWith('I would like to')), 'nothing that was still being said');
});

test('a connection that breaks ends the call with a word about it', async () => {
  await open();
  await page.click('#start');
  await until('the microphone', () => server.seen.loud > 5);
  server.sockets.clients.forEach((client) => client.terminate());
  await page.waitForSelector('#error:not([hidden])');
  assert.match(await text('#error'), /lost/);
});
