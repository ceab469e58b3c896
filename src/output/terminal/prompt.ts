import {DeclinedError} from '../../base/errors.js';
import {safeText} from '../text/safe-text.js';
import type {Io} from './io.js';

/** Reports whether prompts work: stderr is a terminal, and an answer can be read from stdin or the terminal behind it. */
export function canPrompt(io: Io): boolean {
  return io.err.isTerminal && (io.in.isTerminal || io.answers?.() !== undefined);
}

/** Asks a y/N question. Rejects with DeclinedError unless the answer is y or yes. `question` may contain remote text. */
export async function askYesNo(io: Io, question: string, signal: AbortSignal): Promise<void> {
  const answer = await ask(io, `${safeText(question)} [y/N] `, signal);
  if (!/^y(es)?$/i.test(answer)) throw new DeclinedError('declined: nothing was changed');
}

/** Asks the operator to type `token`. Rejects with DeclinedError if they type anything else. */
export async function askToTypeToken(
  io: Io,
  question: string,
  token: string,
  signal: AbortSignal,
): Promise<void> {
  const answer = await ask(io, `${safeText(question)}\ntype "${token}" to continue: `, signal);
  if (answer !== token) throw new DeclinedError('declined: nothing was changed');
}

async function ask(io: Io, text: string, signal: AbortSignal): Promise<string> {
  await io.err.write(text);
  await io.err.flush();
  const source = io.in.isTerminal ? io.in : (io.answers?.() ?? io.in);
  const line = await source.readLine(signal);
  if (line === undefined) await io.err.write('\n');
  return (line ?? '').trim();
}
