import {UsageError} from '../../base/errors.js';
import type {SwitchableContext} from '../dashboard-deps.js';
import {openDocument} from '../documents/document-keys.js';
import {linesDocument} from '../documents/make-document.js';
import type {State} from '../model/state.js';
import {type ControlDeps, runInBackground, showNotice} from './control-deps.js';

/** Reads the names of the saved contexts, for completions. */
export function loadContexts(deps: ControlDeps): void {
  runInBackground(deps, async () => {
    deps.store.dispatch({type: 'contexts', contexts: await deps.dashboard.listContexts()});
  });
}

export const contextNames = ({contexts}: State): readonly string[] => contexts.map(({name}) => name);

/** Switches to the named context, or lists all contexts if the name is empty. */
export async function switchContext(name: string, deps: ControlDeps): Promise<void> {
  const contexts = await deps.dashboard.listContexts();
  deps.store.dispatch({type: 'contexts', contexts});
  const current = deps.dashboard.options.context;
  if (name === '') return openDocument(linesDocument('contexts', contextLines(contexts, current)), deps);
  const found = contexts.find((context) => context.name === name);
  if (found === undefined && name.includes('://')) {
    throw new UsageError('a URL names no context', {
      hint: 'save it: gatectl context add <name> --server <url>, or start gatectl --server <url>',
    });
  }
  if (found === undefined) {
    const names = contexts.map((context) => context.name).join(' ');
    throw new UsageError(`no context "${name}"`, {
      hint: names === '' ? 'save one: gatectl context add <name> --server <url>' : `contexts: ${names}`,
    });
  }
  if (found.fault !== '') throw new UsageError(found.fault);
  if (name === current) return showNotice(deps, `${name} is already open`, 'warn');
  await deps.switchTo(name);
}

function contextLines(
  contexts: readonly SwitchableContext[],
  current: string | undefined,
): readonly string[] {
  if (contexts.length === 0) return ['no contexts; to save one: gatectl context add <name> --server <url>'];
  const width = Math.max(...contexts.map(({name}) => name.length));
  const lines = contexts.map(({name, server, color, isProtected, isReadOnly, fault}) => {
    const marks = [color, isProtected && 'protected', isReadOnly && 'read-only', fault].filter(Boolean);
    return `${name === current ? '>' : ' '} ${name.padEnd(width)}  ${server}  ${marks.join(', ')}`.trimEnd();
  });
  return [...lines, '', 'to switch: :context <name>, which Tab completes'];
}
