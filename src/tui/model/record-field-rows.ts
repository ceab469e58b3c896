import type {LocatedRow} from '../../cluster/cluster.js';
import {recordFields} from '../../presentation/record-presenter.js';
import type {State} from './state.js';

const comparedFields: readonly string[] = ['id', 'gate'];

export interface RecordFieldRow {
  readonly name: string;
  readonly value: string;
  /** Value of the field in the live session. */
  readonly live: string | undefined;
  readonly differs: boolean;
}

/**
 * Returns the user's live session to compare with the record: the one that the record names, or the
 * first if that one is gone.
 */
export function comparedSession({records}: State): LocatedRow | undefined {
  const {record, liveSessions = []} = records.shown ?? {};
  const named = record?.session?.sessionId;
  return liveSessions.find(({session}) => session.sessionId === named) ?? liveSessions[0];
}

/**
 * Returns the fields of the displayed record, each beside the value in the live session. The user's
 * other sessions have a row each.
 */
export function recordFieldRows(state: State): readonly RecordFieldRow[] {
  const {shown} = state.records;
  if (shown?.record === undefined) return [];
  const {record} = shown;
  const live = comparedSession(state);
  const liveOf = new Map(
    live === undefined
      ? []
      : [
          ['id', live.session.sessionId],
          ['gate', live.node],
          ...Object.entries(live.session.settings).map(([key, value]) => [`settings.${key}`, value] as const),
        ],
  );
  const fields = recordFields(record).fields.map(([name, value]): RecordFieldRow => {
    const here = liveOf.get(name);
    const isCompared = live !== undefined && (comparedFields.includes(name) || name.startsWith('settings.'));
    return {name, value, live: here, differs: isCompared && here !== value};
  });
  const known = new Set(fields.map(({name}) => name));
  const missing = [...liveOf].filter(([name]) => !known.has(name));
  const others = shown.liveSessions.filter((one) => one !== live);
  return [
    ...fields,
    ...missing.map(([name, value]) => ({name, value: '', live: value, differs: true})),
    ...others.map(({node, session}) => ({
      ...{name: 'also online', value: '', live: `${node}/${session.sessionId}`, differs: false},
    })),
  ];
}
