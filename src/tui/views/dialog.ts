import {truncateToWidth} from '../../output/terminal/text-width.js';
import {formatPlural} from '../../output/text/humanize.js';
import {recallKeyHelp} from '../actions/messages/recall-message.js';
import {wrapDocumentLine} from '../documents/document-lines.js';
import type {DialogField} from '../model/dialog-types.js';
import type {Dialog, State} from '../model/state.js';
import {
  type DrawStyle,
  dimSpan,
  fitToWidth,
  type Line,
  lineOf,
  type Span,
  safeSpanText,
  tonedSpan,
  wrapText,
} from '../text/line.js';
import {textFieldSpans} from '../text/text-field-spans.js';

/** Returns the dialog's lines, drawn over the lower part of the screen. */
export function dialogLines(state: State, dialog: Dialog, rows: number, style: DrawStyle): readonly Line[] {
  const {columns} = state.size;
  const top = [
    ruleLine(dialog, columns, style),
    ...dialog.fields.map((field, at) => fieldLine(field, dialog, at, columns, style)),
  ];
  const end = endLines(dialog, state, style);
  const body = previewLines(dialog, columns, style);
  const room = Math.max(1, rows - top.length - end.length);
  return [...top, ...scrolled(body, dialog.scroll ?? 0, room), ...end].slice(0, rows);
}

/** Returns the highest scroll position of the dialog; 0 if all of it fits. */
export function dialogScrollEnd(state: State, dialog: Dialog, rows: number, style: DrawStyle): number {
  const room = rows - 1 - dialog.fields.length - endLines(dialog, state, style).length;
  const {length} = previewLines(dialog, state.size.columns, style);
  return length <= Math.max(1, room) ? 0 : length - Math.max(1, room - 1);
}

/** Returns the visible lines and, below them, the number of remaining lines. */
function scrolled(lines: readonly Line[], scroll: number, room: number): readonly Line[] {
  if (lines.length <= room) return lines;
  const height = Math.max(1, room - 1);
  const top = Math.min(scroll, lines.length - height);
  const left = lines.length - height - top;
  const rest = lineOf(dimSpan(left > 0 ? `  PgDn: ${formatPlural(left, 'more line')}` : '  PgUp: back'));
  return [...lines.slice(top, top + height), ...(room > 1 ? [rest] : [])];
}

/**
 * Returns the action's effect and the equivalent command, wrapped; also the title if it is wider
 * than the screen.
 */
function previewLines({title, preview, command}: Dialog, columns: number, style: DrawStyle): readonly Line[] {
  const wrapped = (text: string): readonly string[] => wrapDocumentLine(safeSpanText(text), columns - 4);
  const isTitleCut = style.measure(safeSpanText(title)) > columns - 4;
  return [
    ...preview.flatMap(({text, tone}) => wrapped(text).map((piece) => lineOf('  ', {text: piece, tone}))),
    ...(command === '' ? [] : wrapped(`$ ${command}`).map((text) => lineOf(dimSpan(`  ${text}`)))),
    ...(isTitleCut ? wrapped(title).map((text) => lineOf('  ', tonedSpan('strong', text))) : []),
  ];
}

function ruleLine({title}: Dialog, columns: number, style: DrawStyle): Line {
  const bar = style.ascii ? '-' : '─';
  const text = ` ${safeSpanText(title)} `;
  return lineOf(
    tonedSpan('accent', bar.repeat(2)),
    tonedSpan('head', text),
    tonedSpan('accent', bar.repeat(Math.max(0, columns - style.measure(text) - 2))),
  );
}

const labelWidth = 8;

function fieldLine(field: DialogField, dialog: Dialog, at: number, columns: number, style: DrawStyle): Line {
  const isTyped = dialog.phase === 'fill' && at === dialog.focus;
  const label = tonedSpan(
    isTyped ? 'accent' : 'dim',
    `${isTyped ? '>' : ' '} ${fitToWidth(field.label, labelWidth, style)} `,
  );
  if (!isTyped) return lineOf(label, safeSpanText(field.text));
  const width = columns - labelWidth - 3;
  return lineOf(
    label,
    ...textFieldSpans(field, width, style),
    field.text === '' ? dimSpan(` ${field.hint}`) : undefined,
  );
}

