import {describe, expect, test} from 'vitest';
import {CallError, PermissionError, UnreachableError} from '../../../src/errors.js';
import {FakeGate} from '../../support/fake-gate.js';
import {gatectl} from '../../support/run-cli.js';

const now = Date.UTC(2026, 0, 1);

function aGate(id: string, skewMs = 0): FakeGate {
  const gate = new FakeGate(id);
  const {info} = gate;
  gate.info = async () => ({...(await info.call(gate)), now: now + skewMs, startedAt: now - 3_600_000});
  return gate;
}

const findings = async (world: Parameters<typeof gatectl>[1]) => {
  const {code, out, err} = await gatectl('doctor -o json', {now, ...world});
  const {items, ...about} = JSON.parse(out) as {items: readonly Record<string, string>[]; ok: number};
  return {code, err, about, items, of: (check: string) => items.filter((item) => item['check'] === check)};
};

describe('doctor', () => {
  test('a sound cluster', async () => {
    const {code, about, items} = await findings({gates: [aGate('Gate@a'), aGate('Gate@b')]});
    expect({code, about}).toEqual({
      code: 0,
      about: {version: 1, ok: items.length, warn: 0, fail: 0, complete: true},
    });
    expect(new Set(items.map(({check}) => check))).toEqual(
      new Set(['bus', 'registry', 'round trip', 'functions', 'clock', 'storage']),
    );
  });

  test('names a stock gate, a silent one, a clock that is off, each with a next step', async () => {
    const [stock, silent, late] = [aGate('Gate@stock'), aGate('Gate@silent'), aGate('Gate@late', -3_600_000)];
    stock.stock = true;
    silent.before = (fn) => {
      throw new CallError(
        {reason: 'timeout', node: 'Gate@silent', fn},
        'Gate@silent did not answer within 2000 ms',
      );
    };
    const {code, of, items} = await findings({gates: [stock, silent, late]});
    expect(code).toBe(3);
    expect(of('functions').find(({subject}) => subject === 'Gate@stock')).toMatchObject({
      state: 'warn',
      detail: expect.stringContaining('a stock mqant gate'),
    });
    expect(of('round trip').find(({subject}) => subject === 'Gate@silent')).toMatchObject({state: 'fail'});
    expect(of('clock').find(({subject}) => subject === 'Gate@late')).toMatchObject({
      state: 'warn',
      detail: '1h behind',
    });
    for (const {state, next} of items) expect(state === 'ok' ? '' : next).toBe(next);
    for (const {state, next} of items) if (state !== 'ok') expect(next).not.toBe('');
  });

  test.each([
    [new UnreachableError('cannot reach NATS at nats://x: connection refused', {hint: 'start it'}), 8],
    [new PermissionError('NATS at nats://x refused the token'), 4],
  ])('a bus that is not there: %s', async (error, expected) => {
    const {code, items} = await findings({openCluster: async () => Promise.reject(error)});
    expect({code, items}).toEqual({
      code: expected,
      items: [expect.objectContaining({check: 'bus', state: 'fail', detail: error.message})],
    });
  });

  test('an empty registry', async () => {
    const {code, of} = await findings({gates: []});
    expect(code).toBe(8);
    expect(of('registry')).toMatchObject([
      {state: 'fail', detail: expect.stringContaining('no gate of type')},
    ]);
  });
});
