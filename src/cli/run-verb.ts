import {onAbort} from '../base/abort-signals.js';
import {ExitCode, UsageError} from '../base/errors.js';
import type {Cluster, ClusterReader} from '../cluster/cluster.js';
import type {OpenedStore} from '../cluster/records/open-records.js';
import {shouldUseColor} from '../output/terminal/color.js';
import {canPrompt} from '../output/terminal/prompt.js';
import {findCommand} from './catalogue.js';
import type {CliDeps} from './cli-deps.js';
import type {CommandContext, OpenClusterOptions} from './command-context.js';
import {CommandSignal} from './command-signal.js';
import {runGuarded} from './journal/guarded-run.js';
import {JournalDraft} from './journal/journal-draft.js';
import {refuseSecretsOnArgv} from './line/argv-secrets.js';
import type {ParsedCommandLine} from './line/fast/parse-line.js';
import type {StockSourceInput} from './line/stock-flags.js';
import {resolveClusterOptions} from './settings/cluster-options.js';
import {type ConnectionSettings, resolveConnectionSettings} from './settings/connection-settings.js';
import type {FlagValues} from './settings/global-flags.js';
import {resolveOutputOptions} from './settings/output-options.js';
import {noticeAndFlush, warn} from './show/notices.js';

interface Closable {
  close(): Promise<void>;
}

/** Runs a parsed command with its guards, stops it on a signal, and closes everything that it opened. */
export async function runVerb(
  {entry, verb, flags, input: given}: ParsedCommandLine,
  deps: CliDeps,
): Promise<ExitCode> {
  refuseSecretsOnArgv(flags);
  const opened: Promise<Closable>[] = [];
  let begin = async (): Promise<void> => {};
  const stock: StockSourceInput = given;
  const context = commandContext({path: entry.path, flags, stock, deps, opened, begin: () => begin()});
  try {
    const input = given as never; // has the shape that the verb declared to the parser
    const holds = (property: boolean | ((input: never) => boolean) = false): boolean =>
      typeof property === 'boolean' ? property : property(input);
    const isItsOwn = holds(verb.handlesAbort);
    const run = async (): Promise<ExitCode> => {
      const running = verb.run(context, input);
      return (await (isItsOwn ? running : unlessAborted(running, deps))) ?? ExitCode.done;
    };
    const guarded = (intent: () => Promise<void>) => {
      begin = intent;
      return run();
    };
    return await runGuarded(entry, context, given, guarded, holds(verb.confirms) ? 'itself' : 'not yet');
  } finally {
    for (const cluster of opened) await closed(cluster);
  }
}

interface ContextOptions {
  /** Path of the command, such as `sessions list`. */
  readonly path: string;
  readonly flags: FlagValues;
  /** The command's own flags. */
  readonly stock: StockSourceInput;
  readonly deps: CliDeps;
  readonly opened: Promise<Closable>[];
  /** Called before anything is opened. */
  readonly begin: () => Promise<void>;
}

function commandContext({path, flags, stock, deps, opened, begin}: ContextOptions): CommandContext {
  const outputOptions = resolveOutputOptions(flags, deps.env, deps.io.out.isTerminal, path);
  const colorOf = (isTerminal: boolean) => shouldUseColor(outputOptions.color, isTerminal, deps.env);
  const io = {
    ...deps.io,
    color: {out: colorOf(deps.io.out.isTerminal), err: colorOf(deps.io.err.isTerminal)},
  };
  let settings: Promise<ConnectionSettings> | undefined;
  const connection = () => {
    settings ??= resolveConnectionSettings(flags, deps.env, deps.contexts);
    return settings;
  };
  const {snapshot} = outputOptions;
  const ending = new CommandSignal(deps);
  const opening = async ({reconnect, ownsTerminal}: OpenClusterOptions): Promise<Cluster> => {
    if (snapshot !== undefined) throw needsCluster(path, snapshot);
    await begin();
    const options = {
      ...(await resolveClusterOptions(await connection(), deps)),
      stock: await stockOptions(),
      reconnect,
    };
    if (flags.user !== undefined && options.password === undefined)
      await warn(
        context,
        `--user is the NATS user, here without a password; to select a uid: --uid ${String(flags.user).includes(':') ? '<uid>' : flags.user}`,
      );
    if (reconnect !== true) return await deps.openCluster(options);
    return await deps.openCluster({
      ...options,
      notice: ownsTerminal === true ? undefined : (line) => void noticeAndFlush(context, line),
      onLostForGood: (error) => ending.end(error),
    });
  };
  const openCluster = openedOnce(opening, opened);
  const openSaved = openedOnce((name: string) => openSnapshot(context, name), opened);
  const openReader = async (options: OpenClusterOptions = {}): Promise<ClusterReader> => {
    if (snapshot === undefined) return await openCluster(options);
    if (asksForStock(path, stock))
      throw new UsageError(`the snapshot "${snapshot}" contains only sessions that gates listed`, {
        hint: 'remove --store, --records and --tap',
      });
    return await openSaved(snapshot);
  };
  const stores = new Map<string, Promise<OpenedStore>>();
  const openStore = async (store: string): Promise<OpenedStore> => {
    await begin();
    let records = stores.get(store);
    if (records === undefined) {
      records = deps.openRecords(store, await resolveClusterOptions(await connection(), deps));
      stores.set(store, records);
      opened.push(records);
    }
    return await records;
  };
  const stockOptions = () => stockOptionsOf({path, stock, connection, openStore});
  const context: CommandContext = {
    io,
    outputOptions,
    flags,
    deps,
    journalDraft: new JournalDraft(),
    now: deps.now,
    get signal() {
      return ending.signal;
    },
    get contexts() {
      return deps.contexts;
    },
    get isInteractive() {
      return canPrompt(io);
    },
    get allowsPrefix() {
      return io.in.isTerminal && io.err.isTerminal;
    },
    findCommand: findCommand,
    connection,
    openCluster: (options = {}) => openCluster(options),
    openReader,
    forContext: (name) => {
      const own: Promise<Closable>[] = [];
      const close = async (): Promise<void> => {
        for (const one of own.splice(0)) await closed(one);
      };
      opened.push(Promise.resolve({close}));
      const only = {...outputFlags(flags), context: name};
      return {context: commandContext({path, flags: only, stock: {}, deps, opened: own, begin}), close};
    },
    usesStock: async () => snapshot === undefined && (await stockOptions()) !== undefined,
    openRecords: async (store) => (store === undefined ? (await openCluster({})).records : openStore(store)),
    openRecordReader: async (store) =>
      store === undefined ? (await openReader()).records : openStore(store),
  };
  return context;
}

