import type {Command} from 'commander';
import {UsageError} from '../../base/errors.js';
import type {GateOutcome, StockSources} from '../../cluster/cluster.js';
import type {CommandContext} from '../command-context.js';
import {notice} from '../show/notices.js';
import {parseDurationMs} from './parsers.js';

/** Other sources of sessions for stock gates, which can't list theirs. */
export interface StockInput {
  readonly store?: string | undefined;
  readonly records?: boolean | undefined;
  readonly tap?: number | undefined;
}

export function withStockFlags(command: Command): Command {
  return command
    .option('--store <url>', 'stock gates: add sessions recorded in this store')
    .option('--records', 'stock gates: add sessions recorded by other gates')
    .option('--tap <duration>', 'stock gates: add sessions seen on the bus in this time', parseDurationMs);
}

/** Opens the sources that the flags name; undefined without any. */
export async function stockSources(
  context: CommandContext,
  {store, records, tap}: StockInput,
): Promise<StockSources | undefined> {
  if (store === undefined && records !== true && tap === undefined) return undefined;
  const {snapshot} = context.outputOptions;
  if (snapshot !== undefined)
    throw new UsageError(`the snapshot "${snapshot}" has only what gates listed`, {
      hint: 'remove --store, --records and --tap',
    });
  const wantsRecords = store !== undefined || records === true;
  return {records: wantsRecords ? await context.openRecordReader(store) : undefined, tapMs: tap};
}

/** Suggests the flags above when gates could not list their sessions and none was given. */
export async function hintStockSources(
  context: CommandContext,
  stock: StockSources | undefined,
  outcomes: readonly GateOutcome[],
): Promise<void> {
  const helps = outcomes.some(({reason, role}) => reason === 'unsupported' && role !== 'other');
  if (stock !== undefined || !helps) return;
  await notice(
    context,
    'hint: --store <url> adds recorded sessions, --tap 10s adds sessions seen on the bus',
  );
}
