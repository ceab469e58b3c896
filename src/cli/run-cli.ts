import {ExitCode, exitCodeFor, InterruptedError, OutputError} from '../base/errors.js';
import {version} from '../base/version.js';
import {errorText} from '../output/text/error-text.js';
import type {CliDeps} from './cli-deps.js';
import {exitCodesText} from './line/exit-codes-text.js';
import {parsePlainLine} from './line/plain-line.js';
import {ReaderGoneError} from './reader-gone.js';
import type {Layer} from './settings/layers.js';
import {resolveOutputOptions} from './settings/output-options.js';

/** Runs one command line to its exit code. All that it writes has left the process when it resolves. */
export async function runCli(argv: readonly string[], host: CliDeps): Promise<ExitCode> {
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
  host: CliDeps,
  remember: (flags: Layer['values']) => void,
): Promise<ExitCode> {
  if (argv.length === 2 && argv[0] === 'help' && argv[1] === 'exit-codes') return say(exitCodesText, host);
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) return say(`${version}\n`, host);
  if (argv[0] === '__complete') {
    const {runComplete} = await import('./line/complete/run-complete.js');
    await runComplete(argv.slice(1), host);
    return ExitCode.done;
  }
  if (argv[0] === '__man') return say(await (await import('./line/man-page.js')).manPage(), host);
  const plain = await parsePlainLine(argv);
  if (plain === undefined) {
    const {runWithCommander} = await import('./line/commander-line.js');
    return await runWithCommander(argv, host, {
      remember,
      insteadOfHelp: canShowScreen(host) ? () => dispatch([...argv, 'dashboard'], host, remember) : undefined,
    });
  }
  remember(plain.flags);
  const {runVerb} = await import('./run-verb.js');
  const code = await runVerb(plain, host);
  await host.io.out.flush();
  await host.io.err.flush();
  return code;
}

/** Without a command an operator at a terminal gets the dashboard, everybody else the help. */
function canShowScreen({io, env}: CliDeps): boolean {
  return io.in.isTerminal && io.out.isTerminal && env['TERM'] !== 'dumb' && !env['CI'];
}

async function say(text: string, host: CliDeps): Promise<ExitCode> {
  await host.io.out.write(text);
  await host.io.out.flush();
  return ExitCode.done;
}

/** The one place where an error becomes words on stderr and an exit code. */
async function report(error: unknown, flags: Layer['values'], host: CliDeps): Promise<ExitCode> {
  if (error instanceof ReaderGoneError) return error.exitCode;
  const debug = Boolean(host.env['GATECTL_DEBUG']);
  const code = exitCodeFor(error);
  const isInterrupted = error instanceof InterruptedError; // the terminal may have gone with the signal
  try {
    await host.io.err.write(errorText(error, {...styleOf(flags, host), debug}));
    await host.io.err.flush();
  } catch {
    return isInterrupted ? code : ExitCode.outputFailed; // there is nowhere left to say it
  }
  const flushed = error instanceof OutputError ? undefined : host.io.out.flush();
  await flushed?.catch((failure: unknown) => {
    if (!isInterrupted) throw failure;
  });
  return code;
}

function styleOf(flags: Layer['values'], host: CliDeps): {readonly json: boolean; readonly verbose: boolean} {
  try {
    const {format, verbose} = resolveOutputOptions(flags, host.env, host.io.out.isTerminal);
    return {json: format === 'json' || format === 'jsonl', verbose};
  } catch {
    return {json: false, verbose: false}; // the flags are what is wrong
  }
}
