// The table by which the server tells a telephone number's country (src/domain/country_prefixes.inc), made of the
// numbering plans of libphonenumber-js. No plan is sampled: where countries share a calling code, the regular
// expressions of all of them are followed digit by digit until only one country is left.
import { createRequire } from 'node:module';

type Entry = [prefix: string, country: string];
type PlanType = [pattern?: string, lengths?: number[]] | 0;
// As libphonenumber-js writes it: METADATA.md.
type Plan = [code: string, idd: unknown, pattern: string, lengths: number[], ...rest: unknown[]];
interface Metadata {
  country_calling_codes: Record<string, string[]>; // the main country first
  countries: Record<string, Plan>;
}

const require = createRequire(import.meta.url);
const metadata = require('libphonenumber-js/metadata.max.json') as Metadata;
const examples = require('libphonenumber-js/examples.mobile.json') as Record<string, string>;
const { version } = require('libphonenumber-js/package.json') as { version: string };

const leadingDigitsOf = (plan: Plan): string => (plan[10] as string | 0) || '';
const typesOf = (plan: Plan): PlanType[] => (plan[11] as PlanType[] | 0) || [];

// A nondeterministic automaton of one expression: what is read next, or where to go without reading.
interface State {
  digits: string; // of one that reads
  next: State[];
  final: boolean;
}
const state = (digits = '', next: State[] = [], final = false): State => ({ digits, next, final });

// What these expressions are made of: digits, \d, [0-24-8], (?:…), |, ? and {n} or {n,m}. Anything else is an error.
class Expression {
  private at = 0;
  constructor(private readonly text: string) {}

  // `end` is where it leads to.
  automaton(end: State): State {
    const start = this.alternatives(end);
    if (this.at !== this.text.length) throw new Error(`not understood: ${this.text} at ${this.at}`);
    return start;
  }

  private alternatives(end: State): State {
    const branches = [this.sequence(end)];
    while (this.text[this.at] === '|') {
      this.at += 1;
      branches.push(this.sequence(end));
    }
    return state('', branches);
  }

  // Read once to find its items, then built from the last one to the first.
  private sequence(end: State): State {
    const items: ((to: State) => State)[] = [];
    while (this.at < this.text.length && !'|)'.includes(this.text[this.at]!)) items.push(this.item());
    return items.reduceRight((to, item) => item(to), end);
  }

  private item(): (to: State) => State {
    const atom = this.atom();
    let [least, most] = [1, 1];
    const counted = /^(?:\?|\{(\d+)(?:,(\d+))?\})/.exec(this.text.slice(this.at));
    if (counted) {
      this.at += counted[0].length;
      least = Number(counted[1] ?? 0);
      most = Number(counted[2] ?? counted[1] ?? 1);
    }
    return (to) => {
      let built = to;
      for (let i = 0; i < most - least; i += 1) built = state('', [atom(built), to]);
      for (let i = 0; i < least; i += 1) built = atom(built);
      return built;
    };
  }

  private atom(): (to: State) => State {
    const rest = this.text.slice(this.at);
    if (rest.startsWith('(?:')) {
      const begin = this.at + 3;
      this.at = begin;
      this.alternatives(state()); // to find its end
      const end = this.at;
      if (this.text[end] !== ')') throw new Error(`not understood: ${this.text} at ${end}`);
      this.at = end + 1;
      return (to) => new Expression(this.text.slice(begin, end)).automaton(to);
    }
    const single = /^(?:\\d|\[([\d-]+)\]|(\d))/.exec(rest);
    if (!single) throw new Error(`not understood: ${this.text} at ${this.at}`);
    this.at += single[0].length;
    const allowed = new RegExp(single[0]);
    const digits = [...'0123456789'].filter((digit) => allowed.test(digit)).join('');
    return (to) => state(digits, [to]);
  }
}

function closure(states: Iterable<State>): Set<State> {
  const found = new Set<State>();
  const visit = (one: State): void => {
    if (found.has(one)) return;
    found.add(one);
    if (!one.digits) one.next.forEach(visit);
  };
  for (const one of states) visit(one);
  return found;
}

// One kind of numbers of a country, after some digits.
interface Kind {
  country: string;
  states: Set<State>;
  lengths: number[] | undefined; // nothing: it needs no more digits, whatever follows
}
const matched = (kind: Kind): boolean => [...kind.states].some((one) => one.final);
const isComplete = (kind: Kind, length: number): boolean =>
  matched(kind) && (kind.lengths === undefined || kind.lengths.includes(length));

