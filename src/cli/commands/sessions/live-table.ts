import {setTimeout as wait} from 'node:timers/promises';
import type {Command} from 'commander';
import {ExitCode, GatectlError, UsageError} from '../../../base/errors.js';
import {formatElapsed} from '../../../output/text/humanize.js';
import {safeText} from '../../../output/text/safe-text.js';
import {formatTimeOfDay} from '../../../presentation/time-format.js';
import type {CommandContext} from '../../command-context.js';
import {parseDurationMs} from '../../line/parsers.js';
import {captureIo} from '../../show/capture-io.js';

export interface RefreshInput {
  /** Refresh interval, in milliseconds. */
  readonly every?: number | undefined;
  readonly once?: boolean | undefined;
}

export function addRefreshFlag(command: Command, defaultInterval: string): Command {
  return command.option(
    '--every <duration>',
    `refresh interval on a terminal, until Ctrl-C (${defaultInterval})`,
    parseDurationMs,
  );
}

const screen = {enter: '\u001b[?1049h\u001b[?25l', leave: '\u001b[?25h\u001b[?1049l'};
const home = '\u001b[H';
const restOfLine = '\u001b[K';
const restOfScreen = '\u001b[J';
const minIntervalMs = 200;
/** Height used for a terminal that does not report its own. */
const defaultRows = 24;

/** Whether the output is a table on a terminal. Throws UsageError if --every is given with other output. */
export function isLiveTable({io, outputOptions}: CommandContext, every: number | undefined): boolean {
  const canBe = io.out.isTerminal && (outputOptions.format === 'table' || outputOptions.format === 'wide');
  if (every === undefined || canBe) return canBe;
  throw new UsageError('--every requires table output on a terminal', {
    hint: 'to stream events instead: gatectl sessions watch -o jsonl',
  });
}

/**
 * Redraws a command's output on the alternate screen until the signal aborts, then leaves the last output on the terminal.
 * If a refresh fails, keeps the last output and shows the error in the title; only the first draw's error is thrown. Lines that
 * don't fit the terminal's height are counted instead.
 */
export async function refreshTable(
  context: CommandContext,
  everyMs: number,
  draw: (context: CommandContext) => Promise<ExitCode | undefined>,
): Promise<ExitCode> {
  const {io, signal} = context;
  let picture = '';
  await io.out.write(screen.enter);
  try {
    while (!signal.aborted) {
      const page = captureIo({columns: io.out.columns, color: io.color.out});
      let fault = '';
      try {
        await draw({...context, io: page.io});
        picture = page.out() + page.err();
      } catch (error) {
        if (signal.aborted) break;
        if (picture === '' || !(error instanceof GatectlError)) throw error;
        fault = `; not refreshed: ${safeText(error.message)}`;
      }
      if (signal.aborted) break;
      const title = `every ${formatElapsed(everyMs)}, ${formatTimeOfDay(context.now()).slice(0, 8)}, Ctrl-C to stop${fault}`;
      await io.out.write(
        screenText([title, '', ...picture.trimEnd().split('\n')], io.out.rows ?? defaultRows),
      );
      await wait(Math.max(minIntervalMs, everyMs), undefined, {signal}).catch(() => {});
    }
  } finally {
    await io.out.write(screen.leave);
  }
  await io.out.write(picture);
  signal.throwIfAborted();
  return ExitCode.done;
}

function screenText(lines: readonly string[], rows: number): string {
  const fitting = lines.length < rows ? lines : lines.slice(0, rows - 2);
  const more = lines.length - fitting.length;
  const shown = more === 0 ? fitting : [...fitting, `… ${more} more lines`];
  return `${home}${shown.map((line) => `${line}${restOfLine}`).join('\r\n')}${restOfScreen}`;
}
