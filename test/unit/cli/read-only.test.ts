import {expect, test} from 'vitest';
import {FakeGate} from '../../support/fake-gate.js';
import {gatectl} from '../../support/run-cli.js';

const writes = [
  'send s1 /t x',
  'broadcast /t x',
  'bind s1 u1',
  'unbind s1',
  'settings set s1 a=b',
  'settings unset s1 a',
  'sessions kick s1 --yes',
  'records delete u1 --yes',
  'records set u1 a=b',
  'records expire u1 10m',
];

test.each(writes)(
  'C16: on a stock gate "%s" is refused here, and the gate never hears of it',
  async (line) => {
    const gate = new FakeGate('Gate@stock');
    gate.stock = true;
    const {code, err} = await gatectl(`${line} --read-only`, {gates: [gate]});
    expect({code, err}).toEqual({
      code: 4,
      err: expect.stringContaining('gatectl itself enforces read-only'),
    });
    expect(gate.calls).toEqual([]);
  },
);
