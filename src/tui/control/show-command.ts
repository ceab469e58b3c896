import {equivalentCommand} from '../keymap/equivalent-command.js';
import {type ControlDeps, notify} from './control-deps.js';

/** The gatectl command of the screen: into the clipboard where that is allowed, else shown, and printed at the end. */
export function showCommand(hands: ControlDeps): void {
  const {store, doors, terminal} = hands;
  const command = equivalentCommand(store.get());
  if (doors.about.clipboard && terminal.copy(command)) return notify(hands, `copied: ${command}`, 'plain');
  store.dispatch({type: 'print-later', command});
  notify(hands, `printed when you quit: ${command}`, 'plain');
}
