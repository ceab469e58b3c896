import {getEventListeners} from 'node:events';
import {expect, test} from 'vitest';
import type {ControlDeps} from '../../../../src/tui/control/control-deps.js';
import {fetchDialogPreview} from '../../../../src/tui/control/dialog-preview.js';
import {emptyDialog} from '../../../../src/tui/control/dialog-state.js';
import {initialState} from '../../../../src/tui/model/initial-state.js';
import {someAbout} from '../../../support/dashboard.js';
import {until} from '../../../support/poll.js';

test('a preview after many keys leaves no listeners on the signal, and asks the gates once', async () => {
  const {signal} = new AbortController();
  const asked: string[] = [];
  let state = initialState(someAbout, {columns: 80, rows: 24}, 0);
  const deps = {
    store: {get: () => state, dispatch: () => {}},
    dashboard: {
      signal,
      cluster: {
        online: async (uid: string) => {
          asked.push(uid);
          return [];
        },
      },
    },
    fail: () => {},
  } as unknown as ControlDeps;
  for (let key = 0; key < 50; key += 1) {
    const dialog = {...emptyDialog('delete-record', 'delete'), uid: `u${key}`};
    state = {...state, dialog};
    fetchDialogPreview(deps);
  }
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  await until(() => asked.length > 0, {what: 'a question to the gates'});
  expect(asked).toEqual(['u49']);
});
