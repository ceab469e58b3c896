import type {SessionBeforeAfter} from '../cluster/cluster.js';
import type {ItemFields} from '../output/formats/presenter.js';
import type {Session} from '../session/session.js';

/** Returns the fields that a write changed, from the session states that the gate reported before and after. */
export function sessionChangeFields({node, before, after}: SessionBeforeAfter): ItemFields {
  const changes = changedSessionValues(before, after);
  return {
    id: `${node.id}/${after.sessionId}`,
    fields: [
      ['id', after.sessionId],
      ['gate', node.id],
      ...(changes.length === 0 ? [['changed', 'nothing'] as const] : []),
      ...changes.map(({name, from, to}) => [name, `${from ?? '(none)'} -> ${to ?? '(none)'}`] as const),
    ],
    record: {id: after.sessionId, gate: node.id, before: stateOf(before), after: stateOf(after)},
  };
}

interface ValueChange {
  readonly name: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** Returns the differences between two states of a session: the uid first, then settings by name. */
export function changedSessionValues(before: Session, after: Session): readonly ValueChange[] {
  const keys = new Set([...Object.keys(before.settings), ...Object.keys(after.settings)]);
  return [
    {name: 'uid', from: before.userId || undefined, to: after.userId || undefined},
    ...[...keys]
      .sort()
      .map((key) => ({name: `settings.${key}`, from: before.settings[key], to: after.settings[key]})),
  ].filter(({from, to}) => from !== to);
}

const stateOf = ({userId, settings}: Session) => ({uid: userId, settings});
