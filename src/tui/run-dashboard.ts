import {createElement} from 'react';
import {measureFor} from '../output/width.js';
import {handle} from './control/controller.js';
import type {Hands} from './control/hands.js';
import {endOfWork} from './control/under-way.js';
import type {Doors} from './doors.js';
import {drawnStates} from './drawn-states.js';
import {startFeed} from './feed/feed.js';
import {reduce} from './reduce/reduce.js';
import {initialState} from './state.js';
import {createStore} from './store.js';
import {lineWidth} from './term/ink/line-width.js';
import type {Terminal} from './term/terminal.js';
import {Dashboard} from './views/frame.js';

/**
 * Shows the dashboard until the operator quits; resolves with the commands that are to be printed then. Rejects, once the
 * screen was left, with what ended it otherwise.
 */
export async function runDashboard(doors: Doors, terminal: Terminal): Promise<readonly string[]> {
  const stop = new AbortController();
  const signal = AbortSignal.any([doors.signal, stop.signal]);
  const store = createStore(initialState(doors.about, terminal.size(), doors.now()), reduce);
  let fail: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const drawn = drawnStates(store, () => performance.now());
  const hands: Hands = {store, doors: {...doors, signal}, terminal, quit: () => stop.abort(), fail};
  const quit = new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()));
  const offs = [
    terminal.onInput((event) => handle(event, hands)),
    terminal.onResize(() => store.dispatch({type: 'resize', size: terminal.size()})),
  ];
  try {
    const anyText = await measureFor(['…']);
    const measure = (text: string): number => lineWidth(text) ?? anyText(text); // most needs no table of Unicode
    terminal.mount(createElement(Dashboard, {store: drawn, tools: {measure, ascii: doors.about.ascii}}));
    startFeed(store, hands.doors);
    await Promise.race([quit, failed, terminal.ended]);
  } finally {
    stop.abort();
    for (const off of offs) off();
    drawn.end();
    await terminal.close();
    await endOfWork(store); // what a write has come to is written down
  }
  return store.get().toPrint;
}
