// Where each turn's waiting time went, as a table with bars. Numbers are milliseconds; null is not known.
import { language, t } from './i18n.js';

export const parts = [
  'end_of_turn_ms',
  'transcript_ms',
  'model_first_token_ms',
  'first_clause_ms',
  'synthesis_first_byte_ms',
  'transport_ms',
];

const known = (value) => typeof value === 'number' && value >= 0;
const total = (turn) => (known(turn.heard_ms) ? turn.heard_ms : parts.reduce((sum, part) => sum + (turn[part] ?? 0), 0));

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

// Bars are SVG, whose widths are attributes: the page's policy allows no inline styles.
function bar(turn, longest) {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('viewBox', '0 0 1000 16');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('aria-hidden', 'true');
  let x = 0;
  parts.forEach((part, index) => {
    if (!known(turn[part])) return;
    const width = (1000 * turn[part]) / longest;
    const rect = document.createElementNS(space, 'rect');
    rect.setAttribute('class', `part-${index}`);
    rect.setAttribute('x', x);
    rect.setAttribute('width', Math.max(0, width - 2));
    rect.setAttribute('height', 16);
    svg.append(rect);
    x += width;
  });
  return svg;
}

function figures(turns) {
  const waits = turns.map((turn) => turn.heard_ms).filter(known).sort((a, b) => a - b);
  const list = element('dl', 'figures');
  const add = (name, value) => {
    const pair = element('div');
    pair.append(element('dt', '', t(name)), element('dd', '', value));
    list.append(pair);
  };
  const ms = (value) => `${Math.round(value).toLocaleString(language)} ms`;
  add('turns', String(turns.length));
  if (waits.length > 0) {
    const middle = waits.length / 2;
    add('median', ms((waits[Math.ceil(middle) - 1] + waits[Math.floor(middle)]) / 2));
    add('slowest', ms(waits.at(-1)));
  }
  return list;
}

function legend() {
  const list = element('ul', 'legend');
  parts.forEach((part, index) => {
    const item = element('li');
    item.append(element('span', `key key-${index}`), t(part));
    list.append(item);
  });
  return list;
}

// Fills `target`; gives false when there is nothing to show.
export function showLatency(target, turns) {
  target.replaceChildren();
  const shown = turns.filter((turn) => known(turn.heard_ms) || parts.some((part) => known(turn[part])));
  if (shown.length === 0) return false;
  const longest = Math.max(...shown.map((turn) => Math.max(total(turn), parts.reduce((sum, part) => sum + (turn[part] ?? 0), 0))), 1);
  const table = element('table', 'latency');
  const head = element('tr');
  head.append(element('th', '', t('turn')), element('th', 'number total', t('heard')));
  parts.forEach((part, index) => {
    const cell = element('th', 'number part');
    const key = element('span', `key key-${index}`);
    cell.append(key, t(part));
    head.append(cell);
  });
  const top = element('thead');
  top.append(head);
  const body = element('tbody');
  shown.forEach((turn, index) => {
    const row = element('tr');
    const name = element('th', '', String(index + 1));
    name.scope = 'row';
    row.append(name);
    // Beside the turn, so that a narrow screen shows it without scrolling.
    row.append(element('td', 'number total', known(turn.heard_ms) ? String(Math.round(turn.heard_ms)) : '–'));
    for (const part of parts) row.append(element('td', 'number part', known(turn[part]) ? String(Math.round(turn[part])) : '–'));
    const bars = element('tr', 'bars');
    const cell = element('td');
    cell.colSpan = parts.length + 2;
    cell.append(bar(turn, longest));
    bars.append(cell);
    body.append(row, bars);
  });
  table.append(top, body);
  target.append(figures(shown), table, legend());
  return true;
}
