import {GatectlError, UsageError} from '../../base/errors.js';
import {findInDocument, suggestedFileName, writeScreenToFile} from '../documents/document-keys.js';
import {firstDocumentLine} from '../layout/screen-layout.js';
import {sessionColumnNames, validateColumns} from '../layout/session-columns.js';
import type {Prompt, PromptKind} from '../model/prompt.js';
import {promptFilterName} from '../model/row-keys.js';
import type {State} from '../model/state.js';
import {editTextField, textFieldWithProposal, textFieldWithText} from '../model/text-field.js';
import {interpretFilter} from '../search/interpret-filter.js';
import {updateSavedFilters} from '../search/saved-filters.js';
import {type FilterName, withPromptHistory} from '../search/screen-filter.js';
import type {InputEvent} from '../term/terminal.js';
import {type ControlDeps, runInBackground, showNotice} from './control-deps.js';
import {runPromptCommand} from './prompt-commands.js';
import {promptCompletions} from './prompt-completions.js';
import {applySort, sortDescription, validateSort} from './sort-table.js';

export function openPrompt(kind: PromptKind, deps: ControlDeps): void {
  const state = deps.store.get();
  const text = initialText(kind, state, deps.dashboard.now());
  const prompt: Prompt = {
    kind,
    ...textFieldWithProposal(text),
    before: text,
    fault: undefined,
    completions: [],
    completion: undefined,
    recalled: undefined,
  };
  deps.store.dispatch({type: 'prompt', prompt: {...prompt, completions: promptCompletions(prompt, state)}});
}

function initialText(kind: PromptKind, state: State, now: number): string {
  switch (kind) {
    case 'filter':
      return state.filters[promptFilterName(state)].text;
    case 'columns':
      return (state.sessions.columns ?? sessionColumnNames).join(',');
    case 'sort':
      return sortDescription(state);
    case 'write':
      return suggestedFileName(state, now);
    case 'find':
    case 'command':
      return '';
    default:
      return kind satisfies never;
  }
}

export function handlePromptInput(event: InputEvent, prompt: Prompt, deps: ControlDeps): void {
  if (event.type === 'key') {
    switch (event.name) {
      case 'esc':
        return give(prompt, deps);
      case 'enter':
        return runInBackground(deps, () => submit(prompt, deps));
      case 'tab':
      case 'shift-tab':
        return complete(prompt, event.name === 'tab' ? 1 : -1, deps);
      case 'up':
      case 'down':
        return recall(prompt, event.name === 'up' ? 1 : -1, deps);
      case 'backspace':
        if (prompt.text === '' && prompt.kind === 'command') return close(deps);
    }
  }
  const field = editTextField(prompt, event);
  if (
    field === undefined ||
    (field.text === prompt.text && field.cursor === prompt.cursor && !prompt.isSelected)
  )
    return;
  changed({...prompt, ...field, completion: undefined, recalled: undefined}, deps);
}

const close = ({store}: ControlDeps): void => store.dispatch({type: 'prompt', prompt: undefined});

/** Closes the prompt and restores the previous filter. */
function give(prompt: Prompt, deps: ControlDeps): void {
  close(deps);
  if (prompt.kind === 'filter') setFilter(promptFilterName(deps.store.get()), prompt.before, deps);
}

function complete(prompt: Prompt, by: 1 | -1, deps: ControlDeps): void {
  const {completions, completion} = prompt;
  if (completions.length === 0) return;
  const next = completion === undefined ? (by === 1 ? 0 : completions.length - 1) : completion + by;
  const at = (next + completions.length) % completions.length;
  changed({...prompt, ...textFieldWithText(completions[at] ?? ''), isSelected: false, completion: at}, deps);
}

/**
 * Shows an older (1) or newer (-1) line of the prompt's history. Past the newest line, restores the text typed
 * before.
 */
function recall(prompt: Prompt, by: 1 | -1, deps: ControlDeps): void {
  const state = deps.store.get();
  const lines = state.savedFilters.history[historyName(prompt, state)] ?? [];
  const older = lines.filter((line) => line !== prompt.before);
  const at = (prompt.recalled ?? -1) + by;
  if (at < -1 || at >= older.length) return;
  const recalled = at < 0 ? undefined : at;
  changed(
    {
      ...prompt,
      ...textFieldWithText(older[at] ?? prompt.before),
      isSelected: false,
      completion: undefined,
      recalled,
    },
    deps,
  );
}

