// Asks twice a minute whether the API takes calls, and says it in English or Brazilian Portuguese.

const EVERY = 30_000;

const words = {
  en: {
    title: 'Status',
    web: 'Web',
    api: 'Calls',
    answer: 'Answer time',
    release: 'Release',
    checked: 'Checked',
    language: 'Language',
    asking: 'Checking…',
    all_good: 'Everything works.',
    some_bad: 'Calls are not taken at the moment.',
    good: 'Works',
    closing: 'Takes no new calls',
    gone: 'Does not answer',
  },
  'pt-BR': {
    title: 'Status',
    web: 'Web',
    api: 'Chamadas',
    answer: 'Tempo de resposta',
    release: 'Versão',
    checked: 'Verificado',
    language: 'Idioma',
    asking: 'Verificando…',
    all_good: 'Tudo funciona.',
    some_bad: 'No momento não atendemos chamadas.',
    good: 'Funciona',
    closing: 'Não aceita novas chamadas',
    gone: 'Não responde',
  },
};

// The same key as the call page's, so that a choice holds on both.
const remembered = () => {
  try {
    return localStorage.getItem('language');
  } catch {
    return null; // storage is switched off
  }
};
const wished = remembered() ?? navigator.languages.find((wish) => /^(pt|en)/i.test(wish)) ?? 'en';
let language = /^pt/i.test(wished) ? 'pt-BR' : 'en';
let seen = { web: 'asking', api: 'asking' };

const $ = (id) => document.getElementById(id);
const t = (key) => words[language][key];

function say(id, key, good) {
  $(id).textContent = t(key);
  $(id).dataset.state = key === 'asking' ? 'asking' : good ? 'good' : 'bad';
}

function show() {
  document.documentElement.lang = language;
  document.title = t('title');
  for (const element of document.querySelectorAll('[data-t]')) element.textContent = t(element.dataset.t);
  for (const element of document.querySelectorAll('[data-t-label]')) element.setAttribute('aria-label', t(element.dataset.tLabel));
  for (const button of document.querySelectorAll('[data-language]')) {
    button.setAttribute('aria-pressed', String(button.dataset.language === language));
  }
  for (const part of ['web', 'api']) say(part, seen[part], seen[part] === 'good');
  const asking = seen.web === 'asking';
  const good = seen.web === 'good' && seen.api === 'good';
  say('overall', asking ? 'asking' : good ? 'all_good' : 'some_bad', good);
  $('answer').textContent = seen.milliseconds === undefined ? '–' : `${seen.milliseconds} ms`;
  $('release').textContent = seen.release ?? '–';
  $('checked').textContent = seen.at ? new Intl.DateTimeFormat(language, { timeStyle: 'medium' }).format(seen.at) : '–';
}

async function ask(path) {
  return fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(10_000) });
}

async function check() {
  const next = { web: 'gone', api: 'gone', at: new Date() };
  try {
    const release = await ask('../release.txt');
    if (release.ok) {
      next.web = 'good';
      next.release = (await release.text()).trim();
    }
    const started = performance.now();
    const api = await ask('api');
    const told = await api.json().catch(() => ({}));
    if (api.ok) {
      next.api = 'good';
      next.milliseconds = Math.round(performance.now() - started);
    } else if (told.message && !/does not answer/.test(told.message)) {
      next.api = 'closing';
    }
  } catch {
    // what was not answered stays as it began: gone
  }
  seen = next;
  show();
}

for (const button of document.querySelectorAll('[data-language]')) {
  button.addEventListener('click', () => {
    language = button.dataset.language;
    try {
      localStorage.setItem('language', language);
    } catch {
      // it is asked for again next time
    }
    show();
  });
}

show();
check();
setInterval(check, EVERY);
