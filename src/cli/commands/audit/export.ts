import {ExitCode} from '../../../errors.js';
import {safeJson} from '../../../output/safe-text.js';
import {entryRecord} from '../../sheets/journal-sheet.js';
import type {Verb} from '../../verb.js';
import {type AuditInput, wantedEntries, withAudit} from './list.js';

export const auditExport: Verb<AuditInput> = {
  examples: [
    'gatectl audit export >writes.jsonl',
    'gatectl audit export --since 7d --command "sessions kick"',
  ],
  declare: withAudit,
  run: async (context, input) => {
    for (const entry of await wantedEntries(context, input))
      await context.io.out.write(`${safeJson(entryRecord(entry))}\n`);
    return ExitCode.done;
  },
};
