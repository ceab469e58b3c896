import type {Presenter} from '../../../output/formats/presenter.js';
import type {FileRow} from './addon-plan.js';

export const filePresenter: Presenter<FileRow> = {
  columns: [
    {header: 'FILE', cell: ({file}) => file},
    {header: 'STATE', cell: ({state}) => state},
  ],
  record: (row) => ({...row}),
  id: ({file}) => file,
};
