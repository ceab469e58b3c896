import type {Presenter} from '../../../output/formats/presenter.js';
import type {GroupCount} from '../../../session/gate-api.js';

/** Presents counts grouped by `field`; `-` stands for sessions without it. */
export function groupPresenter(field: string): Presenter<GroupCount> {
  return {
    columns: [
      {header: field.toUpperCase(), cell: ({key}) => key ?? '-'},
      {header: 'SESSIONS', cell: ({sessions}) => String(sessions), align: 'right'},
      {header: 'BOUND', cell: ({bound}) => String(bound), align: 'right'},
    ],
    record: ({key, sessions, bound}) => ({key, sessions, bound}),
    id: ({key}) => key ?? '',
  };
}
