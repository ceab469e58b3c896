import {showRows} from '../../present.js';
import {type SessionInput, withSession} from '../../session-argument.js';
import {settingsSheet} from '../../sheets/settings-sheet.js';
import type {Verb} from '../../verb.js';

export const settingsList: Verb<SessionInput> = {
  examples: ['gatectl settings list 5f0084b6970dc3', 'gatectl settings list Gate@a1/5f0084b6970dc3 -o json'],
  declare: withSession,
  run: async (context, {session}) => {
    const cluster = await context.openCluster();
    const {node, session: found} = await cluster.locate(session, {allowPrefix: context.interactive});
    const about = {id: found.sessionId, gate: node.id, settings: found.settings};
    return showRows(context, settingsSheet, Object.entries(found.settings), about);
  },
};
