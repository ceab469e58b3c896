import {describe, expect, test} from 'vitest';
import {aRow, FakeGate} from '../../../support/fake-gate.js';
import {gatectl} from '../../../support/run-cli.js';

const id = 'f00dfeedf00dfeed';
const aGate = (): FakeGate =>
  new FakeGate('Gate@a', [
    aRow({sessionId: id, serverId: 'Gate@a', userId: 'u1', settings: {room: 'a'} as never}),
  ]);

describe.each([
  [`sessions kick ${id} --yes`],
  [`unbind ${id}`],
  [`send ${id} topic body`],
  [`settings set ${id} room=b`],
  [`settings unset ${id} room`],
])('D06: %s', (line) => {
  test.each([['--dry-run'], ['--dry-run --read-only']])(
    'with %s shows the session and writes nothing',
    async (flags) => {
      const gate = aGate();
      const {code, out} = await gatectl(`${line} ${flags} -o json`, {gates: [gate]});
      expect(
        gate.calls.filter((call) => /^(Close|UnBind|Send|Set|Push|Remove|GatectlEdit)/.test(call)),
      ).toEqual([]);
      expect(gate.rows.get(id)?.session).toMatchObject({userId: 'u1', settings: {room: 'a'}});
      if (code === 0) expect(JSON.parse(out)).toMatchObject({id, gate: 'Gate@a', uid: 'u1', would: true});
      else expect(code).toBe(4);
    },
  );

  test('refuses --plan for one named session', async () => {
    const gate = aGate();
    const {code, err} = await gatectl(`${line} --plan /dev/null/none`, {gates: [gate]});
    expect([code, err]).toEqual([2, expect.stringContaining('--plan needs a selection')]);
    expect(gate.rows.get(id)?.session.userId).toBe('u1');
  });
});
