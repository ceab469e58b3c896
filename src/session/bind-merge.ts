import {type Session, type StringBag, stringBag} from './session.js';

/** What a bind does with settings (mqant's rule, gate/base/session.go ImportSettings): those of the connection win. */
export interface BindMerge {
  /** Of the user's record, not on the connection: they come in. */
  readonly comesIn: StringBag;
  /** On both, with different values: the connection's stay, and the record gets them. */
  readonly kept: readonly KeptSetting[];
  /** Of the user that the session is bound to now: they go into the record of the other user. */
  readonly leaks: StringBag;
}

export interface KeptSetting {
  readonly key: string;
  readonly connection: string;
  readonly record: string;
}

/** What the connection itself brought, and no user: mqant puts it there. */
const ofConnection = 'User-Agent';

/** The merge of a session with the record's settings; undefined where there is no record, or it is not known. */
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

/** A session without the settings that somebody gave it: as its connection began. */
export function withoutSettings(session: Session): Session {
  const kept = Object.entries(session.settings).filter(([key]) => key === ofConnection);
  return {...session, settings: stringBag(kept)};
}
