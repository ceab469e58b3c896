import {type ChildProcess, spawn} from 'node:child_process';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {NegativeError, UsageError} from '../../src/base/errors.js';
import type {Bus} from '../../src/bus/bus.js';
import type {CliDeps} from '../../src/cli/cli-deps.js';
import type {Journal, JournalLine} from '../../src/cli/journal/journal.js';
import {runCli} from '../../src/cli/run-cli.js';
import type {ContextStore} from '../../src/cli/settings/context-store.js';
import type {FlagValues} from '../../src/cli/settings/global-flags.js';
import {probeBus} from '../../src/cluster/access/probe-bus.js';
import type {Cluster} from '../../src/cluster/cluster.js';
import {GateCluster} from '../../src/cluster/gates/gate-cluster.js';
import type {ClusterOptions} from '../../src/cluster/gates/open-cluster.js';
import {openRecords} from '../../src/cluster/records/open-records.js';
import type {WatchBus} from '../../src/cluster/watch/watch-sessions.js';
import type {PollClock} from '../../src/cluster/write/session-writes.js';
import type {Io, TextSink} from '../../src/output/terminal/io.js';
import {FakeBus} from './fake-bus.js';
import type {FakeGate} from './fake-gate.js';
import {aNode, FakeRegistry} from './fake-registry.js';

const builtProgram = [process.execPath, path.resolve('bin/gatectl.js')];

/** A folder that is not there; a program that makes it does so for the tests of this process alone. */
const nowhere = path.join(tmpdir(), `gatectl-test-${process.pid}`, 'none');

export interface CliOutcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface CliWorld {
  readonly gates?: readonly FakeGate[];
  /** Instead of one over `gates`. */
  readonly openCluster?: (options: ClusterOptions) => Promise<Cluster>;
  readonly openRecords?: typeof openRecords;
  /** What a trace listens on. */
  readonly tapBus?: Bus;
  readonly env?: Readonly<Record<string, string>>;
  readonly contexts?: Readonly<Record<string, FlagValues>>;
  readonly selected?: string;
  /** Instead of `contexts` and `selected`. */
  readonly contextStore?: ContextStore;
  /** Which of stdin, stdout and stderr are a terminal. */
  readonly terminal?: 'all' | 'out' | 'none' | readonly ('in' | 'out' | 'err')[];
  readonly stdin?: string | Uint8Array;
  /** What is typed on the terminal while stdin is not one. */
  readonly answers?: string;
  readonly signal?: AbortSignal;
  /** Is handed what SIGHUP calls. */
  readonly onReload?: CliDeps['onReload'];
  readonly now?: number | (() => number);
  readonly columns?: number;
  readonly journal?: Journal;
  /** The editor: gets the path of the file to change. */
  readonly edit?: (file: string, editor: string) => Promise<void>;
  readonly stateFolder?: string;
  /** Runs a plugin. */
  readonly runProgram?: CliDeps['runProgram'];
  /** Hears stderr while the command runs. */
  readonly onErr?: (text: string) => void;
  /** Hears stdout while the command runs. */
  readonly onOut?: (text: string) => void;
}

/** A journal in memory. */
export function memoryJournal(): Journal & {readonly lines: JournalLine[]} {
  const lines: JournalLine[] = [];
  return {
    name: 'memory',
    lines,
    append: async (line) => void lines.push(JSON.parse(JSON.stringify(line))),
    async *read() {
      yield* lines;
    },
  };
}

export const noon = Date.UTC(2026, 0, 1, 12);

/** Runs one command line in this process, on gates that are fakes below the real cluster room. */
export async function gatectl(line: string | readonly string[], world: CliWorld = {}): Promise<CliOutcome> {
  const argv = typeof line === 'string' ? line.split(' ').filter((word) => word !== '') : line;
  const out = new MemorySink(isTerminal(world, 'out'), world.columns ?? 120, world.onOut);
  const err = new MemorySink(isTerminal(world, 'err'), world.columns ?? 120, world.onErr);
  const {answers: stdin} = world;
  const answers = stdin === undefined ? undefined : () => sourceOf({stdin, terminal: 'all'});
  const io: Io = {out, err, in: sourceOf(world), answers, color: {out: false, err: false}};
  const code = await runCli(argv, hostOf(world, io));
  return {code, out: out.text, err: err.text};
}

