import type {Presenter} from '../../../output/formats/presenter.js';
import type {Finding} from './finding.js';

/** Presents the findings of doctor. */
export const findingPresenter: Presenter<Finding> = {
  columns: [
    {header: 'STATE', cell: ({state}) => state},
    {header: 'CHECK', cell: ({check}) => check},
    {header: 'SUBJECT', cell: ({subject}) => subject},
    {header: 'FOUND', cell: ({detail}) => detail},
    {header: 'NEXT', cell: ({next}) => next},
  ],
  record: ({state, check, subject, detail, next}) => ({state, check, subject, detail, next}),
  id: ({check, subject}) => `${check}/${subject}`,
};
