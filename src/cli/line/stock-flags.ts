import type {Command} from 'commander';
import type {GateOutcome} from '../../cluster/cluster.js';
import {gatesReportingOnline} from '../../cluster/read/uid-reference.js';
import {shellWord} from '../../output/text/shell-word.js';
import type {CommandContext} from '../command-context.js';
import {notice} from '../show/notices.js';
import {parseDurationMs} from './parsers.js';

/** Other sources of sessions for stock gates, which can't list their sessions. The cluster is opened with them. */
export interface StockSourceInput {
  readonly store?: string | undefined;
  readonly records?: boolean | undefined;
  readonly tap?: number | undefined;
}

/** Adds --store and --tap. */
export function addStockSourceFlags(command: Command): Command {
  return addTapFlag(command.option('--store <url>', 'stock gates: add sessions recorded in this store'));
}

/** Adds --tap, for commands that already have a --store. */
export function addTapFlag(command: Command): Command {
  return command.option(
    '--tap <duration>',
    'stock gates: add sessions seen on the bus during this time',
    parseDurationMs,
  );
}

export function addGateRecordsFlag(command: Command): Command {
  return command.option('--records', 'stock gates: add sessions recorded by other gates');
}

/** Returns the hint for a user who is online but whose session is unknown. */
export const tapHint = (uid: string): string =>
  `hint: to find the session by its next request: gatectl sessions find ${shellWord(uid)} --tap 30s`;

/**
 * If a gate could not list its sessions, suggests --store and --tap, or with such a source, how to find the session of an online
 * `uid`.
 */
export async function hintStockSources(
  context: CommandContext,
  outcomes: readonly GateOutcome[],
  uid?: string | undefined,
): Promise<void> {
  const helps = outcomes.some(({reason, role}) => reason === 'unsupported' && role !== 'other');
  if (!helps) return;
  if (!(await context.usesStock()))
    await notice(
      context,
      'hint: --store <url> adds recorded sessions, --tap 10s adds sessions seen on the bus',
    );
  else if (uid !== undefined && gatesReportingOnline(outcomes).length > 0)
    await notice(context, tapHint(uid));
}
