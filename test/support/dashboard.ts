import {InterruptedError, OutputError} from '../../src/base/errors.js';
import type {Cluster, Target, TargetOutcome} from '../../src/cluster/cluster.js';
import type {
  DashboardConfigFile,
  DashboardDeps,
  DashboardOptions,
  DoctorFinding,
  JournalRow,
  SelectorBulkWrite,
  WriteJournal,
} from '../../src/tui/dashboard-deps.js';
import {runDashboard} from '../../src/tui/run-dashboard.js';
import type {ScreenSize} from '../../src/tui/term/terminal.js';
import type {FakeGate} from './fake-gate.js';
import {FakeTerminal} from './fake-terminal.js';
import {until} from './poll.js';
import {fakeCluster} from './run-cli.js';

export const someAbout: DashboardOptions = {
  server: 'nats://127.0.0.1:4222',
  registry: 'nats://',
  context: 'test',
  readOnlySource: undefined,
  requireReasonSource: undefined,
  protectedName: undefined,
  reason: undefined,
  flags: [],
  clipboard: false,
  theme: 'default',
  ascii: false,
};

export interface Written {
  readonly path: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly reason: string | undefined;
  readonly changes: {readonly target: string; readonly before: unknown; readonly after: unknown}[];
}

export interface DashboardWorld {
  readonly gates: readonly FakeGate[];
  /** Instead of one over `gates`. */
  readonly cluster?: Cluster;
  /** Connects to it. */
  readonly open?: () => Promise<Cluster>;
  readonly size?: ScreenSize;
  readonly about?: Partial<DashboardOptions>;
  readonly journal?: readonly JournalRow[];
  readonly findings?: readonly DoctorFinding[];
  readonly configFile?: DashboardConfigFile;
  /** Exit code of the commands of user's keys. */
  readonly commandCode?: number;
  readonly edit?: (text: string) => string;
  /** Contexts whose totals the overview shows. */
  readonly sides?: readonly string[];
  /** Contexts to switch to. */
  readonly contexts?: Readonly<Record<string, Pick<DashboardWorld, 'gates' | 'cluster' | 'open' | 'about'>>>;
  /** Sections of the state file, which may be those of an earlier dashboard. */
  readonly state?: Map<string, unknown>;
}

/** The dashboard over fake gates on a terminal in memory. */
export class TestDashboard implements AsyncDisposable {
  readonly terminal: FakeTerminal;
  readonly written: Written[] = [];
  /** Commands that user's keys have run. */
  readonly commands: (readonly string[])[] = [];
  /** Contexts whose clusters were closed. */
  readonly closed: string[] = [];
  readonly files = new Map<string, string>();
  readonly kept: (SelectorBulkWrite & {
    readonly begun: readonly Target[];
    readonly outcomes: readonly TargetOutcome[];
  })[] = [];
  readonly ended: Promise<readonly string[]>;
  /** Sections of the state file. */
  readonly state: Map<string, unknown>;
  private readonly stop = new AbortController();

  constructor({
    gates,
    cluster = fakeCluster(gates),
    open = async () => cluster,
    size,
    about,
    journal = [],
    findings = [],
    configFile,
    commandCode = 0,
    edit = (text) => text,
    state = new Map(),
    contexts = {},
    sides = [],
  }: DashboardWorld) {
    this.state = state;
    this.terminal = new FakeTerminal(size);
    const deps: Omit<DashboardDeps, 'cluster'> = {
      options: {...someAbout, ...about},
      now: Date.now,
      signal: this.stop.signal,
      runWrite: async (write, run) => {
        const changes: Written['changes'] = [];
        this.written.push({...write, changes});
        const notes: WriteJournal = {
          counts: undefined,
          addChange: (target, before, after) => void changes.push({target, before, after}),
          addSession: (node, before, after) =>
            void changes.push({target: `${node}/${before.sessionId}`, before, after}),
        };
        return await run(notes);
      },
      createOutcomeFile: async (write) => {
        const begun: Target[] = [];
        const outcomes: TargetOutcome[] = [];
        this.kept.push({...write, begun, outcomes});
        return {
          name: '/state/outcomes/kept.jsonl',
          begin: async (targets) => void begun.push(...targets),
          add: async (outcome) => void outcomes.push(outcome),
          close: async () => {},
        };
      },
      stateFile: {
        read: async (section) => this.state.get(section),
        write: async (section, value) => void this.state.set(section, value),
      },
      configFile,
      riskOf: ([first]) => (first === 'records' ? 'read' : first === 'sessions' ? 'destroy' : undefined),
      runCommand: async (words) => {
        this.commands.push(words);
        return commandCode;
      },
      diagnose: async function* () {
        yield* findings;
      },
      polledContexts: sides.map((name) => ({
        name,
        open: contexts[name]?.open ?? (async () => fakeCluster(contexts[name]?.gates ?? [])),
      })),
      listContexts: async () =>
        Object.entries(contexts).map(([name, other]) => ({
          ...{name, server: other.about?.server ?? 'nats://10.0.0.1:4222', color: other.about?.color},
          ...{isProtected: other.about?.protectedName !== undefined, isReadOnly: false, fault: ''},
        })),
      saveCopy: async (text) => {
        this.files.set('/state/copied.txt', text);
        return '/state/copied.txt';
      },
      writeFile: async (name, text) => {
        if (this.files.has(name)) throw new OutputError(`cannot write "${name}": it exists`);
        this.files.set(name, text);
        return name;
      },
      readJournal: async () => journal,
      editText: async (_, work) => {
        try {
          return {done: await work(async (text) => edit(text))};
        } catch (error) {
          return {error, kept: undefined};
        }
      },
    };
    this.ended = runDashboard({deps, open}, this.terminal, async (name) => {
      const other = contexts[name] ?? {gates: []};
      return {
        deps: {...deps, options: {...someAbout, context: name, ...other.about}},
        open: other.open ?? (async () => other.cluster ?? fakeCluster(other.gates)),
        close: async () => void this.closed.push(name),
      };
    });
  }

  press(...names: readonly string[]): void {
    this.terminal.press(...names);
  }

  type(text: string): void {
    this.terminal.type(text);
  }

  /** Waits until the screen shows all of these. */
  async shows(...texts: readonly string[]): Promise<string> {
    return await until(
      () => {
        const screen = this.terminal.text();
        return texts.every((text) => screen.includes(text)) && screen;
      },
      {what: `the screen to show ${texts.map((text) => JSON.stringify(text)).join(', ')}`},
    ).catch((cause: unknown) => {
      throw new Error(`${String(cause)}\n${this.terminal.text()}`);
    });
  }

  async hides(text: string, timeoutMs = 20_000): Promise<void> {
    await until(() => !this.terminal.text().includes(text), {what: `"${text}" to go`, timeoutMs});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.press('ctrl-c');
    await this.ended.catch((error: unknown) => {
      if (!(error instanceof InterruptedError)) throw error;
    });
    this.stop.abort();
  }
}
