import type {Presenter} from '../../output/formats/presenter.js';
import {formatDuration, formatPlural} from '../../output/text/humanize.js';
import type {JournalEntryText} from '../../presentation/journal-entry-text.js';
import type {TimeCellFormatter} from '../../presentation/time-format.js';
import {stdinArgument} from '../bulk/read-session-references.js';
import type {JournalResult} from './journal.js';
import type {JournalEntry} from './journal-entries.js';

/** Presents journaled writes. */
export function journalPresenter(time: TimeCellFormatter): Presenter<JournalEntry> {
  return {
    columns: [
      {header: 'AGE', cell: ({intent}) => time(Date.parse(intent.at)), align: 'right'},
      {header: 'ACTOR', cell: ({intent}) => intent.actor, fit: 5},
      {header: 'CONTEXT', cell: ({intent}) => intent.context ?? '-', dropOrder: 1},
      {header: 'COMMAND', cell: ({intent}) => intent.command, fit: 'whole'},
      {header: 'TARGET', cell: targetText, fit: 'whole'},
      {header: 'OUTCOME', cell: outcomeText, fit: 'dry run'.length},
      {header: 'REASON', cell: ({intent}) => intent.reason ?? ''},
      {header: 'ID', cell: ({intent}) => intent.id, fit: 'whole', wide: true},
      {header: 'UID', cell: (entry) => uidsText(changedUids(entry)), fit: 'whole', dropOrder: 2},
    ],
    record: journalEntryJson,
    id: ({intent}) => intent.id,
  };
}

/** Returns the text columns of an entry, for search and for the dashboard. */
export function journalEntryText(entry: JournalEntry): JournalEntryText {
  const {actor, command, reason} = entry.intent;
  const [target, outcome] = [targetText(entry), outcomeText(entry)];
  return {actor, command, reason: reason ?? '', target, outcome, uids: changedUids(entry)};
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

/** Returns the target of a write: the changed objects, or else its arguments and selector, or else the number of targets. */
function targetText({intent, result}: JournalEntry): string {
  const [change, ...more] = result?.changes ?? [];
  if (change !== undefined)
    return more.length === 0 ? change.target : `${change.target} and ${more.length} more`;
  const {session, uid, args, where} = intent.input;
  const named = [session, uid, Array.isArray(args) ? args[0] : args, where].flat().filter(Boolean);
  const words = [...named, ...selectorWords(intent.input)];
  const {targets} = result?.counts ?? {};
  const isVague = words.every((one) => one === stdinArgument);
  return [...words, ...(isVague && targets !== undefined ? [formatPlural(targets, 'target')] : [])].join(' ');
}

/** Returns the uids that the changed sessions had, without guests. */
function changedUids({result}: JournalEntry): readonly string[] {
  return (result?.changes ?? []).flatMap(({before}) => {
    const {uid} = (before ?? {}) as {readonly uid?: unknown};
    return typeof uid === 'string' && uid !== '' ? [uid] : [];
  });
}

const shownUids = 2;

function uidsText(uids: readonly string[]): string {
  const shown = uids.slice(0, shownUids).join(', ');
  return uids.length > shownUids ? `${shown} and ${uids.length - shownUids} more` : shown;
}

/** Names of arguments that identify a target, besides sessions and uids. */
const namingInputs = ['target', 'pair', 'topic', 'name', 'file', 'folder'];

const selectingFlags: Readonly<Record<string, string>> = {
  ...{gate: '--gate', network: '--network', ip: '--ip', setting: '--setting'},
  ...{guest: '--guest', all: '--all', olderThan: '--older-than', idle: '--idle', resume: '--resume'},
};

/** Returns the target arguments and selector flags of an input, as typed. */
function selectorWords(input: Readonly<Record<string, unknown>>): readonly string[] {
  const names = namingInputs.flatMap((name) => [input[name] ?? []].flat().map(String));
  const flags = Object.entries(selectingFlags).flatMap(([name, flag]) =>
    [input[name] ?? []].flat().flatMap((value) => {
      if (typeof value === 'boolean') return value ? [flag] : [];
      return [`${flag} ${typeof value === 'number' ? formatDuration(value) : String(value)}`];
    }),
  );
  return [...names, ...flags];
}

function outcomeText({intent, result}: JournalEntry): string {
  const {dryRun, plan} = intent.input;
  const kind = dryRun === true ? 'dry run' : plan === undefined ? undefined : 'plan saved';
  if (result?.exitCode === 0) return kind ?? 'done';
  const text = result === undefined ? 'unfinished' : failureText(result);
  return dryRun === true ? `dry run, ${text}` : text;
}

const failureText = ({exitCode, error}: JournalResult): string =>
  `exit ${exitCode}${error === undefined ? '' : `: ${error}`}`;