const historyName = ({kind}: Prompt, state: State): string =>
  kind === 'filter' ? promptFilterName(state) : kind;

/** Adds a submitted line to the prompt's history. */
function keepLine(prompt: Prompt, deps: ControlDeps): void {
  const state = deps.store.get();
  const kept = withPromptHistory(state.savedFilters, historyName(prompt, state), prompt.text);
  updateSavedFilters(kept, deps);
}

/** Validates the text after each edit. A valid filter applies while typing. */
function changed(prompt: Prompt, deps: ControlDeps): void {
  const {store} = deps;
  const state = store.get();
  const completions = prompt.completion === undefined ? promptCompletions(prompt, state) : prompt.completions;
  const next = {...prompt, completions, fault: faultOf(prompt, state)};
  store.dispatch({type: 'prompt', prompt: next});
  if (prompt.kind === 'filter') runInBackground(deps, () => checkFilter(next, deps));
}

function faultOf({kind, text}: Prompt, state: State): Prompt['fault'] {
  try {
    if (kind === 'columns') validateColumns(namesIn(text));
    if (kind === 'sort') validateSort(text, state);
    return undefined;
  } catch (error) {
    if (error instanceof UsageError) return {message: error.message, start: 0, hint: error.hint};
    throw error;
  }
}

const namesIn = (text: string): readonly string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

async function checkFilter(prompt: Prompt, deps: ControlDeps): Promise<void> {
  const {store} = deps;
  const name = promptFilterName(store.get());
  const checked = await interpretFilter(name, prompt.text);
  const current = store.get().prompt;
  if (current?.kind !== 'filter' || current.text !== prompt.text) return; // the text changed meanwhile
  if ('fault' in checked) return store.dispatch({type: 'prompt', prompt: {...current, fault: checked.fault}});
  store.dispatch({type: 'prompt', prompt: {...current, fault: undefined}});
  store.dispatch({type: 'filter', name, filter: checked.filter});
}

/** Applies a filter if it is valid. */
export function setFilter(name: FilterName, text: string, deps: ControlDeps): void {
  runInBackground(deps, async () => {
    const checked = await interpretFilter(name, text);
    if ('filter' in checked) deps.store.dispatch({type: 'filter', name, filter: checked.filter});
  });
}

/** Runs the work. Resolves with its error, as shown by the prompt, or undefined. */
async function faultWhile(work: () => Promise<void>): Promise<Prompt['fault']> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (!(error instanceof GatectlError)) throw error;
    return {message: error.message, start: 0, hint: error.hint};
  }
}

async function submit(prompt: Prompt, deps: ControlDeps): Promise<void> {
  const {store} = deps;
  switch (prompt.kind) {
    case 'filter': {
      const name = promptFilterName(store.get());
      const checked = await interpretFilter(name, prompt.text);
      if ('fault' in checked)
        return store.dispatch({type: 'prompt', prompt: {...prompt, fault: checked.fault}});
      close(deps);
      keepLine(prompt, deps);
      return store.dispatch({type: 'filter', name, filter: checked.filter});
    }
    case 'columns': {
      if (faultOf(prompt, store.get()) !== undefined) return;
      const names = namesIn(prompt.text);
      close(deps);
      return store.dispatch({type: 'columns', columns: names.length === 0 ? undefined : names});
    }
    case 'find':
      close(deps);
      keepLine(prompt, deps);
      store.dispatch({type: 'find', text: prompt.text});
      if (prompt.text !== '' && !findInDocument(1, firstDocumentLine(store.get()) - 1, deps))
        showNotice(deps, `no line contains "${prompt.text}" (case-sensitive)`, 'warn');
      return;
    case 'write': {
      const fault = await faultWhile(() => writeScreenToFile(prompt.text, deps));
      return fault === undefined ? close(deps) : store.dispatch({type: 'prompt', prompt: {...prompt, fault}});
    }
    case 'sort':
      if (faultOf(prompt, store.get()) !== undefined) return;
      close(deps);
      return applySort(prompt.text, deps);
    case 'command': {
      const fault = await runPromptCommand(prompt.text, deps, () => close(deps));
      if (fault === undefined) return keepLine(prompt, deps);
      return store.dispatch({type: 'prompt', prompt: {...prompt, fault: {...fault, start: 0}}});
    }
    default:
      prompt.kind satisfies never;
  }
}
