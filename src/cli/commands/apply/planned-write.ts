import {UsageError} from '../../../base/errors.js';
import {maskedStoreUrl} from '../../../cluster/records/masked-store-url.js';
import {duplicateUidPolicies} from '../../../cluster/write/execute-bind.js';
import {stringBag} from '../../../session/session.js';
import type {BulkWrite} from '../../bulk/bulk-write.js';
import {buildMessageWrite} from '../../bulk/message-write.js';
import type {OutcomeFileHeader} from '../../bulk/outcome-file.js';
import {buildSessionWrite} from '../../bulk/session-write.js';
import type {CommandContext} from '../../command-context.js';
import {buildRecordBulkWrite, type RecordsWrite} from '../records/bulk-records.js';
import type {StoreInput} from '../records/record-flags.js';

interface PlannedOptions extends StoreInput {
  readonly waitMs: number;
}

/** Builds the write of a plan. `name` is the file name for errors. Rejects with UsageError for an invalid header. */
export async function buildPlannedWrite(
  context: CommandContext,
  name: string,
  header: OutcomeFileHeader,
  {waitMs, store}: PlannedOptions,
): Promise<BulkWrite> {
  const {about, action} = header;
  checkStore(header, store);
  switch (action) {
    case 'delete':
    case 'expire':
      return buildRecordBulkWrite(await plannedRecordsWrite(context, header, {waitMs, store}));
    case 'bind': {
      const {buildBindWrite} = await import('../sessions/bind.js');
      return await buildBindWrite(context, {
        ...{store, wait: waitMs, clearSettings: about['clearSettings'] === true},
        ifBound: about['ifBound'] === 'refuse' ? 'refuse' : 'rebind',
        duplicate: duplicateUidPolicies.find((policy) => policy === about['duplicate']) ?? 'refuse',
      });
    }
    default:
      return plannedSessionWrite(name, header, waitMs);
  }
}

async function plannedRecordsWrite(
  context: CommandContext,
  {action, about}: OutcomeFileHeader,
  {waitMs, store}: PlannedOptions,
): Promise<RecordsWrite> {
  const shared = {store, offline: about['offline'] === true, whileOnline: about['whileOnline'] === true};
  if (action === 'delete') {
    const {buildDeleteWrite} = await import('../records/delete.js');
    return await buildDeleteWrite(context, {...shared, wait: waitMs, kick: about['kick'] === true});
  }
  const {buildExpireWrite} = await import('../records/expire.js');
  const {ttl} = about;
  if (typeof ttl !== 'number') throw new UsageError('invalid plan: expected a time to live');
  return await buildExpireWrite(context, {...shared, ttl});
}

/** Throws UsageError if `store` is not the plan's store. The plan holds its name without credentials, so --store gives the URL. */
function checkStore({about: {store: planned}}: OutcomeFileHeader, store: string | undefined): void {
  const given = store === undefined ? undefined : maskedStoreUrl(store);
  if (planned === given) return;
  const expected = planned === undefined ? "the gates' storage" : `the store "${String(planned)}"`;
  throw new UsageError(
    `the plan is for ${expected}, not ${given === undefined ? "the gates' storage" : `"${given}"`}`,
    {
      hint: planned === undefined ? 'remove --store' : 'pass the URL of that store with --store',
    },
  );
}

function plannedSessionWrite(
  name: string,
  {action, about, message}: OutcomeFileHeader,
  waitMs: number,
): BulkWrite {
  const invalid = new UsageError(`invalid plan "${name}": cannot read its "${action}" action`, {
    hint: 'make the plan again with --plan',
  });
  switch (action) {
    case 'kick':
      return buildSessionWrite({verb: 'kick', waitMs});
    case 'unbind':
      return buildSessionWrite({verb: 'unbind'});
    case 'set':
      if (!isStringRecord(about['settings'])) throw invalid;
      return buildSessionWrite({verb: 'set', entries: stringBag(Object.entries(about['settings']))});
    case 'unset':
      if (!isStringRecord(about['keys'])) throw invalid;
      return buildSessionWrite({verb: 'unset', keys: Object.values(about['keys'])});
    case 'send': {
      const {topic} = about;
      if (typeof topic !== 'string' || typeof message?.body !== 'string') throw invalid;
      const write = buildMessageWrite({
        topic,
        bytes: Buffer.from(message.body, 'base64'),
        template: message.template === true,
        json: message.json === true,
        ackWaitMs: about['qos'] === 1 ? waitMs : undefined,
      });
      if (write.about['sha256'] !== about['sha256']) throw invalid;
      return write;
    }
    default:
      throw invalid;
  }
}

const isStringRecord = (value: unknown): value is Readonly<Record<string, string>> =>
  typeof value === 'object' && value !== null && Object.values(value).every((one) => typeof one === 'string');
