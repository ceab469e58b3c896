import {type Command, CommanderError} from 'commander';
import {ExitCode, exitCodeFor, OutputError} from '../errors.js';
import {errorText} from '../output/error-text.js';
import {version} from '../version.js';
import {exitCodesText} from './exit-codes-text.js';
import type {Host} from './host.js';
import type {Layer} from './layers.js';
import {resolveManners} from './manners.js';
import {buildProgram} from './program.js';
import {ReaderGoneError} from './reader-gone.js';
import {usageErrorOf} from './usage-errors.js';

/** Runs one command line to its exit code. All that it writes has left the process when it resolves. */
export async function runCli(argv: readonly string[], host: Host): Promise<ExitCode> {
  let flags: Layer['values'] = {};
  try {
    return await dispatch(argv, host, (given) => {
      flags = given;
    });
  } catch (error) {
    return await report(error, flags, host);
  }
}

async function dispatch(
  argv: readonly string[],
  host: Host,
  remember: (flags: Layer['values']) => void,
): Promise<ExitCode> {
  if (argv[0] === 'help' && argv[1] === 'exit-codes') return say(exitCodesText, host);
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) return say(`${version}\n`, host);
  if (argv[0] === '__complete') {
    const {runComplete} = await import('./complete/run-complete.js');
    await runComplete(argv.slice(1), host);
    return ExitCode.done;
  }
  if (argv[0] === '__man') return say(await (await import('./man-page.js')).manPage(), host);
  const line = withoutHelpWord(argv);
  const small = line.some(isHelpFlag) ? undefined : await parse(line, host, line);
  const parsed = small?.ran === true ? small : await parse(line, host, undefined);
  const {program, entered, said, error} = parsed;
  if (error !== undefined) {
    remember(program.opts());
    if (!(error instanceof CommanderError)) throw error;
    const isHelp = error.code === 'commander.help' && entered === undefined;
    if (isHelp && canShowScreen(host)) return await dispatch([...argv, 'dashboard'], host, remember);
    if (isHelp) program.outputHelp();
    else if (error.exitCode !== 0) throw usageErrorOf(error, entered ?? program);
    await say(said.join(''), host);
  }
  await host.io.out.flush();
  await host.io.err.flush();
  return parsed.code;
}

/** What became of a command line. */
interface Parsed {
  readonly program: Command;
  /** What commander wrote. */
  readonly said: string[];
  /** Whether it was understood: a command ran, whatever came of it. */
  ran: boolean;
  entered?: Command;
  code: ExitCode;
  error?: unknown;
}

/** Parses a line by the tree of `words` and runs the command that it means; by the whole tree without them. */
async function parse(
  line: readonly string[],
  host: Host,
  words: readonly string[] | undefined,
): Promise<Parsed> {
  const said: string[] = [];
  const program = buildProgram({
    line: words,
    write: (text) => said.push(text),
    columns: host.io.out.isTerminal ? host.io.out.columns : undefined,
    entering: (command) => {
      parsed.entered = command;
    },
    run: async (entry, verb, command) => {
      parsed.ran = true;
      const {runVerb} = await import('./run-verb.js');
      parsed.code = await runVerb(entry, verb, command, host);
    },
  });
  const parsed: Parsed = {program, said, ran: false, code: ExitCode.done};
  try {
    await program.parseAsync(line, {from: 'user'});
  } catch (error) {
    parsed.error = error;
  }
  return parsed;
}

const isHelpFlag = (word: string): boolean => word === '--help' || word === '-h';

/** Without a command an operator at a terminal gets the dashboard, everybody else the help. */
function canShowScreen({io, env}: Host): boolean {
  return io.in.isTerminal && io.out.isTerminal && env['TERM'] !== 'dumb' && !env['CI'];
}

/** `help sessions list` is `sessions list --help`. */
function withoutHelpWord(argv: readonly string[]): readonly string[] {
  return argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv;
}

async function say(text: string, host: Host): Promise<ExitCode> {
  await host.io.out.write(text);
  await host.io.out.flush();
  return ExitCode.done;
}

/** The one place where an error becomes words on stderr and an exit code. */
async function report(error: unknown, flags: Layer['values'], host: Host): Promise<ExitCode> {
  if (error instanceof ReaderGoneError) return error.exitCode;
  const debug = Boolean(host.env['GATECTL_DEBUG']);
  try {
    await host.io.err.write(errorText(error, {...styleOf(flags, host), debug}));
    await host.io.err.flush();
  } catch {
    return ExitCode.outputFailed; // there is nowhere left to say it
  }
  if (!(error instanceof OutputError)) await host.io.out.flush();
  return exitCodeFor(error);
}

function styleOf(flags: Layer['values'], host: Host): {readonly json: boolean; readonly verbose: boolean} {
  try {
    const {format, verbose} = resolveManners(flags, host.env, host.io.out.isTerminal);
    return {json: format === 'json' || format === 'jsonl', verbose};
  } catch {
    return {json: false, verbose: false}; // the flags are what is wrong
  }
}
