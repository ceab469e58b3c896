import {type Anomaly, type AnomalyCheck, severities} from '../../../cluster/anomalies/anomaly.js';
import type {Target} from '../../../cluster/cluster.js';
import type {DoctorFinding} from '../../dashboard-deps.js';
import {tableWindow} from '../selectors.js';
import {currentScreen, type Screen, type State} from '../state.js';
import {inChosenOrder, type SortColumns} from './sorting.js';

export const anomalySorts: SortColumns<Anomaly> = {
  SEVERITY: ({severity}) => -severities.indexOf(severity),
  CHECK: ({check}) => check,
  SUBJECT: ({subject}) => subject,
  FIX: ({check}) => fixOf(check).text,
  EVIDENCE: ({evidence}) => evidence,
};

export const findingSorts: SortColumns<DoctorFinding> = {
  STATE: ({state}) => -findingStates.indexOf(state),
  CHECK: ({check}) => check,
  SUBJECT: ({subject}) => subject,
  FOUND: ({detail}) => detail,
  NEXT: ({next}) => next,
};

const findingStates = ['fail', 'warn', 'ok'] as const;

const noAnomalies: readonly Anomaly[] = [];

/** Returns the anomalies of the last check, worst first unless the operator chose another order. */
export const sortedAnomalies = ({anomalies, sorts}: State): readonly Anomaly[] =>
  inChosenOrder(anomalies.report?.anomalies ?? noAnomalies, sorts.anomalies, anomalySorts);

/**
 * Returns the findings of the last diagnosis, failures first unless the operator chose another
 * order.
 */
export const sortedFindings = ({doctor, sorts}: State): readonly DoctorFinding[] =>
  inChosenOrder(doctor.findings ?? [], sorts.doctor ?? failuresFirst, findingSorts);

const failuresFirst = {column: 'STATE', isReversed: false} as const;

export const anomalyKeys = (state: State): readonly string[] =>
  sortedAnomalies(state).map(({check, subject}) => `${check} ${subject}`);

export const findingKeys = (state: State): readonly string[] =>
  sortedFindings(state).map(({check, subject, detail}) => `${check} ${subject} ${detail}`);

/** Returns the anomaly under the cursor. */
export function cursorAnomaly(state: State): Anomaly | undefined {
  return sortedAnomalies(state)[tableWindow(state.tables.anomalies, anomalyKeys(state), 1).index];
}

export function cursorFinding(state: State): DoctorFinding | undefined {
  return sortedFindings(state)[tableWindow(state.tables.doctor, findingKeys(state), 1).index];
}

/** The key that repairs an anomaly, and its effect. */
interface Fix {
  readonly key: 'K' | 'D';
  readonly text: string;
}

export function fixOf(check: AnomalyCheck): Fix {
  switch (check) {
    case 'duplicate-uid':
      return {key: 'K', text: 'K kicks all but the newest'};
    case 'old-guest':
    case 'no-server':
    case 'stuck':
      return {key: 'K', text: 'K kicks it'};
    case 'ghost':
    case 'orphan':
    case 'undecodable':
      return {key: 'D', text: 'D deletes the record'};
    default:
      return check satisfies never;
  }
}

/** Returns the sessions that a kick would close to repair the anomaly. */
export function anomalyTargets(state: State): readonly Target[] {
  const anomaly = cursorAnomaly(state);
  if (anomaly === undefined || fixOf(anomaly.check).key !== 'K') return [];
  const {check, sessions, newest, subject} = anomaly;
  return sessions
    .filter((reference) => reference !== newest)
    .map((reference) => {
      const slash = reference.indexOf('/');
      const uid = check === 'duplicate-uid' ? subject : '';
      return {node: reference.slice(0, slash), id: reference.slice(slash + 1), uid};
    });
}

/** Returns the uid of the record that the anomaly concerns. */
export function anomalyUid(state: State): string | undefined {
  const anomaly = cursorAnomaly(state);
  return anomaly === undefined || fixOf(anomaly.check).key !== 'D' ? undefined : anomaly.subject;
}

/** Returns the screen of the anomaly's subject; undefined for a uid with several sessions. */
export function anomalyScreen(state: State): Screen | undefined {
  const anomaly = cursorAnomaly(state);
  if (anomaly === undefined || anomaly.check === 'duplicate-uid') return undefined;
  const {check, subject} = anomaly;
  return fixOf(check).key === 'D' ? {name: 'record', subject} : {name: 'session', subject};
}

/** Whether the current screen shows anomalies, and so offers their repair keys. */
export const isOnAnomalies = (state: State): boolean => currentScreen(state).name === 'anomalies';
