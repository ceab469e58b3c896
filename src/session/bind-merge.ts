import {type Session, type StringBag, stringBag} from './session.js';

/** Effect of a bind on settings: the connection's values win (mqant, gate/base/session.go ImportSettings). */
export interface BindMerge {
  /** Settings of the record that the connection lacks: the session gets them. */
  readonly comesIn: StringBag;
  /** Settings with different values on both sides: the connection's value stays and goes into the record. */
  readonly kept: readonly KeptSetting[];
  /** Settings of the currently bound user that would go into the new user's record. */
  readonly leaks: StringBag;
}

interface KeptSetting {
  readonly key: string;
  readonly connection: string;
  readonly record: string;
}

/** Set by mqant for each connection; it belongs to no user. */
const ofConnection = 'User-Agent';

/** Computes the merge of a session with a record's settings; `record` is undefined when missing or unknown. */
export function bindMerge(session: Session, uid: string, record: StringBag | undefined): BindMerge {
  const {settings, userId} = session;
  const stored = Object.entries(record ?? {});
  const leaks = Object.entries(settings).filter(
    ([key, value]) => key !== ofConnection && record?.[key] !== value,
  );
  return {
    comesIn: stringBag(stored.filter(([key]) => settings[key] === undefined)),
    kept: stored.flatMap(([key, value]) => {
      const own = settings[key];
      return own === undefined || own === value ? [] : [{key, connection: own, record: value}];
    }),
    leaks: stringBag(userId === '' || userId === uid ? [] : leaks),
  };
}

/** Returns the session with only the settings that its connection started with. */
export function withoutSettings(session: Session): Session {
  const kept = Object.entries(session.settings).filter(([key]) => key === ofConnection);
  return {...session, settings: stringBag(kept)};
}
