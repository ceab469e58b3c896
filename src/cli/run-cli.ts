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
  const said: string[] = [];
  let code: ExitCode = ExitCode.done;
  let entered: Command | undefined;
  const program = buildProgram({
    line: argv,
    write: (text) => said.push(text),
    columns: host.io.out.isTerminal ? host.io.out.columns : undefined,
    entering: (command) => {
      entered = command;
    },
    run: async (entry, verb, command) => {
      const {runVerb} = await import('./run-verb.js');
      code = await runVerb(entry, verb, command, host);
    },
  });
  try {
    await program.parseAsync(withoutHelpWord(argv), {from: 'user'});
  } catch (error) {
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
  return code;
}

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
