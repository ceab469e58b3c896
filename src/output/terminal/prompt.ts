import {DeclinedError} from '../../base/errors.js';
import {safeText} from '../text/safe-text.js';
import type {Io} from './io.js';

/** Whether there is a person to ask: he types on a terminal and sees the question on one. */
export function canPrompt(io: Io): boolean {
  return io.in.isTerminal && io.err.isTerminal;
}

/** Asks y/N; anything but y and yes declines. `question` may hold remote text. */
export async function askYesNo(io: Io, question: string, signal: AbortSignal): Promise<void> {
  const answer = await ask(io, `${safeText(question)} [y/N] `, signal);
  if (!/^y(es)?$/i.test(answer)) throw new DeclinedError('declined; nothing was sent');
}

/** Asks to type a token of ours, for what touches many. */
export async function askToType(io: Io, question: string, token: string, signal: AbortSignal): Promise<void> {
  const answer = await ask(io, `${safeText(question)}\ntype "${token}" to go on: `, signal);
  if (answer !== token) throw new DeclinedError('declined; nothing was sent');
}

async function ask(io: Io, text: string, signal: AbortSignal): Promise<string> {
  await io.err.write(text);
  await io.err.flush();
  const line = await io.in.readLine(signal);
  if (line === undefined) await io.err.write('\n');
  return (line ?? '').trim();
}