/** Returns the lines for the error, question, progress or result, followed by the keys. */
function endLines(dialog: Dialog, state: State, style: DrawStyle): readonly Line[] {
  const {fault, phase, progress, result} = dialog;
  const wrong = fault === undefined ? [] : [lineOf(tonedSpan('bad', `  ! ${safeSpanText(fault)}`))];
  switch (phase) {
    case 'gathering':
      return [
        lineOf(
          tonedSpan('warn', `  listing targets ${safeSpanText(progress ?? '…')}`),
          dimSpan('   Esc cancels'),
        ),
      ];
    case 'fill':
      return [
        ...wrong,
        lineOf(
          keys([
            ['Enter', lastField(dialog) ? lastKey(dialog) : 'next'],
            ['Tab', 'next field'],
            ['Esc', 'cancel'],
            ...recallKeyHelp(dialog, state),
          ]),
        ),
      ];
    case 'confirm':
      return [...wrong, ...confirmLines(dialog, state, style)];
    case 'running':
      return [
        lineOf(
          tonedSpan('warn', `  running ${safeSpanText(progress ?? '…')}`),
          dimSpan('   Esc stops, b continues in the background'),
        ),
      ];
    case 'done':
      return [
        ...(result?.lines ?? []).flatMap((text) =>
          wrapText(safeSpanText(text), state.size.columns - 4, style).map((piece) =>
            lineOf(tonedSpan(result?.tone ?? 'good', `  ${piece}`)),
          ),
        ),
        lineOf(keys([['any key', 'close']])),
      ];
    default:
      return phase satisfies never;
  }
}

function confirmLines(dialog: Dialog, state: State, style: DrawStyle): readonly Line[] {
  const {confirmation, confirmationText, title} = dialog;
  if (confirmation.ask !== 'token')
    return [
      ...questionLines(confirmation.ask === 'yes' ? confirmation.question : title, state, style),
      lineOf(tonedSpan('strong', '  y yes   n no'), dimSpan(`   (Enter and Esc: no)${moreText(dialog)}`)),
    ];
  const asked = `  type "${safeSpanText(confirmation.token)}": `;
  const width = state.size.columns - style.measure(asked);
  return [
    ...questionLines(confirmation.question, state, style),
    lineOf(tonedSpan('warn', asked), ...textFieldSpans(confirmationText, width, style)),
    lineOf(
      keys([
        ['Enter', 'continue'],
        ['Esc', 'cancel'],
        ...(moreFieldsText(dialog) === '' ? [] : [['Tab', moreFieldsText(dialog)] as const]),
      ]),
    ),
  ];
}

/**
 * Wraps the question to at most two lines, so that a long id can't push the keys off the screen.
 */
function questionLines(text: string, {size}: State, style: DrawStyle): readonly Line[] {
  const [first = '', ...rest] = wrapText(safeSpanText(text), size.columns - 4, style);
  const second = rest.length > 1 ? [truncateToWidth(rest.join(' '), size.columns - 4, style.measure)] : rest;
  return [first, ...second].map((piece) => lineOf(tonedSpan('warn', `  ${piece}`)));
}

/** Returns the hint for optional fields, which only a kick has. */
function moreText(dialog: Dialog): string {
  const text = moreFieldsText(dialog);
  return text === '' ? '' : `   Tab: ${text}`;
}

function moreFieldsText({kind, hasMore, fields}: Dialog): string {
  if (kind !== 'kick' || hasMore === true) return '';
  return fields.some(({name}) => name === 'reason') ? 'message first' : 'reason, message first';
}

const lastField = ({fields, focus}: Dialog): boolean => focus >= fields.length - 1;

const lastKey = ({confirmation, kind}: Dialog): string =>
  confirmation.ask === 'nothing' ? kind : 'continue';

const keys = (some: readonly (readonly [string, string])[]): Span =>
  dimSpan(`  ${some.map(([key, what]) => `${key} ${what}`).join('   ')}`);
