import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {Text} from 'ink';
import {type ReactNode, useSyncExternalStore} from 'react';
import {exitCodeFor, InterruptedError} from '../../src/base/errors.js';
import {guardProcess} from '../../src/output/terminal/process-guard.js';
import {terminalDeps} from '../../src/output/terminal/terminal-deps.js';
import {errorText} from '../../src/output/text/error-text.js';
import {type InputEvent, openTerminal, type Terminal} from '../../src/tui/term/terminal.js';

/** A small program on the terminal layer, composed as main composes gatectl, that can be made to fail in every way. */

let state = {said: 'ready', count: 0, columns: 0, rows: 0, hasFailed: false};
const listeners = new Set<() => void>();

function set(change: Partial<typeof state>): void {
  state = {...state, ...change};
  for (const listener of listeners) listener();
}

function Tiny(): ReactNode {
  const {said, count, columns, rows, hasFailed} = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
  );
  if (hasFailed) throw new Error('a view that throws');
  const edge = `${'='.repeat(Math.max(0, columns - 1))}|`;
  const filler = Array.from({length: Math.max(0, rows - 4)}, (_, row) => `row ${row + 3}`);
  return <Text>{[edge, `${said} · ${columns}x${rows}`, `count ${count}.`, ...filler, edge].join('\n')}</Text>;
}

const said: string[] = [];

function hear(event: InputEvent, terminal: Terminal): void {
  if (event.type !== 'key') return tell(JSON.stringify(event));
  const act = acts[event.name];
  if (act === undefined) tell(event.name);
  else act(terminal);
}

function tell(word: string): void {
  said.push(word);
  set({said: said.slice(-8).join(' ')});
}

const acts: Readonly<Record<string, (terminal: Terminal) => void>> = {
  q: (terminal) => void terminal.close(),
  'ctrl-c': () => guard.stop.abort(new InterruptedError('SIGINT')),
  n: () => set({count: state.count + 1}),
  T: () => set({hasFailed: true}),
  U: () =>
    setImmediate(() => {
      throw new Error('an error that nobody caught');
    }),
  R: () => void Promise.reject(new Error('a rejection that nobody handled')),
  X: () => process.exit(3),
  C: (terminal) => tell(`copied ${terminal.copy('tiny text')}`),
  E: (terminal) => void edit(terminal),
  F: () => flood(0),
};

async function edit(terminal: Terminal): Promise<void> {
  const line = await terminal.suspend(async () => {
    const child = spawn('sh', ['-c', 'printf "type: "; read line; echo "$line" >&3'], {
      stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
    });
    const chunks: string[] = [];
    child.stdio[3]?.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
    await once(child, 'close');
    return chunks.join('').trim();
  });
  tell(`edited:${line}`);
}

const floodTo = Number(process.env['FLOOD'] ?? 0);

const samples: number[] = [];

function residentBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().rss;
}

/** The least of a fifth of the samples: what is left when a collector has had its turn. */
const leastOfFifth = (fifth: number): number =>
  Math.min(...samples.slice((samples.length * (fifth - 1)) / 5, (samples.length * fifth) / 5));

/** Updates as fast as they can be made, with lines that were never there before; then what the last fifth has over the second. */
function flood(done: number): void {
  set({said: `update ${done} ${Math.random()}`, count: done});
  if (done % (floodTo / 100) === 0) samples.push(residentBytes());
  if (done < floodTo) return void setImmediate(flood, done + 1);
  tell(`grew ${Math.round((leastOfFifth(5) - leastOfFifth(2)) / 1024)} kB.`);
}

const guard = guardProcess(process);

async function main(): Promise<number> {
  try {
    const terminal = await openTerminal({
      ...terminalDeps(process, guard.atExit),
      env: process.env,
      signal: guard.stop.signal,
      mouse: process.env['MOUSE'] !== 'off',
    });
    set(terminal.size());
    terminal.onResize((size) => set(size));
    terminal.onInput((event) => hear(event, terminal));
    terminal.mount(<Tiny />);
    await terminal.ended;
    return 0;
  } catch (error) {
    process.stderr.write(errorText(error, {json: false, verbose: false, debug: false}));
    return exitCodeFor(error);
  }
}

void main().then((code) => {
  process.exitCode = code;
  setTimeout(() => process.exit(code), 20).unref();
});
