import {expect, test} from 'vitest';
import {UsageError} from '../../../../src/base/errors.js';
import {parseConnectionsQuery} from '../../../../src/bus/gate/connections-query.js';

test('without members, the most stuck sessions by waiting bytes are asked for', () => {
  expect(parseConnectionsQuery({})).toMatchObject({sessions: undefined, limit: 1_000, sort: 'waiting'});
});

test('members are read; limits are capped and unknown members ignored', () => {
  const members = {sessions: ['a'], limit: 5_000.5, sort: 'oldest', topic: 't', subscriptions: true, new: 1};
  expect(parseConnectionsQuery({...members, where: ''})).toEqual({
    sessions: ['a'],
    limit: 1_000,
    sort: 'oldest',
    where: undefined,
    topic: 't',
    subscriptions: true,
  });
});

test.each([
  {sessions: 'a'},
  {sessions: [1]},
  {sessions: Array.from({length: 1_001}, String)},
  {limit: 0},
  {limit: '5'},
  {sort: 'age'},
])('%j is refused', (members) => {
  expect(() => parseConnectionsQuery(members)).toThrow(UsageError);
});
