import {EventEmitter} from 'node:events';
import {expect, test} from 'vitest';
import {quietLibraries} from '../../../src/output/quiet-libraries.js';

const owner = (env: Readonly<Record<string, string>>) => {
  const emitter = Object.assign(new EventEmitter(), {env: {...env}});
  const printed: string[] = [];
  emitter.on('warning', (warning: Error) => printed.push(warning.message)); // as Node does
  const line = (text: string): void => void printed.push(text);
  const output = {debug: line, log: line, info: line, warn: line, error: line, trace: line, dir: line};
  quietLibraries(emitter as unknown as NodeJS.Process, output as unknown as Console);
  emitter.emit('warning', new Error('MaxListenersExceededWarning'));
  output.error('[ioredis] Unhandled error event');
  output.warn('[WARN] Redis server does not require a password');
  return {printed, env: emitter.env};
};

test('C9: libraries and Node print to stderr only when debugging is on', () => {
  expect(owner({DEBUG: '*'})).toEqual({printed: [], env: {}});
  expect(owner({GATECTL_DEBUG: '1', DEBUG: 'ioredis:*'}).printed).toHaveLength(3);
});
