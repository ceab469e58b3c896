import {gateIdsNamed} from '../../../cluster/write/drain-plan.js';
import {notice} from '../../show/notices.js';
import {showGathered} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {resumedGatePresenter} from './drain-presenter.js';

interface GatesResumeInput {
  readonly gate: readonly string[];
  readonly dryRun?: boolean | undefined;
}

export const gatesResume: Verb<GatesResumeInput> = {
  examples: ['gatectl gates resume Gate@a1', "gatectl gates resume 'Gate@a-*' --dry-run"],
  declare: (command) =>
    command
      .argument('<gate...>', 'node ids; * matches any characters')
      .option('--dry-run', 'show the gates and their state; change nothing'),
  run: async (context, {gate, dryRun = false}) => {
    const cluster = await context.openCluster();
    const gates = await gateIdsNamed(cluster, gate);
    if (dryRun) {
      const infos = await cluster.info(gates);
      const rows = [...infos.results].flatMap(([id, {state, sessions}]) =>
        state === undefined ? [] : [{gate: id, state, sessions}],
      );
      const code = await showGathered(context, resumedGatePresenter, infos, rows, {would: 'resume'});
      await notice(context, 'nothing was changed');
      return code;
    }
    const resumed = await cluster.each((one) => one.setDraining(false), {gates});
    const rows = [...resumed.results].map(([id, state]) => ({gate: id, ...state}));
    for (const {gate: id, state} of rows) context.journalDraft.addChange(id, {state: 'draining'}, {state});
    return await showGathered(context, resumedGatePresenter, resumed, rows, {action: 'resume'});
  },
};
