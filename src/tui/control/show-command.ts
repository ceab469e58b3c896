import {equivalentCommand} from '../keymap/equivalent-command.js';
import {type ControlDeps, notify} from './control-deps.js';

/** The gatectl command of the screen: into the clipboard where that is allowed, else shown, and printed at the end. */
export function showCommand(deps: ControlDeps): void {
  const {store, dashboard, terminal} = deps;
  const command = equivalentCommand(store.get());
  if (dashboard.options.clipboard && terminal.copy(command))
    return notify(deps, `copied: ${command}`, 'plain');
  store.dispatch({type: 'print-later', command});
  notify(deps, `printed when you quit: ${command}`, 'plain');
}
