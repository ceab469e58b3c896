import {type Anomaly, type AnomalyCheck, severities} from '../../../cluster/anomalies/anomaly.js';
import type {Target} from '../../../cluster/cluster.js';
import type {DoctorFinding} from '../../dashboard-deps.js';
import {tableWindow} from '../derived-state.js';
import {currentScreen, type Screen, type State} from '../state.js';
import {type ColumnSortKeys, sortTableRows} from './sort-table-rows.js';

export const anomalySortKeys: ColumnSortKeys<Anomaly> = {
  SEVERITY: ({severity}) => -severities.indexOf(severity),
  CHECK: ({check}) => check,
  SUBJECT: ({subject}) => subject,
  FIX: ({check}) => anomalyFix(check).text,
  EVIDENCE: ({evidence}) => evidence,
};

export const findingSortKeys: ColumnSortKeys<DoctorFinding> = {
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
  sortTableRows(anomalies.report?.anomalies ?? noAnomalies, sorts.anomalies, anomalySortKeys);

/**
 * Returns the findings of the last diagnosis, failures first unless the operator chose another
 * order.
 */
export const sortedFindings = ({doctor, sorts}: State): readonly DoctorFinding[] =>
  sortTableRows(doctor.findings ?? [], sorts.doctor ?? failuresFirst, findingSortKeys);

const failuresFirst = {column: 'STATE', isReversed: false} as const;

export const anomalyRowKeys = (state: State): readonly string[] =>
  sortedAnomalies(state).map(({check, subject}) => `${check} ${subject}`);

export const findingRowKeys = (state: State): readonly string[] =>
  sortedFindings(state).map(({check, subject, detail}) => `${check} ${subject} ${detail}`);

/** Returns the anomaly under the cursor. */
export function cursorAnomaly(state: State): Anomaly | undefined {
  return sortedAnomalies(state)[tableWindow(state.tables.anomalies, anomalyRowKeys(state), 1).index];
}

export function cursorFinding(state: State): DoctorFinding | undefined {
  return sortedFindings(state)[tableWindow(state.tables.doctor, findingRowKeys(state), 1).index];
}

/** The key that repairs an anomaly, and its effect. */
interface Fix {
  readonly key: 'K' | 'D';
  readonly text: string;
}

export function anomalyFix(check: AnomalyCheck): Fix {
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
  if (anomaly === undefined || anomalyFix(anomaly.check).key !== 'K') return [];
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
  return anomaly === undefined || anomalyFix(anomaly.check).key !== 'D' ? undefined : anomaly.subject;
}

/** Returns the screen of the anomaly's subject; undefined for a uid with several sessions. */
export function anomalyScreen(state: State): Screen | undefined {
  const anomaly = cursorAnomaly(state);
  if (anomaly === undefined || anomaly.check === 'duplicate-uid') return undefined;
  const {check, subject} = anomaly;
  return anomalyFix(check).key === 'D' ? {name: 'record', subject} : {name: 'session', subject};
}

/** Whether the current screen shows anomalies, and so offers their repair keys. */
export const isAnomaliesScreen = (state: State): boolean => currentScreen(state).name === 'anomalies';
