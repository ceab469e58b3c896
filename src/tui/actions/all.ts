import type {ActionKind} from '../model/dialog.js';
import {bind} from './bind.js';
import {deleteRecord} from './delete-record.js';
import {kick} from './kick.js';
import {send} from './send.js';
import {setSetting, unsetSetting} from './settings.js';
import type {ActionSpec} from './spec.js';
import {unbind} from './unbind.js';

/** Every action that a dialog asks for. The edit of all settings has an editor instead. */
export const actions: Readonly<Record<Exclude<ActionKind, 'settings'>, ActionSpec>> = {
  send,
  bind,
  unbind,
  set: setSetting,
  unset: unsetSetting,
  kick,
  'delete-record': deleteRecord,
};
