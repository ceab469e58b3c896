import type {CapturedCommandResult, DevConnectionSettings, DevDeps} from '../../../dev/dev-deps.js';
import type {TextSink} from '../../../output/terminal/io.js';
import {shellLine} from '../../../output/text/shell-word.js';
import type {CliDeps} from '../../cli-deps.js';
import type {CommandContext} from '../../command-context.js';
import {type ConnectionSettings, resolveConnectionSettings} from '../../settings/connection-settings.js';
import {type ContextStore, emptyContextStore} from '../../settings/context-store.js';
import {captureIo} from '../../show/capture-io.js';

/** Builds the dependencies of `dev` and `demo`. */
export function devDeps(context: CommandContext): DevDeps {
  const {deps, io, signal, contexts, now} = context;
  return {
    signal,
    now,
    program: deps.program,
    path: deps.env['PATH'] ?? '',
    isTerminal: io.out.isTerminal && io.in.isTerminal,
    write: (text) => writeIgnoringErrors(io.out, text),
    note: (line) => writeIgnoringErrors(io.err, `${line}\n`),
    saveContext: (name, values) => saveTemporaryContext(contexts, name, values),
    runCommand: (argv, values) => runCaptured(argv, values, deps),
    shellLine,
    liveView: async (values, until) => {
      const {showDashboard} = await import('../dashboard/show-dashboard.js');
      const cluster = await deps.openCluster({...values, timeoutMs: 2000, reconnect: true});
      const settings = demoConnection(context, values);
      try {
        await showDashboard({...context, connection: () => settings}, {}, async () => cluster, until);
      } finally {
        await cluster.close();
      }
    },
  };
}

/** Writes without reporting errors, so that a closed stdout or stderr does not stop the cluster. */
function writeIgnoringErrors(sink: TextSink, text: string): void {
  sink
    .write(text)
    .then(() => sink.flush())
    .catch(() => {});
}

/** Returns the connection settings of the local cluster. Ignores the selected context, but keeps the write guards. */
async function demoConnection(
  {flags, deps, contexts}: CommandContext,
  values: DevConnectionSettings,
): Promise<ConnectionSettings> {
  const {devContextName} = await import('../../../dev/run-dev.js');
  const {GATECTL_READ_ONLY, GATECTL_REQUIRE_REASON} = deps.env;
  return await resolveConnectionSettings(
    {...(flags.readOnly && {readOnly: true}), ...(flags.requireReason && {requireReason: true})},
    {GATECTL_READ_ONLY, GATECTL_REQUIRE_REASON},
    {...contexts, selected: async () => devContextName, read: async () => ({...values})},
  );
}

/**
 * Saves a context, and selects it if no context was selected. The result's `restore` restores the earlier file and selection,
 * unless they were changed in the meantime.
 */
async function saveTemporaryContext(
  contexts: ContextStore,
  name: string,
  values: DevConnectionSettings,
): ReturnType<DevDeps['saveContext']> {
  const before = await contexts.selected();
  const old = (await contexts.list()).includes(name) ? await contexts.read(name) : undefined;
  await contexts.save(name, {...values});
  const isSelected = before === undefined || before === name;
  if (isSelected) await contexts.select(name);
  const restore = async (): Promise<void> => {
    const names = await contexts.list();
    if (names.includes(name) && (await contexts.read(name)).server !== values.server) return; // overwritten by another process
    const mine = (await contexts.selected()) === name;
    if (old !== undefined) await contexts.save(name, old);
    else if (names.includes(name)) await contexts.remove(name);
    if (mine && before !== undefined && before !== name && names.includes(before))
      await contexts.select(before);
  };
  return {isSelected, restore};
}

/** Runs a command line connected to the local cluster. Returns its exit code and captured output. */
async function runCaptured(
  argv: readonly string[],
  values: DevConnectionSettings,
  host: CliDeps,
): Promise<CapturedCommandResult> {
  const captured = captureIo();
  const env = {
    GATECTL_SERVER: values.server,
    GATECTL_REGISTRY: values.registry,
    GATECTL_GATE_TYPE: values.gateType,
  };
  const contexts = emptyContextStore(new Error('contexts are not available to a nested command'));
  const code = await host.runCommandLine(argv, {...host, env, io: captured.io, contexts});
  return {code, out: captured.out(), err: captured.err()};
}
