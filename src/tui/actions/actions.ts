import type {ActionKind} from '../model/dialog.js';
import type {ActionSpec} from './action-spec.js';
import {bindAction} from './bind.js';
import {deleteRecordAction} from './delete-record.js';
import {kickAction} from './kick.js';
import {sendAction} from './send.js';
import {setAction, unsetAction} from './settings.js';
import {unbindAction} from './unbind.js';

/** Actions with a dialog. Editing all settings uses an editor instead. */
export const actionSpecs: Readonly<Record<Exclude<ActionKind, 'settings'>, ActionSpec>> = {
  send: sendAction,
  bind: bindAction,
  unbind: unbindAction,
  set: setAction,
  unset: unsetAction,
  kick: kickAction,
  'delete-record': deleteRecordAction,
};
