import {ConflictError, ExitCode, GatectlError, UsageError} from '../../../errors.js';
import {linesIn} from '../../../lines.js';
import {decodeSession} from '../../../session/session-codec.js';
import {parseStrictJson} from '../../../session/strict-json.js';
import {readWholeFile} from '../../body.js';
import type {CommandContext} from '../../context.js';
import {showOne} from '../../present.js';
import {notice, warn} from '../../talk.js';
import type {Verb} from '../../verb.js';
import {type StoreInput, withStore} from './record-options.js';

export interface RecordsImportInput extends StoreInput {
  readonly file: string;
  readonly overwrite?: boolean;
}

const maxInputBytes = 256 * 1024 * 1024;

interface Line {
  readonly uid: string;
  readonly value: Uint8Array;
  /** Milliseconds from now; 0 for ever. */
  readonly ttlMs: number;
}

export const recordsImport: Verb<RecordsImportInput> = {
  examples: [
    'gatectl records import records.jsonl --store redis://127.0.0.1:6379/0',
    'gatectl records export | gatectl records import - --overwrite --store jetstream://sessions',
  ],
  declare: (command) =>
    withStore(command)
      .argument('<file>', 'JSON lines as "records export" writes them; - for stdin')
      .option('--overwrite', 'also where there is a record already'),
  run: async (context, {file, overwrite = false, store}) => {
    const bytes =
      file === '-' ? await context.io.in.readAll(maxInputBytes) : await readWholeFile(file, maxInputBytes);
    const source = file === '-' ? 'stdin' : `"${file}"`;
    const lines = await linesOf(bytes, source, context.now());
    const records = await context.openRecords(store);
    const counts = {imported: 0, kept: 0, failed: 0};
    for (const {uid, value, ttlMs} of lines) {
      context.signal.throwIfAborted();
      try {
        await records.put(uid, value, {ttlMs, ...(overwrite ? {} : {revision: ''})});
        counts.imported += 1;
      } catch (error) {
        await sayWhy(context, uid, error);
        if (error instanceof ConflictError) counts.kept += 1;
        else counts.failed += 1;
      }
    }
    await showOne(context, {
      id: '',
      fields: Object.entries(counts).map(([name, count]) => [name, String(count)] as const),
      record: counts,
    });
    return counts.failed > 0 ? ExitCode.partial : counts.kept > 0 ? ExitCode.conflict : ExitCode.done;
  },
};

async function sayWhy(context: CommandContext, uid: string, error: unknown): Promise<void> {
  if (!(error instanceof GatectlError)) throw error;
  if (error instanceof ConflictError) await notice(context, `kept the record of "${uid}" that is there`);
  else await warn(context, `"${uid}" was not imported: ${error.message}`);
}

/** Everything is read and checked before anything is written. */
async function linesOf(bytes: Uint8Array, source: string, now: number): Promise<Line[]> {
  const lines: Line[] = [];
  let number = 0;
  for await (const text of linesIn([bytes], {source, Fault: UsageError})) {
    number += 1;
    if (text.trim() === '') continue;
    try {
      const object = parseStrictJson(text) as Readonly<Record<string, unknown>>;
      if (!('summary' in object)) lines.push(lineOf(object, now));
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new UsageError(`line ${number} cannot be imported: ${why}`, {hint: 'nothing was written', cause});
    }
  }
  return lines;
}

function lineOf({uid, value, expiresAt}: Readonly<Record<string, unknown>>, now: number): Line {
  if (typeof uid !== 'string' || uid === '') throw new Error('it has no uid');
  if (typeof value !== 'string') throw new Error('it has no value');
  const bytes = Buffer.from(value, 'base64');
  decodeSession(bytes);
  const end = typeof expiresAt === 'string' ? Date.parse(expiresAt) : Number.NaN;
  return {uid, value: bytes, ttlMs: Number.isNaN(end) ? 0 : Math.max(1, end - now)};
}
