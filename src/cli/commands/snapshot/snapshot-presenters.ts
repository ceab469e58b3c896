import type {ComparedSession, SessionChange} from '../../../cluster/snapshot/compare-sessions.js';
import type {SnapshotHeader} from '../../../cluster/snapshot/snapshot-header.js';
import type {ItemFields, Presenter} from '../../../output/formats/presenter.js';
import {settingChangesJson, settingChangesText} from './setting-changes-text.js';

/** A file in the snapshot folder. `fault` says why it is unreadable; empty if it is readable. */
export interface ListedSnapshot {
  readonly file: string;
  readonly name: string;
  readonly bytes: number;
  readonly header: SnapshotHeader | undefined;
  readonly fault: string;
}

/** Whether all gates answered, for sessions and for records. */
const isComplete = ({complete, records}: SnapshotHeader): boolean =>
  complete && (records?.gates.every(({status}) => status === 'ok') ?? true);

const completenessText = ({header, fault}: ListedSnapshot): string =>
  header === undefined ? fault : isComplete(header) ? 'yes' : 'no';

export const snapshotPresenter: Presenter<ListedSnapshot> = {
  columns: [
    {header: 'NAME', cell: ({name}) => name, fit: 'whole'},
    {header: 'SAVED', cell: ({header}) => header?.savedAt ?? '-'},
    {header: 'CONTEXT', cell: ({header}) => header?.context ?? '-', dropOrder: 2},
    {header: 'SESSIONS', cell: ({header}) => String(header?.sessions ?? '-'), align: 'right'},
    {header: 'GATES', cell: ({header}) => String(header?.gates.length ?? '-'), align: 'right', dropOrder: 3},
    {header: 'COMPLETE', cell: completenessText},
    {header: 'BYTES', cell: ({bytes}) => String(bytes), align: 'right', dropOrder: 1},
    {header: 'SERVER', cell: ({header}) => header?.server ?? '-', wide: true},
    {header: 'WHERE', cell: ({header}) => header?.where ?? '', wide: true},
    {header: 'FILE', cell: ({file}) => file, wide: true},
  ],
  record: entryJson,
  id: ({file}) => file,
};

function entryJson({file, name, bytes, header, fault}: ListedSnapshot) {
  return {
    name,
    file,
    savedAt: header?.savedAt ?? null,
    context: header?.context ?? null,
    server: header?.server ?? null,
    registry: header?.registry ?? null,
    where: header?.where ?? null,
    sessions: header?.sessions ?? null,
    records: header?.records?.count ?? null,
    gates: header?.gates.map(({outcome}) => outcome) ?? null,
    complete: header === undefined ? null : isComplete(header),
    bytes,
    fault: fault === '' ? null : fault,
  };
}

/** Returns all fields of a snapshot. */
export function snapshotFields(entry: ListedSnapshot): ItemFields {
  const {file, bytes, header} = entry;
  return {
    id: file,
    fields: [
      ['file', file],
      ['bytes', String(bytes)],
      ['saved', header?.savedAt ?? '-'],
      ['server', header?.server ?? '-'],
      ['sessions', String(header?.sessions ?? '-')],
      ['gates', String(header?.gates.length ?? '-')],
      ['complete', completenessText(entry)],
      ['records', String(header?.records?.count ?? '-')],
    ],
    record: entryJson(entry),
  };
}

/** Presents how sessions changed between two snapshots. */
export const sessionChangePresenter: Presenter<SessionChange> = {
  columns: [
    {header: 'CHANGE', cell: ({kind}) => kind},
    {header: 'ID', cell: (change) => newestOf(change)?.id ?? '', fit: 'whole'},
    {header: 'UID', cell: (change) => newestOf(change)?.uid ?? '', fit: 'whole'},
    {header: 'GATE', cell: (change) => newestOf(change)?.gate ?? '', fit: 'whole'},
    {header: 'DETAIL', cell: detailOf, fit: 'wrap'},
  ],
  record: ({kind, before, after, settings}) => ({
    change: kind,
    before: before ?? null,
    after: after ?? null,
    settings: settingChangesJson(settings),
  }),
  id: (change) => `${newestOf(change)?.gate}/${newestOf(change)?.id}`,
};

const newestOf = ({before, after}: SessionChange): ComparedSession | undefined => after ?? before;

function detailOf({before, after, settings}: SessionChange): string {
  if (before === undefined || after === undefined) return '';
  return [
    ...(before.gate === after.gate ? [] : [`was on ${before.gate}`]),
    ...(before.id === after.id ? [] : [`was ${before.id}`]),
    ...(before.uid === after.uid ? [] : [`was ${before.uid === '' ? 'a guest' : before.uid}`]),
    ...settingChangesText(settings),
  ].join('; ');
}
