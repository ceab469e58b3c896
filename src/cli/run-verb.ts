import {ExitCode} from '../base/errors.js';
import type {Cluster} from '../cluster/cluster.js';
import {shouldUseColor} from '../output/terminal/color.js';
import {canPrompt} from '../output/terminal/prompt.js';
import type {CliDeps} from './cli-deps.js';
import type {CommandContext, OpenClusterOptions} from './command-context.js';
import {CommandEnd} from './command-end.js';
import {runGuarded} from './journal/guarded-run.js';
import {WriteNotes} from './journal/journal-notes.js';
import {refuseSecretsOnArgv} from './line/argv-secrets.js';
import type {ParsedLine} from './line/plain-line.js';
import {clusterOptions} from './settings/cluster-options.js';
import {type ConnectionSettings, resolveConnection} from './settings/connection-options.js';
import type {Layer} from './settings/layers.js';
import {resolveOutputOptions} from './settings/output-options.js';
import {noticeNow} from './show/notices.js';

interface Closable {
  close(): Promise<void>;
}

/** Runs a command that was understood: guarded, interruptible, and with what it opened closed after it. */
export async function runVerb(
  {entry, verb, flags, input: given}: ParsedLine,
  host: CliDeps,
): Promise<ExitCode> {
  refuseSecretsOnArgv(flags);
  const opened: Promise<Closable>[] = [];
  let begin = async (): Promise<void> => {};
  const context = commandContext(flags, host, opened, () => begin());
  try {
    const input = given as never; // of the shape that the verb itself declared to commander
    const {endsItself = false} = verb;
    const isItsOwn = typeof endsItself === 'boolean' ? endsItself : endsItself(input);
    const run = async (): Promise<ExitCode> => {
      const running = verb.run(context, input);
      return (await (isItsOwn ? running : unlessAborted(running, host))) ?? ExitCode.done;
    };
    return await runGuarded(entry, context, given, (intent) => {
      begin = intent;
      return run();
    });
  } finally {
    for (const cluster of opened) await closed(cluster);
  }
}

/** `begin` is called before anything is opened. */
function commandContext(
  flags: Layer['values'],
  host: CliDeps,
  opened: Promise<Closable>[],
  begin: () => Promise<void>,
): CommandContext {
  const manners = resolveOutputOptions(flags, host.env, host.io.out.isTerminal);
  const colorOf = (isTerminal: boolean) => shouldUseColor(manners.color, isTerminal, host.env);
  const io = {
    ...host.io,
    color: {out: colorOf(host.io.out.isTerminal), err: colorOf(host.io.err.isTerminal)},
  };
  let settings: Promise<ConnectionSettings> | undefined;
  const connection = () => {
    settings ??= resolveConnection(flags, host.env, host.contexts);
    return settings;
  };
  let cluster: Promise<Cluster> | undefined;
  const ending = new CommandEnd(host);
  const opening = async ({reconnect, showsLink}: OpenClusterOptions): Promise<Cluster> => {
    await begin();
    if (manners.snapshot !== undefined) return await openSnapshot(context, manners.snapshot);
    const options = {...(await clusterOptions(await connection(), host)), reconnect};
    if (reconnect !== true) return await host.openCluster(options);
    return await host.openCluster({
      ...options,
      notice: showsLink === true ? undefined : (line) => void noticeNow(context, line),
      onLostForGood: (error) => ending.end(error),
    });
  };
  const openCluster: CommandContext['openCluster'] = (options = {}) => {
    if (cluster === undefined) {
      cluster = opening(options);
      opened.push(cluster);
    }
    return cluster;
  };
  const context: CommandContext = {
    io,
    manners,
    flags,
    host,
    notes: new WriteNotes(),
    now: host.now,
    get signal() {
      return ending.signal;
    },
    get contexts() {
      return host.contexts;
    },
    interactive: canPrompt(io),
    connection,
    openCluster,
    async openRecords(store) {
      if (store === undefined) return (await openCluster()).records;
      await begin();
      const records = host.openRecords(store, await clusterOptions(await connection(), host));
      opened.push(records);
      return records;
    },
  };
  return context;
}

async function openSnapshot(context: CommandContext, name: string): Promise<Cluster> {
  const {openSnapshotCluster} = await import('./settings/snapshot-folder.js');
  return await openSnapshotCluster(context, name);
}

/** Ctrl-C does not wait for an answer that may never come. A command that ends in its first turn never hears of it. */
async function unlessAborted<T>(running: Promise<T>, host: CliDeps): Promise<T> {
  let ended = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    const turn = setImmediate(() => {
      const {signal} = host;
      const stop = (): void => reject(signal.reason);
      signal.addEventListener('abort', stop);
      ended = () => signal.removeEventListener('abort', stop);
      if (signal.aborted) stop();
    });
    ended = () => clearImmediate(turn);
  });
  try {
    return await Promise.race([running, aborted]);
  } finally {
    ended();
  }
}

/** Closing must not hide what the command said, nor keep it from ending. */
async function closed(opening: Promise<Closable>): Promise<void> {
  await opening.then((one) => one.close()).catch(() => {});
}
