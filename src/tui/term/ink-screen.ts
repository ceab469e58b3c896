import {EventEmitter} from 'node:events';
import type {ReadStream, WriteStream} from 'node:tty';
import {render} from 'ink';
import {createElement, type ReactElement} from 'react';
import type {ScreenSize} from './painter.js';
import {RootElement} from './root-element.js';

interface InkScreenOptions {
  readonly size: () => ScreenSize;
  /** Receives each frame: lines of text and colours. */
  readonly show: (frame: string) => void;
  /** Called with an error thrown by a render. */
  readonly onError: (error: unknown) => void;
}

/** Renders React elements to frames of text with Ink. */
export interface InkScreen {
  mount(element: ReactElement): void;
  /** Renders again for a new size. */
  resize(): void;
  unmount(): void;
}

export function createInkScreen({size, show, onError}: InkScreenOptions): InkScreen {
  let shown: ReactElement | undefined;
  let isOver = false;
  let instance: ReturnType<typeof render> | undefined;
  const stdout = frameStream(size, (frame) => {
    if (!isOver) show(frame);
  });

  const draw = (): void => {
    if (shown === undefined || isOver) return;
    const tree = createElement(RootElement, {size: size(), onError}, shown);
    if (instance !== undefined) return instance.rerender(tree);
    instance = render(tree, {
      stdout,
      stderr: stdout,
      stdin: noInput(),
      debug: true,
      exitOnCtrlC: false,
      patchConsole: false,
    });
  };

  return {
    mount(element) {
      shown = element;
      draw();
    },
    resize: draw,
    unmount() {
      isOver = true;
      queueMicrotask(() => instance?.unmount()); // React may call this during a render
    },
  };
}

/**
 * Creates an output stream for Ink. In `debug` mode Ink writes one whole frame per write, without
 * cursor movement; the painter draws it. The stream is not a TTY, so Ink never changes modes or the
 * cursor.
 */
function frameStream(size: () => ScreenSize, show: (frame: string) => void): WriteStream {
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

/** Creates an empty input stream for Ink. Keys come from the input decoder. */
function noInput(): ReadStream {
  return Object.assign(new EventEmitter(), {isTTY: false}) as unknown as ReadStream;
}
