import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import path from 'node:path';
import {until} from './poll.js';
import {cleanEnvironment, type SpawnOutcome, spawnGatectl} from './run-cli.js';
import {temporaryFolder} from './temp.js';

export interface DevGate {
  readonly nodeId: string;
  readonly tcp: string;
  readonly ws: string;
  /** Of the gate's own process, with `--processes`. */
  readonly pid: number;
}

/** `gatectl dev` as a process, and other terminals beside it. */
export interface DevProcess extends AsyncDisposable {
  readonly gates: readonly DevGate[];
  readonly said: () => string;
  /** Where this operator's contexts and his journal are. */
  readonly env: Readonly<Record<string, string>>;
  /** A command in another terminal: no flag says where the cluster is. */
  gatectl(...argv: readonly string[]): Promise<SpawnOutcome>;
  /** Ends it as Ctrl-C does, and resolves with its exit code. */
  stop(): Promise<number | null>;
}

/** For an operator with a home of his own. */
export async function startDev(...argv: readonly string[]): Promise<DevProcess> {
  const folder = await temporaryFolder('gatectl-dev-test-');
  const dev = await startDevAt(folder.path, ...argv);
  return {
    ...dev,
    async [Symbol.asyncDispose]() {
      await dev[Symbol.asyncDispose]();
      await folder.remove();
    },
  };
}

/** For the operator whose contexts are in that folder. */
export async function startDevAt(configHome: string, ...argv: readonly string[]): Promise<DevProcess> {
  const env = {XDG_CONFIG_HOME: configHome, XDG_STATE_HOME: configHome};
  const child = spawn(process.execPath, [path.resolve('bin/gatectl.js'), 'dev', ...argv], {
    env: {...cleanEnvironment(), ...env},
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = collect(child);
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const stop = async () => {
    child.kill('SIGINT');
    return (await exited)[0];
  };
  try {
    await until(() => text().includes('In another terminal'), {what: 'dev to be up', timeoutMs: 45_000});
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`dev did not start: ${text()}`, {cause: error});
  }
  return {
    gates: gatesIn(text()),
    said: text,
    env,
    gatectl: (...words) => spawnGatectl(words, {env}),
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

function collect(child: ChildProcess): () => string {
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
    });
  }
  return () => said;
}

function gatesIn(text: string): DevGate[] {
  const line = /^ {2}(Gate@\S+) +(mqtt:\S+) +(ws:\S+?)(?: +pid (\d+))?$/gm;
  return [...text.matchAll(line)].map(([, nodeId = '', tcp = '', ws = '', pid = '0']) => ({
    nodeId,
    tcp,
    ws,
    pid: Number(pid),
  }));
}
