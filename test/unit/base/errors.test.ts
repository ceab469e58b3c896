import {expect, test} from 'vitest';
import {NoSessionError, UsageError} from '../../../src/base/errors.js';

test(`"not here" captures no stack, and leaves other errors' stacks alone`, () => {
  const frames = (error: Error): number => error.stack?.split('\n    at ').length ?? 0;
  const before = frames(new UsageError('x'));
  expect(frames(new NoSessionError('5f008e4b69780dc3'))).toBe(1);
  expect(new NoSessionError('5f008e4b69780dc3').message).toBe('no session "5f008e4b69780dc3"');
  expect(frames(new UsageError('x'))).toBe(before);
  expect(before).toBeGreaterThan(1);
});
