// The conversation as it is said. Lines that are still changing are kept apart from those that are final. What is final
// is also said once to `announcer`, for those who read the page with a screen reader.
import { t } from './i18n.js';

export class Transcript {
  constructor(list, empty, announcer) {
    this.list = list;
    this.empty = empty;
    this.announcer = announcer;
    this.clear();
  }

  clear() {
    this.list.replaceChildren();
    this.open = {}; // role -> {element, turn}: the line that is being said
    this.announced = new WeakSet();
    this.announcer.textContent = '';
    this.show();
  }

  // The language of the words, which need not be the page's.
  speak(language) {
    this.list.lang = language ?? '';
    this.announcer.lang = language ?? '';
  }

  show() {
    this.empty.hidden = this.list.childElementCount > 0;
  }

  line(role) {
    const item = document.createElement('li');
    item.className = role === 'user' ? 'line you' : 'line agent';
    const who = document.createElement('span');
    who.className = 'who';
    who.dataset.t = role === 'user' ? 'you' : 'agent_side';
    who.textContent = t(who.dataset.t);
    item.append(who, document.createElement('p'));
    return item;
  }

  announce(item) {
    if (this.announced.has(item)) return;
    this.announced.add(item);
    this.announcer.textContent = `${item.querySelector('.who').textContent}: ${item.querySelector('p').textContent}`;
  }

  // Words while they come.
  live({ role, text, final, turn }) {
    if (!text && !this.open[role]) return;
    let line = this.open[role];
    if (!line || (role === 'agent' && line.turn !== turn)) {
      line = { element: this.line(role), turn };
      this.open[role] = line;
      this.list.append(line.element);
    }
    line.element.querySelector('p').textContent = text;
    line.element.classList.toggle('partial', role === 'user' && !final);
    if (final && role === 'user') {
      delete this.open[role];
      this.announce(line.element);
    }
    this.follow();
  }

  // The truth of the server: what was said, and for the agent what was heard. Lines that are there are corrected in
  // their place; those that are still being said stay below it while the call runs.
  replace(lines, { complete = false } = {}) {
    if (complete) this.open = {};
    const isOpen = (item) => item === this.open.user?.element || item === this.open.agent?.element;
    const spoken = lines.filter(({ role, content }) => (role === 'user' || role === 'agent') && content);
    const there = [...this.list.children];
    spoken.forEach(({ role, content, interrupted }, at) => {
      const fits = () => there[at]?.classList.contains(role === 'user' ? 'you' : 'agent');
      while (there[at] && !fits() && !isOpen(there[at])) there.splice(at, 1)[0].remove();
      if (!fits()) {
        const made = this.line(role);
        this.list.insertBefore(made, there[at] ?? null);
        there.splice(at, 0, made);
      }
      const item = there[at];
      item.classList.remove('partial');
      item.querySelector('p').textContent = content;
      if (interrupted) this.cut(item);
      if (item === this.open.user?.element) delete this.open.user;
      this.announce(item);
    });
    for (const item of there.slice(spoken.length)) if (!isOpen(item)) item.remove();
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
