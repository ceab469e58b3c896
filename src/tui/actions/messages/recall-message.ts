import type {Dialog, State} from '../../model/state.js';
import {textFieldWithProposal} from '../../model/text-field.js';
import type {ComposedMessage} from './message-history.js';

/** Dialog keys that fill the fields with an earlier message or a template. */
const recallKeys: Readonly<Record<string, {readonly source: 'history' | 'templates'; readonly by: 1 | -1}>> =
  {
    'ctrl-p': {source: 'history', by: 1},
    'ctrl-n': {source: 'history', by: -1},
    'ctrl-t': {source: 'templates', by: 1},
  };

function sourceOf(
  {sentMessages, config}: State,
  source: 'history' | 'templates',
): readonly ComposedMessage[] {
  return source === 'history' ? sentMessages : Object.values(config.templates);
}

const hasMessage = ({fields}: Dialog): boolean =>
  ['topic', 'body'].every((wanted) => fields.some(({name}) => name === wanted));

/**
 * Returns the dialog filled with the next message from the history or the templates; undefined if
 * the key recalls nothing.
 */
export function recallMessage(key: string, dialog: Dialog, state: State): Dialog | undefined {
  const recall = Object.hasOwn(recallKeys, key) ? recallKeys[key] : undefined;
  if (recall === undefined || !hasMessage(dialog)) return undefined;
  const messages = sourceOf(state, recall.source);
  if (messages.length === 0) return dialog;
  const last = dialog.recalled?.source === recall.source ? dialog.recalled.index : recall.by === 1 ? -1 : 0;
  const index = (last + recall.by + messages.length) % messages.length;
  const message = messages[index];
  if (message === undefined) return dialog;
  const fields = dialog.fields.map((field) => {
    if (field.name !== 'topic' && field.name !== 'body') return field;
    return {...field, ...textFieldWithProposal(message[field.name])};
  });
  return {...dialog, fields, recalled: {source: recall.source, index}, fault: undefined};
}

/** Returns the help for the keys that recall messages; empty if there are no messages. */
export function recallKeyHelp(dialog: Dialog, state: State): readonly (readonly [string, string])[] {
  if (!hasMessage(dialog)) return [];
  const names = Object.keys(state.config.templates);
  const isTemplate = dialog.recalled?.source === 'templates';
  const template = isTemplate ? (names[dialog.recalled?.index ?? 0] ?? '') : 'template';
  return [
    ...(state.sentMessages.length > 0 ? [['Ctrl-P', 'earlier'] as const] : []),
    ...(names.length > 0 ? [['Ctrl-T', template] as const] : []),
  ];
}