interface StockOptionsInput {
  readonly path: string;
  readonly stock: StockSourceInput;
  readonly connection: () => Promise<ConnectionSettings>;
  readonly openStore: (store: string) => Promise<OpenedStore>;
}

/** Whether the flags of a command that reads sessions give other sources of sessions. */
const asksForStock = (path: string, {store, records, tap}: StockSourceInput): boolean =>
  tap !== undefined ||
  (store !== undefined && /^(?:sessions|settings) /.test(path)) ||
  (records === true && path.startsWith('sessions '));

/** Returns the other sources of sessions. Flags override settings. `--records` has another meaning for other nouns. */
async function stockOptionsOf({path, stock, connection, openStore}: StockOptionsInput) {
  const {stockStore, stockTap} = await connection();
  const {store = stockStore?.value, tap: tapMs = stockTap?.value} = stock;
  const gateRecords = stock.records === true && path.startsWith('sessions ');
  if (store === undefined && tapMs === undefined && !gateRecords) return undefined;
  const openRecords = store === undefined ? undefined : () => openStore(store);
  return {openRecords, gateRecords, tapMs};
}

/** Returns the flags that apply to any cluster. */
function outputFlags({
  output,
  color,
  limit,
  reason,
  yes,
  allowPartial,
  quiet,
  verbose,
  readOnly,
}: FlagValues): FlagValues {
  return Object.fromEntries(
    Object.entries({output, color, limit, reason, yes, allowPartial, quiet, verbose, readOnly}).filter(
      ([, value]) => value !== undefined,
    ),
  );
}

/** Returns a function that opens on its first call and then returns the same result. Adds it to `opened`. */
function openedOnce<Options, T extends Closable>(
  open: (options: Options) => Promise<T>,
  opened: Promise<Closable>[],
): (options: Options) => Promise<T> {
  let opening: Promise<T> | undefined;
  return (options) => {
    if (opening === undefined) {
      opening = open(options);
      opened.push(opening);
    }
    return opening;
  };
}

const needsCluster = (path: string, snapshot: string): UsageError =>
  new UsageError(`cannot run "${path}" on the snapshot "${snapshot}": it needs the live cluster`, {
    hint: 'remove --snapshot, and unset GATECTL_SNAPSHOT; to see what changed: gatectl snapshot diff',
  });

async function openSnapshot(context: CommandContext, name: string): Promise<ClusterReader> {
  const {openSnapshotCluster} = await import('./settings/snapshot-folder.js');
  return await openSnapshotCluster(context, name);
}

/**
 * Rejects as soon as the program's signal aborts, so that Ctrl-C never waits for a reply. Starts listening in the second turn
 * of the event loop, because many short commands end in the first.
 */
async function unlessAborted<T>(running: Promise<T>, deps: CliDeps): Promise<T> {
  let ended = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    const turn = setImmediate(() => {
      const {signal} = deps;
      ended = onAbort(signal, () => reject(signal.reason));
    });
    ended = () => clearImmediate(turn);
  });
  try {
    return await Promise.race([running, aborted]);
  } finally {
    ended();
  }
}

/** Closes and ignores errors, which must neither replace the command's result nor keep it from ending. */
async function closed(opening: Promise<Closable>): Promise<void> {
  await opening.then((one) => one.close()).catch(() => {});
}
