import type {ConnectionState, ConnectionsQuery} from '../../session/connection-state.js';

/** QoS of a push. 2 is never used. */
export type PushQos = 0 | 1;

/** Maximum length of a client's filters together, in characters. Each filter counts `filterCost` more. */
const maxFilterText = 64 * 1024;
const filterCost = 64;

/**
 * A client's topic filters. They only determine the QoS of pushes: as in mqant, a push reaches a client whatever it
 * has subscribed to.
 */
export class Subscriptions {
  private readonly granted = new Map<string, PushQos>();
  private text = 0;

  /** Adds a filter. Returns the granted QoS, which is at most 1; undefined if the client has too many filters. */
  add(filter: string, asked: number): PushQos | undefined {
    const qos = asked === 0 ? 0 : 1;
    if (!this.granted.has(filter)) {
      const text = this.text + filter.length + filterCost;
      if (text > maxFilterText) return undefined;
      this.text = text;
    }
    this.granted.set(filter, qos);
    return qos;
  }

  /** Removes a filter. Returns false if there was no such filter. */
  remove(filter: string): boolean {
    if (!this.granted.delete(filter)) return false;
    this.text -= filter.length + filterCost;
    return true;
  }

  /** Returns the highest QoS of the matching filters [MQTT-3.3.5-1]; 1 if none matches. */
  qosOf(topic: string): PushQos {
    let highest: PushQos | undefined;
    for (const [filter, qos] of this.granted) {
      if (qos === highest || !matchesFilter(topic, filter)) continue;
      if (qos === 1) return 1;
      highest = qos;
    }
    return highest ?? 1;
  }

  /** Returns, for operators, the number of filters, the filters if requested, and whether one matches a topic. */
  state({topic, subscriptions}: Pick<ConnectionsQuery, 'topic' | 'subscriptions'>): ConnectionState {
    const {granted} = this;
    return {
      subscriptionCount: granted.size,
      ...(topic !== undefined && {subscribed: [...granted.keys()].some((one) => matchesFilter(topic, one))}),
      ...(subscriptions === true && {subscriptions: Array.from(granted, ([filter, qos]) => ({filter, qos}))}),
    };
  }
}

/** Shared by all clients that have not subscribed to anything. */
export const noSubscriptions = new Subscriptions();

/**
 * Returns true if the filter matches the topic; both must be valid. A wildcard in the first level doesn't match
 * topics that begin with `$` [MQTT-4.7.2-1].
 */
function matchesFilter(topic: string, filter: string): boolean {
  const levels = topic.split('/');
  const wanted = filter.split('/');
  if (topic.startsWith('$') && (wanted[0] === '#' || wanted[0] === '+')) return false;
  for (const [at, level] of wanted.entries()) {
    if (level === '#') return true; // also matches the parent level [4.7.1.2]
    if (at >= levels.length || (level !== '+' && level !== levels[at])) return false;
  }
  return levels.length === wanted.length;
}
