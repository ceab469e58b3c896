import {expect, test} from 'vitest';
import {messageAndHint} from '../../../src/base/error-details.js';
import {DecodeError, NoSessionError, UsageError} from '../../../src/base/errors.js';

test(`NoSessionError captures no stack, and other errors do`, () => {
  const frames = (error: Error): number => error.stack?.split('\n    at ').length ?? 0;
  const before = frames(new UsageError('x'));
  expect(frames(new NoSessionError('5f008e4b69780dc3'))).toBe(1);
  expect(new NoSessionError('5f008e4b69780dc3').message).toBe('no session "5f008e4b69780dc3"');
  expect(frames(new UsageError('x'))).toBe(before);
  expect(before).toBeGreaterThan(1);
});

test('an error that wraps another keeps its hint and the place of the fault', () => {
  const place = {text: 'a = 1', start: 2, end: 3};
  const cause = new UsageError('invalid selector', {hint: 'write ==', place});
  const wrapped = new UsageError('context "dev": invalid selector', {cause});
  expect(wrapped).toMatchObject({hint: 'write ==', place, cause});
  expect(new DecodeError('line 3: invalid selector', {cause: wrapped}).hint).toBe('write ==');
  expect(new UsageError('line 3', {cause, hint: 'mend it'}).hint).toBe('mend it');
  expect(new UsageError('line 3', {cause: new Error('x')}).hint).toBeUndefined();
});

test('a log line has the message and the hint of an error', () => {
  expect(messageAndHint(new UsageError('no store', {hint: 'give --store'}))).toBe('no store (give --store)');
  expect(messageAndHint(new UsageError('no store'))).toBe('no store');
  expect(messageAndHint('text')).toBe('text');
});

test('a message that quotes a long value keeps its start and its end', () => {
  const {message} = new UsageError(`topic "${'x'.repeat(120_000)}" is longer than 65,535 bytes`);
  expect(message.length).toBeLessThan(2100);
  expect(message).toMatch(/^topic "xxx/);
  expect(message).toMatch(/… \(\d{6} more characters\) …x+" is longer than 65,535 bytes$/);
  expect(new UsageError(`${'x'.repeat(1499)}${'😀'.repeat(400)}`).message.isWellFormed()).toBe(true);
});
