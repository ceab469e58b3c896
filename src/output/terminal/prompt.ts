import {DeclinedError} from '../../base/errors.js';
import {safeText} from '../text/safe-text.js';
import type {Io} from './io.js';

/** Reports whether prompts work: stdin and stderr are terminals. */
export function canPrompt(io: Io): boolean {
  return io.in.isTerminal && io.err.isTerminal;
}

/** Asks y/N. Rejects with DeclinedError for any answer but y and yes. `question` may contain remote text. */
export async function askYesNo(io: Io, question: string, signal: AbortSignal): Promise<void> {
  const answer = await ask(io, `${safeText(question)} [y/N] `, signal);
  if (!/^y(es)?$/i.test(answer)) throw new DeclinedError('declined; nothing was sent');
}

/** Asks the operator to type `token`, to confirm a write on many targets. Rejects with DeclinedError otherwise. */
export async function askToType(io: Io, question: string, token: string, signal: AbortSignal): Promise<void> {
  const answer = await ask(io, `${safeText(question)}\ntype "${token}" to continue: `, signal);
  if (answer !== token) throw new DeclinedError('declined; nothing was sent');
}

async function ask(io: Io, text: string, signal: AbortSignal): Promise<string> {
  await io.err.write(text);
  await io.err.flush();
  const line = await io.in.readLine(signal);
  if (line === undefined) await io.err.write('\n');
  return (line ?? '').trim();
}