function hostOf(world: CliWorld, io: Io): CliDeps {
  return {
    io,
    terminal: () => {
      throw new Error('no terminal in this test');
    },
    env: world.env ?? {},
    platform: 'linux',
    contexts: world.contextStore ?? memoryContexts(world.contexts ?? {}, world.selected),
    journal: world.journal ?? memoryJournal(),
    stateFolder: world.stateFolder ?? path.join(nowhere, 'gatectl'),
    actor: 'tester@host',
    now: typeof world.now === 'function' ? world.now : () => (world.now as number | undefined) ?? noon,
    onReload: world.onReload ?? (() => () => {}),
    signal: world.signal ?? new AbortController().signal,
    program: builtProgram,
    edit: async (editor, file) => world.edit?.(file, editor),
    runProgram:
      world.runProgram ??
      (async (file) => {
        throw new Error(`no plugin runs in this test: ${file}`);
      }),
    runCommandLine: runCli,
    openRecords: world.openRecords ?? openRecords,
    openCluster:
      world.openCluster ??
      (async ({stock}) => fakeCluster(world.gates ?? [], world.tapBus, undefined, stock)),
  };
}

/** Moves only when somebody waits on it. */
function patientClock(): PollClock {
  let now = 0;
  return {
    now: () => now,
    wait: async (ms) => {
      now += ms;
      await new Promise((resolve) => setImmediate(resolve)); // what was answered is heard meanwhile
    },
  };
}

/** For what is about time itself. */
export const realClock: PollClock = {now: () => performance.now(), wait: (ms) => sleep(ms)};

/** The real cluster room over fake gates. */
export function fakeCluster(
  gates: readonly FakeGate[],
  tapBus: Bus = new FakeBus(),
  clock: PollClock = patientClock(),
  stock?: ClusterOptions['stock'],
): Cluster {
  const byId = new Map(gates.map((gate) => [gate.nodeId, gate]));
  const bus = fakeEventBus();
  for (const gate of gates) gate.publish = bus.publish;
  return new GateCluster({
    bus,
    registry: new FakeRegistry(gates.map(({nodeId}) => aNode(nodeId))),
    server: 'nats://127.0.0.1:4222',
    gateType: 'Gate',
    timeoutMs: 2000,
    tap: {openTap: async () => tapBus, inboxPrefix: undefined, now: () => noon},
    gateOf: ({id}) => {
      const gate = byId.get(id);
      if (gate === undefined) throw new Error(`no fake gate ${id}`);
      return gate;
    },
    clock,
    stock: stock && {...stock, isLive: false},
    probe: () => probeBus(new FakeBus(), 'Gate', clock.now),
    census: async () => new Map(),
    close: async () => {},
  });
}

/** Events go to who listens, at once. */
export function fakeEventBus(): WatchBus & {publish(subject: string, bytes: Uint8Array): void; back(): void} {
  const listeners = new Map<string, (token: string, bytes: Uint8Array) => void>();
  const waiting = new Set<() => void>();
  return {
    connected: true,
    listen(handler) {
      const inbox = `_INBOX.fake${listeners.size}`;
      listeners.set(inbox, handler);
      return {inbox, close: () => void listeners.delete(inbox)};
    },
    onBack(listener) {
      waiting.add(listener);
      return () => void waiting.delete(listener);
    },
    publish(subject, bytes) {
      const dot = subject.lastIndexOf('.');
      listeners.get(subject.slice(0, dot))?.(subject.slice(dot + 1), bytes);
    },
    back() {
      for (const listener of waiting) listener();
    },
  };
}

class MemorySink implements TextSink {
  text = '';

  constructor(
    readonly isTerminal: boolean,
    readonly columns: number,
    private readonly onText: (text: string) => void = () => {},
  ) {}

