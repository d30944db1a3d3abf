// The conversation as it is said. Lines that are still changing are kept apart from those that are final.
import { t } from './i18n.js';

export class Transcript {
  constructor(list, empty) {
    this.list = list;
    this.empty = empty;
    this.clear();
  }

  clear() {
    this.list.replaceChildren();
    this.open = {}; // role -> {element, turn}: the line that is being said
    this.show();
  }

  show() {
    this.empty.hidden = this.list.childElementCount > 0;
  }

  line(role, text) {
    const item = document.createElement('li');
    item.className = role === 'user' ? 'line you' : 'line agent';
    const who = document.createElement('span');
    who.className = 'who';
    who.dataset.t = role === 'user' ? 'you' : 'agent_side';
    who.textContent = t(who.dataset.t);
    const words = document.createElement('p');
    words.textContent = text;
    item.append(who, words);
    return item;
  }

  // Words while they come.
  live({ role, text, final, turn }) {
    if (!text && !this.open[role]) return;
    let line = this.open[role];
    if (!line || (role === 'agent' && line.turn !== turn)) {
      line = { element: this.line(role, ''), turn };
      this.open[role] = line;
      this.list.append(line.element);
    }
    line.element.querySelector('p').textContent = text;
    line.element.classList.toggle('partial', !final);
    if (final && role === 'user') delete this.open[role];
    this.follow();
  }

  // The truth of the server: what was said, and for the agent what was heard. While the call runs, a line of the caller
  // that is still being said stays below it.
  replace(lines, { complete = false } = {}) {
    const partial = complete ? null : this.open.user;
    this.list.replaceChildren();
    for (const { role, content, interrupted } of lines) {
      if ((role !== 'user' && role !== 'agent') || !content) continue;
      const item = this.line(role, content);
      if (interrupted) this.cut(item);
      this.list.append(item);
    }
    this.open = {};
    if (partial) {
      this.open.user = partial;
      this.list.append(partial.element);
    }
    this.follow();
  }

  // The caller spoke into the agent's words.
  interrupted() {
    const items = this.list.querySelectorAll('.agent');
    const last = items[items.length - 1];
    if (last) this.cut(last);
    delete this.open.agent;
  }

  cut(item) {
    if (item.querySelector('.cut')) return;
    const mark = document.createElement('span');
    mark.className = 'cut';
    mark.dataset.t = 'interrupted';
    mark.textContent = t('interrupted');
    item.append(mark);
  }

  follow() {
    this.show();
    this.list.scrollTop = this.list.scrollHeight;
  }
}
