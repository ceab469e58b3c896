import type {Anomaly} from '../../../cluster/anomalies/anomaly.js';
import type {Presenter} from '../../../output/formats/presenter.js';
import {shellLine} from '../../../output/text/shell-word.js';

const nextOf = ({next}: Anomaly): string => shellLine(['gatectl', ...next]);

/** Presents anomalies, each with the command that investigates it. */
export const anomalyPresenter: Presenter<Anomaly> = {
  columns: [
    {header: 'SEVERITY', cell: ({severity}) => severity},
    {header: 'CHECK', cell: ({check}) => check},
    {header: 'SUBJECT', cell: ({subject}) => subject, fit: 'whole'},
    {header: 'EVIDENCE', cell: ({evidence}) => evidence, fit: 'wrap'},
    {header: 'NEXT', cell: nextOf, fit: 'wrap'},
  ],
  record: (anomaly) => ({
    severity: anomaly.severity,
    check: anomaly.check,
    subject: anomaly.subject,
    evidence: anomaly.evidence,
    sessions: anomaly.sessions,
    next: nextOf(anomaly),
  }),
  id: ({check, subject}) => `${check}/${subject}`,
};
