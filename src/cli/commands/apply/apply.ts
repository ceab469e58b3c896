import type {ExitCode} from '../../../base/errors.js';
import {addSessionWriteFlags, type BulkWriteInput} from '../../bulk/bulk-flags.js';
import {executePlan, openBulkWriter} from '../../bulk/bulk-write.js';
import {readOutcomeFile, withFileClaim} from '../../bulk/outcome-file.js';
import type {CommandContext} from '../../command-context.js';
import {parseCount, parseDurationMs} from '../../line/parsers.js';
import type {Verb} from '../../verb.js';
import {addStoreFlag, type StoreInput} from '../records/record-flags.js';
import {checkPlanDrift} from './plan-drift.js';
import {buildPlannedWrite} from './planned-write.js';

interface ApplyInput extends BulkWriteInput, StoreInput {
  readonly file: string;
  readonly wait: number;
  readonly maxDrift: number;
}

export const apply: Verb<ApplyInput> = {
  examples: [
    'gatectl apply drain.plan --dry-run',
    'gatectl apply drain.plan --yes --expect 1204 --rate 50 --outcome drain.jsonl',
  ],
  declare: (command) =>
    addSessionWriteFlags(addStoreFlag(command.argument('<file>', 'plan file saved with --plan')))
      .option(
        '--max-drift <count>',
        'proceed if at most this many targets changed since the plan (0)',
        parseCount,
        0,
      )
      .option(
        '--wait <duration>',
        'how long to wait for sessions to close, or messages to be acknowledged (5s)',
        parseDurationMs,
        5000,
      ),
  handlesAbort: true,
  confirms: true,
  run: async (context, input) => await withFileClaim(input.file, async () => await applyPlan(context, input)),
};

async function applyPlan(
  context: CommandContext,
  {file, wait, maxDrift, store, ...pace}: ApplyInput,
): Promise<ExitCode> {
  const {header, targets} = await readOutcomeFile(file);
  const planned = await buildPlannedWrite(context, file, header, {waitMs: wait, store});
  const writer = await openBulkWriter(context, planned);
  const write = {
    ...{...planned, writer},
    check: () => checkPlanDrift(context, writer, plan.targets, maxDrift),
  };
  const {message: _, ...about} = header;
  const plan = {header: about, targets: [...targets.values()]};
  return await executePlan(context, pace, write, plan);
}
