import {EventEmitter} from 'node:events';
import type {ReadStream, WriteStream} from 'node:tty';
import type {Size} from './painter.js';

/**
 * What Ink takes for its terminal. Ink lays out and gives whole frames (its `debug` way of writing: a frame a write,
 * no cursor movement); the screen itself is the painter's. Not a terminal, so that Ink never touches modes or cursor.
 */
export function frameStream(size: () => Size, show: (frame: string) => void): WriteStream {
  const stream = Object.assign(new EventEmitter(), {
    isTTY: false,
    writable: true,
    write(text: string, done?: () => void): boolean {
      if (text !== '') show(text);
      done?.();
      return true;
    },
  });
  Object.defineProperty(stream, 'columns', {get: () => size().columns});
  Object.defineProperty(stream, 'rows', {get: () => size().rows});
  return stream as unknown as WriteStream;
}

/** Ink reads nothing: keys come by the input decoder. */
export function noInput(): ReadStream {
  return Object.assign(new EventEmitter(), {isTTY: false}) as unknown as ReadStream;
}
