import {ExitCode} from '../../../errors.js';
import {diagnose, type Finding} from '../../diagnose.js';
import {showRows} from '../../present.js';
import {findingSheet} from '../../sheets/finding-sheet.js';
import type {Verb} from '../../verb.js';

export const doctor: Verb<object> = {
  examples: ['gatectl doctor', 'gatectl doctor --context prod -o json'],
  declare: (command) => command,
  run: async (context) => {
    const findings: Finding[] = [];
    for await (const finding of diagnose(() => context.openCluster(), context.now)) findings.push(finding);
    const count = (wanted: Finding['state']) => findings.filter(({state}) => state === wanted).length;
    const about = {ok: count('ok'), warn: count('warn'), fail: count('fail')};
    await showRows(context, findingSheet, findings, about);
    return findings.find(({state}) => state === 'fail')?.exitCode ?? ExitCode.done;
  },
};
