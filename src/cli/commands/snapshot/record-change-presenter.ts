import type {LocatedRecord} from '../../../cluster/cluster.js';
import type {RecordChange} from '../../../cluster/snapshot/compare-records.js';
import {type SettingChanges, settingChanges} from '../../../cluster/snapshot/setting-changes.js';
import type {Presenter} from '../../../output/formats/presenter.js';
import {settingChangesJson, settingChangesText} from './setting-changes-text.js';

/** Presents how records changed between two snapshots. */
export const recordChangePresenter: Presenter<RecordChange> = {
  columns: [
    {header: 'CHANGE', cell: ({kind}) => kind},
    {header: 'UID', cell: ({uid}) => uid, fit: 'whole'},
    {
      header: 'ID',
      cell: ({before, after}) => (after ?? before)?.session?.sessionId ?? '',
      fit: 'whole',
    },
    {header: 'GATE', cell: ({before, after}) => (after ?? before)?.session?.serverId ?? '', fit: 'whole'},
    {header: 'DETAIL', cell: recordChangeDetail, fit: 'wrap'},
  ],
  record: ({kind, uid, before, after}) => ({
    change: kind,
    uid,
    before: recordStateJson(before),
    after: recordStateJson(after),
    settings: settingChangesJson(recordSettings(before, after)),
  }),
  id: ({uid}) => uid,
};

const recordSettings = (
  before: LocatedRecord | undefined,
  after: LocatedRecord | undefined,
): SettingChanges =>
  before?.session === undefined || after?.session === undefined
    ? new Map()
    : settingChanges(before.session.settings, after.session.settings);

const recordStateJson = (record: LocatedRecord | undefined) =>
  record === undefined
    ? null
    : {
        gate: record.session?.serverId ?? null,
        id: record.session?.sessionId ?? null,
        ip: record.session?.ip ?? null,
        bytes: record.value.length,
        undecodable: record.undecodable ?? null,
      };

function recordChangeDetail({before, after}: RecordChange): string {
  if (before === undefined || after === undefined) return (before ?? after)?.undecodable ?? '';
  const was = (name: 'serverId' | 'sessionId' | 'ip', text: string): string[] => {
    const [then, now] = [before.session?.[name], after.session?.[name]];
    return then === undefined || now === undefined || then === now ? [] : [`${text} ${then}`];
  };
  const details = [
    ...(before.undecodable === undefined ? [] : [`was undecodable: ${before.undecodable}`]),
    ...(after.undecodable === undefined ? [] : [`is undecodable: ${after.undecodable}`]),
    ...was('serverId', 'was on'),
    ...was('sessionId', 'was'),
    ...was('ip', 'was at'),
    ...settingChangesText(recordSettings(before, after)),
  ];
  return details.length > 0 ? details.join('; ') : 'different bytes';
}
