import type {ReadStream} from 'node:tty';
import {createInputDecoder} from './input-decoder.js';
import type {InputEvent} from './input-event.js';

/** Reads keys from a terminal between `start` and `stop`. */
export interface InputSource {
  start(): void;
  stop(): void;
}

interface InputSourceOptions {
  readonly stdin: ReadStream;
  readonly onInput: (event: InputEvent) => void;
  /** Called when the terminal has gone away. */
  readonly onGone: () => void;
}

export function createInputSource({stdin, onInput, onGone}: InputSourceOptions): InputSource {
  let decoder = createInputDecoder();
  let flushTimer: NodeJS.Timeout | undefined;

  const give = (events: readonly InputEvent[]): void => {
    clearTimeout(flushTimer);
    const waitMs = decoder.flushDelayMs;
    if (waitMs > 0) flushTimer = setTimeout(() => give(decoder.flush()), waitMs);
    for (const event of events) onInput(event);
  };
  const onData = (bytes: Buffer): void => give(decoder.push(bytes));

  return {
    start() {
      decoder = createInputDecoder();
      stdin.setRawMode(true);
      stdin.on('data', onData);
      stdin.on('end', onGone);
      stdin.off('error', onGone); // kept by `stop`: an error while an editor runs must not be thrown
      stdin.on('error', onGone);
      stdin.resume();
    },
    stop() {
      clearTimeout(flushTimer);
      stdin.off('data', onData);
      stdin.off('end', onGone);
      stdin.pause();
      if (!stdin.destroyed) stdin.setRawMode(false);
    },
  };
}
