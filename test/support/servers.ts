import {randomInt} from 'node:crypto';
import {accessSync, constants} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import path from 'node:path';
import {describe, test} from 'vitest';
import {type StartedProgram, startProgram} from '../../src/dev/start-program.js';
import {type TemporaryFolder, temporaryFolder} from './temp.js';

/** A program that a test started on a free port of 127.0.0.1. */
export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Of the program itself; another one after `restart`. */
  readonly pid: number;
  signal(signal: NodeJS.Signals): void;
  /** Ends it; its files stay until the server is disposed. */
  stop(): Promise<void>;
  /** Stops it where it still runs and starts it again on the same port with the same files. */
  restart(): Promise<void>;
}

/** Where PATH has the program. */
export function findProgram(name: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .map((folder) => path.join(folder, name))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return path.isAbsolute(file);
  } catch {
    return false;
  }
}

function isWaived(programs: readonly string[]): boolean {
  return !process.env['CI'] && programs.some((name) => findProgram(name) === undefined);
}

/** `test`, which is skipped by name where one of the programs is missing; with CI set it runs, and fails. */
export function testWith(...programs: readonly string[]): typeof test {
  return isWaived(programs) ? (test.skip as unknown as typeof test) : test;
}

/** `describe` in the manner of `testWith`. */
export function describeWith(...programs: readonly string[]): typeof describe {
  return isWaived(programs) ? (describe.skip as unknown as typeof describe) : describe;
}

/** The path of the program; throws where it is missing. */
export function requireServer(name: string): string {
  const program = findProgram(name);
  if (program === undefined) throw new Error(`this test needs ${name}, which is not on PATH`);
  return program;
}

/**
 * A port that was free a moment ago. It is none of those that the system gives to whoever connects, or listens on port 0: one of
 * them could be taken by somebody else before the server has it, while it restarts, or where a test wants nobody to listen.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(15_000, 32_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

export interface ServerPlan {
  readonly name: string;
  /** The command; a restart has the port of the start before it. */
  command(
    folder: string,
    port: number,
  ): readonly [string, ...string[]] | Promise<readonly [string, ...string[]]>;
  /** Whether the program serves; what throws counts as not yet. */
  serves(folder: string, port: number): Promise<boolean>;
  url(port: number): string;
  /** A file in the folder that says why a start failed. */
  readonly logFile: string;
}

/** The other ports of a server by its first: a restart has the same, a start on another port has others. */
export function otherPorts<Name extends string>(
  names: readonly Name[],
): (port: number) => Promise<Readonly<Record<Name, number>>> {
  const chosen = new Map<number, Promise<Readonly<Record<Name, number>>>>();
  const choose = async () =>
    Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await freePort()] as const)),
    ) as Readonly<Record<Name, number>>;
  return (port) => {
    const ports = chosen.get(port) ?? choose();
    chosen.set(port, ports);
    return ports;
  };
}

/** Starts the program and waits until it serves; a clash of ports is tried again with another one. */
export async function startServer(plan: ServerPlan): Promise<TestServer> {
  const folder = await temporaryFolder(`gatectl-${plan.name}-`);
  try {
    return new RunningServer(plan, folder, await startOnce(plan, folder, undefined, 3));
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

interface Started {
  readonly child: StartedProgram;
  readonly port: number;
}

async function startOnce(
  plan: ServerPlan,
  folder: TemporaryFolder,
  port: number | undefined,
  attempts: number,
): Promise<Started> {
  const chosen = port ?? (await freePort());
  const child = await startProgram(await plan.command(folder.path, chosen));
  const end = performance.now() + 45_000;
  while (!child.ended.aborted && performance.now() < end) {
    if (await plan.serves(folder.path, chosen).catch(() => false)) return {child, port: chosen};
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await child.stop();
  const log = await readFile(path.join(folder.path, plan.logFile), 'utf8').catch(() => '');
  if (port === undefined && attempts > 1 && /address already in use/i.test(log)) {
    return await startOnce(plan, folder, undefined, attempts - 1);
  }
  throw new Error(`${plan.name} did not start:\n${log.slice(-2000)}`);
}

class RunningServer implements TestServer {
  constructor(
    private readonly plan: ServerPlan,
    private readonly folder: TemporaryFolder,
    private started: Started,
  ) {}

  get port(): number {
    return this.started.port;
  }

  get pid(): number {
    return this.started.child.pid;
  }

  get url(): string {
    return this.plan.url(this.port);
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  async stop(): Promise<void> {
    await this.started.child.stop();
  }

  async restart(): Promise<void> {
    await this.stop();
    this.started = await startOnce(this.plan, this.folder, this.port, 1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.folder.remove();
  }
}
