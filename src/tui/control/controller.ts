import {InterruptedError} from '../../errors.js';
import {bindingOf} from '../keymap.js';
import type {InputEvent} from '../term/terminal.js';
import {dialogInput} from './dialog-input.js';
import type {Hands} from './hands.js';
import {say} from './hands.js';
import {perform} from './intents.js';
import {click, wheel} from './mouse.js';
import {promptInput} from './prompt-input.js';

/** What an operator does becomes what it means on the screen that he sees. */
export function handle(event: InputEvent, hands: Hands): void {
  const {dialog, prompt} = hands.store.get();
  if (event.type === 'key' && event.name === 'ctrl-c') return hands.fail(new InterruptedError('SIGINT')); // as a command ends by it
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

/** A key that cannot do anything now says why. */
function press(key: string, hands: Hands): void {
  const state = hands.store.get();
  const binding = bindingOf(key, state);
  if (binding === undefined) return;
  const why = binding.whyNot?.(state);
  if (why !== undefined) return say(hands, `${binding.label}: ${why}`, 'warn');
  perform(binding.intent, hands);
}
