import {expect, test} from 'vitest';
import {aRow, FakeGate} from '../../../support/fake-gate.js';
import {gatectl} from '../../../support/run-cli.js';

const user = {sessionId: 'f00dfeedf00dfeed', userId: 'neo'};
const guest = {sessionId: 'f00dfeedf00dfee0', userId: ''};

function aGate(): FakeGate {
  const gate = new FakeGate('Gate@a', [aRow(user), aRow(guest)]);
  const value = new Uint8Array();
  gate.records.set('neo', {uid: 'neo', value, revision: '1', expiresAt: 0});
  return gate;
}

const get = async (gate: FakeGate, ...more: readonly string[]) => {
  const {code, out} = await gatectl(['sessions', 'get', ...more, '-o', 'json'], {gates: [gate]});
  expect(code).toBe(0);
  return JSON.parse(out);
};

test.each([user, guest])('sessions get has the times and counts of $sessionId', async ({sessionId}) => {
  expect(await get(aGate(), sessionId)).toMatchObject({
    id: sessionId,
    connectedAt: '1970-01-01T00:00:01.000Z',
    lastActiveAt: '1970-01-01T00:00:02.000Z',
    received: 3,
    sent: 4,
  });
});

test.each(['a stock gate', 'a gate that cannot filter'])('%s gives what it can', async (kind) => {
  const gate = aGate();
  gate.stock = kind === 'a stock gate';
  gate.filters = false;
  const found = await get(gate, guest.sessionId);
  expect(found).toMatchObject({id: guest.sessionId, guest: true});
  expect(found).not.toHaveProperty('connectedAt');
});

test('--record shows the record beside the session', async () => {
  expect((await get(aGate(), user.sessionId, '--record')).record).toMatchObject({uid: 'neo', revision: '1'});
  expect((await get(aGate(), guest.sessionId, '--record')).record).toBeNull();
  const gate = aGate();
  await gate.bind(user.sessionId, 'neo');
  const text = await gatectl(`sessions get ${user.sessionId} --record -o table`, {gates: [gate]});
  expect(text.out).toMatch(/record +the same/);
});
