import type {DrainedGate} from '../../../cluster/write/drain-gates.js';
import type {GateToDrain} from '../../../cluster/write/drain-plan.js';
import type {Column, Presenter} from '../../../output/formats/presenter.js';
import {formatCount} from '../../../output/text/humanize.js';
import type {DrainState} from '../../../session/gate-health.js';

const count = (value: number | undefined): string => (value === undefined ? '-' : formatCount(value));
const gateColumn: Column<{readonly gate: string}> = {header: 'GATE', cell: ({gate}) => gate, fit: 'whole'};

const newSessions = ({canRefuse}: Pick<GateToDrain, 'canRefuse'>): 'refused' | 'taken' =>
  canRefuse ? 'refused' : 'taken';

/** Presents the effect of a drain on each gate. */
export const drainPlanPresenter: Presenter<GateToDrain> = {
  columns: [
    gateColumn,
    {header: 'STATE', cell: ({state = '-'}) => state},
    {header: 'SESSIONS', cell: ({sessions}) => count(sessions), align: 'right'},
    {header: 'NEW SESSIONS', cell: newSessions},
  ],
  record: ({gate, state = null, sessions = null, canRefuse}) => ({
    ...{gate, state, sessions},
    newSessions: newSessions({canRefuse}),
  }),
  id: ({gate}) => gate,
};

export const drainedGatePresenter: Presenter<DrainedGate> = {
  columns: [
    gateColumn,
    {header: 'STATE', cell: ({state}) => state},
    {header: 'SESSIONS', cell: ({sessions}) => count(sessions), align: 'right'},
    {header: 'EVICTED', cell: ({evicted}) => count(evicted), align: 'right'},
    {header: 'FAILED', cell: ({failed}) => count(failed), align: 'right'},
    {header: 'LEFT', cell: ({left}) => count(left), align: 'right'},
  ],
  record: ({gate, state, sessions = null, evicted, failed, left = null}) => ({
    ...{gate, state, sessions, evicted, failed, left},
  }),
  id: ({gate}) => gate,
};

interface ResumedGate extends DrainState {
  readonly gate: string;
}

export const resumedGatePresenter: Presenter<ResumedGate> = {
  columns: [
    gateColumn,
    {header: 'STATE', cell: ({state}) => state},
    {header: 'SESSIONS', cell: ({sessions}) => count(sessions), align: 'right'},
  ],
  record: ({gate, state, sessions}) => ({gate, state, sessions}),
  id: ({gate}) => gate,
};
