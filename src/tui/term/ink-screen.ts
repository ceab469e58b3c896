import {render} from 'ink';
import {createElement, type ReactElement} from 'react';
import {frameStream, noInput} from './frame-stream.js';
import type {Size} from './painter.js';
import {Root} from './root.js';

interface InkScreenOptions {
  readonly size: () => Size;
  /** Receives each frame: lines of text and colours. */
  readonly show: (frame: string) => void;
  /** Called with an error thrown by a render. */
  readonly onError: (error: unknown) => void;
}

/** Renders React elements to frames of text with Ink. */
export interface InkScreen {
  mount(element: ReactElement): void;
  /** Lays out again for a new size. */
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
    const tree = createElement(Root, {size: size(), onError}, shown);
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
