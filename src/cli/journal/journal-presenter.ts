import type {Presenter} from '../../output/formats/presenter.js';
import type {JournalText} from '../../presentation/journal-text.js';
import type {TimeCell} from '../../presentation/time.js';
import type {JournalEntry} from './journal-entries.js';

/** Presents journaled writes. */
export function journalPresenter(time: TimeCell): Presenter<JournalEntry> {
  return {
    columns: [
      {header: 'WHEN', cell: ({intent}) => time(Date.parse(intent.at)), align: 'right'},
      {header: 'WHO', cell: ({intent}) => intent.actor},
      {header: 'CONTEXT', cell: ({intent}) => intent.context ?? '-', dropOrder: 1},
      {header: 'COMMAND', cell: ({intent}) => intent.command, fit: 'whole'},
      {header: 'TARGET', cell: targetText, fit: 'whole'},
      {header: 'OUTCOME', cell: outcomeText},
      {header: 'REASON', cell: ({intent}) => intent.reason ?? ''},
      {header: 'ID', cell: ({intent}) => intent.id, fit: 'whole', wide: true},
    ],
    record: journalEntryJson,
    id: ({intent}) => intent.id,
  };
}

/** Returns the text columns, for searching and for the dashboard. */
export function journalText(entry: JournalEntry): JournalText {
  const {actor, command, reason} = entry.intent;
  return {actor, command, reason: reason ?? '', target: targetText(entry), outcome: outcomeText(entry)};
}

export function journalEntryJson({intent, result}: JournalEntry) {
  const {id, at, actor, context, server, command, input, reason} = intent;
  const {ms = null, exitCode = null, error, changes = [], counts} = result ?? {};
  return {
    ...{id, at, actor, context, server, command, input, reason, ms, exitCode},
    ...(error === undefined ? {} : {error}),
    changes,
    ...(counts === undefined ? {} : {counts}),
  };
}

function targetText({intent, result}: JournalEntry): string {
  const [change, ...more] = result?.changes ?? [];
  if (change !== undefined)
    return more.length === 0 ? change.target : `${change.target} and ${more.length} more`;
  const {session, uid, word, where} = intent.input;
  return [session, uid, Array.isArray(word) ? word[0] : word, where].flat().filter(Boolean).join(' ');
}

function outcomeText({result}: JournalEntry): string {
  if (result === undefined) return 'unfinished';
  return result.exitCode === 0
    ? 'done'
    : `exit ${result.exitCode}${result.error === undefined ? '' : `: ${result.error}`}`;
}
