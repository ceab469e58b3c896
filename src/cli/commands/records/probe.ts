import {NegativeError, UsageError} from '../../../base/errors.js';
import type {StoreCandidate, StoreProbeResult} from '../../../cluster/records/probe-store.js';
import type {Presenter} from '../../../output/formats/presenter.js';
import {formatCount} from '../../../output/text/humanize.js';
import {shellLine} from '../../../output/text/shell-word.js';
import {notice} from '../../show/notices.js';
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
    const [best] = fits;
    if (best === undefined) throw nothingFits(probed);
    const code = await showRows(context, fitPresenter, fits, {
      looked,
      inAll: inAll ?? null,
      others: Object.fromEntries(probed.others),
    });
    await notice(context, `to list them: ${shellLine(['gatectl', 'records', 'list', '--store', best.url])}`);
    if (best.url.includes('***@')) await notice(context, 'replace *** with the credentials of the store');
    return code;
  },
};

/** Returns a text such as `looked at 500 of 12 345 keys; not records: 20 list, 3 gzip`. */
function lookedText({looked, inAll, others}: StoreProbeResult): string {
  const of = inAll === undefined || inAll <= looked ? '' : ` of ${formatCount(inAll)}`;
  const rest = [...others].map(([what, count]) => `${formatCount(count)} ${what}`).join(', ');
  return `looked at ${formatCount(looked)}${of} keys${rest === '' ? '' : `; not records: ${rest}`}`;
}

function nothingFits({looked, others}: StoreProbeResult): NegativeError {
  if (looked === 0)
    return new NegativeError('the store is empty', {
      hint: 'check the database number, such as redis://host:6379/1',
    });
  const compressed = ['gzip', 'zlib', 'zstd'].find((name) => others.has(name));
  if (compressed !== undefined)
    return new NegativeError(`no records found: the values are ${compressed}, which gatectl cannot read`);
  return new NegativeError('no records found in any layout or encoding that gatectl reads');
}
