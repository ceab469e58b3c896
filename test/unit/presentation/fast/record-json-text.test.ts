import fc from 'fast-check';
import {expect, test} from 'vitest';
import type {LocatedRecord} from '../../../../src/cluster/cluster.js';
import {safeJson} from '../../../../src/output/text/safe-text.js';
import {recordJsonText} from '../../../../src/presentation/fast/record-json-text.js';
import {recordJson} from '../../../../src/presentation/record-presenter.js';
import {newSession, stringBag} from '../../../../src/session/session.js';
import {anyText} from '../../../support/session-arbitrary.js';
import {runs} from '../../../support/tiers.js';

const day = 86_400_000;
const anyTime = fc.oneof(
  fc.constantFrom(undefined, 0, 1, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 8.64e15, 8.64e15 + 1),
  fc.constantFrom(253_402_300_799_999, 253_402_300_800_000, day - 1, day, 951_782_400_000),
  fc.double({min: -1e13, max: 1e16, noNaN: true}),
  fc.integer({min: 0, max: 2 ** 45}),
);
const settings = fc.array(
  fc.tuple(fc.oneof(anyText, fc.constantFrom('10', '2', '__proto__', 'constructor')), anyText),
  {maxLength: 5},
);

const anyRecord: fc.Arbitrary<LocatedRecord> = fc.record({
  uid: anyText,
  node: anyText,
  revision: anyText,
  value: fc.uint8Array({maxLength: 50}),
  expiresAt: anyTime,
  undecodable: fc.option(anyText, {nil: undefined}),
  session: fc.option(
    fc
      .tuple(anyText, anyText, anyText, anyText, anyText, settings)
      .map(([sessionId, serverId, userId, network, ip, pairs]) =>
        newSession({sessionId, serverId, userId, network, ip, settings: stringBag(pairs)}),
      ),
    {nil: undefined},
  ),
});

test('the text of a record equals the JSON of recordJson for any record', () => {
  fc.assert(
    fc.property(fc.array(anyRecord, {minLength: 1, maxLength: 3}), (records) => {
      for (const record of records) expect(recordJsonText(record)).toBe(safeJson(recordJson(record)));
    }),
    {numRuns: runs(3000)},
  );
});
