// The server's table of countries says what the numbering plans of the pinned libphonenumber-js say.
// RETELL_WRITE_COUNTRIES=1 writes it, with the numbers that the server's own test asks about.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { countryPrefixes, examplesText, mobileNumbers, tableText, withoutMobilesOfTheirOwn } from './countries.js';

const files: [url: URL, text: string][] = [
  [new URL('../../../src/domain/country_prefixes.inc', import.meta.url), tableText()],
  [new URL('../../data/mobile_numbers.txt', import.meta.url), examplesText()],
];
if (process.env['RETELL_WRITE_COUNTRIES']) files.forEach(([url, text]) => writeFileSync(url, text));

const table = new Map(countryPrefixes());
const sharedCodes = ['1', '7', '39', '44', '47', '61', '212', '262', '290', '358', '590', '599'];

function countryOf(digits: string): string | undefined {
  for (let length = digits.length; length > 0; length -= 1) {
    const country = table.get(digits.slice(0, length));
    if (country) return country;
  }
  return undefined;
}

describe('the countries of telephone numbers', () => {
  it('are those of the pinned package', () => {
    for (const [url, text] of files) {
      assert.equal(readFileSync(url, 'utf8'), text, `${url.pathname} is out of date: RETELL_WRITE_COUNTRIES=1 npm test`);
    }
  });

  it('are told by a mobile number, unless the library cannot tell either', () => {
    for (const { country, number } of mobileNumbers) {
      const known = parsePhoneNumberFromString(number)?.country;
      assert.equal(countryOf(number.slice(1)), known, number);
      assert.equal(known !== country, withoutMobilesOfTheirOwn.includes(country), country);
    }
  });

  // Numbers at random, the same in every run: whatever the library knows, the table knows too.
  it('agree with the library on any number of a code that countries share', () => {
    let seed = 1;
    const digit = (): string => {
      seed = (seed * 48271) % 2147483647;
      return String(seed % 10);
    };
    const seen = new Set<string>();
    for (let i = 0; i < 100_000; i += 1) {
      const code = sharedCodes[i % sharedCodes.length]!;
      // Half of them begin as one of the exceptions does, else the small islands would hardly come up.
      const exceptions = [...table.keys()].filter((prefix) => prefix.startsWith(code));
      let digits = i % 2 ? code : exceptions[seed % exceptions.length]!;
      const length = code.length + 4 + (seed % 8);
      while (digits.length < length) digits += digit();
      const parsed = parsePhoneNumberFromString(`+${digits}`);
      // One that it reads as another, without what it takes for a national prefix, says nothing of this one.
      if (!parsed?.country || parsed.number !== `+${digits}`) continue;
      const { country } = parsed;
      seen.add(country);
      assert.equal(countryOf(digits), country, `+${digits}`);
    }
    assert.ok(seen.size > 40, `only ${[...seen].join(' ')}`);
  });
});
