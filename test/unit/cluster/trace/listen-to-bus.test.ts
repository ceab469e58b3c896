import {describe, expect, test} from 'vitest';
import {removeCoveredSubjects, subjectCovers} from '../../../../src/cluster/trace/listen-to-bus.js';

describe('subjects that cover other subjects', () => {
  test.each([
    ['_INBOX.>', '_INBOX.a', true],
    ['_INBOX.>', '_INBOX.a.b', true],
    ['_INBOX.>', '_INBOX', false],
    ['_INBOX.>', '_INBOX_viewer.a', false],
    ['_INBOX.>', '_INBOX.*', true],
    ['a.*', 'a.>', false],
    ['a.*', 'a.*', true],
    ['a.b', 'a.*', false],
    ['>', 'a.>', true],
  ])('%s, %s: %s', (outer, inner, expected) => {
    expect(subjectCovers(outer, inner)).toBe(expected);
  });

  test('deliver no message twice', () => {
    expect(
      removeCoveredSubjects(['_INBOX.>', '_INBOX.a', 'mqant.gate.>', 'mqant.gate.Gate.a', 'x', 'x']),
    ).toEqual(['_INBOX.>', 'mqant.gate.>', 'x']);
  });
});
