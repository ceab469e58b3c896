import {describe, expect, test} from 'vitest';
import type {CapturedCommandResult} from '../../../src/dev/dev-deps.js';
import {runTour} from '../../../src/dev/run-tour.js';
import type {TourStep} from '../../../src/dev/tour-steps.js';
import {shellLine} from '../../../src/output/text/shell-word.js';

const context = {server: 'nats://127.0.0.1:1', registry: 'nats://', gateType: 'Gate'};

async function tour(
  steps: readonly TourStep[],
  outcome: Partial<CapturedCommandResult> = {},
  aborted = false,
) {
  const text: string[] = [];
  const notes: string[] = [];
  const ran: string[][] = [];
  const code = await runTour(steps, context, {
    write: (piece) => text.push(piece),
    note: (line) => notes.push(line),
    shellLine,
    signal: aborted ? AbortSignal.abort() : new AbortController().signal,
    runCommand: async (argv) => {
      ran.push([...argv]);
      return {code: 0, out: 'it worked\n', err: '', ...outcome};
    },
  });
  return {code, text: text.join(''), notes, ran};
}

const step: TourStep = {title: 'The gates', argv: ['gates', 'list'], shows: 'worked'};

describe('the tour', () => {
  test('shows each command line, its output and what a client saw', async () => {
    const {code, text} = await tour([
      step,
      {
        ...step,
        title: 'A message',
        argv: ['send', 'abc', '/t', 'two words'],
        witness: async () => 'neo received it',
      },
    ]);
    expect(code).toBe(0);
    expect(text).toBe(
      '\n1. The gates\n$ gatectl gates list\nit worked\n' +
        "\n2. A message\n$ gatectl send abc /t 'two words'\nit worked\n→ neo received it\n",
    );
  });

  test("shows a command's notices", async () => {
    expect((await tour([step], {err: 'showing 8 of 203'})).text).toContain('it worked\nshowing 8 of 203\n');
  });

  test('ends with the exit code of a failing command, and names the step', async () => {
    const {code, notes, ran} = await tour([step, step], {code: 3});
    expect([code, ran.length]).toEqual([3, 1]);
    expect(notes).toEqual(['error: step 1 of the tour ("The gates") failed: exit 3']);
  });

  test('ends when the expected output is missing', async () => {
    const {code, notes} = await tour([{...step, shows: 'Gate@1'}]);
    expect(code).toBe(1);
    expect(notes[0]).toContain('expected "Gate@1" in its output');
  });

  test('ends when a client saw no effect', async () => {
    const {code, notes} = await tour([{...step, witness: () => Promise.reject(new Error('nothing came'))}]);
    expect(code).toBe(1);
    expect(notes[0]).toContain('nothing came');
  });

  test('observes before the command, or after it on request', async () => {
    const order: string[] = [];
    const witness = async () => {
      order.push('look');
      return 'seen';
    };
    const run = {write: () => {}, note: () => {}, shellLine, signal: new AbortController().signal};
    const runCommand = async () => {
      order.push('run');
      return {code: 0, out: 'worked', err: ''};
    };
    await runTour(
      [
        {...step, witness},
        {...step, witness, after: true},
      ],
      context,
      {...run, runCommand},
    );
    expect(order).toEqual(['look', 'run', 'run', 'look']);
  });

  test('ends before the next step when interrupted', async () => {
    expect(await tour([step], {}, true)).toMatchObject({code: 130, ran: []});
  });
});
