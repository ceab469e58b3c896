import {describe, expect, test} from 'vitest';
import {aRow, FakeGate} from '../../../../support/fake-gate.js';
import {gatectl} from '../../../../support/run-cli.js';

function world() {
  const gate = new FakeGate('Gate@a');
  for (const [at, vip] of ['1', '0', '1', '1'].entries())
    gate.add(aRow({sessionId: `5f0084b6970dc${at}`, userId: `u${at}`, settings: {vip}}));
  return {gates: [gate], gate};
}

describe('flags of other tools', () => {
  test.each([
    ['sessions list --json', 'sessions list -o json'],
    ['sessions list --format json', 'sessions list -o json'],
    ['sessions list --format=ids', 'sessions list -o ids'],
    ['sessions list --all', 'sessions list'],
    ['sessions list --as csv', 'sessions list -o csv'],
    ['sessions list --header=true -o tsv', 'sessions list --header -o tsv'],
    ['sessions list --columns id --columns uid', 'sessions list --columns id,uid'],
    ['sessions list --yaml', 'sessions list -o yaml'],
    ['sessions list --no-headers', 'sessions list -o tsv'],
    ['sessions list --sort-by .uid', 'sessions list --sort uid'],
    ['sessions list -l vip=1', 'sessions list --setting vip=1'],
    ['sessions list --selector vip!=1', 'sessions list --setting vip!=1'],
    ['sessions list --selector uid=="u1"', 'sessions list --where uid=="u1"'],
    ['sessions list --field-selector uid=u1', 'sessions list --uid u1'],
    ['sessions list -n 2', 'sessions list --limit 2'],
    ['sessions list -A --json --no-color', 'sessions list -o json --color never'],
    ['sessions count --all-namespaces', 'sessions count'],
    ['gates list --json', 'gates list -o json'],
  ])('%s prints the same as %s', async (guess, meant) => {
    const outcome = await gatectl(guess, {...world(), now: 5});
    expect(outcome).toEqual(await gatectl(meant, {...world(), now: 5}));
    expect(outcome.code).toBe(0);
  });

  test.each([
    ['sessions list -w --uid u1', 'to follow sessions: gatectl sessions watch --uid u1'],
    ['sessions list --follow', 'to follow sessions: gatectl sessions watch'],
    ['gates list --watch', 'to follow the cluster: gatectl dashboard'],
    ['sessions list -n prod', 'there are no namespaces: --gate <node> selects a gate'],
    ['sessions list --password hunter2', 'use --password-file <file> or GATECTL_PASSWORD'],
    ['sessions kick -l vip=1 --yes', 'did you mean: gatectl sessions kick --setting vip=1 --yes'],
    ['sessions kick --force 5f0084b6970dc0', 'did you mean: gatectl sessions kick 5f0084b6970dc0 --yes'],
    ['sessions kick --json --all --yes', 'did you mean: gatectl sessions kick -o json --all --yes'],
    [
      'sessions kick u1 --server nats://me:hunter2@h --force --password hunter2 --token=hunter2',
      'did you mean: gatectl sessions kick u1 --server',
    ],
    ['sessions get --session u42', 'did you mean: gatectl sessions get uid:u42'],
    ['settings get 5f0084b6970dc0 --key=vip', 'did you mean: gatectl settings get 5f0084b6970dc0 vip'],
    ['sessions list -o name', 'did you mean: gatectl sessions list -o ids'],
    ['sessions list -o ndjson', 'did you mean: gatectl sessions list -o jsonl'],
    ['sessions list --ouptut json', 'did you mean --output'],
  ])('%s: answers %s', async (line, hint) => {
    const {gate, ...rest} = world();
    const {code, out, err} = await gatectl(line, rest);
    expect({code, out}).toEqual({code: 2, out: ''});
    expect(err).toContain(`hint: ${hint}`);
    expect(err).not.toContain('hunter2');
    expect(gate.calls).toEqual([]);
  });

  test('flags of the command itself keep their meaning, and values are never taken for flags', async () => {
    const {gate, ...rest} = world();
    expect((await gatectl('send 5f0084b6970dc0 /t nonsense --json', rest)).err).toContain('expected JSON');
    expect(gate.calls).toEqual([]);
    const where = await gatectl(['sessions', 'list', '--where', 'id == "--json"'], rest);
    expect({code: where.code, out: where.out}).toEqual({code: 0, out: ''});
  });

  test('--user without a password warns that it is the NATS user', async () => {
    const {err} = await gatectl('sessions list --user u1', world());
    expect(err).toContain('--user is the NATS user, here without a password; to select a uid: --uid u1');
    expect((await gatectl('sessions list --user u1:secret', world())).err).not.toContain('secret');
    const env = {GATECTL_PASSWORD: 'x'};
    expect((await gatectl('sessions list --user u1', {...world(), env})).err).not.toContain('--uid');
  });
});
