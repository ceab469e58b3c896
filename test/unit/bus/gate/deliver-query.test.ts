import {expect, test} from 'vitest';
import {UsageError} from '../../../../src/base/errors.js';
import {parseDeliverQuery} from '../../../../src/bus/gate/deliver-query.js';
import {parseDeliveries} from '../../../../src/bus/gate/gate-replies.js';

const query = {sessions: ['a', 'b'], topic: 't', waitMs: 100};

test('parses the query of a delivery', () => {
  expect(parseDeliverQuery({...query, later: 1})).toEqual(query);
});

test.each([
  ['sessions', 'a,b'],
  ['sessions', ['a', 1]],
  ['sessions', Array.from({length: 1001}, () => 'a')],
  ['topic', undefined],
  ['waitMs', 0],
  ['waitMs', 60_001],
  ['waitMs', '5'],
  ['waitMs', Number.NaN],
])('a delivery whose %s is %o is refused by name', (name, value) => {
  const parse = () => parseDeliverQuery({...query, [name]: value});
  expect(parse).toThrow(UsageError);
  expect(parse).toThrow(`"${name}"`);
});

test('rejects a reply without a known state for each session', () => {
  const deliveries = [{state: 'acknowledged'}, {state: 'unsent', detail: 'why', more: 1}];
  expect(parseDeliveries({deliveries}, 2)).toEqual([
    {state: 'acknowledged'},
    {state: 'unsent', detail: 'why'},
  ]);
  for (const wrong of [undefined, {}, [], [{state: 'acknowledged'}, {state: 'lost'}], [null, null]])
    expect(() => parseDeliveries({deliveries: wrong}, 2)).toThrow('invalid');
});
