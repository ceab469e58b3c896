import {errorMessage} from '../../base/error-details.js';
import {GatectlError, type TextSpan} from '../../base/errors.js';
import {approximateWidth} from '../terminal/text-width.js';
import {safeJson, safeText} from './safe-text.js';

interface ErrorTextOptions {
  /** Formats the error as one JSON object. */
  readonly json: boolean;
  /** Includes the full text and the chain of causes. */
  readonly verbose: boolean;
  /** Includes the stack. */
  readonly debug: boolean;
  /** Replaces the hint of the error. */
  readonly hint?: string | undefined;
}

const maxText = 2048;

/** Formats an error for stderr as `error: …` and `hint: …`. Escapes and shortens remote text. */
export function errorText(error: unknown, style: ErrorTextOptions): string {
  const known = error instanceof GatectlError ? error : undefined;
  const message = errorMessage(error);
  if (style.json) return `${safeJson({error: errorRecord(error, message, style.hint ?? known?.hint)})}\n`;
  const lines = [`error: ${safeText(style.verbose ? message : shortened(message))}`];
  if (known?.place !== undefined) lines.push(...marked(known.place));
  if (known === undefined) lines.push('hint: this is a bug in gatectl; set GATECTL_DEBUG=1 to see the stack');
  else {
    const hint = style.hint ?? known.hint;
    if (hint !== undefined) lines.push(`hint: ${safeText(hint)}`);
  }
  if (style.verbose) for (const cause of causesOf(error)) lines.push(`cause: ${safeText(cause)}`);
  if (style.debug && error instanceof Error && error.stack !== undefined) {
    lines.push(...error.stack.split('\n').map(safeText));
  }
  return `${lines.join('\n')}\n`;
}

const maxMarked = 60;

/** Returns the text around the span, escaped and shortened, and a line with `^` under the span. */
function marked({text, start, end}: TextSpan): string[] {
  const from = Math.max(0, Math.min(start - maxMarked / 2, text.length - maxMarked));
  const to = Math.min(text.length, from + maxMarked);
  const before = `${from > 0 ? '…' : ''}${safeText(text.slice(from, start))}`;
  const at = safeText(text.slice(start, Math.min(end, to)));
  const after = `${safeText(text.slice(Math.max(start, Math.min(end, to)), to))}${to < text.length ? '…' : ''}`;
  const mark = '^'.repeat(Math.max(1, approximateWidth(at)));
  return [`  ${before}${at}${after}`, `  ${' '.repeat(approximateWidth(before))}${mark}`];
}

function errorRecord(error: unknown, message: string, hint: string | undefined): Record<string, unknown> {
  const known = error instanceof GatectlError ? error : undefined;
  return {
    kind: known === undefined ? 'Bug' : known.name,
    message: shortened(message),
    ...(hint === undefined ? {} : {hint}),
    ...(known?.place === undefined ? {} : {place: {...known.place}}),
    exitCode: known?.exitCode ?? 70,
    ...(error !== null && typeof error === 'object' && 'reason' in error ? {reason: error.reason} : {}),
  };
}

function shortened(text: string): string {
  const rest = Buffer.byteLength(text) - maxText;
  if (rest <= 0) return text;
  return `${Buffer.from(text)
    .subarray(0, maxText)
    .toString()
    .replace(/\ufffd+$/, '')}… (${rest} more bytes, --verbose)`;
}

function causesOf(error: unknown): string[] {
  const causes: string[] = [];
  for (let at = error; at instanceof Error && at.cause !== undefined && causes.length < 5; at = at.cause) {
    causes.push(at.cause instanceof Error ? at.cause.message : String(at.cause));
  }
  return causes;
}
