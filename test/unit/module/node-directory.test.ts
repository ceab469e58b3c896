import {describe, expect, test, vi} from 'vitest';
import {NodeDirectory} from '../../../src/module/node-directory.js';
import {aNode, FakeRegistry} from '../../support/fake-registry.js';

describe('the way to a gate', () => {
  test('is looked up once and then remembered', async () => {
    const registry = new FakeRegistry([aNode('Gate@g1')]);
    const directory = new NodeDirectory(registry, () => {});
    const first = await directory.find('Gate@g1');
    expect(await directory.find('Gate@g1')).toEqual(first);
    expect([registry.lookups, registry.watches]).toEqual([1, 1]);
    await directory.close();
  });

  test('follows a gate to its new address, and forgets one that went', async () => {
    const registry = new FakeRegistry([aNode('Gate@g1'), aNode('Gate@g2')]);
    const directory = new NodeDirectory(registry, () => {});
    await directory.find('Gate@g1');
    registry.become([aNode('Gate@g1', {address: '_INBOX.new'})]);
    await vi.waitFor(async () => expect((await directory.find('Gate@g1')).address).toBe('_INBOX.new'));
    await expect(directory.find('Gate@g2')).rejects.toThrow('Service not found id(Gate@g2)');
    await directory.close();
  });

  test('an address that is no subject is as good as none', async () => {
    const directory = new NodeDirectory(new FakeRegistry([aNode('Gate@g1', {address: 'evil.>'})]), () => {});
    await expect(directory.find('Gate@g1')).rejects.toThrow('Service not found id(Gate@g1)');
    await directory.close();
  });

  test('a watch that breaks is told of and begun again by the next question', async () => {
    const registry = new FakeRegistry([aNode('Gate@g1')]);
    const log = vi.fn();
    const watch = vi.spyOn(registry, 'watch').mockImplementationOnce(() => {
      throw new Error('registry is gone');
    });
    const directory = new NodeDirectory(registry, log);
    await directory.find('Gate@g1');
    await vi.waitFor(() => expect(log).toHaveBeenCalledOnce());
    await directory.find('Gate@g1');
    expect(watch).toHaveBeenCalledTimes(2);
    await directory.close();
  });
});
