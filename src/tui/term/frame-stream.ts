import {EventEmitter} from 'node:events';
import type {ReadStream, WriteStream} from 'node:tty';
import type {Size} from './painter.js';

/**
 * Output stream for Ink. In `debug` mode Ink writes one whole frame per write, without cursor movement; the painter
 * draws it. It is not a TTY, so that Ink never changes modes or the cursor.
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

/** Empty input stream for Ink; keys come from the input decoder. */
export function noInput(): ReadStream {
  return Object.assign(new EventEmitter(), {isTTY: false}) as unknown as ReadStream;
}
