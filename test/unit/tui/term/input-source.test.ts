import {EventEmitter} from 'node:events';
import type {ReadStream} from 'node:tty';
import {expect, test} from 'vitest';
import {createInputSource} from '../../../../src/tui/term/input-source.js';

test('adds no listener by stopping and starting, and handles an error while stopped', () => {
  const stdin = Object.assign(new EventEmitter(), {setRawMode() {}, resume() {}, pause() {}});
  let gone = 0;
  const source = createInputSource({
    stdin: stdin as unknown as ReadStream,
    onInput: () => {},
    onGone: () => {
      gone += 1;
    },
  });
  for (let times = 0; times < 20; times += 1) {
    source.start();
    source.stop();
  }
  expect(['data', 'end', 'error'].map((name) => stdin.listenerCount(name))).toEqual([0, 0, 1]);
  stdin.emit('error', new Error('EIO'));
  expect(gone).toBe(1);
});
