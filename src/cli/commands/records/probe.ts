import {
  ExitCode,
  type GatectlError,
  NegativeError,
  PermissionError,
  UnreachableError,
  UsageError,
} from '../../../base/errors.js';
import type {StoreCandidate, StoreProbeResult} from '../../../cluster/records/probe-store.js';
import type {Presenter} from '../../../output/formats/presenter.js';
import {formatCount, formatPlural} from '../../../output/text/humanize.js';
import {shellLine} from '../../../output/text/shell-word.js';
import {notice, warn} from '../../show/notices.js';
import {showRows} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {addStoreFlag, type StoreInput} from './record-flags.js';

const fitPresenter: Presenter<StoreCandidate> = {
  columns: [
    {header: 'LAYOUT', cell: ({layout}) => layout},
    {header: 'KEY', cell: ({key, hash}) => key ?? hash ?? ''},
    {header: 'FIELD', cell: ({field}) => field ?? ''},
    {header: 'ENCODING', cell: ({encoding}) => encoding ?? ''},
    {header: 'RECORDS', cell: ({records}) => String(records), align: 'right'},
    {header: 'UNREADABLE', cell: ({unreadable}) => String(unreadable), align: 'right'},
    {header: 'URL', cell: ({url}) => url, wide: true},
  ],
  record: ({layout, key, hash, field, encoding, records, unreadable, url}) => ({
    layout,
    key: key ?? null,
    hash: hash ?? null,
    field: field ?? null,
    encoding: encoding ?? null,
    records,
    unreadable,
    url,
  }),
  id: ({url}) => url,
};

export const recordsProbe: Verb<StoreInput> = {
  examples: [
    'gatectl records probe --store redis://127.0.0.1:6379/0',
    'gatectl records probe --store redis+cluster://127.0.0.1:6379 -o json',
  ],
  declare: addStoreFlag,
  run: async (context, {store}) => {
    if (store === undefined)
      throw new UsageError('missing store: pass its URL with --store', {
        hint: 'gatectl records probe --store redis://127.0.0.1:6379/0',
      });
    const {probeStore} = await import('../../../cluster/records/probe-store.js');
    const probed = await probeStore(store, (url) => context.openRecords(url));
    const {fits, looked, inAll} = probed;
    await notice(context, lookedText(probed));
    if (probed.missingSlot !== undefined)
      await warn(
        context,
        `no node of the Redis Cluster serves slot ${probed.missingSlot}: its keys are not in the sample`,
      );
    const [best] = fits;
    if (best === undefined) throw nothingFits(probed);
    const code = await showRows(context, fitPresenter, fits, {
      looked,
      inAll: inAll ?? null,
      others: Object.fromEntries(probed.others),
    });
    await notice(context, `to list them: ${shellLine(['gatectl', 'records', 'list', '--store', best.url])}`);
    if (best.url.includes('***@')) await notice(context, 'replace *** with the credentials of the store');
    return probed.missingSlot === undefined ? code : ExitCode.partial;
  },
};

/** Returns a text such as `looked at 500 of 12 345 keys; not records: 20 list, 3 gzip`. */
function lookedText({looked, inAll, others}: StoreProbeResult): string {
  const of = inAll === undefined || inAll <= looked ? '' : ` of ${formatCount(inAll)}`;
  const rest = [...others].map(([what, count]) => `${formatCount(count)} ${what}`).join(', ');
  return `looked at ${formatCount(looked)}${of} keys${rest === '' ? '' : `; not records: ${rest}`}`;
}

function nothingFits({looked, others, databases, missingSlot}: StoreProbeResult): GatectlError {
  if (missingSlot !== undefined)
    return new UnreachableError('no records found in the slots that the Redis Cluster serves', {
      hint: 'show the slots without a master: redis-cli --cluster check <host:port>',
    });
  if (looked === 0) return new NegativeError('the store is empty', {hint: databasesHint(databases)});
  const denied = others.get('not permitted');
  if (denied !== undefined)
    return new PermissionError(`no records found, but ${formatCount(denied)} keys may not be read`, {
      hint: 'use a user that may read the keys of the records',
    });
  const compressed = [...others.keys()].find((name) => /^(?:gzip|zlib|zstd)\b/.test(name));
  if (compressed !== undefined)
    return new NegativeError(`no records found: the values are ${compressed}, which gatectl cannot read`);
  return new NegativeError('no records found in any layout or encoding that gatectl reads', {
    hint: others.has('JSON without a session')
      ? 'in JSON, these are members of the document itself: userId, sessionId, serverId, settings'
      : undefined,
  });
}

/** Names the databases of Redis that have keys. */
function databasesHint(databases: ReadonlyMap<number, number> | undefined): string {
  const some = [...(databases ?? [])]
    .slice(0, 5)
    .map(([name, keys]) => `${name} (${formatPlural(keys, 'key')})`);
  return some.length === 0
    ? 'check the database number, such as redis://host:6379/1'
    : `give the number of a database that has keys at the end of the URL: ${some.join(', ')}`;
}
