import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {UsageError} from '../../../../src/base/errors.js';
import {
  formatSettingsDocument,
  parseSettingsDocument,
  replaceComments,
} from '../../../../src/output/settings-edit/settings-document.js';
import {type StringBag, stringBag} from '../../../../src/session/session.js';
import {dangersIn, evilText} from '../../../support/evil.js';
import {runs} from '../../../support/tiers.js';

const text = fc.oneof(
  fc.string({unit: 'binary'}),
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '',
    '// a',
    '\n// b',
    '}',
    '"',
    evilText,
  ),
);
const settings = fc.array(fc.tuple(text, text)).map((entries) => stringBag(entries));
const entriesOf = (bag: StringBag) => Object.entries(bag).sort();

describe('the settings document for an editor', () => {
  test('D14: returns any names and values unchanged, and contains no control character', () => {
    fc.assert(
      fc.property(settings, fc.array(text), (bag, comments) => {
        const document = formatSettingsDocument(bag, comments);
        expect(dangersIn(document)).toEqual([]);
        expect(entriesOf(parseSettingsDocument(document))).toEqual(entriesOf(bag));
        expect(entriesOf(parseSettingsDocument(replaceComments(document, [])))).toEqual(entriesOf(bag));
      }),
      {numRuns: runs(3000)},
    );
    expect(({} as {polluted?: unknown}).polluted).toBeUndefined();
  });

  test.each([
    ['// hello\n{\n  "a": "1",\n  b: "2"\n}', 'in line 4'],
    ['{"a": "1"', 'invalid JSON'],
    ['["a"]', 'not a JSON object'],
    ['null', 'not a JSON object'],
    ['{"a": "\\ud800"}', 'contains a lone surrogate'],
    ['{"\\udfff": "a"}', 'contains a lone surrogate'],
    ['{"level": 7}', 'invalid value of "level": expected a string, not 7'],
    ['{"a": "1", "b": "a", "a": "2"}', 'the key "a" appears twice in one object in line 1'],
    ['// x\n{"a": "1",\n"\\u0061": "2"}', 'the key "a" appears twice in one object in line 3'],
    ['// x\n{\n"a": 90071992547409931}', 'the number 90071992547409931 would be rounded in line 3'],
    ['{"a": {"mine": "x", "gate": "y"}}', '"a" still has both values'],
  ])('E10: %j is refused, naming the place', (document, why) => {
    expect(() => parseSettingsDocument(document)).toThrow(UsageError);
    expect(() => parseSettingsDocument(document)).toThrow(why);
  });
});
