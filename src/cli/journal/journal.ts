import {promises as fs} from 'node:fs';
import path from 'node:path';
import {parseBoundedJson} from '../../base/bounded-json.js';
import {errorCode, errorCodeOrText} from '../../base/error-details.js';
import {OutputError, UsageError} from '../../base/errors.js';
import {readFileLines} from '../../base/files/file-lines.js';
import {makePrivateFolder} from '../../base/files/private-files.js';
import {safeJson} from '../../output/text/safe-text.js';
import {stateFolder} from './state-folder.js';

/** A session or record before and after a write. */
export interface JournaledChange {
  /** `<gate>/<session id>`, or `record <uid>`. */
  readonly target: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** A write about to start. Journaled before anything is sent. */
export interface JournalIntent {
  readonly version: 1;
  /** The same in the intent and its result. */
  readonly id: string;
  readonly phase: 'intent';
  /** ISO 8601, UTC. */
  readonly at: string;
  /** `user@host` of the gatectl process. */
  readonly actor: string;
  /** Name of the context in use; null if the server was given another way. */
  readonly context: string | null;
  readonly server: string;
  readonly command: string;
  /** Parsed input, without message bodies. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly reason: string | null;
}

/** The result of a write, successful or not. */
export interface JournalResult {
  readonly version: 1;
  readonly id: string;
  readonly phase: 'result';
  readonly at: string;
  readonly ms: number;
  readonly exitCode: number;
  readonly error?: string | undefined;
  readonly changes?: readonly JournaledChange[] | undefined;
  /** Number of targets per outcome, for a bulk write. */
  readonly counts?: Readonly<Record<string, number>> | undefined;
}

export type JournalLine = JournalIntent | JournalResult;

/** The operator's append-only log of attempted writes. */
export interface Journal {
  readonly name: string;
  /** Appends one complete line. Rejects with OutputError. */
  append(line: JournalLine): Promise<void>;
  /** Yields the lines, oldest first. Skips lines that are not JSON. */
  read(): AsyncIterable<JournalLine>;
}

/** Returns `$GATECTL_JOURNAL`, `$XDG_STATE_HOME/gatectl/journal.jsonl` or `~/.local/state/gatectl/journal.jsonl`. */
export function journalPath(
  env: Readonly<Record<string, string | undefined>>,
  home: string | undefined,
): string {
  if (env['GATECTL_JOURNAL']) return env['GATECTL_JOURNAL'];
  return path.join(stateFolder(env, home), 'journal.jsonl');
}

/** Opens a journal in a JSON Lines file with mode 0600. Several processes may append concurrently (O_APPEND). */
export function openJournal(file: string): Journal {
  return {
    name: file,
    async append(line) {
      try {
        await makePrivateFolder(path.dirname(file));
        const handle = await fs.open(file, 'a', 0o600);
        try {
          const bytes = Buffer.from(`${safeJson(line)}\n`);
          const {bytesWritten} = await handle.write(bytes);
          if (bytesWritten !== bytes.length) throw new Error('the line was written partially');
        } finally {
          await handle.close();
        }
      } catch (cause) {
        throw new OutputError(`cannot write the journal "${file}": ${errorCodeOrText(cause)}`, {
          hint: 'writes need a journal: make the file writable, or set GATECTL_JOURNAL',
          cause,
        });
      }
    },
    read: () => readLines(file),
  };
}

async function* readLines(file: string): AsyncGenerator<JournalLine, void, undefined> {
  try {
    for await (const text of readFileLines(file)) {
      const line = parseLine(text);
      if (line !== undefined) yield line;
    }
  } catch (error) {
    if (error instanceof UsageError && errorCode(error.cause) === 'ENOENT') return;
    throw error;
  }
}

function parseLine(text: string): JournalLine | undefined {
  try {
    const line = parseBoundedJson(text) as Partial<JournalLine> | null;
    return line?.version === 1 && typeof line.id === 'string' ? (line as JournalLine) : undefined;
  } catch {
    return undefined;
  }
}