function kindsOf(country: string): Kind[] {
  const plan = metadata.countries[country]!;
  const start = (pattern: string): Set<State> => closure([new Expression(pattern).automaton(state('', [], true))]);
  const leading = leadingDigitsOf(plan);
  if (leading) return [{ country, states: start(leading), lengths: undefined }];
  return typesOf(plan).flatMap((type) =>
    type && type[0] ? [{ country, states: start(type[0]), lengths: type[1] ?? plan[3] }] : [],
  );
}

function after(kind: Kind, digit: string): Kind | undefined {
  if (kind.lengths === undefined && matched(kind)) return kind;
  const next = [...kind.states].filter(({ digits }) => digits.includes(digit)).flatMap((one) => one.next);
  return next.length ? { ...kind, states: closure(next) } : undefined;
}

// Which country the numbers with a prefix belong to, or ten answers, one for each next digit.
type Tree = string | Tree[];

function explore(kinds: Kind[], length: number, order: string[], known: Map<string, Tree>, ids: Map<State, number>): Tree {
  const main = order[0]!;
  const alive = order.filter((country) => kinds.some((kind) => kind.country === country));
  if (alive.length <= 1) return alive[0] ?? main; // what nobody has yet will probably be the main country's
  if (kinds.some((kind) => kind.country === alive[0] && kind.lengths === undefined && matched(kind))) return alive[0]!;
  const key = `${length} ${kinds
    .map(({ country, states }) => country + [...states].map((one) => ids.get(one) ?? ids.set(one, ids.size).size).sort())
    .join(' ')}`;
  let tree = known.get(key);
  if (tree !== undefined) return tree;
  const branches = [...'0123456789'].map((digit) => {
    const left = kinds.flatMap((kind) => after(kind, digit) ?? []);
    return left.length ? explore(left, length + 1, order, known, ids) : undefined;
  });
  const said = new Set(branches.filter((branch) => branch !== undefined));
  if (said.size === 0) {
    tree = alive.find((country) => kinds.some((kind) => kind.country === country && isComplete(kind, length))) ?? main;
  } else {
    const [only] = said;
    tree = said.size === 1 && typeof only === 'string' ? only : branches.map((branch) => branch ?? main);
  }
  if (Array.isArray(tree) && tree.every((branch) => branch === main)) tree = main;
  known.set(key, tree);
  return tree;
}

// The entries that say it in the fewest lines, below one that says `above`.
function entries(tree: Tree, prefix: string, above: string): Entry[] {
  const here = (country: string): Entry[] => (country === above ? [] : [[prefix, country]]);
  if (typeof tree === 'string') return here(tree);
  const candidates = new Set([above, ...tree.filter((branch) => typeof branch === 'string')]);
  let best: Entry[] | undefined;
  for (const country of candidates) {
    const all = [...here(country), ...tree.flatMap((branch, digit) => entries(branch, `${prefix}${digit}`, country))];
    if (!best || all.length < best.length) best = all;
  }
  return best!;
}

export function countryPrefixes(): Entry[] {
  return Object.entries(metadata.country_calling_codes)
    .flatMap(([code, countries]): Entry[] => {
      const kinds = countries.flatMap(kindsOf);
      return entries(explore(kinds, 0, countries, new Map(), new Map()), code, '');
    })
    .sort(([left], [right]) => (left < right ? -1 : 1));
}

export function tableText(): string {
  const rows = countryPrefixes().map(([prefix, country]) => `{"${prefix}", "${country}"},`);
  const lines = [''];
  for (const row of rows) {
    const longer = [lines.pop(), row].filter(Boolean).join(' ');
    if (longer.length > 118) lines.push(longer.slice(0, -row.length - 1), row);
    else lines.push(longer);
  }
  return `// Made by tests/contract (RETELL_WRITE_COUNTRIES=1) of libphonenumber-js ${version}; see country_of_number.hpp.\n${lines.join('\n')}\n`;
}

// Mobile telephones of these cannot be told from those of the country whose calling code they share.
export const withoutMobilesOfTheirOwn = ['AX', 'BL', 'CC', 'CX', 'EH', 'IM', 'MF', 'SJ', 'VA'];

// One of every country.
export const mobileNumbers = Object.entries(examples).map(
  ([country, national]) => ({ country, number: `+${metadata.countries[country]![0]}${national}` }),
);

// Of every country that has its own, for the server's own test.
export function examplesText(): string {
  const told = mobileNumbers.filter(({ country }) => !withoutMobilesOfTheirOwn.includes(country));
  return `${told.map(({ country, number }) => `${country} ${number}`).join('\n')}\n`;
}
