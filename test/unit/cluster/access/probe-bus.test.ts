import {expect, test} from 'vitest';
import {probeBus} from '../../../../src/cluster/access/probe-bus.js';
import {FakeBus} from '../../../support/fake-bus.js';

test('learns permissions from a node that does not exist', async () => {
  const bus = new FakeBus();
  for (const fn of ['Bind', 'GatectlRecordList']) bus.denied.add(`mqant.gate.Gate.gatectl-probe.${fn}`);
  const {permissions, serverVersion, isEncrypted} = await probeBus(bus, 'Gate', () => 0);
  expect({serverVersion, isEncrypted}).toEqual({serverVersion: '2.9.10', isEncrypted: false});
  expect(permissions).toMatchObject({deniedReads: ['GatectlRecordList'], deniedWrites: ['Bind']});
  expect(permissions?.allowed).toContain('Close');
  for (const {subject, data} of bus.published) {
    expect(subject).toMatch(/^mqant\.gate\.Gate\.gatectl-probe\.\w+$/);
    expect(data).toHaveLength(0);
  }
});

test("does not probe gates of mqant's own type", async () => {
  const bus = new FakeBus();
  expect((await probeBus(bus, 'SV Gate', () => 0)).permissions).toBeUndefined();
  expect(bus.published).toEqual([]);
});
