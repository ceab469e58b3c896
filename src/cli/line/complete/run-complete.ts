import {setTimeout as sleep} from 'node:timers/promises';
import {isTerminalSafe, safeText} from '../../../output/text/safe-text.js';
import type {CliDeps} from '../../cli-deps.js';
import {clusterOptions} from '../../settings/cluster-options.js';
import {resolveConnection} from '../../settings/connection-options.js';
import type {FlagValues} from '../../settings/global-flags.js';
import type {Environment} from '../../settings/layers.js';
import {parseDurationMs} from '../parsers.js';
import {buildProgram, type ProgramDeps} from '../program.js';
import {type Completion, complete} from './complete.js';
import {expectedWordAt} from './expected-word.js';
import {prefixBeforeBreak, shellWords} from './shell-words.js';

/** Nobody waits longer for a Tab, who has not said so. */
const usualMs = 300;

const mostCandidates = 500;

const silent: ProgramDeps = {
  write: () => {},
  columns: undefined,
  onEnter: () => {},
  run: async () => {},
};

/**
 * `__complete bash <line> <word>`, `__complete zsh|fish -- <words…>`: writes what may follow, a line each, with what it is
 * behind a tab; `:files` where file names may. Says nothing on a failure, and ends in time.
 */
export async function runComplete(argv: readonly string[], deps: CliDeps): Promise<void> {
  const [shell, ...rest] = argv;
  const [line = '', current = ''] = rest;
  const words = shell === 'bash' ? shellWords(line).slice(1) : rest.slice(1);
  const cut = shell === 'bash' ? prefixBeforeBreak(words.at(-1) ?? '', current) : 0;
  const completing = completed(words, deps).catch(() => undefined);
  const late = sleep(mostMs(deps.env), undefined, {ref: false});
  const found = await Promise.race([completing, late]);
  await deps.io.out.write(linesOf(found, cut));
  await deps.io.out.flush();
}

async function completed(words: readonly string[], deps: CliDeps): Promise<Completion> {
  const {flags} = await expectedWordAt(buildProgram(silent), words, silent);
  return await complete(buildProgram(silent), words, {
    program: silent,
    contexts: () => deps.contexts.list(),
    cluster: () => openQuickly(flags as FlagValues, deps),
  });
}

/** Standard input is the shell's: a secret that would come from there is not asked for. */
async function openQuickly(flags: FlagValues, deps: CliDeps) {
  const settings = await resolveConnection(flags, deps.env, deps.contexts);
  if ([settings.passwordFile, settings.tokenFile].some((file) => file?.value === '-'))
    throw new Error('the secret is on stdin');
  return await deps.openCluster({...(await clusterOptions(settings, deps)), timeoutMs: mostMs(deps.env)});
}

/** Where a cluster is far, or the machine slow, more can be allowed. */
function mostMs(env: Environment): number {
  const text = env['GATECTL_COMPLETION_TIMEOUT'] ?? '';
  try {
    return text === '' ? usualMs : parseDurationMs(text);
  } catch {
    return usualMs; // nothing is said of faults here
  }
}

/** A name that cannot be typed, because characters in it cannot be seen, is not offered. */
function linesOf(found: Completion | undefined, cut: number): string {
  if (found === undefined) return '';
  if (found.files) return ':files\n';
  return found.candidates
    .filter(({value}) => isTerminalSafe(value) && !value.includes('\n') && value.trim() === value)
    .slice(0, mostCandidates)
    .map(({value, about}) => `${value.slice(cut)}${about === undefined ? '' : `\t${safeText(about)}`}\n`)
    .join('');
}
