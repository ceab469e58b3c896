import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {aRow, FakeGate} from '../../../support/fake-gate.js';
import {gatectl} from '../../../support/run-cli.js';
import {temporaryFolder} from '../../../support/temp.js';

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

  test('plans a write to one named session, which apply runs', async () => {
    await using folder = await temporaryFolder();
    const plan = path.join(folder.path, 'one.plan');
    const gate = aGate();
    const planned = await gatectl(`${line} --plan ${plan}`, {gates: [gate]});
    expect([planned.code, planned.out]).toEqual([0, expect.stringContaining(id)]);
    expect(gate.rows.get(id)?.session).toMatchObject({userId: 'u1', settings: {room: 'a'}});
    const before = gate.calls.length;
    expect((await gatectl(`apply ${plan} --yes`, {gates: [gate]})).code).toBe(0);
    expect(gate.calls.slice(before)).toContainEqual(
      expect.stringMatching(/^(Close|UnBind|Send|Push|Remove)/),
    );
  });
});
