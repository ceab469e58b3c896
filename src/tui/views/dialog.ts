import {recallHelp} from '../actions/messages/recall-message.js';
import type {DialogField} from '../model/dialog.js';
import type {Dialog, State} from '../model/state.js';
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
import {fieldSpans} from './footer.js';

/** Lines of the dialog, drawn over the lower part of the screen. */
export function dialogLines(state: State, dialog: Dialog, rows: number, pen: Pen): readonly Line[] {
  const {columns} = state.size;
  const top = [ruleLine(dialog, columns, pen)];
  const fields = dialog.fields.map((field, at) => fieldLine(field, dialog, at, pen));
  const preview = dialog.preview.map(({text, tone}) => line('  ', {text: safeSpanText(text), tone}));
  const command = dialog.command === '' ? [] : [line(dim(`  $ ${safeSpanText(dialog.command)}`))];
  const end = endLines(dialog, state, pen);
  const room = rows - top.length - fields.length - end.length - command.length;
  const shown = preview.slice(0, Math.max(1, room));
  const isCut = shown.length < preview.length;
  const rest = isCut ? [line(dim(`  and ${preview.length - shown.length} more`))] : [];
  return [...top, ...fields, ...shown, ...rest.slice(0, room > 1 ? 1 : 0), ...command, ...end].slice(0, rows);
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

function fieldLine(field: DialogField, dialog: Dialog, at: number, pen: Pen): Line {
  const isTyped = dialog.phase === 'fill' && at === dialog.focus;
  const label = withTone(
    isTyped ? 'accent' : 'dim',
    `${isTyped ? '>' : ' '} ${fitToWidth(field.label, 8, pen)} `,
  );
  if (!isTyped) return line(label, safeSpanText(field.text));
  return line(label, ...fieldSpans(field), field.text === '' ? dim(` ${field.hint}`) : undefined);
}

/** Lines for the fault, question, progress or result, followed by the keys. */
function endLines(dialog: Dialog, state: State, pen: Pen): readonly Line[] {
  const {fault, phase, confirmation, confirmationText, progress, result} = dialog;
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
      if (confirmation.ask === 'token')
        return [
          ...wrong,
          line(
            withTone('warn', `  ${safeSpanText(confirmation.question)} type "${confirmation.token}": `),
            ...fieldSpans(confirmationText),
          ),
          line(
            keys([
              ['Enter', 'continue'],
              ['Esc', 'cancel'],
              ...(moreText(dialog) === '' ? [] : [['Tab', 'message first'] as const]),
            ]),
          ),
        ];
      return [
        line(
          withTone(
            'warn',
            `  ${safeSpanText(confirmation.ask === 'yes' ? confirmation.question : dialog.title)}`,
          ),
        ),
        line(withTone('strong', '  y yes   n no'), dim(`   (Enter and Esc: no)${moreText(dialog)}`)),
      ];
    case 'running':
      return [
        line(
          withTone('warn', `  running ${safeSpanText(progress ?? '…')}`),
          dim('   Esc stops, b goes on in the background'),
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

/** Only a kick has a longer form. */
const moreText = ({kind, hasMore}: Dialog): string =>
  kind === 'kick' && hasMore !== true ? '   Tab: reason, message first' : '';

const lastField = ({fields, focus}: Dialog): boolean => focus >= fields.length - 1;

const lastKey = ({confirmation, kind}: Dialog): string =>
  confirmation.ask === 'nothing' ? kind : 'continue';

const keys = (some: readonly (readonly [string, string])[]): Span =>
  dim(`  ${some.map(([key, what]) => `${key} ${what}`).join('   ')}`);
