import {messageAndHint} from '../../base/error-details.js';
import {GatectlError, UsageError} from '../../base/errors.js';
import {formatPlural} from '../../output/text/humanize.js';
import {type ControlDeps, runInBackground, showNotice} from '../control/control-deps.js';
import {currentDocumentLines} from '../layout/screen-layout.js';
import {currentScreen, type State, screenBelowDocument} from '../model/state.js';
import {screenSummary} from '../views/footer.js';
import {displayedObject} from './displayed-object.js';
import type {TextDocument} from './document.js';
import {objectDocument, yamlView} from './make-document.js';
import {messagesDocument} from './messages-document.js';
import {screenRowsText} from './screen-rows-text.js';
import {textToCopy} from './text-to-copy.js';

export function openDocument(document: TextDocument, {store}: ControlDeps): void {
  store.dispatch({type: 'open', screen: {name: 'document', subject: document.title, document, view: 0}});
}

/** Shows the complete row or object as JSON and YAML. */
export function openRowDocument(state: State, deps: ControlDeps): void {
  const whole = displayedObject(state);
  if (whole === undefined) return showNotice(deps, 'nothing to show here', 'warn');
  const document = objectDocument(whole.title, whole.value);
  openDocument(document, deps);
  runInBackground(deps, async () => {
    deps.store.dispatch({type: 'add-view', document, view: await yamlView(whole.value)});
  });
}

export function openMessagesDocument(state: State, deps: ControlDeps): void {
  openDocument(messagesDocument(state, screenSummary(state)), deps);
}

/** Copies by OSC 52 if that is allowed; otherwise writes a private file and shows its path. */
export function copyToClipboard(state: State, deps: ControlDeps): void {
  const copied = textToCopy(state);
  if (copied === undefined) return showNotice(deps, 'nothing to copy here', 'warn');
  const {what, text} = copied;
  const {dashboard, terminal} = deps;
  const size = formatPlural([...text].length, 'character');
  const isLong = text.length > 60 || text.includes('\n');
  if (dashboard.options.clipboard && terminal.copy(text))
    return showNotice(deps, isLong ? `copied ${what}: ${size}` : `copied: ${text}`, 'plain');
  runInBackground(deps, async () => {
    const why = dashboard.options.clipboard ? 'the terminal cannot copy that much' : 'to copy: --clipboard';
    const path = await reported(deps, () => dashboard.saveCopy(text));
    if (path !== undefined) showNotice(deps, `in ${path}: ${what}, ${size} (${why})`, 'plain');
  });
}

/** Returns the file name that `w` suggests. */
export function suggestedFileName(state: State, now: number): string {
  const at = new Date(now).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
  const {document, view = 0} = currentScreen(state);
  const name = document?.views[view]?.name;
  if (name === undefined) return `${screenBelowDocument(state).name}-${at}.csv`;
  return `${screenBelowDocument(state).name}-${at}.${name === 'JSON' ? 'json' : name === 'YAML' ? 'yaml' : 'txt'}`;
}

/**
 * Writes the document or the rows of the screen to a new file. Throws UsageError if the format is
 * unknown.
 */
export async function writeScreenToFile(path: string, deps: ControlDeps): Promise<void> {
  const state = deps.store.get();
  const {document, view = 0} = currentScreen(state);
  const text = document === undefined ? tableText(path, state) : `${document.views[view]?.text ?? ''}\n`;
  const written = await deps.dashboard.writeFile(path, text);
  showNotice(deps, `written: ${written}`);
}

function tableText(path: string, state: State): string {
  const format = /\.(csv|json)$/.exec(path)?.[1];
  if (format !== 'csv' && format !== 'json')
    throw new UsageError(`"${path}" has an unknown format`, {hint: 'end the name in .csv or .json'});
  const text = screenRowsText(state, format);
  if (text === undefined) throw new UsageError('this screen has no rows to write');
  return text;
}

async function reported<T>(deps: ControlDeps, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof GatectlError)) throw error;
    showNotice(deps, messageAndHint(error), 'bad');
    return undefined;
  }
}

/** Scrolls to the next match of the search text. Returns whether there is one. */
export function findInDocument(by: 1 | -1, from: number, {store}: ControlDeps): boolean {
  const state = store.get();
  const lines = currentDocumentLines(state);
  if (state.find === '') return false;
  for (let step = 1; step <= lines.length; step += 1) {
    const at = (from + by * step + lines.length * 2) % lines.length;
    if (lines[at]?.includes(state.find) !== true) continue;
    store.dispatch({type: 'point', index: at});
    return true;
  }
  return false;
}
