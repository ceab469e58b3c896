import {expect, test} from 'vitest';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {gatectl} from '../../support/run-cli.js';

function aGate(): FakeGate {
  const gate = new FakeGate('Gate@a');
  const subscribedTo = (...filters: readonly string[]) => ({
    connectionState: {subscriptions: filters.map((filter) => ({filter, qos: 0}))},
  });
  gate.add(aRow({sessionId: '5e550000', userId: 'u0'}, subscribedTo('news', 'chat')));
  gate.add(aRow({sessionId: '5e550001', userId: 'u1'}, subscribedTo('chat')));
  gate.add(aRow({sessionId: '5e550002', userId: 'u2'})); // its gate does not know
  gate.add(aRow({sessionId: '5e550003', userId: 'u3'}, subscribedTo())); // as most clients of mqant
  return gate;
}

const warning = 'the client has not subscribed to "news"; gates push it anyway';

test.each([
  ['5e550000', false],
  ['5e550001', true],
  ['5e550002', false],
  ['5e550003', false],
])('send to %s says that the client has not subscribed: %s', async (id, isWarned) => {
  const gate = aGate();
  const {code, err} = await gatectl(`send ${id} news hello`, {gates: [gate]});
  expect(code).toBe(0);
  expect(err.includes(warning)).toBe(isWarned);
  expect(gate.sent).toMatchObject([{sessionId: id, topic: 'news', body: 'hello'}]);
  expect(gate.calls.indexOf('GatectlConnections')).toBeLessThan(gate.calls.indexOf('Send'));
});

test('send to many says how many of those with subscriptions, also with --dry-run', async () => {
  for (const flag of ['--yes', '--dry-run']) {
    const {code, err} = await gatectl(`send --all news hello ${flag}`, {gates: [aGate()]});
    expect(code).toBe(0);
    expect(err).toContain('1 of 2 clients have not subscribed to "news"; gates push it anyway');
  }
});

test('--quiet asks for no subscriptions, and an older gate gives no notice', async () => {
  const quiet = aGate();
  expect((await gatectl('send 5e550001 news hello --quiet', {gates: [quiet]})).err).toBe('');
  expect(quiet.calls).not.toContain('GatectlConnections');
  const older = aGate();
  older.lacks.add('GatectlConnections');
  const sent = await gatectl('send 5e550001 news hello', {gates: [older]});
  expect(sent).toMatchObject({code: 0, err: ''});
});
