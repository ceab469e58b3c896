import {hostname, userInfo} from 'node:os';
import path from 'node:path';
import {getBuiltinModule} from 'node:process';
import type {ReadStream, WriteStream} from 'node:tty';
import {ClosedPipeError, UsageError} from './base/errors.js';
import type {CliDeps} from './cli/cli-deps.js';
import {journalPath, openJournal} from './cli/journal/journal.js';
import {stateFolder} from './cli/journal/state-folder.js';
import {runCli} from './cli/run-cli.js';
import {
  type ContextStore,
  configFolder,
  emptyContextStore,
  openContextStore,
} from './cli/settings/context-store.js';
import {homeFolder} from './cli/settings/home-folder.js';
import type {Environment} from './cli/settings/settings-layers.js';
import {quietLibraries} from './output/quiet-libraries.js';
import type {Io} from './output/terminal/io.js';
import {guardProcess, type ProcessGuard} from './output/terminal/process-guard.js';
import {StdioSink, StdioSource} from './output/terminal/stdio.js';
import {terminalDeps} from './output/terminal/terminal-deps.js';
import {isTerminalFd, openControllingTerminal} from './output/terminal/terminal-fd.js';

/**
 * Runs the program: passes the process to the command line, and exits once all output is written and everything is closed.
 * Exits explicitly, because another turn of the event loop and freeing the heap would cost a short command 2 ms.
 */
export async function main(argv: readonly string[]): Promise<never> {
  quietLibraries(process, console);
  process.exit(await runCli(argv, cliDepsOf(guardProcess(process))));
}

/** Creates the dependencies of the command line. Getters create those that only some commands use. */
function cliDepsOf(guard: ProcessGuard): CliDeps {
  const {env} = process;
  const {atExit, holdInterrupts, onReload} = guard;
  let contexts: ContextStore | undefined;
  return {
    io: ioOf(guard),
    terminal: () => terminalDeps(process, atExit),
    env,
    platform: process.platform,
    get contexts() {
      contexts ??= contextsOf(env);
      return contexts;
    },
    get journal() {
      return openJournal(journalPath(env, homeFolder(env)));
    },
    get stateFolder() {
      return stateFolder(env, homeFolder(env));
    },
    get actor() {
      return `${userName()}@${hostname()}`;
    },
    now: Date.now,
    onReload,
    get signal() {
      return guard.stop.signal;
    },
    get program() {
      return [process.execPath, path.resolve(process.argv[1] ?? '')];
    },
    edit: async (editor, file) => {
      const {runEditor} = await import('./cli/edit/run-editor.js');
      const release = holdInterrupts();
      await runEditor(editor, file, {signal: guard.stop.signal, platform: process.platform}).finally(release);
    },
    runProgram: async (file, args, env) => {
      const {runProgram} = await import('./cli/commands/plugin/run-program.js');
      const hasTerminal = [0, 1, 2].some(isTerminalFd);
      return await runProgram(file, args, {env, passSignals: guard.passSignals, hasTerminal});
    },
    openCluster: async (options) => (await import('./cluster/gates/open-cluster.js')).openCluster(options),
    runCommandLine: runCli,
    openRecords: async (url, options) =>
      (await import('./cluster/records/open-records.js')).openRecords(url, options),
  };
}

function contextsOf(env: Environment): ContextStore {
  const home = homeFolder(env);
  const folder = configFolder(env, home);
  if (folder === undefined)
    return emptyContextStore(
      new UsageError('cannot use contexts: no home folder', {
        hint: 'set HOME or XDG_CONFIG_HOME to an absolute path',
      }),
    );
  return openContextStore(
    folder,
    async (name) => {
      const {natsContextFolder, natsContextReader} = await import('./cli/settings/nats-context.js');
      return await natsContextReader(natsContextFolder(env, home), env, home)(name);
    },
    async () => {
      const {natsContextFolder, natsContextNames} = await import('./cli/settings/nats-context.js');
      return await natsContextNames(natsContextFolder(env, home));
    },
  );
}

/** Returns the name of the user, or the numeric id if the system knows no name, as in a container. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? '?');
  }
}

function ioOf(guard: ProcessGuard): Io {
  let answers: StdioSource | undefined;
  return {
    out: sinkOf(
      1,
      () => process.stdout,
      () => guard.stop.abort(new ClosedPipeError()),
    ),
    err: sinkOf(
      2,
      () => process.stderr,
      () => {},
    ),
    in: new StdioSource(
      isTerminalFd(0),
      () => process.stdin,
      () => !isTerminalFd(0),
    ),
    answers: () => {
      answers ??= answerSource();
      return answers;
    },
    color: {out: false, err: false}, // decided with the flags
  };
}

/** Opens the controlling terminal to read answers while stdin is a list; undefined if the process has none. */
function answerSource(): StdioSource | undefined {
  const fd = openControllingTerminal();
  if (fd === undefined) return undefined;
  let stream: ReadStream | undefined;
  const opened = (): ReadStream => {
    stream ??= new (getBuiltinModule('node:tty').ReadStream)(fd);
    return stream;
  };
  return new StdioSource(true, opened, () => !isTerminalFd(fd));
}

/** Creates a sink. Only a terminal opens Node's stream to read its size. */
function sinkOf(fd: number, stream: () => WriteStream, onClosed: () => void): StdioSink {
  const isTerminal = isTerminalFd(fd);
  const size = () => (isTerminal ? {columns: stream().columns || 80, rows: stream().rows} : {columns: 80});
  return new StdioSink({fd, isTerminal, size, stream, onClosed});
}
