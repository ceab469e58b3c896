import {pid} from 'node:process';
import {ExitCode, throwIfHungUpOrQuit, UsageError} from '../../../base/errors.js';
import {randomHex} from '../../../base/random.js';
import type {GateConfig} from '../../../gate/node/gate-config.js';
import type {ItemFields} from '../../../output/formats/presenter.js';
import {safeText} from '../../../output/text/safe-text.js';
import type {CommandContext} from '../../command-context.js';
import {parseCount, parseDurationMs} from '../../line/parsers.js';
import {resolveClusterOptions} from '../../settings/cluster-options.js';
import {resolveConnectionSettings} from '../../settings/connection-settings.js';
import {showItem} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';

interface GateRunInput {
  readonly config?: string;
  readonly id?: string;
  readonly tcp?: string;
  readonly ws?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly store?: string;
  readonly drain?: number;
  readonly sameClientId?: string;
  readonly processes?: number;
  readonly replyInboxes?: string;
  readonly takeOver?: boolean;
}

export const gateRun: Verb<GateRunInput> = {
  examples: [
    'gatectl gate run --tcp 0.0.0.0:3563 --ws 0.0.0.0:3653 --store file:./sessions',
    'gatectl gate run --config gate.json --id a1',
    'gatectl gate run --id a --tcp 3563 --processes 4',
  ],
  handlesAbort: true,
  declare: (command) =>
    command
      .option('--config <file>', 'JSON configuration; overridden by the flags below')
      .option('--id <id>', 'part of the node id after "@" (default: random)')
      .option('--take-over', 'stop the process that uses this id, and start in its place')
      .option('--tcp <address>', 'host:port for MQTT over TCP (default host: 127.0.0.1)')
      .option('--ws <address>', 'host:port for MQTT over WebSocket')
      .option('--cert <file>', 'PEM certificate for both listeners')
      .option('--key <file>', 'PEM private key for the certificate')
      .option('--store <url>', 'memory:, file:, redis://, mongodb:// or jetstream:// URL (default: none)')
      .option('--drain <time>', 'time over which connections are closed on shutdown (10s)', parseDurationMs)
      .option(
        '--same-client-id <rule>',
        'allow (as mqant does), or take-over: close the older connection with the same client id',
      )
      .option(
        '--reply-inboxes <prefixes>',
        'reply only to these inboxes (default: _INBOX and those of doctor --permissions)',
      )
      .option('--processes <count>', 'run gate processes <id>-1, <id>-2 … on the same ports (1)', parseCount),
  run: async (context, {config: file, ...flags}) => {
    const {loadGateConfig, readStoreUrl} = await import('../../../gate/node/gate-config.js');
    const config = await loadGateConfig(file, flags);
    if (config.processes > 1) return await runMany(context, config);
    const currentStore =
      file === undefined || flags.store !== undefined ? undefined : () => readStoreUrl(file);
    return await runOne(context, {config, currentStore, readConfig: () => loadGateConfig(file, flags)});
  },
};

interface OneGate {
  readonly config: GateConfig;
  readonly currentStore: (() => string) | undefined;
  readonly readConfig: () => Promise<GateConfig>;
}

async function runOne(
  context: CommandContext,
  {config, currentStore, readConfig}: OneGate,
): Promise<undefined> {
  const {runGate} = await import('../../../gate/node/run-gate.js');
  const {parentProcess} = await import('../../../gate/node/gate-parent.js');
  const options = await resolveClusterOptions(await context.connection(), context.deps);
  const parent = parentProcess(context.signal);
  const log = (line: string): void =>
    writeLog(context, parent === undefined ? line : `gate ${config.id}: ${line}`);
  if (parent !== undefined) context.deps.onReload(() => {}); // the parent process reloads its children
  await runGate({
    config,
    reload: {
      onReload: parent?.onReload ?? context.deps.onReload,
      read: async () => {
        for (const name of await changedSettings(context))
          log(`reload: setting "${name}" changed; restart the gate to apply it`);
        return await readConfig();
      },
    },
    currentStore,
    bus: options,
    registry: options.registry,
    registryAccess: options.registryAccess,
    type: await ownType(context),
    signal: parent?.signal ?? context.signal,
    log,
    onReady: async ({nodeId, tcpPort, wsPort}) => {
      await showItem(context, startedGateFields({nodeId, tcpPort, wsPort, pid}));
      await context.io.out.flush();
      parent?.serves();
    },
  });
  throwIfHungUpOrQuit(context.signal);
}

/** Returns the gate type to register. Rejects with UsageError for several types. */
async function ownType(context: CommandContext): Promise<string> {
  const {gateType} = await context.connection();
  if (!gateType.value.includes(',')) return gateType.value;
  throw new UsageError(`invalid gate type "${gateType.value}": a gate has exactly one type`, {
    hint: 'gatectl gate run --gate-type Gate',
  });
}

/** Returns the names of the connection settings that changed since the gate started. */
async function changedSettings(context: CommandContext): Promise<readonly string[]> {
  const {flags, deps, contexts} = context;
  const fresh: Readonly<Record<string, unknown>> = {
    ...(await resolveConnectionSettings(flags, deps.env, contexts)),
  };
  const before: Readonly<Record<string, unknown>> = {...(await context.connection())};
  // JSON omits secrets; they are read again at each sign-in
  return Object.keys(before).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(fresh[name]));
}

async function runMany(context: CommandContext, config: GateConfig): Promise<ExitCode> {
  const {checkMultiProcessConfig, runGateProcesses} = await import('../../../gate/node/gate-processes.js');
  checkMultiProcessConfig(config);
  const code = await runGateProcesses({
    count: config.processes,
    id: config.id ?? randomHex(8),
    signal: context.signal,
    onReload: context.deps.onReload,
    log: (line) => writeLog(context, line),
  });
  throwIfHungUpOrQuit(context.signal);
  return Object.values(ExitCode).find((known) => known === code) ?? ExitCode.bug;
}

/** Writes a log line, escaped because it may contain remote text. Write errors are ignored, so they don't stop the gate. */
function writeLog({io}: CommandContext, line: string): void {
  io.err
    .write(`${safeText(line)}\n`)
    .then(() => io.err.flush())
    .catch(() => {});
}

interface StartedGate {
  readonly nodeId: string;
  readonly tcpPort: number | undefined;
  readonly wsPort: number | undefined;
  readonly pid: number;
}

/** Returns the fields that `gate run` prints once the gate accepts connections. */
export function startedGateFields({nodeId, tcpPort, wsPort, pid}: StartedGate): ItemFields {
  return {
    id: nodeId,
    fields: [
      ['gate', nodeId],
      ['tcp port', tcpPort === undefined ? '-' : String(tcpPort)],
      ['ws port', wsPort === undefined ? '-' : String(wsPort)],
      ['pid', String(pid)],
    ],
    record: {nodeId, tcpPort: tcpPort ?? null, wsPort: wsPort ?? null, pid},
  };
}
