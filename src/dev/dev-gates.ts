import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {UnreachableError} from '../base/errors.js';
import type {Bus} from '../bus/bus.js';
import {startGate} from '../gate/node/start-gate.js';
import type {Registry} from '../registry/registry.js';
import {MemoryStore} from '../storage/memory-store.js';
import type {DevConnectionSettings} from './dev-deps.js';
import {type StartedProgram, startProgram} from './start-program.js';

/** A gate of a dev cluster. Its ports are on 127.0.0.1. */
export interface DevClusterGate {
  readonly nodeId: string;
  readonly tcpPort: number;
  readonly wsPort: number;
  /** Process id of the gate; undefined if it runs in this process. */
  readonly pid: number | undefined;
}

/** Dependencies shared by all gates. */
export interface DevGatesDeps {
  readonly bus: Bus;
  readonly registry: Registry;
  readonly context: DevConnectionSettings;
  readonly program: readonly string[];
}

interface GateFiles {
  /** Path of a gate config, with a store and without a warm-up: a newcomer's cluster is to start at once. */
  readonly config: string;
  remove(): Promise<void>;
}

interface DevGates {
  readonly list: readonly DevClusterGate[];
  close(): Promise<void>;
}

const host = '127.0.0.1';
/** How long a gate process may take to start, in milliseconds. A process that fails to start exits earlier. */
const startMs = 30_000;

/** Starts all gates in this process. They share one store, like the gates of a real cluster. */
export async function startGatesInProcess(
  ids: readonly string[],
  {bus, registry, context}: DevGatesDeps,
): Promise<DevGates> {
  const storage = new MemoryStore();
  const listener = {host, port: 0};
  const type = context.gateType;
  const gates = await Promise.all(
    ids.map((id) => startGate({bus, registry, type, id, tcp: listener, ws: listener, storage, warmUpMs: 0})),
  );
  return {
    list: gates.map(({nodeId, tcpPort = 0, wsPort = 0}) => ({nodeId, tcpPort, wsPort, pid: undefined})),
    close: async () => {
      await Promise.all(gates.map((gate) => gate.stop({drainMs: 100})));
    },
  };
}

/** Starts each gate in its own process, so that it can be stopped or killed. The gates share a folder of records. */
export async function startGateProcesses(ids: readonly string[], home: DevGatesDeps): Promise<DevGates> {
  const files = await temporaryFiles();
  const started: {readonly gate: DevClusterGate; readonly child: StartedProgram}[] = [];
  const close = async () => {
    await Promise.all(started.map(({child}) => child.stop()));
    await files.remove();
  };
  try {
    const starting = await Promise.allSettled(ids.map((id) => startProcess(id, files.config, home)));
    for (const one of starting) if (one.status === 'fulfilled') started.push(one.value);
    for (const one of starting) if (one.status === 'rejected') throw one.reason;
    return {list: started.map(({gate}) => gate), close};
  } catch (error) {
    await close();
    throw error;
  }
}

async function startProcess(id: string, config: string, {context, program}: DevGatesDeps) {
  const [command, ...rest] = program;
  if (command === undefined) throw new Error('there is no program to start');
  const flags = ['--id', id, '--tcp', `${host}:0`, '--ws', `${host}:0`, '--config', config];
  const {server, registry, gateType} = context;
  const connection = ['--server', server, '--registry', registry, '--gate-type', gateType];
  const child = await startProgram(
    [command, ...rest, 'gate', 'run', ...flags, ...connection, '-o', 'jsonl'],
    {
      firstLineMs: startMs,
    },
  );
  try {
    return {gate: readGate(child), child};
  } catch (error) {
    await child.stop();
    throw error;
  }
}

/** Parses the line that `gate run` prints when the gate is ready. Throws UnreachableError. */
function readGate({pid, firstLine}: StartedProgram): DevClusterGate {
  const line = firstLine ?? '';
  try {
    const {nodeId, tcpPort, wsPort}: Readonly<Record<string, unknown>> = JSON.parse(line);
    if (typeof nodeId === 'string' && typeof tcpPort === 'number' && typeof wsPort === 'number')
      return {nodeId, tcpPort, wsPort, pid};
  } catch {
    // reported below
  }
  throw new UnreachableError('a gate process did not start', {
    hint: 'to see why: gatectl gate run --tcp 0',
  });
}

/** Creates temporary files for the gate processes, which are removed with the cluster. */
async function temporaryFiles(): Promise<GateFiles> {
  const folder = await mkdtemp(path.join(tmpdir(), 'gatectl-dev-'));
  const records = path.join(folder, 'records');
  await mkdir(records);
  const config = path.join(folder, 'gate.json');
  await writeFile(config, JSON.stringify({warmUpMs: 0, store: `file:${records}`}));
  return {config, remove: () => rm(folder, {recursive: true, force: true})};
}
