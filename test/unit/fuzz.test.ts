import {readdirSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {runChecked} from '../fuzz/checked.js';
import {seedsOf} from '../fuzz/seeds.js';
import {Broken} from '../fuzz/target.js';
import {targetNames, targets} from '../fuzz/targets.js';

describe('E11, F15: seeds and inputs found by fuzzing', () => {
  test.each(targets)('$name holds for each of its seeds', async (target) => {
    for (const input of [...target.seeds, ...seedsOf(target.name), Buffer.alloc(0)])
      await runChecked(target, Buffer.from(input));
  });

  test('every seed file belongs to a target', () => {
    const names = readdirSync('test/fuzz/seeds').map((name) => name.replace('.txt', ''));
    expect(targetNames).toEqual(expect.arrayContaining(names));
  });

  test('the fuzzer detects a decoder that throws, is slow, or changes a prototype', async () => {
    const target = {name: 'bad', seeds: [], words: []};
    const run = (bad: () => void) => runChecked({...target, run: bad}, Buffer.of(1));
    await expect(
      run(() => {
        throw new TypeError('x');
      }),
    ).rejects.toThrow('x');
    await expect(
      run(() => {
        const end = performance.now() + 60;
        while (performance.now() < end);
      }),
    ).rejects.toThrow(Broken);
    const polluted = Object.prototype as Record<string, unknown>;
    await expect(
      run(() => {
        polluted['x'] = 1;
      }),
    ).rejects.toThrow('a prototype was changed');
    delete polluted['x'];
  });
});
