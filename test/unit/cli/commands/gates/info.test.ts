import {expect, test} from 'vitest';
import {FakeGate} from '../../../../support/fake-gate.js';
import {gatectl} from '../../../../support/run-cli.js';

test('gates info shows why a gate does not store, in a column shown only then', async () => {
  const [sound, failing] = [new FakeGate('Gate@a'), new FakeGate('Gate@b')];
  expect((await gatectl('gates info', {gates: [sound]})).out).not.toContain('FAILURE');
  const {info} = failing;
  failing.info = async () => {
    const whole = await info.call(failing);
    return {...whole, storage: {...whole.storage, dirty: 3, failure: 'connection refused'}};
  };
  const world = {gates: [sound, failing], columns: 160, terminal: 'out'} as const;
  const {out} = await gatectl('gates info', world);
  expect(out).toContain('STORAGE FAILURE');
  expect(out).toMatch(/Gate@b.*connection refused/);
  const {items} = JSON.parse((await gatectl('gates info -o json', world)).out);
  expect(items[1].storage).toMatchObject({dirty: 3, failure: 'connection refused'});
});

test('gates info shows the health of a gate in the wide format, and in a table what doctor warns of', async () => {
  const [sound, held, go] = [new FakeGate('Gate@a'), new FakeGate('Gate@b'), new FakeGate('Gate@go')];
  go.health = {residentBytes: 3 * 2 ** 20, heapBytes: 2 ** 20, goroutines: 7};
  const world = {gates: [sound, held, go], columns: 200, terminal: 'out'} as const;
  expect((await gatectl('gates info', world)).out).not.toMatch(/LOOP DELAY|WAITING|HEAP/);
  held.health = {...held.health, loopDelayMs: 1500};
  const {out} = await gatectl('gates info', world);
  expect(out).toMatch(/Gate@b.* 1500 ms/);
  expect(out).not.toMatch(/WAITING|HEAP/);
  const wide = (await gatectl('gates info -o wide', world)).out;
  expect(wide).toMatch(/Gate@a.* 0 B +1 ms +20.0 MiB +50.0 MiB/);
  expect(wide).toMatch(/Gate@go.* - +- +1\.0 MiB +3\.0 MiB/);
  const {items} = JSON.parse((await gatectl('gates info -o json', world)).out);
  expect(items[2].health).toEqual(go.health);
});
