import {promises as fs} from 'node:fs';
import path from 'node:path';
import {parseBoundedJson} from '../../base/bounded-json.js';
import {OutputError, UsageError} from '../../base/errors.js';
import {readFileLines} from '../../base/file-lines.js';
import {makePrivateFolder} from '../../base/private-files.js';
import {safeJson} from '../../output/text/safe-text.js';
import {stateFolder} from './state-folder.js';

/** What was on a session or a record before and after a write. */
export interface JournaledChange {
  /** `Gate@id/<session id>`, or `record <uid>`. */
  readonly target: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** Written before anything is sent: what somebody set out to do. */
export interface JournalIntent {
  readonly version: 1;
  /** The same in intent and result. */
  readonly id: string;
  readonly phase: 'intent';
  /** ISO 8601, UTC. */
  readonly at: string;
  /** `user@host`, as the machine of gatectl knows him. */
  readonly actor: string;
  /** The context that the server comes from; null when something else named the server. */
  readonly context: string | null;
  readonly server: string;
  readonly command: string;
  /** What was typed, without bodies. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly reason: string | null;
}

/** Written when it has ended, however it did. */
export interface JournalResult {
  readonly version: 1;
  readonly id: string;
  readonly phase: 'result';
  readonly at: string;
  readonly ms: number;
  readonly exitCode: number;
  readonly error?: string | undefined;
  readonly changes?: readonly JournaledChange[] | undefined;
  /** Of a write on many: how many have which outcome. */
  readonly counts?: Readonly<Record<string, number>> | undefined;
}

export type JournalLine = JournalIntent | JournalResult;

/** The operator's own record of every write that he tried. It is only ever added to. */
export interface Journal {
  readonly name: string;
  /** One whole line, or OutputError. */
  append(line: JournalLine): Promise<void>;
  /** From the oldest on; a line that is no JSON is left out. */
  read(): AsyncIterable<JournalLine>;
}

/** `$GATECTL_JOURNAL`, `$XDG_STATE_HOME/gatectl/journal.jsonl`, or under `~/.local/state`. */
export function journalFile(
  env: Readonly<Record<string, string | undefined>>,
  home: string | undefined,
): string {
  if (env['GATECTL_JOURNAL']) return env['GATECTL_JOURNAL'];
  return path.join(stateFolder(env, home), 'journal.jsonl');
}

/** The journal in a file of JSON lines, 0600; several processes add whole lines to it (O_APPEND). */
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
          if (bytesWritten !== bytes.length) throw new Error('only a part of the line was written');
        } finally {
          await handle.close();
        }
      } catch (cause) {
        throw new OutputError(`cannot write the journal "${file}": ${reasonOf(cause)}`, {
          hint: 'what is not journaled is not done; GATECTL_JOURNAL names another file',
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
    if (error instanceof UsageError && reasonOf(error.cause) === 'ENOENT') return;
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

const reasonOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
