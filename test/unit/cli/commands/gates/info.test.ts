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
