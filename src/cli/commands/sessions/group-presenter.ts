import type {Presenter} from '../../../output/formats/presenter.js';
import type {GroupCount} from '../../../session/gate-api.js';

/** Groups under the name of what they were counted by; those without it as `-`. */
export function groupPresenter(text: string): Presenter<GroupCount> {
  return {
    columns: [
      {header: text.toUpperCase(), cell: ({key}) => key ?? '-'},
      {header: 'SESSIONS', cell: ({sessions}) => String(sessions), align: 'right'},
      {header: 'BOUND', cell: ({bound}) => String(bound), align: 'right'},
    ],
    record: ({key, sessions, bound}) => ({key, sessions, bound}),
    id: ({key}) => key ?? '',
  };
}
