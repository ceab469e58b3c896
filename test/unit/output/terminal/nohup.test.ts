import {describe, expect, test} from 'vitest';
import {isHangupIgnored} from '../../../../src/output/terminal/nohup.js';

describe('B4: detecting nohup', () => {
  test.each([
    ['/usr/bin/nohup', true],
    ['nohup', true],
    ['/usr/bin/node', false],
    ['/usr/bin/nohup-not', false],
    [undefined, false],
  ])('the variable _ is %s', (last, isIgnored) => {
    expect(isHangupIgnored({env: {_: last}, ppid: 0})).toBe(isIgnored);
  });

  test('a missing parent and process 1 are no sign of nohup', () => {
    for (const ppid of [0, 1, 2 ** 30]) expect(isHangupIgnored({env: {}, ppid})).toBe(false);
  });
});
