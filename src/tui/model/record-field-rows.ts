import {recordFields} from '../../presentation/record-presenter.js';
import type {State} from './state.js';

export interface RecordFieldRow {
  readonly name: string;
  readonly value: string;
  /** Value of the field in the live session. */
  readonly live: string | undefined;
  readonly differs: boolean;
}

/** Returns the fields of the displayed record, each beside the value in the user's live session. */
export function recordFieldRows({records}: State): readonly RecordFieldRow[] {
  const {shown} = records;
  if (shown?.record === undefined) return [];
  const {record} = shown;
  const [live] = shown.liveSessions;
  const liveOf = new Map(
    live === undefined
      ? []
      : [
          ['session', live.session.sessionId],
          ['gate', live.node],
          ...Object.entries(live.session.settings).map(([key, value]) => [`settings.${key}`, value] as const),
        ],
  );
  const fields = recordFields(record).fields.map(([name, value]): RecordFieldRow => {
    const here = liveOf.get(name);
    const isCompared =
      live !== undefined && (name === 'session' || name === 'gate' || name.startsWith('settings.'));
    return {name, value, live: here, differs: isCompared && here !== value};
  });
  const known = new Set(fields.map(({name}) => name));
  const missing = [...liveOf].filter(([name]) => !known.has(name));
  return [...fields, ...missing.map(([name, value]) => ({name, value: '', live: value, differs: true}))];
}