  async write(text: string): Promise<void> {
    this.text += text;
    this.onText(text);
  }

  async writeBytes(bytes: Uint8Array): Promise<void> {
    this.text += Buffer.from(bytes).toString('latin1');
  }

  async flush(): Promise<void> {}
}

function isTerminal({terminal = 'none'}: CliWorld, end: 'in' | 'out' | 'err'): boolean {
  if (terminal === 'all' || terminal === 'none') return terminal === 'all';
  return terminal === 'out' ? end === 'out' : terminal.includes(end);
}

function sourceOf(world: CliWorld): Io['in'] {
  const bytes = Buffer.from(world.stdin ?? '');
  const lines = bytes.toString().split('\n');
  return {
    isTerminal: isTerminal(world, 'in'),
    async readAll(maxBytes) {
      if (bytes.length > maxBytes) throw new UsageError(`stdin has more than ${maxBytes} bytes`);
      return bytes;
    },
    readLine: async () => (lines.length > 1 || lines[0] !== '' ? lines.shift() : undefined),
  };
}

function memoryContexts(saved: Readonly<Record<string, FlagValues>>, selected?: string): ContextStore {
  const contexts = new Map(Object.entries(saved));
  let chosen = selected;
  const mustHave = (name: string): FlagValues => {
    const values = contexts.get(name);
    if (values === undefined) throw new UsageError(`no context "${name}"`);
    return values;
  };
  return {
    list: async () => [...contexts.keys()].sort(),
    read: async (name) => mustHave(name),
    colorOf: async () => undefined,
    save: async (name, values) => void contexts.set(name, values),
    remove: async (name) => {
      if (!contexts.delete(name)) throw new NegativeError(`no context "${name}"`);
    },
    natsContexts: async () => [],
    natsContext: async (name) => {
      throw new UsageError(`natscli has no context "${name}"`);
    },
    selected: async () => chosen,
    select: async (name) => {
      mustHave(name);
      chosen = name;
    },
    fileOf: (name) => `/contexts/${name}.json`,
  };
}

export interface SpawnOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  /** Until it is killed: for a program that hangs. */
  readonly timeoutMs?: number;
  /** Hands over the process as soon as it runs. */
  readonly onStart?: (child: ChildProcess) => void;
}

export interface SpawnOutcome extends CliOutcome {
  readonly signal: NodeJS.Signals | null;
  readonly ms: number;
}

/** Runs the built program as a process of its own, without the environment's own gatectl settings. */
export function spawnGatectl(argv: readonly string[], options: SpawnOptions = {}): Promise<SpawnOutcome> {
  const {timeoutMs = 60_000, input = ''} = options;
  const started = performance.now();
  const child = spawn(process.execPath, [path.resolve('bin/gatectl.js'), ...argv], {
    env: {...cleanEnvironment(), ...options.env},
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdin.on('error', () => {}); // a command that does not read its stdin closes it
  child.stdin.end(input);
  options.onStart?.(child);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const text = (chunks: readonly Buffer[]) => Buffer.concat(chunks).toString('utf8');
      resolve({code: code ?? -1, signal, out: text(out), err: text(err), ms: performance.now() - started});
    });
  });
}

/** The environment of the tests without what would steer the program. */
export function cleanEnvironment(): Record<string, string> {
  const steering =
    /^(GATECTL_|NATS_(?!SERVER_)|XDG_(?:CACHE|CONFIG|STATE)_HOME$|NO_COLOR$|FORCE_COLOR$|NODE_EXTRA_CA_CERTS$)/;
  const kept = Object.entries(process.env).filter(
    ([name, value]) => value !== undefined && !steering.test(name),
  );
  return {
    ...(Object.fromEntries(kept) as Record<string, string>),
    XDG_CONFIG_HOME: nowhere,
    XDG_CACHE_HOME: path.join(tmpdir(), 'gatectl-test-cache'),
    XDG_STATE_HOME: path.join(tmpdir(), 'gatectl-test-state'),
  };
}
