import {InterruptedError} from '../../errors.js';
import {bindingOf} from '../keymap.js';
import type {InputEvent} from '../term/terminal.js';
import {dialogInput} from './dialog-input.js';
import type {Hands} from './hands.js';
import {say} from './hands.js';
import {perform} from './intents.js';
import {click, wheel} from './mouse.js';
import {promptInput} from './prompt-input.js';
import {stopUnderWay} from './under-way.js';

/** What an operator does becomes what it means on the screen that he sees. */
export function handle(event: InputEvent, hands: Hands): void {
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
function interrupt(hands: Hands): void {
  if (hands.store.get().dialog?.phase === 'running' && stopUnderWay(hands.store)) return;
  hands.fail(new InterruptedError('SIGINT'));
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
