import type {Sheet} from '../../output/sheet.js';

/** One field in which a live session and the record of its user differ. */
export interface Difference {
  readonly sessionId: string;
  readonly name: string;
  readonly live: string | undefined;
  readonly record: string | undefined;
}

const none = '(none)';

export const differenceSheet: Sheet<Difference> = {
  columns: [
    {header: 'SESSION', cell: ({sessionId}) => sessionId},
    {header: 'FIELD', cell: ({name}) => name},
    {header: 'LIVE', cell: ({live}) => live ?? none},
    {header: 'RECORD', cell: ({record}) => record ?? none},
  ],
  record: ({sessionId, name, live, record}) => ({
    session: sessionId,
    field: name,
    live: live ?? null,
    record: record ?? null,
  }),
  id: ({sessionId, name}) => `${sessionId}/${name}`,
};
