import type {Target, TargetOutcome} from '../../cluster/cluster.js';
import type {Column, Presenter} from '../../output/formats/presenter.js';
import type {BulkWriter} from './bulk-writer.js';

type Noun = BulkWriter['noun'];

const uidColumn: Column<Target> = {header: 'UID', cell: ({uid}) => uid, fit: 'whole'};

const columnsOf: Readonly<Record<Noun, readonly Column<Target>[]>> = {
  session: [
    {header: 'ID', cell: ({id}) => id, fit: 'whole'},
    uidColumn,
    {header: 'GATE', cell: ({node}) => node, fit: 'whole'},
  ],
  record: [uidColumn],
};

const columnsFor = (noun: Noun, verb: string): readonly Column<Target>[] =>
  verb === 'bind'
    ? [...columnsOf[noun], {header: 'BIND TO', cell: ({bindTo = ''}) => bindTo, fit: 'whole'}]
    : columnsOf[noun];

/** Returns a target's JSON members. */
function recordOf(noun: Noun, {id, node, uid, bindTo}: Target) {
  if (noun === 'record') return {uid};
  return {id, gate: node, uid, ...(bindTo === undefined ? {} : {bindTo})};
}

const idOf =
  (noun: Noun) =>
  ({node, id}: Target): string =>
    noun === 'record' ? id : `${node}/${id}`;

/** Presents the sessions or records that a write would reach. */
export const targetPresenter = (noun: Noun, verb = ''): Presenter<Target> => ({
  columns: columnsFor(noun, verb),
  record: (target) => recordOf(noun, target),
  id: idOf(noun),
});

/** Presents the outcome of a write for each session or record. */
export const outcomePresenter = (noun: Noun, verb = ''): Presenter<TargetOutcome> => ({
  columns: [
    ...columnsFor(noun, verb),
    {header: 'STATE', cell: ({state}) => state},
    {header: 'DETAIL', cell: ({detail = ''}) => detail},
  ],
  record: (outcome) => {
    const {state, detail} = outcome;
    return {...recordOf(noun, outcome), state, ...(detail === undefined ? {} : {detail})};
  },
  id: idOf(noun),
});
