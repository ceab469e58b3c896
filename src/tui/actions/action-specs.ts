import type {ActionSpecKind, DialogKind} from '../model/dialog-types.js';
import type {ActionSpec} from './action-spec.js';
import {bindAction} from './bind.js';
import {deleteRecordAction} from './delete-record.js';
import {drainAction, resumeAction} from './drain.js';
import {kickAction} from './kick.js';
import {sendAction} from './send.js';
import {setAction, unsetAction} from './set-and-unset.js';
import {unbindAction} from './unbind.js';
import {undoAction} from './undo.js';

/** Actions on sessions and records. Editing all settings uses an editor instead. */
export const actionSpecs: Readonly<Record<ActionSpecKind, ActionSpec>> = {
  send: sendAction,
  bind: bindAction,
  unbind: unbindAction,
  set: setAction,
  unset: unsetAction,
  kick: kickAction,
  undo: undoAction,
  'delete-record': deleteRecordAction,
  drain: drainAction,
  resume: resumeAction,
};

export const hasActionSpec = (kind: DialogKind): kind is ActionSpecKind => Object.hasOwn(actionSpecs, kind);
