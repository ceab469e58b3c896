import {type ExitCode, UsageError} from '../../../base/errors.js';
import {shellWord} from '../../../output/text/shell-word.js';
import {addSessionWriteFlags, type BulkWriteInput} from '../../bulk/bulk-flags.js';
import {type BulkWrite, executeBulkPlan, openBulkWriter, resumeBulkWrite} from '../../bulk/bulk-write.js';
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
  readonly resume?: string;
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
      .option('--resume <file>', 'continue with the unfinished targets of an outcome file')
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
  {file, wait, maxDrift, store, resume, ...pace}: ApplyInput,
): Promise<ExitCode> {
  const {header, targets} = await readOutcomeFile(file);
  if ([...targets.values()].some(({state}) => state !== undefined))
    throw new UsageError(`"${file}" is an outcome file: apply would write to all its targets again`, {
      hint: `to continue the run: gatectl apply PLAN --resume ${shellWord(file)}, or its command with --resume`,
    });
  const planned = await buildPlannedWrite(context, file, header, {waitMs: wait, store});
  const writer = await openBulkWriter(context, planned);
  const {message: _, ...about} = header;
  const write: BulkWrite = {
    ...{...planned, writer, about: header.about},
    check: async (left) => await checkPlanDrift(context, writer, left, maxDrift),
  };
  if (resume !== undefined) return await resumeBulkWrite(context, {...pace, resume}, write, header.at);
  return await executeBulkPlan(context, pace, write, {header: about, targets: [...targets.values()]});
}
