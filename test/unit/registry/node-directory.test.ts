import {describe, expect, test, vi} from 'vitest';
import {NodeDirectory} from '../../../src/registry/node-directory.js';
import {aNode, FakeRegistry} from '../../support/fake-registry.js';
import {until} from '../../support/poll.js';

const ignore = () => {};

describe('the node directory', () => {
  test('looks up a node once and caches it', async () => {
    const registry = new FakeRegistry([aNode('Gate@g1'), aNode('Gate@g2'), aNode('Hello@h1')]);
    const directory = new NodeDirectory({registry, log: ignore});
    const first = await directory.find('Gate@g1');
    expect(await directory.find('Gate@g1')).toEqual(first);
    expect((await directory.ofType('Gate')).map(({id}) => id)).toEqual(['Gate@g1', 'Gate@g2']);
    expect([registry.lookups, registry.watches]).toEqual([0, 1]);
    await directory.close();
  });

  test('follows a changed address, and drops a node that left', async () => {
    const registry = new FakeRegistry([aNode('Gate@g1'), aNode('Gate@g2')]);
    const directory = new NodeDirectory({registry, log: ignore});
    await directory.find('Gate@g1');
    registry.become([aNode('Gate@g1', {address: '_INBOX.new'})]);
    await until(async () => (await directory.find('Gate@g1'))?.address === '_INBOX.new');
    expect(await directory.find('Gate@g2')).toBeUndefined();
    await directory.close();
  });

  test('treats an invalid address as missing', async () => {
    const registry = new FakeRegistry([aNode('Gate@g1', {address: 'evil.>'})]);
    const directory = new NodeDirectory({registry, log: ignore});
    expect(await directory.find('Gate@g1')).toBeUndefined();
    expect(await directory.ofType('Gate')).toEqual([]);
    await directory.close();
  });

  test('asks the registry once a second for unknown names, however many are requested', async () => {
    const registry = new FakeRegistry([]);
    let now = 0;
    const directory = new NodeDirectory({registry, log: ignore, now: () => now});
    await Promise.all(Array.from({length: 50}, (_, index) => directory.ofType(`Nobody${index}`)));
    await directory.find('Nobody@1');
    expect(registry.lookups).toBe(1);
    now = 1000;
    await directory.find('Nobody@1');
    expect(registry.lookups).toBe(2);
    await directory.close();
  });

  test('B5: reports a broken watch, and restarts it with a lookup a second later', async () => {
    const registry = new FakeRegistry([aNode('Gate@g1')]);
    const log = vi.fn();
    const watch = vi.spyOn(registry, 'watch').mockImplementationOnce(() => {
      throw new Error('registry is gone');
    });
    let now = 0;
    const directory = new NodeDirectory({registry, log, now: () => now});
    await directory.find('Gate@g1');
    await until(() => log.mock.calls.length > 0);
    expect(log).toHaveBeenCalledOnce();
    await directory.find('Gate@g1');
    expect(watch).toHaveBeenCalledOnce();
    now = 1000;
    await directory.find('Gate@g1');
    expect(watch).toHaveBeenCalledTimes(2);
    await directory.close();
  });
});
