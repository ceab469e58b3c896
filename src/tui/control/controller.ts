import {InterruptedError} from '../../base/errors.js';
import {bindingOf} from '../keymap/keymap.js';
import type {InputEvent} from '../term/terminal.js';
import type {ControlDeps} from './control-deps.js';
import {notify} from './control-deps.js';
import {dialogInput} from './dialog-input.js';
import {performIntent} from './intents.js';
import {click, wheel} from './mouse.js';
import {promptInput} from './prompt-input.js';
import {stopRunningWork} from './running-work.js';

/** What an operator does becomes what it means on the screen that he sees. */
export function handleInput(event: InputEvent, hands: ControlDeps): void {
  const {dialog, prompt} = hands.store.get();
  if (event.type === 'key' && event.name === 'ctrl-c') return interrupt(hands);
  if (dialog !== undefined) return dialogInput(event, dialog, hands);
  if (prompt !== undefined) return promptInput(event, prompt, hands);
  switch (event.type) {
    case 'key':
      return press(event.name, hands);
    case 'wheel':
      return wheel(event.by, hands);
    case 'click':
      return click(event, hands);
    case 'paste':
      return; // keys by the hundred, if it were taken for typing
    default:
      event satisfies never;
  }
}

/** The first Ctrl-C stops a write that is under way, and what became of it is shown; else it ends all, as it does a command. */
function interrupt(hands: ControlDeps): void {
  if (hands.store.get().dialog?.phase === 'running' && stopRunningWork(hands.store)) return;
  hands.fail(new InterruptedError('SIGINT'));
}

/** A key that cannot do anything now says why. */
function press(key: string, hands: ControlDeps): void {
  const state = hands.store.get();
  const binding = bindingOf(key, state);
  if (binding === undefined) return;
  const why = binding.whyNot?.(state);
  if (why !== undefined) return notify(hands, `${binding.label}: ${why}`, 'warn');
  performIntent(binding.intent, hands);
}
