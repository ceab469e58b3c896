import type {Cluster} from '../cluster/cluster.js';
import {ExitCode} from '../errors.js';
import {useColor} from '../output/color.js';
import {canAsk} from '../output/prompt.js';
import {refuseSecretsOnArgv} from './argv-secrets.js';
import {clusterOptions} from './cluster-options.js';
import {CommandEnd} from './command-end.js';
import {type ConnectionSettings, resolveConnection} from './connection-options.js';
import type {CommandContext, OpenClusterOptions} from './context.js';
import {guarded} from './guarded.js';
import type {Host} from './host.js';
import {WriteNotes} from './journal-notes.js';
import type {Layer} from './layers.js';
import {resolveManners} from './manners.js';
import type {UnderstoodLine} from './plain-line.js';
import {noticeNow} from './talk.js';

interface Closable {
  close(): Promise<void>;
}

/** Runs a command that was understood: guarded, interruptible, and with what it opened closed after it. */
export async function runVerb(
  {entry, verb, flags, input: given}: UnderstoodLine,
  host: Host,
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
    return await guarded(entry, context, given, (intent) => {
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
  host: Host,
  opened: Promise<Closable>[],
  begin: () => Promise<void>,
): CommandContext {
  const manners = resolveManners(flags, host.env, host.io.out.isTerminal);
  const colorOf = (isTerminal: boolean) => useColor(manners.color, isTerminal, host.env);
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
    interactive: canAsk(io),
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
  const {openSnapshotCluster} = await import('./snapshots.js');
  return await openSnapshotCluster(context, name);
}

/** Ctrl-C does not wait for an answer that may never come. A command that ends in its first turn never hears of it. */
async function unlessAborted<T>(running: Promise<T>, host: Host): Promise<T> {
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
