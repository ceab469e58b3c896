import {safeText} from '../../output/text/safe-text.js';
import type {DocumentView} from './document.js';

interface Wrapped {
  readonly columns: number;
  readonly lines: readonly string[];
}

const wrapped = new WeakMap<DocumentView, Wrapped>();

/**
 * Returns the lines of a document, safe for a terminal and no wider than the screen. Cached until
 * the width changes.
 */
export function documentLines(view: DocumentView, columns: number): readonly string[] {
  const known = wrapped.get(view);
  if (known?.columns === columns) return known.lines;
  const lines = view.text
    .split('\n')
    .flatMap((line) =>
      wrapDocumentLine(view.isSafe ? line : safeLine(line, view.name), Math.max(8, columns)),
    );
  wrapped.set(view, {columns, lines});
  return lines;
}

/** Makes a line safe for the terminal. JSON has its own escapes, which must not be doubled. */
function safeLine(line: string, name: DocumentView['name']): string {
  if (name !== 'JSON') return safeText(line.replaceAll('\t', '    '));
  return line.replaceAll(/[^\\]+|\\+/g, (part) => (part.startsWith('\\') ? part : safeText(part)));
}

/**
 * Breaks a safe line at a space near its end, or otherwise anywhere. Takes linear time, unlike
 * `wrapText`.
 */
export function wrapDocumentLine(line: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let rest = line;
  while (true) {
    const end = fittingLength(rest, columns);
    if (end >= rest.length) return [...lines, rest];
    const space = rest.lastIndexOf(' ', end);
    const cut = space > end * 0.7 ? space + 1 : end;
    lines.push(rest.slice(0, cut));
    rest = rest.slice(cut);
  }
}

const plain = /^[ -[\]-~]*$/;
const escapeSequence = /\\(?:u\{[0-9a-f]+\}|u[0-9a-f]{4}|.)/y;

/**
 * Returns how many UTF-16 units fit. Escapes are not split, and a non-ASCII character counts as two
 * columns.
 */
function fittingLength(text: string, columns: number): number {
  const head = text.slice(0, columns);
  if (plain.test(head)) return head.length;
  let [at, width] = [0, 0];
  while (at < text.length) {
    escapeSequence.lastIndex = at;
    const unit = (text[at] === '\\' ? escapeSequence.exec(text)?.[0] : undefined) ?? characterAt(text, at);
    width += plain.test(unit) || unit.startsWith('\\') ? unit.length : 2;
    if (width > columns) break;
    at += unit.length;
  }
  return Math.max(1, at);
}

const characterAt = (text: string, at: number): string => String.fromCodePoint(text.codePointAt(at) ?? 0);
