import {celStringLiteral} from '../../selector/cel-terms.js';
import {actionTargets, cursorGateId, cursorRow, uidOfTarget} from '../model/action-targets.js';
import {currentScreen, type State} from '../model/state.js';
import type {UserKey} from './dashboard-config.js';

/** Values of the placeholders; undefined if the current row lacks them. */
interface PlaceholderValues {
  readonly id: string | undefined;
  readonly uid: string | undefined;
  readonly gate: string | undefined;
}

/** Returns the placeholder values of the current row. */
function valuesOf(state: State): PlaceholderValues {
  const {name, subject} = currentScreen(state);
  switch (name) {
    case 'overview':
      return {id: undefined, uid: undefined, gate: cursorGateId(state)};
    case 'sessions': {
      const row = cursorRow(state)?.row;
      return {id: row?.session.sessionId, uid: row?.session.userId || undefined, gate: row?.node};
    }
    case 'session': {
      const slash = subject?.indexOf('/') ?? -1;
      const [gate, id] = slash < 0 ? [] : [subject?.slice(0, slash), subject?.slice(slash + 1)];
      return {id, uid: uidOfTarget(state), gate};
    }
    case 'records':
    case 'record':
      return {id: undefined, uid: uidOfTarget(state), gate: undefined};
    case 'anomalies': {
      const [target] = actionTargets(state);
      return {id: target?.id, uid: uidOfTarget(state) ?? (target?.uid || undefined), gate: target?.node};
    }
    default:
      return {id: undefined, uid: undefined, gate: undefined};
  }
}

type Filled = {readonly words: readonly string[]} | {readonly why: string};

/**
 * Replaces the placeholders of a command. Values come from clients, so a value that would become an
 * option or end a selector's quotes is rejected.
 */
export function fillCommandPlaceholders({command, screens}: UserKey, state: State): Filled {
  const {name} = currentScreen(state);
  if (screens !== undefined && !screens.includes(name)) return {why: `works on ${screens.join(', ')}`};
  const values = valuesOf(state);
  const words: string[] = [];
  for (const template of command) {
    const filled = fillWord(template, values);
    if ('why' in filled) return filled;
    words.push(filled.word);
  }
  return {words};
}

const argumentValue = /^[\p{L}\p{N}_@.:/-]+$/u;

function fillWord(
  template: string,
  values: PlaceholderValues,
): {readonly word: string} | {readonly why: string} {
  let why: string | undefined;
  const isWhole = /^\{(?:id|uid|gate)\}$/.test(template);
  const word = template.replaceAll(/"?\{(id|uid|gate)\}"?/g, (found, name: keyof PlaceholderValues) => {
    const value = values[name];
    if (value === undefined) {
      why ??= `the row has no ${name}`;
      return '';
    }
    if (found.startsWith('"') && found.endsWith('"')) return celStringLiteral(value);
    if (isWhole || argumentValue.test(value)) return found.replace(`{${name}}`, () => value);
    why ??= `the ${name} has characters that need quotes around {${name}}`;
    return '';
  });
  if (why === undefined && word.startsWith('-') && !template.startsWith('-'))
    why = `"${word}" would be read as an option`;
  return why === undefined ? {word} : {why};
}
