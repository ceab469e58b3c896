import {readdir} from 'node:fs/promises';
import {setTimeout as sleep} from 'node:timers/promises';
import {isTerminalSafe, safeText} from '../../../output/text/safe-text.js';
import {findCommand} from '../../catalogue.js';
import type {CliDeps} from '../../cli-deps.js';
import {listPluginNames} from '../../commands/plugin/installed-plugins.js';
import {resolveClusterOptions} from '../../settings/cluster-options.js';
import {resolveConnectionSettings} from '../../settings/connection-settings.js';
import type {FlagValues} from '../../settings/global-flags.js';
import type {Environment} from '../../settings/settings-layers.js';
import {snapshotFolder} from '../../settings/snapshot-folder.js';
import {buildCommandTree, silentCommandTreeDeps} from '../command-tree.js';
import {expandAliases} from '../hints/aliases.js';
import {parseDurationMs} from '../parsers.js';
import {type Completion, completeLine} from './complete.js';
import {findExpectedWord} from './expected-word.js';
import {lengthBeforeWordBreak, splitShellWords} from './shell-words.js';

/** Default timeout; overridden by GATECTL_COMPLETION_TIMEOUT. */
const defaultTimeoutMs = 300;

/** How long completion reads the folders of PATH. Shorter than the timeout for live names, so that commands are still offered. */
const pluginsTimeoutMs = 100;

const maxCandidates = 500;

/**
 * Runs `__complete bash <line> <word>` or `__complete zsh|fish -- <words…>`. Writes one candidate per line, followed by a tab
 * and its description, or `:files` to request file names. Writes nothing on a failure or timeout.
 */
export async function runComplete(argv: readonly string[], deps: CliDeps): Promise<void> {
  const [shell, ...rest] = argv;
  const [line = '', current = ''] = rest;
  const typed = shell === 'bash' ? splitShellWords(line).slice(1) : rest.slice(1);
  const words = [...expandAliases(typed.slice(0, -1)), ...typed.slice(-1)];
  const cut = shell === 'bash' ? lengthBeforeWordBreak(words.at(-1) ?? '', current) : 0;
  const completing = completed(words, deps).catch(() => undefined);
  const late = sleep(timeoutMsOf(deps.env), undefined, {ref: false});
  const found = await Promise.race([completing, late]);
  await deps.io.out.write(linesOf(found, cut));
  await deps.io.out.flush();
}

async function completed(words: readonly string[], deps: CliDeps): Promise<Completion> {
  const {flags} = await findExpectedWord(
    buildCommandTree(silentCommandTreeDeps),
    words,
    silentCommandTreeDeps,
  );
  return await completeLine(buildCommandTree(silentCommandTreeDeps), words, {
    program: silentCommandTreeDeps,
    contexts: () => deps.contexts.list(),
    natsContexts: () => deps.contexts.natsContexts(),
    snapshots: () => snapshotNames(snapshotFolder({deps})),
    cluster: () => openQuickly(flags as FlagValues, deps),
    plugins: () => listPluginNames({env: deps.env, platform: deps.platform, isCommand}, pluginsTimeoutMs),
  });
}

/** Returns the names of the snapshots in a folder; empty if there is no such folder. */
async function snapshotNames(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.endsWith('.jsonl') || name.endsWith('.jsonl.gz'));
}

const isCommand = (word: string): boolean => findCommand(word) !== undefined;

/** Opens the cluster. Rejects if a secret would be read from stdin, which belongs to the shell during completion. */
async function openQuickly(flags: FlagValues, deps: CliDeps) {
  const settings = await resolveConnectionSettings(flags, deps.env, deps.contexts);
  if ([settings.passwordFile, settings.tokenFile].some((file) => file?.value === '-'))
    throw new Error('the secret is on stdin');
  return await deps.openCluster({
    ...(await resolveClusterOptions(settings, deps)),
    timeoutMs: timeoutMsOf(deps.env),
  });
}

/** Returns the completion timeout in milliseconds: GATECTL_COMPLETION_TIMEOUT if valid, otherwise the default. */
function timeoutMsOf(env: Environment): number {
  const text = env['GATECTL_COMPLETION_TIMEOUT'] ?? '';
  try {
    return text === '' ? defaultTimeoutMs : parseDurationMs(text);
  } catch {
    return defaultTimeoutMs; // completion reports no errors
  }
}

/** Formats the candidates, one per line. Leaves out names with invisible characters, which can't be typed. */
function linesOf(found: Completion | undefined, cut: number): string {
  if (found === undefined) return '';
  if (found.files) return ':files\n';
  return found.candidates
    .filter(({value}) => isTerminalSafe(value) && !value.includes('\n') && value.trim() === value)
    .slice(0, maxCandidates)
    .map(({value, about}) => `${value.slice(cut)}${about === undefined ? '' : `\t${safeText(about)}`}\n`)
    .join('');
}
