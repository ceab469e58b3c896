import {UsageError} from '../../base/errors.js';
import type {Target} from '../../cluster/cluster.js';
import {paint} from '../../output/terminal/color.js';
import {askToTypeToken, askYesNo} from '../../output/terminal/prompt.js';
import {formatCount} from '../../output/text/humanize.js';
import {safeText} from '../../output/text/safe-text.js';
import type {CommandContext} from '../command-context.js';
import {clusterDisplayName, maskUrlCredentials} from '../settings/connection-settings.js';

/** A line above a question, such as the one with the gates. */
type QuestionLine = readonly [name: string, text: string];

interface WriteQuestion {
  /** The question, such as `kick 20 sessions?`. */
  readonly question: string;
  readonly lines?: readonly QuestionLine[];
  /**
   * Answer to expect: y, a phrase, or for a write to the whole cluster the context name. In a protected context, its name is
   * always required.
   */
  readonly answer: 'yes' | 'name' | {readonly token: string};
}

/** Asks for confirmation unless `--yes` is set. Rejects with UsageError if there is no terminal, or DeclinedError if declined. */
export async function confirmWrite(context: CommandContext, question: WriteQuestion): Promise<void> {
  if (context.outputOptions.yes) return;
  if (!context.isInteractive)
    throw new UsageError(`cannot confirm "${question.question}": no terminal to ask on`, {
      hint: 'pass --yes to run it without confirmation',
      retryWith: ['--yes'],
    });
  await ask(context, question);
}

/**
 * Rejects with UsageError if a write in a protected context can't be confirmed. With --yes, the command line must name the
 * context, because a script may run in a different terminal than its author expects.
 */
export async function checkProtectedContext(context: CommandContext, path: string): Promise<void> {
  const {protected: setting, context: named} = await context.connection();
  const {yes} = context.outputOptions;
  if (setting === undefined || (yes && named?.source !== 'gatectl context use')) return;
  if (!yes && context.isInteractive) return;
  const flag = named === undefined ? '' : ` --context ${named.value}`;
  throw new UsageError(`"${path}" needs confirmation: ${setting.source} marks the cluster as protected`, {
    hint: `pass --yes${flag} to run it without confirmation`,
    retryWith: ['--yes', ...(named === undefined ? [] : ['--context', named.value])],
  });
}

/** In a protected context, asks to type its name. Used by writes that ask for no other confirmation. */
export async function confirmContextName(context: CommandContext, question: string): Promise<void> {
  const {protected: setting} = await context.connection();
  if (setting !== undefined) await confirmWrite(context, {question, answer: 'name'});
}

async function ask(context: CommandContext, {question, lines = [], answer}: WriteQuestion): Promise<void> {
  const {io, signal} = context;
  const {contextName, server, protected: isProtected} = await context.connection();
  const name = clusterDisplayName({contextName, server});
  const at = contextName === undefined ? name : `${name}, ${maskUrlCredentials(server.value)}`;
  const cluster = safeText(isProtected === undefined ? at : `${at} (protected)`);
  const shown = isProtected !== undefined && io.color.err ? paint.red(cluster) : cluster;
  const rows = [['cluster', shown], ...lines.map(([title, text]) => [title, safeText(text)])];
  await io.err.write(rows.map(([title = '', text]) => `${title.padEnd(titleWidth)}${text}\n`).join(''));
  const asked = `${name}: ${question}`;
  if (answer === 'yes' && isProtected === undefined) return await askYesNo(io, asked, signal);
  const phrase = typeof answer === 'string' ? name : isProtected ? `${name} ${answer.token}` : answer.token;
  await askToTypeToken(io, asked, phrase, signal);
}

const titleWidth = 'targets  '.length;
const maxSamples = 3;
const maxGates = 5;

/** Returns the lines about a write's targets: the number of targets on each gate, and a few of the targets. */
export function targetQuestionLines(
  targets: readonly Target[],
  noun: 'session' | 'record' = 'session',
): readonly QuestionLine[] {
  if (noun === 'record') {
    const uids = targets.slice(0, maxSamples).map(({uid}) => uid);
    return [['targets', withMore(uids, targets.length - uids.length)]];
  }
  const counts = new Map<string, number>();
  for (const {node} of targets) counts.set(node, (counts.get(node) ?? 0) + 1);
  const samples = targets
    .slice(0, maxSamples)
    .map(({node, id, uid}) => `${uid === '' ? 'guest' : uid} (${node}/${id})`);
  return [gateQuestionLine(counts), ['targets', withMore(samples, targets.length - samples.length)]];
}

/** Returns the line with the gates of a write and a number for each. */
export function gateQuestionLine(counts: ReadonlyMap<string, number>): QuestionLine {
  const gates = [...counts].map(([node, count]) => `${node} ${formatCount(count)}`);
  const shown = gates.slice(0, maxGates);
  return ['gates', withMore(shown, gates.length - shown.length)];
}

const withMore = (shown: readonly string[], more: number): string =>
  more === 0 ? shown.join(', ') : `${shown.join(', ')} and ${formatCount(more)} more`;
