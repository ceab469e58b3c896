import {truncate} from '../../output/terminal/width.js';
import {plural} from '../../output/text/humanize.js';
import {recallHelp} from '../actions/messages/recall-message.js';
import type {DialogField} from '../model/dialog.js';
import type {Dialog, State} from '../model/state.js';
import {wrappedLine} from '../read/document-lines.js';
import {fieldSpans} from '../text/field-spans.js';
import {
  dim,
  fitToWidth,
  type Line,
  line,
  type Pen,
  type Span,
  safeSpanText,
  withTone,
  wrapText,
} from '../text/line.js';

/** Returns the dialog's lines, drawn over the lower part of the screen. */
export function dialogLines(state: State, dialog: Dialog, rows: number, pen: Pen): readonly Line[] {
  const {columns} = state.size;
  const top = [
    ruleLine(dialog, columns, pen),
    ...dialog.fields.map((field, at) => fieldLine(field, dialog, at, columns, pen)),
  ];
  const end = endLines(dialog, state, pen);
  const body = previewLines(dialog, columns, pen);
  const room = Math.max(1, rows - top.length - end.length);
  return [...top, ...scrolled(body, dialog.scroll ?? 0, room), ...end].slice(0, rows);
}

/** Returns the highest scroll position of the dialog; 0 if all of it fits. */
export function dialogScrollEnd(state: State, dialog: Dialog, rows: number, pen: Pen): number {
  const room = rows - 1 - dialog.fields.length - endLines(dialog, state, pen).length;
  const {length} = previewLines(dialog, state.size.columns, pen);
  return length <= Math.max(1, room) ? 0 : length - Math.max(1, room - 1);
}

/** Returns the visible lines and, below them, the number of remaining lines. */
function scrolled(lines: readonly Line[], scroll: number, room: number): readonly Line[] {
  if (lines.length <= room) return lines;
  const height = Math.max(1, room - 1);
  const top = Math.min(scroll, lines.length - height);
  const left = lines.length - height - top;
  const rest = line(dim(left > 0 ? `  PgDn: ${plural(left, 'more line')}` : '  PgUp: back'));
  return [...lines.slice(top, top + height), ...(room > 1 ? [rest] : [])];
}

/**
 * Returns the action's effect and the equivalent command, wrapped; also the title if it is wider
 * than the screen.
 */
function previewLines({title, preview, command}: Dialog, columns: number, pen: Pen): readonly Line[] {
  const wrapped = (text: string): readonly string[] => wrappedLine(safeSpanText(text), columns - 4);
  const isTitleCut = pen.measure(safeSpanText(title)) > columns - 4;
  return [
    ...preview.flatMap(({text, tone}) => wrapped(text).map((piece) => line('  ', {text: piece, tone}))),
    ...(command === '' ? [] : wrapped(`$ ${command}`).map((text) => line(dim(`  ${text}`)))),
    ...(isTitleCut ? wrapped(title).map((text) => line('  ', withTone('strong', text))) : []),
  ];
}

function ruleLine({title}: Dialog, columns: number, pen: Pen): Line {
  const bar = pen.ascii ? '-' : '─';
  const text = ` ${safeSpanText(title)} `;
  return line(
    withTone('accent', bar.repeat(2)),
    withTone('head', text),
    withTone('accent', bar.repeat(Math.max(0, columns - pen.measure(text) - 2))),
  );
}

const labelWidth = 8;

function fieldLine(field: DialogField, dialog: Dialog, at: number, columns: number, pen: Pen): Line {
  const isTyped = dialog.phase === 'fill' && at === dialog.focus;
  const label = withTone(
    isTyped ? 'accent' : 'dim',
    `${isTyped ? '>' : ' '} ${fitToWidth(field.label, labelWidth, pen)} `,
  );
  if (!isTyped) return line(label, safeSpanText(field.text));
  const width = columns - labelWidth - 3;
  return line(label, ...fieldSpans(field, width, pen), field.text === '' ? dim(` ${field.hint}`) : undefined);
}

/** Returns the lines for the error, question, progress or result, followed by the keys. */
function endLines(dialog: Dialog, state: State, pen: Pen): readonly Line[] {
  const {fault, phase, progress, result} = dialog;
  const wrong = fault === undefined ? [] : [line(withTone('bad', `  ! ${safeSpanText(fault)}`))];
  switch (phase) {
    case 'gathering':
      return [
        line(withTone('warn', `  listing targets ${safeSpanText(progress ?? '…')}`), dim('   Esc cancels')),
      ];
    case 'fill':
      return [
        ...wrong,
        line(
          keys([
            ['Enter', lastField(dialog) ? lastKey(dialog) : 'next'],
            ['Tab', 'next field'],
            ['Esc', 'cancel'],
            ...recallHelp(dialog, state),
          ]),
        ),
      ];
    case 'confirm':
      return [...wrong, ...confirmLines(dialog, state, pen)];
    case 'running':
      return [
        line(
          withTone('warn', `  running ${safeSpanText(progress ?? '…')}`),
          dim('   Esc stops, b continues in the background'),
        ),
      ];
    case 'done':
      return [
        ...(result?.lines ?? []).flatMap((text) =>
          wrapText(safeSpanText(text), state.size.columns - 4, pen).map((piece) =>
            line(withTone(result?.tone ?? 'good', `  ${piece}`)),
          ),
        ),
        line(keys([['any key', 'close']])),
      ];
    default:
      return phase satisfies never;
  }
}

function confirmLines(dialog: Dialog, state: State, pen: Pen): readonly Line[] {
  const {confirmation, confirmationText, title} = dialog;
  if (confirmation.ask !== 'token')
    return [
      ...questionLines(confirmation.ask === 'yes' ? confirmation.question : title, state, pen),
      line(withTone('strong', '  y yes   n no'), dim(`   (Enter and Esc: no)${moreText(dialog)}`)),
    ];
  const asked = `  type "${safeSpanText(confirmation.token)}": `;
  const width = state.size.columns - pen.measure(asked);
  return [
    ...questionLines(confirmation.question, state, pen),
    line(withTone('warn', asked), ...fieldSpans(confirmationText, width, pen)),
    line(
      keys([
        ['Enter', 'continue'],
        ['Esc', 'cancel'],
        ...(moreText(dialog) === '' ? [] : [['Tab', 'message first'] as const]),
      ]),
    ),
  ];
}

/**
 * Wraps the question to at most two lines, so that a long id can't push the keys off the screen.
 */
function questionLines(text: string, {size}: State, pen: Pen): readonly Line[] {
  const [first = '', ...rest] = wrapText(safeSpanText(text), size.columns - 4, pen);
  const second = rest.length > 1 ? [truncate(rest.join(' '), size.columns - 4, pen.measure)] : rest;
  return [first, ...second].map((piece) => line(withTone('warn', `  ${piece}`)));
}

/** Returns the hint for optional fields, which only a kick has. */
const moreText = ({kind, hasMore}: Dialog): string =>
  kind === 'kick' && hasMore !== true ? '   Tab: reason, message first' : '';

const lastField = ({fields, focus}: Dialog): boolean => focus >= fields.length - 1;

const lastKey = ({confirmation, kind}: Dialog): string =>
  confirmation.ask === 'nothing' ? kind : 'continue';

const keys = (some: readonly (readonly [string, string])[]): Span =>
  dim(`  ${some.map(([key, what]) => `${key} ${what}`).join('   ')}`);
