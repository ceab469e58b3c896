import {equivalentCommand} from '../equivalent.js';
import {type Hands, say} from './hands.js';

/** The gatectl command of the screen: into the clipboard where that is allowed, else shown, and printed at the end. */
export function showCommand(hands: Hands): void {
  const {store, doors, terminal} = hands;
  const command = equivalentCommand(store.get());
  if (doors.about.clipboard && terminal.copy(command)) return say(hands, `copied: ${command}`, 'plain');
  store.dispatch({type: 'print-later', command});
  say(hands, `printed when you quit: ${command}`, 'plain');
}
