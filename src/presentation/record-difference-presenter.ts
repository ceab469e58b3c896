import type {Presenter} from '../output/formats/presenter.js';
import type {Session} from '../session/session.js';

/** A field that differs between a live session and its user's record. */
interface RecordDifference {
  readonly sessionId: string;
  readonly name: string;
  readonly live: string | undefined;
  readonly record: string | undefined;
}

const noValue = '(none)';

export const recordDifferencePresenter: Presenter<RecordDifference> = {
  columns: [
    {header: 'ID', cell: ({sessionId}) => sessionId, fit: 'whole'},
    {header: 'FIELD', cell: ({name}) => name, fit: 'whole'},
    {header: 'LIVE', cell: ({live}) => live ?? noValue},
    {header: 'RECORD', cell: ({record}) => record ?? noValue},
  ],
  record: ({sessionId, name, live, record}) => ({
    id: sessionId,
    field: name,
    live: live ?? null,
    record: record ?? null,
  }),
  id: ({sessionId, name}) => `${sessionId}/${name}`,
};

/** Returns the differences between a live session and its user's record. */
export function recordDifferences(live: Session, stored: Session | undefined): RecordDifference[] {
  const fields = (session: Session | undefined): ReadonlyMap<string, string> =>
    new Map([
      ['id', session?.sessionId ?? ''],
      ['gate', session?.serverId ?? ''],
      ...Object.entries(session?.settings ?? {}).map(([key, value]) => [`settings.${key}`, value] as const),
    ]);
  const [here, there] = [fields(live), fields(stored)];
  return [...new Set([...here.keys(), ...there.keys()])]
    .map((name) => ({sessionId: live.sessionId, name, live: here.get(name), record: there.get(name)}))
    .filter(({live: one, record}) => one !== record);
}
