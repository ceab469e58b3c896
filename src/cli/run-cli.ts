import {ClosedPipeError, ExitCode, exitCodeFor, InterruptedError, OutputError} from '../base/errors.js';
import {version} from '../base/version.js';
import {canPrompt} from '../output/terminal/prompt.js';
import {errorText} from '../output/text/error-text.js';
import type {CliDeps} from './cli-deps.js';
import {exitCodesText} from './line/exit-codes-text.js';
import {parseLineFast} from './line/fast/parse-line.js';
import {expandAliases} from './line/hints/aliases.js';
import type {FlagValues} from './settings/global-flags.js';
import {resolveOutputOptions} from './settings/output-options.js';

/** Runs one command line. Returns its exit code after all output has been written. */
export async function runCli(argv: readonly string[], deps: CliDeps): Promise<number> {
  let flags: FlagValues = {};
  let line = expandAliases(argv);
  const onFlags = (given: FlagValues): void => {
    flags = given;
  };
  const onLine = (understood: readonly string[]): void => {
    line = understood;
  };
  try {
    return await dispatch(line, deps, {onFlags, onLine});
  } catch (error) {
    const {correctedLineHint} = await import('./line/hints/corrected-line.js');
    const hint = correctedLineHint(error, {argv: line, canAsk: canPrompt(deps.io)});
    return await report(error, {flags, hint, argv}, deps);
  }
}

interface LineListeners {
  /** Receives the global flags. */
  readonly onFlags: (flags: FlagValues) => void;
  /** Receives the line that runs instead of the typed one. */
  readonly onLine: (line: readonly string[]) => void;
}

async function dispatch(argv: readonly string[], deps: CliDeps, listeners: LineListeners): Promise<number> {
  if (argv.length === 2 && argv[0] === 'help' && argv[1] === 'exit-codes') return print(exitCodesText, deps);
  if (argv.length === 1 && /^(?:--version|-[Vv])$/.test(argv[0] ?? '')) return print(`${version}\n`, deps);
  if (argv[0] === '__complete') {
    const {runComplete} = await import('./line/complete/run-complete.js');
    await runComplete(argv.slice(1), deps);
    return ExitCode.done;
  }
  if (argv[0] === '__man') return print(await (await import('./line/man-page.js')).manPage(), deps);
  const plain = await parseLineFast(argv);
  if (plain === undefined) {
    const {runPlugin} = await import('./commands/plugin/run-plugin.js');
    const ofPlugin = await runPlugin(argv, deps);
    if (ofPlugin !== undefined) return ofPlugin;
    const {runWithCommander} = await import('./line/run-with-commander.js');
    return await runWithCommander(argv, deps, {
      onFlags: listeners.onFlags,
      showInsteadOfHelp: canShowScreen(deps)
        ? () => dispatch([...argv, 'dashboard'], deps, listeners)
        : undefined,
      runAgain: (line) => {
        listeners.onLine(line);
        return dispatch(line, deps, listeners);
      },
    });
  }
  listeners.onFlags(plain.flags);
  const {runVerb} = await import('./run-verb.js');
  const code = await runVerb(plain, deps);
  await deps.io.out.flush();
  await deps.io.err.flush();
  return code;
}

/** Whether a line without a command opens the dashboard: only on a terminal. Otherwise it prints help. */
function canShowScreen({io, env}: CliDeps): boolean {
  return io.in.isTerminal && io.out.isTerminal && env['TERM'] !== 'dumb' && !env['CI'];
}

async function print(text: string, deps: CliDeps): Promise<ExitCode> {
  await deps.io.out.write(text);
  await deps.io.out.flush();
  return ExitCode.done;
}

/** Writes an error to stderr and returns its exit code. The only place that does so. */
async function report(
  error: unknown,
  {
    flags,
    hint,
    argv,
  }: {readonly flags: FlagValues; readonly hint: string | undefined; readonly argv: readonly string[]},
  deps: CliDeps,
): Promise<ExitCode> {
  if (error instanceof ClosedPipeError) return error.exitCode;
  const debug = Boolean(deps.env['GATECTL_DEBUG']);
  const code = exitCodeFor(error);
  const isInterrupted = error instanceof InterruptedError; // the signal may mean that the terminal is gone
  try {
    const {maskArgvSecrets} = await import('./line/argv-secrets.js');
    await deps.io.err.write(maskArgvSecrets(errorText(error, {...styleOf(flags, deps), debug, hint}), argv));
    await deps.io.err.flush();
  } catch {
    return isInterrupted ? code : ExitCode.outputFailed; // stderr is broken too
  }
  const flushed = error instanceof OutputError ? undefined : deps.io.out.flush();
  await flushed?.catch((failure: unknown) => {
    if (!isInterrupted) throw failure;
  });
  return code;
}

function styleOf(flags: FlagValues, deps: CliDeps): {readonly json: boolean; readonly verbose: boolean} {
  try {
    const {format, verbose} = resolveOutputOptions(flags, deps.env, deps.io.out.isTerminal);
    return {json: format === 'json' || format === 'jsonl', verbose};
  } catch {
    return {json: false, verbose: false}; // the error is in the flags themselves
  }
}
