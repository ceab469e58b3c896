import {ExitCode} from '../../../errors.js';
import {safeJson} from '../../../output/safe-text.js';
import {noticeLimit, withinLimit} from '../../present.js';
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
    const {shown, cut} = withinLimit(context, await wantedEntries(context, input), 'last');
    for (const entry of shown) await context.io.out.write(`${safeJson(entryRecord(entry))}\n`);
    await noticeLimit(context, shown.length, cut);
    return ExitCode.done;
  },
};
