import {ExitCode} from '../../../base/errors.js';
import {safeJson} from '../../../output/text/safe-text.js';
import {journalEntryJson} from '../../journal/journal-presenter.js';
import {cutToLimit, noticeLimitReached} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {type AuditInput, addAuditFilterFlags, findAuditedEntries} from './list.js';

export const auditExport: Verb<AuditInput> = {
  examples: [
    'gatectl audit export >writes.jsonl',
    'gatectl audit export --since 7d --command "sessions kick"',
  ],
  declare: addAuditFilterFlags,
  run: async (context, input) => {
    const {shown, cut} = cutToLimit(context, await findAuditedEntries(context, input), 'last');
    for (const entry of shown) await context.io.out.write(`${safeJson(journalEntryJson(entry))}\n`);
    await noticeLimitReached(context, shown.length, cut);
    return ExitCode.done;
  },
};
