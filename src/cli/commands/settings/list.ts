import type {Presenter} from '../../../output/formats/presenter.js';
import {addSessionArgument, type SessionInput} from '../../line/session-argument.js';
import {showRows} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';

type SettingEntry = readonly [key: string, value: string];

const settingsPresenter: Presenter<SettingEntry> = {
  columns: [
    {header: 'KEY', cell: ([key]) => key, fit: 'whole'},
    {header: 'VALUE', cell: ([, value]) => value, fit: 'wrap'},
  ],
  record: ([key, value]) => ({key, value}),
  id: ([key]) => key,
};

export const settingsList: Verb<SessionInput> = {
  examples: ['gatectl settings list 5f0084b6970dc3', 'gatectl settings list Gate@a1/5f0084b6970dc3 -o json'],
  declare: addSessionArgument,
  run: async (context, {session}) => {
    const cluster = await context.openReader();
    const {node, session: found} = await cluster.locate(session, {allowPrefix: true});
    const about = {id: found.sessionId, gate: node.id, settings: found.settings};
    return showRows(context, settingsPresenter, Object.entries(found.settings), about);
  },
};
